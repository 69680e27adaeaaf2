"""Conversion of a trained network with ReLUs into a spiking one, module by module.

A ReLU becomes an integrate-and-fire neuron with soft reset between two scalings::

    y = lam * IF(x / lam)          lam: the scale that a VoltageHook measured behind the ReLU

as in :mod:`unisnn.spikingjelly.activation_based.ann2snn`, whose converter works on the traced graph and
fuses batch norms; this one replaces modules where they stand and fuses nothing.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.ann2snn.utils import download_url
from unisnn.spikingjelly.clock_driven.ann2snn.converter import Converter

__all__ = ["Converter", "download_url"]
