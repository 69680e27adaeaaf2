"""The very ``Tempotron`` of :mod:`unisnn.spikingjelly.timing_based.neuron`, under its older path."""

from __future__ import annotations

from unisnn.spikingjelly.timing_based.neuron import Tempotron

__all__ = ["Tempotron"]
