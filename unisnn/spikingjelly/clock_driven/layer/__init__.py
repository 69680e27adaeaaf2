"""Layers of ``clock_driven``: dropout kept over time, containers, recurrent connections, norms.

A class whose name begins with ``MultiStep``, and :class:`SeqToANNContainer`, takes all time steps at once::

    y    = layer(x)                  x of shape [N, *]
    y[t] = multi_step_layer(x)[t]    x of shape [T, N, *]

The numbers are those of SpikingJelly 0.0.0.0.14.
"""

from __future__ import annotations

from unisnn.spikingjelly.clock_driven.layer._containers import (
    ElementWiseRecurrentContainer,
    LinearRecurrentContainer,
    MultiStepContainer,
    SeqToANNContainer,
)
from unisnn.spikingjelly.clock_driven.layer._dropout import (
    DropConnectLinear,
    Dropout,
    Dropout2d,
    MultiStepDropout,
    MultiStepDropout2d,
)
from unisnn.spikingjelly.clock_driven.layer._normalization import (
    MultiStepTemporalWiseAttention,
    MultiStepThresholdDependentBatchNorm1d,
    MultiStepThresholdDependentBatchNorm2d,
    MultiStepThresholdDependentBatchNorm3d,
)
from unisnn.spikingjelly.clock_driven.layer._stateless import (
    AXAT,
    DCT,
    ChannelsPool,
    ConvBatchNorm2d,
    PrintShapeModule,
)
from unisnn.spikingjelly.clock_driven.layer._synapse import NeuNorm, STDPLearner, SynapseFilter

__all__ = [
    "AXAT",
    "DCT",
    "ChannelsPool",
    "ConvBatchNorm2d",
    "DropConnectLinear",
    "Dropout",
    "Dropout2d",
    "ElementWiseRecurrentContainer",
    "LinearRecurrentContainer",
    "MultiStepContainer",
    "MultiStepDropout",
    "MultiStepDropout2d",
    "MultiStepTemporalWiseAttention",
    "MultiStepThresholdDependentBatchNorm1d",
    "MultiStepThresholdDependentBatchNorm2d",
    "MultiStepThresholdDependentBatchNorm3d",
    "NeuNorm",
    "PrintShapeModule",
    "STDPLearner",
    "SeqToANNContainer",
    "SynapseFilter",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too
