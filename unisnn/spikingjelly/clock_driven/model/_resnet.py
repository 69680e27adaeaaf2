"""What spiking ResNet and SEW-ResNet share in ``clock_driven``: torch's layers, one step or all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from unisnn.spikingjelly._networks import build, residual
from unisnn.spikingjelly.clock_driven.model import _steps

__all__ = ["AllStepsNet", "OneStepNet", "conv1x1", "conv3x3"]


def conv3x3(
    in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1
) -> nn.Conv2d:
    """Return a 3x3 convolution that keeps the size where ``stride`` is 1, without bias.

    Equation::

        y = x * W                        padding = dilation

    Args:
        in_planes, out_planes: channels.
        stride, groups, dilation: as for ``torch.nn.Conv2d`` (default 1).

    Shape: ``[N, in_planes, H, W] -> [N, out_planes, ceil(H/stride), ceil(W/stride)]``.

    Source: ``clock_driven.model.spiking_resnet.conv3x3``, SpikingJelly 0.0.0.0.14.
    """
    return residual.conv3x3(nn, in_planes, out_planes, stride, groups, dilation)


def conv1x1(in_planes: int, out_planes: int, stride: int = 1) -> nn.Conv2d:
    """Return a 1x1 convolution without bias.

    Equation::

        y = x * W

    Args:
        in_planes, out_planes: channels.
        stride: default 1.

    Shape: ``[N, in_planes, H, W] -> [N, out_planes, ceil(H/stride), ceil(W/stride)]``.

    Source: ``clock_driven.model.spiking_resnet.conv1x1``, SpikingJelly 0.0.0.0.14.
    """
    return residual.conv1x1(nn, in_planes, out_planes, stride)


class OneStepNet(residual.ResidualNet):
    """The residual network, one time step a call."""

    _kit: ClassVar[build.Kit] = _steps.ONE_STEP


class AllStepsNet(residual.ResidualNet):
    """The residual network, all time steps in one call; ``T`` of them for an input without time."""

    _kit: ClassVar[build.Kit] = _steps.ALL_STEPS
    _run: Callable[..., Tensor] = staticmethod(_steps.folded)
    T: int | None

    def _stem(self, x: Tensor) -> Tensor:
        return _steps.first_layers(type(self).__name__, x, self.T, self.conv1, self.bn1)

    def _flat(self, x: Tensor) -> Tensor:
        return torch.flatten(x, 2)
