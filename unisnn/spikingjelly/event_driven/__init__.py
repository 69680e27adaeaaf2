"""Neurons and encoders that compute with spike times, as ``spikingjelly.event_driven``."""

from __future__ import annotations

__all__: list[str] = []
