"""Layers with a step mode.

In step mode ``'s'`` a layer takes one time step, in ``'m'`` all of them. A stateless layer folds the
time into the batch for that, so that T steps are one call::

    y = layer(x)                                         step_mode 's', x of shape [N, *]
    y[t, n] = layer(x.flatten(0, 1))[t*N + n]            step_mode 'm', x of shape [T, N, *]

The numbers are those of SpikingJelly 0.0.0.0.14.
"""

from __future__ import annotations

from unisnn.core import absent as _absent
from unisnn.spikingjelly.activation_based.layer._containers import (
    MultiStepContainer,
    SeqToANNContainer,
    StepModeContainer,
)
from unisnn.spikingjelly.activation_based.layer._convolution import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from unisnn.spikingjelly.activation_based.layer._dense import Flatten, Linear, VotingLayer
from unisnn.spikingjelly.activation_based.layer._dropout import Dropout, Dropout2d
from unisnn.spikingjelly.activation_based.layer._normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GroupNorm,
)
from unisnn.spikingjelly.activation_based.layer._pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "Dropout",
    "Dropout2d",
    "Flatten",
    "GroupNorm",
    "Linear",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MultiStepContainer",
    "SeqToANNContainer",
    "StepModeContainer",
    "VotingLayer",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too

_LATER = "not reproduced yet"

__getattr__ = _absent.serve(
    __name__,
    {
        "Delay": _LATER,
        "DropConnectLinear": _LATER,
        "ElementWiseRecurrentContainer": _LATER,
        "LinearRecurrentContainer": _LATER,
        "MultiDimensionalAttention": _LATER,
        "NeuNorm": _LATER,
        "PrintShapeModule": _LATER,
        "SynapseFilter": _LATER,
        "TemporalWiseAttention": _LATER,
        "ThresholdDependentBatchNorm1d": _LATER,
        "ThresholdDependentBatchNorm2d": _LATER,
        "ThresholdDependentBatchNorm3d": _LATER,
    },
)
