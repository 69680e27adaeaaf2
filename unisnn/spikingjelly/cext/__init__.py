"""Names of SpikingJelly's old CUDA extension, ``spikingjelly.cext``, on the neurons of ``clock_driven``."""

from __future__ import annotations

__all__: list[str] = []
