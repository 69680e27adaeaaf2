"""A convolution and the batch norm behind it as one convolution."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unisnn.core import check as _check

__all__ = [
    "fuse_convbn2d",
    "fused_conv2d_bias_of_convbn2d",
    "fused_conv2d_weight_of_convbn2d",
    "scale_fused_conv2d_bias_of_convbn2d",
    "scale_fused_conv2d_weight_of_convbn2d",
]


def _checked(owner: str, conv2d: nn.Conv2d, bn2d: nn.BatchNorm2d) -> tuple[Tensor, Tensor, Tensor]:
    _check.require(conv2d.bias is None, owner, "conv2d", conv2d, "a convolution without bias")
    if bn2d.weight is None or bn2d.running_mean is None or bn2d.running_var is None:
        raise TypeError(
            f"{owner}: bn2d={bn2d!r} is not accepted; expected one with weight and running statistics"
        )
    return bn2d.weight, bn2d.running_mean, (bn2d.running_var + bn2d.eps).sqrt()


def fused_conv2d_weight_of_convbn2d(conv2d: nn.Conv2d, bn2d: nn.BatchNorm2d) -> Tensor:
    """Return the weight of the convolution that does what ``conv2d`` and then ``bn2d`` in eval do.

    Equation::

        weight = conv2d.weight * bn2d.weight / sqrt(running_var + eps)           for each channel out

    Args:
        conv2d: a convolution without bias.
        bn2d: its batch norm, with weight and running statistics.

    Shape: that of ``conv2d.weight``.

    Raises:
        AssertionError: ``conv2d`` has a bias.
        TypeError: ``bn2d`` has no weight or no running statistics.

    Source: ``functional.fused_conv2d_weight_of_convbn2d``, SpikingJelly 0.0.0.0.14.
    """
    weight, _, deviation = _checked("fused_conv2d_weight_of_convbn2d", conv2d, bn2d)
    return (conv2d.weight.transpose(0, 3) * weight / deviation).transpose(0, 3)


def fused_conv2d_bias_of_convbn2d(conv2d: nn.Conv2d, bn2d: nn.BatchNorm2d) -> Tensor:
    """Return the bias of the convolution that does what ``conv2d`` and then ``bn2d`` in eval do.

    Equation::

        bias = bn2d.bias - running_mean * bn2d.weight / sqrt(running_var + eps)

    Args:
        conv2d: a convolution without bias.
        bn2d: its batch norm, with weight and running statistics.

    Shape: ``[channels out]``.

    Raises:
        AssertionError: ``conv2d`` has a bias.
        TypeError: ``bn2d`` has no weight or no running statistics.

    Source: ``functional.fused_conv2d_bias_of_convbn2d``, SpikingJelly 0.0.0.0.14.
    """
    weight, mean, deviation = _checked("fused_conv2d_bias_of_convbn2d", conv2d, bn2d)
    return bn2d.bias - mean * weight / deviation


@torch.no_grad()
def scale_fused_conv2d_weight_of_convbn2d(
    conv2d: nn.Conv2d, bn2d: nn.BatchNorm2d, k: float | None = None, b: float | None = None
) -> None:
    """Change ``conv2d.weight`` in place so that the fused weight is scaled.

    Equation::

        conv2d.weight = k*conv2d.weight + b

    Args:
        conv2d: a convolution without bias.
        bn2d: its batch norm.
        k: factor (default ``None``: 1).
        b: summand (default ``None``: 0).

    Raises:
        AssertionError: ``conv2d`` has a bias.

    Source: ``functional.scale_fused_conv2d_weight_of_convbn2d``, SpikingJelly 0.0.0.0.14.
    """
    owner = "scale_fused_conv2d_weight_of_convbn2d"
    _check.require(conv2d.bias is None, owner, "conv2d", conv2d, "a convolution without bias")
    if k is not None:
        conv2d.weight.mul_(k)
    if b is not None:
        conv2d.weight.add_(b)


@torch.no_grad()
def scale_fused_conv2d_bias_of_convbn2d(
    conv2d: nn.Conv2d, bn2d: nn.BatchNorm2d, k: float | None = None, b: float | None = None
) -> None:
    """Change ``bn2d`` in place so that the fused bias is scaled.

    Equation::

        bn2d.bias = k*bn2d.bias + b
        running_mean = k*running_mean

    Args:
        conv2d: a convolution without bias.
        bn2d: its batch norm, with bias and running statistics.
        k: factor (default ``None``: 1).
        b: summand (default ``None``: 0).

    Raises:
        AssertionError: ``conv2d`` has a bias.
        TypeError: ``bn2d`` has no weight or no running statistics.

    Source: ``functional.scale_fused_conv2d_bias_of_convbn2d``, SpikingJelly 0.0.0.0.14.
    """
    _, mean, _ = _checked("scale_fused_conv2d_bias_of_convbn2d", conv2d, bn2d)
    if k is not None:
        bn2d.bias.mul_(k)
        mean.mul_(k)
    if b is not None:
        bn2d.bias.add_(b)


@torch.no_grad()
def fuse_convbn2d(conv2d: nn.Conv2d, bn2d: nn.BatchNorm2d) -> nn.Conv2d:
    """Return a new convolution that does what ``conv2d`` and then ``bn2d`` in eval do.

    Equation::

        conv(x) = bn2d(conv2d(x))        in eval

    Args:
        conv2d: a convolution without bias.
        bn2d: its batch norm, with weight and running statistics.

    Raises:
        AssertionError: ``conv2d`` has a bias.
        TypeError: ``bn2d`` has no weight or no running statistics.

    Source: ``functional.fuse_convbn2d``, SpikingJelly 0.0.0.0.14.
    """
    fused = nn.Conv2d(
        conv2d.in_channels,
        conv2d.out_channels,
        kernel_size=conv2d.kernel_size,  # type: ignore[arg-type]
        stride=conv2d.stride,  # type: ignore[arg-type]
        padding=conv2d.padding,  # type: ignore[arg-type]
        dilation=conv2d.dilation,  # type: ignore[arg-type]
        groups=conv2d.groups,
        bias=True,
        padding_mode=conv2d.padding_mode,
    )
    fused.weight.data = fused_conv2d_weight_of_convbn2d(conv2d, bn2d)
    assert fused.bias is not None
    fused.bias.data = fused_conv2d_bias_of_convbn2d(conv2d, bn2d)
    return fused
