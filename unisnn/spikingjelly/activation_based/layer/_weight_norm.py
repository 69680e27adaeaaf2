"""Convolution and linear layer with standardised weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as _nn_functional
from torch.nn.common_types import _size_2_t

from unisnn.core import weight_norm as _weight_norm
from unisnn.spikingjelly.activation_based.layer._convolution import Conv2d
from unisnn.spikingjelly.activation_based.layer._dense import Linear

__all__ = ["WSConv2d", "WSLinear"]


class WSConv2d(Conv2d):
    """A convolution whose weights are standardised in every call.

    Equation::

        w' = (w - mean(w))/sqrt(var(w)*n + eps)*gain     over the n weights of each output channel
        y  = conv(x) with w'

    Args:
        in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode:
            as for ``torch.nn.Conv2d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        gain: whether each output channel has a learned ``gain``, 1 at first (default True).
        eps: added to the variance (default 1e-4).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.WSConv2d``, SpikingJelly 2.0.0; Brock et al., "Characterizing signal propagation to close
        the performance gap in unnormalized ResNets", ICLR 2021.
    """

    gain: nn.Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_2_t,
        stride: _size_2_t = 1,
        padding: str | _size_2_t = 0,
        dilation: _size_2_t = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        step_mode: str = "s",
        gain: bool = True,
        eps: float = 1e-4,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            step_mode,
        )
        self.gain = nn.Parameter(torch.ones([out_channels, 1, 1, 1])) if gain else None
        self.eps = eps

    def get_weight(self) -> Tensor:
        """Return the standardised weights."""
        return _weight_norm.standardize(self.weight, self.gain, self.eps)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return super()._conv_forward(input, self.get_weight(), bias)


class WSLinear(Linear):
    """A linear layer whose weights are standardised in every call.

    Equation::

        w' = (w - mean(w))/sqrt(var(w)*n + eps)*gain     over the n weights of each output
        y  = x w'^T + b                                  the same in both step modes

    Args:
        in_features, out_features, bias: as for ``torch.nn.Linear``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        gain: whether each output has a learned ``gain``, 1 at first (default True).
        eps: added to the variance (default 1e-4).

    Shape: ``[*, in_features] -> [*, out_features]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``layer.WSLinear``, SpikingJelly 2.0.0.
    """

    gain: nn.Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        step_mode: str = "s",
        gain: bool = True,
        eps: float = 1e-4,
    ) -> None:
        super().__init__(in_features, out_features, bias, step_mode)
        self.gain = nn.Parameter(torch.ones([out_features, 1])) if gain else None
        self.eps = eps

    def get_weight(self) -> Tensor:
        """Return the standardised weights."""
        return _weight_norm.standardize(self.weight, self.gain, self.eps)

    def forward(self, x: Tensor) -> Tensor:
        """Return the output for one time step or for all of them."""
        return _nn_functional.linear(x, self.get_weight(), self.bias)
