"""Linear and convolutional operations whose input is spikes.

Equation::

    y = s W^T + b            every element of s is 0 or 1

The numbers are those of ``torch.nn.functional``. On CUDA devices the spikes wait for the backward pass as
bits (:class:`spikeLinear`, :class:`spikeConvolution`), which saves memory; elsewhere torch's own operations
run, or, where :func:`unisnn.core.sparse.tolerance` accepts their rounding, sums over the firing inputs.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core import sparse
from unisnn.spikingjelly.activation_based._spike_functions import spikeConvolution, spikeLinear

__all__ = [
    "SpikeConv1d",
    "SpikeConv2d",
    "SpikeConv3d",
    "SpikeLinear",
    "cpp_wrapper",
    "spikeConvolution",
    "spikeLinear",
    "spike_conv1d",
    "spike_conv2d",
    "spike_conv3d",
    "spike_linear",
]

cpp_wrapper = None
"""Upstream's compiled helper; there is none."""

_Sizes = int | tuple[int, ...]


def spike_linear(spike: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``torch.nn.functional.linear`` of spikes.

    Equation::

        y = s W^T + b

    Args:
        spike: shape ``[*, I]``, every element 0 or 1.
        weight: shape ``[O, I]``.
        bias: shape ``[O]`` (default: none).

    Shape: ``[*, I] -> [*, O]``.

    Source: ``spike_op.spike_linear``, SpikingJelly 0.0.0.0.14.
    """
    if spike.is_cuda:
        return spikeLinear.apply(spike, weight, bias)
    return sparse.linear(spike, weight, bias)


def _convolution(
    operation: Any,
    spike: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: _Sizes,
    padding: str | _Sizes,
    dilation: _Sizes,
    groups: int,
) -> Tensor:
    """Keep the spikes as bits where that can be done, which is on CUDA devices and with equal sides."""
    if spike.is_cuda and padding != "same":
        return spikeConvolution.apply(spike, weight, bias, stride, padding, dilation, groups)
    return operation(spike, weight, bias, stride, padding, dilation, groups)


def spike_conv1d(
    spike: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _Sizes = 1,
    padding: str | _Sizes = "valid",
    dilation: _Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Return ``torch.nn.functional.conv1d`` of spikes.

    Equation::

        y = s * W + b

    Args:
        spike: shape ``[N, I, L]``, every element 0 or 1.
        weight: shape ``[O, I/groups, k]``.
        bias: shape ``[O]`` (default: none).
        stride, padding, dilation, groups: as for ``torch.nn.functional.conv1d`` (``padding`` none).

    Shape: ``[N, O, L']``.

    Source: ``spike_op.spike_conv1d``, SpikingJelly 0.0.0.0.14.
    """
    how = (stride, padding, dilation, groups)
    return _convolution(_nn_functional.conv1d, spike, weight, bias, *how)


def spike_conv2d(
    spike: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _Sizes = 1,
    padding: str | _Sizes = "valid",
    dilation: _Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Return ``torch.nn.functional.conv2d`` of spikes.

    Equation::

        y = s * W + b

    Args:
        spike: shape ``[N, I, H, W]``, every element 0 or 1.
        weight: shape ``[O, I/groups, k, k]``.
        bias: shape ``[O]`` (default: none).
        stride, padding, dilation, groups: as for ``torch.nn.functional.conv2d`` (``padding`` none).

    Shape: ``[N, O, H', W']``.

    Source: ``spike_op.spike_conv2d``, SpikingJelly 0.0.0.0.14.
    """
    how = (stride, padding, dilation, groups)
    return _convolution(_nn_functional.conv2d, spike, weight, bias, *how)


def spike_conv3d(
    spike: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _Sizes = 1,
    padding: str | _Sizes = "valid",
    dilation: _Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Return ``torch.nn.functional.conv3d`` of spikes.

    Equation::

        y = s * W + b

    Args:
        spike: shape ``[N, I, D, H, W]``, every element 0 or 1.
        weight: shape ``[O, I/groups, k, k, k]``.
        bias: shape ``[O]`` (default: none).
        stride, padding, dilation, groups: as for ``torch.nn.functional.conv3d`` (``padding`` none).

    Shape: ``[N, O, D', H', W']``.

    Source: ``spike_op.spike_conv3d``, SpikingJelly 0.0.0.0.14.
    """
    how = (stride, padding, dilation, groups)
    return _convolution(_nn_functional.conv3d, spike, weight, bias, *how)


class SpikeLinear(nn.Linear):
    """``torch.nn.Linear`` whose input is spikes.

    Equation::

        y = s W^T + b

    Args:
        in_features, out_features, bias: as for ``torch.nn.Linear``.

    Shape: ``[*, in_features] -> [*, out_features]``.

    Source: ``spike_op.SpikeLinear``, SpikingJelly 0.0.0.0.14.
    """

    def forward(self, spike: Tensor) -> Tensor:
        """Return ``s W^T + b``."""
        return spike_linear(spike, self.weight, self.bias)


class SpikeConv1d(nn.Conv1d):
    """``torch.nn.Conv1d`` whose input is spikes.

    Equation::

        y = s * W + b

    Args:
        as for ``torch.nn.Conv1d``.

    Shape: as for ``torch.nn.Conv1d``.

    Source: ``spike_op.SpikeConv1d``, SpikingJelly 0.0.0.0.14.
    """

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.padding_mode != "zeros":
            return super()._conv_forward(input, weight, bias)
        return spike_conv1d(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)


class SpikeConv2d(nn.Conv2d):
    """``torch.nn.Conv2d`` whose input is spikes.

    Equation::

        y = s * W + b

    Args:
        as for ``torch.nn.Conv2d``.

    Shape: as for ``torch.nn.Conv2d``.

    Source: ``spike_op.SpikeConv2d``, SpikingJelly 0.0.0.0.14.
    """

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.padding_mode != "zeros":
            return super()._conv_forward(input, weight, bias)
        return spike_conv2d(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)


class SpikeConv3d(nn.Conv3d):
    """``torch.nn.Conv3d`` whose input is spikes.

    Equation::

        y = s * W + b

    Args:
        as for ``torch.nn.Conv3d``.

    Shape: as for ``torch.nn.Conv3d``.

    Source: ``spike_op.SpikeConv3d``, SpikingJelly 0.0.0.0.14.
    """

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.padding_mode != "zeros":
            return super()._conv_forward(input, weight, bias)
        return spike_conv3d(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)
