"""Integrate-and-fire neurons: charge, fire, reset, one time step or all of them.

One time step::

    h[t] = charge(v[t-1], x[t])                          membrane potential after charge
    s[t] = surrogate_function(h[t] - v_threshold)        spike
    v[t] = reset(h[t], s[t])                             membrane potential after reset

Hard reset (``v_reset`` a float), soft reset (``v_reset=None``)::

    v[t] = (1 - s[t])*h[t] + s[t]*v_reset                hard
    v[t] = h[t] - s[t]*v_threshold                       soft

The numbers are those of SpikingJelly 0.0.0.0.14, bit for bit; the equations live in
:mod:`unisnn.core.neuron` and :mod:`unisnn.core.neuron_nonlinear`.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.neuron._adaptive import AdaptBaseNode, IzhikevichNode
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode
from unisnn.spikingjelly.activation_based.neuron._gated import GatedLIFNode
from unisnn.spikingjelly.activation_based.neuron._integrate_and_fire import IFNode
from unisnn.spikingjelly.activation_based.neuron._leaky import LIFNode
from unisnn.spikingjelly.activation_based.neuron._nonlinear import EIFNode, QIFNode
from unisnn.spikingjelly.activation_based.neuron._online import OTTTLIFNode, SLTTLIFNode
from unisnn.spikingjelly.activation_based.neuron._parallel import PSN, MaskedPSN, SlidingPSN
from unisnn.spikingjelly.activation_based.neuron._parametric import ParametricLIFNode
from unisnn.spikingjelly.activation_based.neuron._rate import DSRIFNode, DSRLIFNode
from unisnn.spikingjelly.activation_based.neuron._resonate import RAFNode
from unisnn.spikingjelly.activation_based.neuron._simple import SimpleBaseNode, SimpleIFNode, SimpleLIFNode
from unisnn.spikingjelly.activation_based.neuron._ternary import (
    HalfThresholdIFNode,
    TernaryIFNode,
    TernaryLIFNode,
)
from unisnn.spikingjelly.activation_based.neuron._two_states import ComplementaryLIFNode, CUBALIFNode
from unisnn.spikingjelly.activation_based.neuron._variants import KLIFNode, LIAFNode

CLIFNode = CUBALIFNode
"""The name of :class:`CUBALIFNode` before SpikingJelly 0.0.0.1.0."""

__all__ = [
    "PSN",
    "AdaptBaseNode",
    "BaseNode",
    "CLIFNode",
    "CUBALIFNode",
    "ComplementaryLIFNode",
    "DSRIFNode",
    "DSRLIFNode",
    "EIFNode",
    "GatedLIFNode",
    "HalfThresholdIFNode",
    "IFNode",
    "IzhikevichNode",
    "KLIFNode",
    "LIAFNode",
    "LIFNode",
    "MaskedPSN",
    "OTTTLIFNode",
    "ParametricLIFNode",
    "QIFNode",
    "RAFNode",
    "SLTTLIFNode",
    "SimpleBaseNode",
    "SimpleIFNode",
    "SimpleLIFNode",
    "SlidingPSN",
    "TernaryIFNode",
    "TernaryLIFNode",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too
