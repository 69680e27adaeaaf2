"""Batch norm over time and batch whose weight starts at the threshold of the neurons that follow."""

from __future__ import annotations

from typing import Any

from torch import nn

from unisnn.core import check as _check
from unisnn.core.layers import folded_norm as _folded_norm

__all__ = ["ThresholdDependentNorm"]


class ThresholdDependentNorm(_folded_norm.FoldedNorm):
    """Batch norm with the time folded into the batch, whose weight starts at ``alpha*v_th``.

    Equation::

        y = w*(x - mean)/sqrt(variance + eps) + bias     w = alpha*v_th at first, then learned
                                                         mean and variance of each channel over T, N, places

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm1d``.
        kwargs: as ``torch.nn.BatchNorm1d``.

    Shape: ``[T, N, C, *] -> [T, N, C, *]``.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions.

    Source: ``ThresholdDependentBatchNorm1d``, SpikingJelly; Zheng et al., "Going Deeper With
        Directly-Trained Larger Spiking Neural Networks", AAAI 2021.
    """

    def __init__(self, alpha: float, v_th: float, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alpha = alpha
        self.v_th = v_th
        _check.require(
            self.affine, self._get_name(), "affine", self.affine, "True, for there is a weight to set"
        )
        nn.init.constant_(self.weight, alpha * v_th)
