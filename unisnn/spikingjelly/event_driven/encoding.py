"""The very ``GaussianTuning`` of :mod:`unisnn.spikingjelly.timing_based.encoding`, under its older path."""

from __future__ import annotations

from unisnn.spikingjelly.timing_based.encoding import GaussianTuning

__all__ = ["GaussianTuning"]
