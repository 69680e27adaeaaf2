"""Neurons of the old CUDA extension: the very classes of ``clock_driven.neuron``.

The extension gave the same equations a kernel; here there is one class for both names::

    cext.neuron.MultiStepIFNode is clock_driven.neuron.MultiStepIFNode

SpikingJelly 0.0.0.0.14 ships no ``cext.neuron`` any more; published code imports it from earlier releases.
"""

from __future__ import annotations

from unisnn.spikingjelly.clock_driven.neuron import (
    BaseNode,
    IFNode,
    LIFNode,
    MultiStepIFNode,
    MultiStepLIFNode,
    MultiStepParametricLIFNode,
    ParametricLIFNode,
)

__all__ = [
    "BaseNode",
    "IFNode",
    "LIFNode",
    "MultiStepIFNode",
    "MultiStepLIFNode",
    "MultiStepParametricLIFNode",
    "ParametricLIFNode",
]
