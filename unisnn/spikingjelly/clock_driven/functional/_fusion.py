"""A convolution and the batch norm behind it as one convolution."""

from __future__ import annotations

from torch import nn

from unisnn.spikingjelly.activation_based import functional as _functional

__all__ = ["fuse_convbn2d"]


def fuse_convbn2d(
    conv2d: nn.Conv2d, bn2d: nn.BatchNorm2d, k: float | None = None, b: float | None = None
) -> nn.Conv2d:
    """Return a new convolution that does what ``conv2d`` and then ``bn2d`` in eval do.

    Equation::

        conv(x) = bn2d(conv2d(x))        in eval

    Args:
        conv2d: a convolution without bias.
        bn2d: its batch norm, with weight and running statistics.
        k: accepted and without effect, as upstream has it.
        b: accepted and without effect, as upstream has it.

    Raises:
        AssertionError: ``conv2d`` has a bias.
        TypeError: ``bn2d`` has no weight or no running statistics.

    Source: ``clock_driven.functional.fuse_convbn2d``, SpikingJelly 0.0.0.0.14.
    """
    return _functional.fuse_convbn2d(conv2d, bn2d)
