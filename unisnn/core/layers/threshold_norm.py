"""Batch norm over time and batch whose weight starts at the threshold of the neurons that follow."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.modules import batchnorm as _batchnorm

from unisnn.core import check as _check
from unisnn.core import layout as _layout

__all__ = ["ThresholdDependentNorm"]


class ThresholdDependentNorm(_batchnorm._BatchNorm):
    """Batch norm with the time folded into the batch, whose weight starts at ``alpha*v_th``.

    Equation::

        y = w*(x - mean)/sqrt(variance + eps) + bias     w = alpha*v_th at first, then learned
                                                         mean and variance of each channel over T, N, places

    A subclass sets ``_accepted``, the numbers of dimensions that a folded input may have, and ``_shapes``,
    their names in an error.

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
        folded = _layout.fold(x_seq, self._get_name())
        return super().forward(folded).unflatten(0, x_seq.shape[:2])
