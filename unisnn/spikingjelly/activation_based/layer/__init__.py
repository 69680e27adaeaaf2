"""Layers with a step mode.

In step mode ``'s'`` a layer takes one time step, in ``'m'`` all of them. A stateless layer folds the
time into the batch for that, so that T steps are one call::

    y = layer(x)                                         step_mode 's', x of shape [N, *]
    y[t, n] = layer(x.flatten(0, 1))[t*N + n]            step_mode 'm', x of shape [T, N, *]

The numbers are those of SpikingJelly 0.0.0.0.14.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.layer._attention import (
    MultiDimensionalAttention,
    TemporalWiseAttention,
)
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
from unisnn.spikingjelly.activation_based.layer._online import (
    GradwithTrace,
    OTTTSequential,
    ReplaceforGrad,
    SpikeTraceOp,
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
from unisnn.spikingjelly.activation_based.layer._recurrent import (
    Delay,
    ElementWiseRecurrentContainer,
    LinearRecurrentContainer,
    PrintShapeModule,
)
from unisnn.spikingjelly.activation_based.layer._spike_count import SpikeCountToBinary, TemporalBinSum
from unisnn.spikingjelly.activation_based.layer._spiking_attention import (
    ChannelQKAttention,
    QKAttention,
    SpikeDrivenSelfAttention,
    SpikingSelfAttention,
    TokenQKAttention,
)
from unisnn.spikingjelly.activation_based.layer._synapse import DropConnectLinear, NeuNorm, SynapseFilter
from unisnn.spikingjelly.activation_based.layer._threshold import (
    ThresholdDependentBatchNorm1d,
    ThresholdDependentBatchNorm2d,
    ThresholdDependentBatchNorm3d,
)
from unisnn.spikingjelly.activation_based.layer._time_norm import (
    BatchNormThroughTime1d,
    BatchNormThroughTime2d,
    BatchNormThroughTime3d,
    TemporalEffectiveBatchNorm1d,
    TemporalEffectiveBatchNorm2d,
    TemporalEffectiveBatchNorm3d,
)
from unisnn.spikingjelly.activation_based.layer._upsampling import (
    MaxUnpool1d,
    MaxUnpool2d,
    MaxUnpool3d,
    Upsample,
)
from unisnn.spikingjelly.activation_based.layer._weight_norm import WSConv2d, WSLinear

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
    "BatchNormThroughTime1d",
    "BatchNormThroughTime2d",
    "BatchNormThroughTime3d",
    "ChannelQKAttention",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "Delay",
    "DropConnectLinear",
    "Dropout",
    "Dropout2d",
    "ElementWiseRecurrentContainer",
    "Flatten",
    "GradwithTrace",
    "GroupNorm",
    "Linear",
    "LinearRecurrentContainer",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "MultiDimensionalAttention",
    "MultiStepContainer",
    "NeuNorm",
    "OTTTSequential",
    "PrintShapeModule",
    "QKAttention",
    "ReplaceforGrad",
    "SeqToANNContainer",
    "SpikeCountToBinary",
    "SpikeDrivenSelfAttention",
    "SpikeTraceOp",
    "SpikingSelfAttention",
    "StepModeContainer",
    "SynapseFilter",
    "TemporalBinSum",
    "TemporalEffectiveBatchNorm1d",
    "TemporalEffectiveBatchNorm2d",
    "TemporalEffectiveBatchNorm3d",
    "TemporalWiseAttention",
    "ThresholdDependentBatchNorm1d",
    "ThresholdDependentBatchNorm2d",
    "ThresholdDependentBatchNorm3d",
    "TokenQKAttention",
    "Upsample",
    "VotingLayer",
    "WSConv2d",
    "WSLinear",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too
