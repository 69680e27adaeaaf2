"""Batch norms and attention over all time steps, and a convolution that absorbs its batch norm."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import batchnorm as _batchnorm

from unisnn.core import check as _check
from unisnn.spikingjelly.activation_based import functional as _sequences

__all__ = [
    "MultiStepTemporalWiseAttention",
    "MultiStepThresholdDependentBatchNorm1d",
    "MultiStepThresholdDependentBatchNorm2d",
    "MultiStepThresholdDependentBatchNorm3d",
]


class _ThresholdDependent(_batchnorm._BatchNorm):
    """Batch norm with the time folded into the batch, whose weight starts at ``alpha*v_th``."""

    _accepted: tuple[int, ...] = ()
    _shapes = ""

    def __init__(self, alpha: float, v_th: float, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alpha = alpha
        self.v_th = v_th
        _check.require(
            self.affine, self._get_name(), "affine", self.affine, "True, for there is a weight to set"
        )
        nn.init.constant_(self.weight, alpha * v_th)

    def _check_input_dim(self, x: Tensor) -> None:
        if x.dim() not in self._accepted:
            raise ValueError(
                f"{self._get_name()}: expected an input of shape {self._shapes}, not one "
                f"whose steps, folded into the batch, have shape {list(x.shape)}"
            )

    def forward(self, x_seq: Tensor) -> Tensor:
        """Normalise every time step at once."""
        return _sequences.seq_to_ann_forward(x_seq, super().forward)


class MultiStepThresholdDependentBatchNorm1d(_ThresholdDependent):
    """Batch norm over time, batch and length, scaled to the threshold.

    Equation::

        y = alpha*v_th*(x - mean)/sqrt(variance + eps) + bias          weight alpha*v_th at first, then
        learned

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm1d``.
        kwargs: as ``torch.nn.BatchNorm1d``.

    Shape: ``[T, N, C]`` or ``[T, N, C, L]``, the same out.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions.

    Source: ``clock_driven.layer.MultiStepThresholdDependentBatchNorm1d``, SpikingJelly 0.0.0.0.14; Zheng
        et al., "Going Deeper With Directly-Trained Larger Spiking Neural Networks", AAAI 2021.
    """

    _accepted = (2, 3)
    _shapes = "[T, N, C] or [T, N, C, L]"


class MultiStepThresholdDependentBatchNorm2d(_ThresholdDependent):
    """Batch norm over time, batch and image, scaled to the threshold.

    Equation::

        y = alpha*v_th*(x - mean)/sqrt(variance + eps) + bias          weight alpha*v_th at first, then
        learned

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm2d``.
        kwargs: as ``torch.nn.BatchNorm2d``.

    Shape: ``[T, N, C, H, W] -> [T, N, C, H, W]``.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions.

    Source: ``clock_driven.layer.MultiStepThresholdDependentBatchNorm2d``, SpikingJelly 0.0.0.0.14; Zheng
        et al., "Going Deeper With Directly-Trained Larger Spiking Neural Networks", AAAI 2021.
    """

    _accepted = (4,)
    _shapes = "[T, N, C, H, W]"


class MultiStepThresholdDependentBatchNorm3d(_ThresholdDependent):
    """Batch norm over time, batch and volume, scaled to the threshold.

    Equation::

        y = alpha*v_th*(x - mean)/sqrt(variance + eps) + bias          weight alpha*v_th at first, then
        learned

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm3d``.
        kwargs: as ``torch.nn.BatchNorm3d``.

    Shape: ``[T, N, C, D, H, W] -> [T, N, C, D, H, W]``.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions.

    Source: ``clock_driven.layer.MultiStepThresholdDependentBatchNorm3d``, SpikingJelly 0.0.0.0.14; Zheng
        et al., "Going Deeper With Directly-Trained Larger Spiking Neural Networks", AAAI 2021.
    """

    _accepted = (5,)
    _shapes = "[T, N, C, D, H, W]"


class MultiStepTemporalWiseAttention(nn.Module):
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
        AssertionError: ``dimension`` is neither 2 nor 4, or ``reduction`` is greater than ``T``.
        RuntimeError: the input has another number of time steps.

    Source: ``clock_driven.layer.MultiStepTemporalWiseAttention``, SpikingJelly 0.0.0.0.14; Yao et al.,
        "Temporal-wise Attention Spiking Neural Networks for Event Streams Classification", ICCV 2021.
    """

    def __init__(self, T: int, reduction: int = 16, dimension: int = 4) -> None:
        super().__init__()
        owner = self._get_name()
        _check.require(dimension in (2, 4), owner, "dimension", dimension, "2 or 4")
        _check.require(0 < reduction <= T, owner, "reduction", reduction, f"an int from 1 to T={T}")
        self.dimension = dimension
        self.avg_pool: nn.Module = nn.AdaptiveAvgPool3d(1) if dimension == 4 else nn.AdaptiveAvgPool1d(1)
        self.max_pool: nn.Module = nn.AdaptiveMaxPool3d(1) if dimension == 4 else nn.AdaptiveMaxPool1d(1)
        self.sharedMLP = nn.Sequential(
            nn.Linear(T, T // reduction, bias=False), nn.ReLU(), nn.Linear(T // reduction, T, bias=False)
        )
        self.sigmoid = nn.Sigmoid()

    def forward(self, x_seq: Tensor) -> Tensor:
        """Scale every time step."""
        x = x_seq.transpose(0, 1)
        shape = x.shape[:2]
        scores = self.sharedMLP(self.avg_pool(x).view(shape)) + self.sharedMLP(self.max_pool(x).view(shape))
        scale = self.sigmoid(scores)
        return torch.mul(x, scale.reshape(*shape, *(1,) * (x.dim() - 2))).transpose(0, 1)
