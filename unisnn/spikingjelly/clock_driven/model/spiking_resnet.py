"""Spiking ResNet: residual networks whose activations are neurons.

A function or class whose name begins with ``multi_step`` or ``MultiStep`` takes all time steps in one call::

    y    = net(x)                    x of shape [N, 3, H, W]
    y[t] = multi_step_net(x)[t]      x of shape [T, N, 3, H, W]
"""

from __future__ import annotations

from unisnn.spikingjelly._networks.residual import MODEL_URLS as model_urls
from unisnn.spikingjelly.clock_driven.model._resnet import conv1x1, conv3x3
from unisnn.spikingjelly.clock_driven.model._spiking_blocks import (
    BasicBlock,
    Bottleneck,
    MultiStepBasicBlock,
    MultiStepBottleneck,
    MultiStepSpikingResNet,
    SpikingResNet,
)
from unisnn.spikingjelly.clock_driven.model._spiking_builders import (
    multi_step_spiking_resnet18,
    multi_step_spiking_resnet34,
    multi_step_spiking_resnet50,
    multi_step_spiking_resnet101,
    multi_step_spiking_resnet152,
    multi_step_spiking_resnext50_32x4d,
    multi_step_spiking_resnext101_32x8d,
    multi_step_spiking_wide_resnet50_2,
    multi_step_spiking_wide_resnet101_2,
    spiking_resnet18,
    spiking_resnet34,
    spiking_resnet50,
    spiking_resnet101,
    spiking_resnet152,
    spiking_resnext50_32x4d,
    spiking_resnext101_32x8d,
    spiking_wide_resnet50_2,
    spiking_wide_resnet101_2,
)

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "MultiStepBasicBlock",
    "MultiStepBottleneck",
    "MultiStepSpikingResNet",
    "SpikingResNet",
    "conv1x1",
    "conv3x3",
    "model_urls",
    "multi_step_spiking_resnet18",
    "multi_step_spiking_resnet34",
    "multi_step_spiking_resnet50",
    "multi_step_spiking_resnet101",
    "multi_step_spiking_resnet152",
    "multi_step_spiking_resnext50_32x4d",
    "multi_step_spiking_resnext101_32x8d",
    "multi_step_spiking_wide_resnet50_2",
    "multi_step_spiking_wide_resnet101_2",
    "spiking_resnet18",
    "spiking_resnet34",
    "spiking_resnet50",
    "spiking_resnet101",
    "spiking_resnet152",
    "spiking_resnext50_32x4d",
    "spiking_resnext101_32x8d",
    "spiking_wide_resnet50_2",
    "spiking_wide_resnet101_2",
]

for _class in (
    BasicBlock,
    Bottleneck,
    MultiStepBasicBlock,
    MultiStepBottleneck,
    MultiStepSpikingResNet,
    SpikingResNet,
):
    _class.__module__ = __name__  # a pickle names the path that upstream has too
