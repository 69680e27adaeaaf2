"""Neurons and encoders that compute with spike times, as ``spikingjelly.timing_based``."""

from __future__ import annotations

__all__: list[str] = []
