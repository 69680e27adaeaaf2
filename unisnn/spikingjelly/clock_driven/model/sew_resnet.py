"""SEW-ResNet: residual networks that join spikes to spikes, element by element.

A function or class whose name begins with ``multi_step`` or ``MultiStep`` takes all time steps in one call::

    y    = net(x)                    x of shape [N, 3, H, W]
    y[t] = multi_step_net(x)[t]      x of shape [T, N, 3, H, W]
"""

from __future__ import annotations

from unisnn.spikingjelly._networks.residual import MODEL_URLS as model_urls
from unisnn.spikingjelly.clock_driven.model._resnet import conv1x1, conv3x3
from unisnn.spikingjelly.clock_driven.model._sew_blocks import (
    BasicBlock,
    Bottleneck,
    MultiStepBasicBlock,
    MultiStepBottleneck,
    MultiStepSEWResNet,
    SEWResNet,
    sew_function,
)
from unisnn.spikingjelly.clock_driven.model._sew_builders import (
    multi_step_sew_resnet18,
    multi_step_sew_resnet34,
    multi_step_sew_resnet50,
    multi_step_sew_resnet101,
    multi_step_sew_resnet152,
    multi_step_sew_resnext50_32x4d,
    multi_step_sew_resnext101_32x8d,
    multi_step_sew_wide_resnet50_2,
    multi_step_sew_wide_resnet101_2,
    sew_resnet18,
    sew_resnet34,
    sew_resnet50,
    sew_resnet101,
    sew_resnet152,
    sew_resnext50_32x4d,
    sew_resnext101_32x8d,
    sew_wide_resnet50_2,
    sew_wide_resnet101_2,
)

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "MultiStepBasicBlock",
    "MultiStepBottleneck",
    "MultiStepSEWResNet",
    "SEWResNet",
    "conv1x1",
    "conv3x3",
    "model_urls",
    "multi_step_sew_resnet18",
    "multi_step_sew_resnet34",
    "multi_step_sew_resnet50",
    "multi_step_sew_resnet101",
    "multi_step_sew_resnet152",
    "multi_step_sew_resnext50_32x4d",
    "multi_step_sew_resnext101_32x8d",
    "multi_step_sew_wide_resnet50_2",
    "multi_step_sew_wide_resnet101_2",
    "sew_function",
    "sew_resnet18",
    "sew_resnet34",
    "sew_resnet50",
    "sew_resnet101",
    "sew_resnet152",
    "sew_resnext50_32x4d",
    "sew_resnext101_32x8d",
    "sew_wide_resnet50_2",
    "sew_wide_resnet101_2",
]

for _class in (
    BasicBlock,
    Bottleneck,
    MultiStepBasicBlock,
    MultiStepBottleneck,
    MultiStepSEWResNet,
    SEWResNet,
):
    _class.__module__ = __name__  # a pickle names the path that upstream has too
