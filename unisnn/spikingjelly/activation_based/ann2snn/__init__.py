"""Conversion of a trained network with ReLUs into a spiking one that computes with rates.

A ReLU becomes an integrate-and-fire neuron with soft reset between two scalings::

    y = lam * IF(x / lam)          lam: the scale that a VoltageHook measured behind the ReLU

so that over T time steps the mean of ``y`` approaches ``relu(x)`` for ``x <= lam``. The numbers are those of
SpikingJelly 0.0.0.0.14.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.ann2snn.converter import Converter
from unisnn.spikingjelly.activation_based.ann2snn.utils import download_url

__all__ = ["Converter", "download_url"]
