"""Spiking neurons of ``clock_driven``: a class for one time step, another for all of them.

One time step::

    h[t] = charge(v[t-1], x[t])                          membrane potential after charge
    s[t] = surrogate_function(h[t] - v_threshold)        spike
    v[t] = reset(h[t], s[t])                             membrane potential after reset

The numbers are those of SpikingJelly 0.0.0.0.14, bit for bit. They differ from ``activation_based`` in the
first step (``v`` meets the input as a Python number), in eval (which computes what training does) and in
``reset``, which restores ``v_threshold`` and ``v_reset`` too. The equations live in :mod:`unisnn.core.neuron`
and :mod:`unisnn.core.neuron_nonlinear`.
"""

from __future__ import annotations

from unisnn.spikingjelly.clock_driven.neuron._backend import check_backend
from unisnn.spikingjelly.clock_driven.neuron._base_node import AdaptiveBaseNode, BaseNode
from unisnn.spikingjelly.clock_driven.neuron._leaky import IFNode, LIAFNode, LIFNode, ParametricLIFNode
from unisnn.spikingjelly.clock_driven.neuron._multi_step import (
    MultiStepEIFNode,
    MultiStepGeneralNode,
    MultiStepIFNode,
    MultiStepLIFNode,
    MultiStepParametricLIFNode,
)
from unisnn.spikingjelly.clock_driven.neuron._nonlinear import EIFNode, GeneralNode, QIFNode

__all__ = [
    "AdaptiveBaseNode",
    "BaseNode",
    "EIFNode",
    "GeneralNode",
    "IFNode",
    "LIAFNode",
    "LIFNode",
    "MultiStepEIFNode",
    "MultiStepGeneralNode",
    "MultiStepIFNode",
    "MultiStepLIFNode",
    "MultiStepParametricLIFNode",
    "ParametricLIFNode",
    "QIFNode",
    "check_backend",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too
