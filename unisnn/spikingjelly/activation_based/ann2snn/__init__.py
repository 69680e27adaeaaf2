"""Conversion of a trained network with ReLUs into a spiking one that computes with rates.

A ReLU becomes an integrate-and-fire neuron with soft reset between two scalings::

    y = lam * IF(x / lam)          lam: the scale that a VoltageHook measured behind the ReLU

so that over T time steps the mean of ``y`` approaches ``relu(x)`` for ``x <= lam``. The numbers are those of
SpikingJelly 0.0.0.0.14.
"""

from __future__ import annotations

from unisnn.core import absent as _absent
from unisnn.spikingjelly.activation_based.ann2snn.converter import Converter

__all__ = ["Converter"]

__getattr__ = _absent.serve(
    __name__,
    {"download_url": "it fetches the weights of upstream's examples; use torch.hub.download_url_to_file"},
)
