"""Linear and convolutional operations whose input is spikes.

Equation::

    y = s W^T + b            every element of s is 0 or 1

Upstream keeps the spikes as ``bool`` for the backward pass of CUDA training, which saves memory; the numbers
are those of ``torch.nn.functional``, and so is what runs here, on every device.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core import absent as _absent

__all__ = [
    "SpikeConv1d",
    "SpikeConv2d",
    "SpikeConv3d",
    "SpikeLinear",
    "cpp_wrapper",
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
    return _nn_functional.linear(spike, weight, bias)


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
    return _nn_functional.conv1d(spike, weight, bias, stride, padding, dilation, groups)  # type: ignore[arg-type]


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
    return _nn_functional.conv2d(spike, weight, bias, stride, padding, dilation, groups)  # type: ignore[arg-type]


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
    return _nn_functional.conv3d(spike, weight, bias, stride, padding, dilation, groups)  # type: ignore[arg-type]


class SpikeLinear(nn.Linear):
    """``torch.nn.Linear`` whose input is spikes.

    Equation::

        y = s W^T + b

    Args:
        in_features, out_features, bias: as for ``torch.nn.Linear``.

    Shape: ``[*, in_features] -> [*, out_features]``.

    Source: ``spike_op.SpikeLinear``, SpikingJelly 0.0.0.0.14.
    """


class SpikeConv1d(nn.Conv1d):
    """``torch.nn.Conv1d`` whose input is spikes.

    Equation::

        y = s * W + b

    Args:
        as for ``torch.nn.Conv1d``.

    Shape: as for ``torch.nn.Conv1d``.

    Source: ``spike_op.SpikeConv1d``, SpikingJelly 0.0.0.0.14.
    """


class SpikeConv2d(nn.Conv2d):
    """``torch.nn.Conv2d`` whose input is spikes.

    Equation::

        y = s * W + b

    Args:
        as for ``torch.nn.Conv2d``.

    Shape: as for ``torch.nn.Conv2d``.

    Source: ``spike_op.SpikeConv2d``, SpikingJelly 0.0.0.0.14.
    """


class SpikeConv3d(nn.Conv3d):
    """``torch.nn.Conv3d`` whose input is spikes.

    Equation::

        y = s * W + b

    Args:
        as for ``torch.nn.Conv3d``.

    Shape: as for ``torch.nn.Conv3d``.

    Source: ``spike_op.SpikeConv3d``, SpikingJelly 0.0.0.0.14.
    """


_FUNCTION = "an autograd function of CUDA training; spike_linear and spike_conv1d...3d give its numbers"

__getattr__ = _absent.serve(__name__, {"spikeConvolution": _FUNCTION, "spikeLinear": _FUNCTION})
