"""Attention over time, channels and places; it takes all time steps at once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import attention as _equations
from unisnn.core import check as _check
from unisnn.core.layers import attention as _layers
from unisnn.spikingjelly.activation_based import base

__all__ = ["MultiDimensionalAttention", "TemporalWiseAttention"]


class TemporalWiseAttention(_layers.TemporalAttention, base.MultiStepModule):
    """Scale each time step by a learned attention over time.

    Equation::

        f(z)  = W2 relu(W1 z)                            W1 of shape [T//reduction, T], W2 [T, T//reduction]
        d[t]  = sigmoid(f(mean of x) + f(maximum of x))[t]             over all but time and batch
        y[t]  = d[t]*x[t]

    Args:
        T: time steps.
        reduction: by how much the hidden layer is smaller than ``T`` (default 16), at most ``T``.
        dimension: 4 for images, 2 for features (default 4).

    Shape: ``dimension=4``: ``[T, N, C, H, W]``; ``dimension=2``: ``[T, N, L]``; the same out.

    Raises:
        AssertionError: ``dimension`` is neither 2 nor 4, or ``reduction`` is greater than ``T``; an input of
            another number of dimensions.
        RuntimeError: the input has another number of time steps.

    Source: ``layer.TemporalWiseAttention``, SpikingJelly 0.0.0.0.14 (there no ``nn.Module``, so that it
        cannot be called and its weights are in no ``parameters()``); Yao et al., "Temporal-wise Attention
        Spiking Neural Networks for Event Streams Classification", ICCV 2021.
    """

    def __init__(self, T: int, reduction: int = 16, dimension: int = 4) -> None:
        super().__init__()
        self.step_mode = "m"
        self._make(T, reduction, dimension)

    def forward(self, x_seq: Tensor) -> Tensor:
        """Scale every time step."""
        wanted = 5 if self.dimension == 4 else 3
        _check.require(
            x_seq.dim() == wanted, self._get_name(), "dimensions of x_seq", x_seq.dim(), f"{wanted}"
        )
        return self._attend(x_seq)


class MultiDimensionalAttention(nn.Module, base.MultiStepModule):
    """Scale a sequence of images by learned attentions over time, over channels and over places.

    Equation::

        f(z) = W2 relu(W1 z)
        a    = sigmoid(f_t(mean of x) + f_t(maximum of x)) * x         one scale a time step
        b    = sigmoid(f_c(mean of a) + f_c(maximum of a)) * a         one scale a channel
        y    = relu(sigmoid(conv([mean of b, maximum of b])) * b)      one scale a place

    Args:
        T: time steps.
        C: channels.
        reduction_t: by how much the hidden layer over time is smaller than ``T`` (default 16), at most ``T``.
        reduction_c: by how much the hidden layer over channels is smaller than ``C`` (default 16), at most
            ``C``.
        kernel_size: of the convolution over places, 3 or 7 (default 3).

    Shape: ``[T, N, C, H, W] -> [T, N, C, H, W]``. Any floating dtype.

    Raises:
        AssertionError: ``reduction_t`` is greater than ``T``, ``reduction_c`` greater than ``C``,
            ``kernel_size`` neither 3 nor 7, or the input has another number of dimensions.
        RuntimeError: the input has another number of time steps or channels.

    Source: ``layer.MultiDimensionalAttention``, SpikingJelly 0.0.0.0.14 (there it cannot be called; the
        numbers are 2.0.0's); Yao et al., "Attention Spiking Neural Networks", IEEE TPAMI 2023.
    """

    def __init__(
        self, T: int, C: int, reduction_t: int = 16, reduction_c: int = 16, kernel_size: int = 3
    ) -> None:
        super().__init__()
        self.step_mode = "m"
        owner = self._get_name()
        _check.require(0 < reduction_t <= T, owner, "reduction_t", reduction_t, f"an int from 1 to T={T}")
        _check.require(0 < reduction_c <= C, owner, "reduction_c", reduction_c, f"an int from 1 to C={C}")
        _check.require(kernel_size in (3, 7), owner, "kernel_size", kernel_size, "3 or 7")
        self.ta = _AxisAttention(T, reduction_t)
        self.ca = _AxisAttention(C, reduction_c)
        self.sa = _PlaceAttention(kernel_size)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        """Scale the sequence over time, channels and places."""
        _check.require(x.dim() == 5, self._get_name(), "dimensions of x", x.dim(), "5")
        steps = x.transpose(0, 1)
        steps = self.ta(steps) * steps
        steps = self.ca(steps.transpose(1, 2)).transpose(1, 2) * steps
        return torch.relu(self.sa(steps)).transpose(0, 1)


class _AxisAttention(nn.Module):
    """The scale of each index of dimension 1 of ``[N, A, *, H, W]``."""

    def __init__(self, size: int, reduction: int) -> None:
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool3d(1)
        self.max_pool = nn.AdaptiveMaxPool3d(1)
        hidden: Any = size // reduction
        self.sharedMLP = nn.Sequential(
            nn.Conv3d(size, hidden, 1, bias=False), nn.ReLU(), nn.Conv3d(hidden, size, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        return _equations.axis_scale(x, self.avg_pool, self.max_pool, self.sharedMLP)


class _PlaceAttention(nn.Module):
    """Scale each place of ``[N, T, C, H, W]``."""

    def __init__(self, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return _equations.attend_to_places(x, self.conv)
