"""What spiking ResNet and SEW-ResNet share here: layers with a step mode."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from unisnn.spikingjelly._networks import build, residual
from unisnn.spikingjelly.activation_based import layer

__all__ = ["KIT", "ResidualNet", "conv1x1", "conv3x3"]

KIT = build.Kit(layer)
"""Layers with a step mode; each neuron gets a deep copy of its arguments."""


def conv3x3(
    in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1
) -> layer.Conv2d:
    """Return a 3x3 convolution that keeps the size where ``stride`` is 1, without bias.

    Equation::

        y = x * W                        padding = dilation

    Args:
        in_planes, out_planes: channels.
        stride, groups, dilation: as for ``layer.Conv2d`` (default 1).

    Shape: ``[N, in_planes, H, W] -> [N, out_planes, ceil(H/stride), ceil(W/stride)]``.

    Source: ``model.spiking_resnet.conv3x3``, SpikingJelly 0.0.0.0.14.
    """
    return residual.conv3x3(layer, in_planes, out_planes, stride, groups, dilation)


def conv1x1(in_planes: int, out_planes: int, stride: int = 1) -> layer.Conv2d:
    """Return a 1x1 convolution without bias.

    Equation::

        y = x * W

    Args:
        in_planes, out_planes: channels.
        stride: default 1.

    Shape: ``[N, in_planes, H, W] -> [N, out_planes, ceil(H/stride), ceil(W/stride)]``.

    Source: ``model.spiking_resnet.conv1x1``, SpikingJelly 0.0.0.0.14.
    """
    return residual.conv1x1(layer, in_planes, out_planes, stride)


class ResidualNet(residual.ResidualNet):
    """The residual network, in either step mode."""

    _kit: ClassVar[build.Kit] = KIT

    def _flat(self, x: Tensor) -> Tensor:
        return torch.flatten(x, 1 if self.avgpool.step_mode == "s" else 2)
