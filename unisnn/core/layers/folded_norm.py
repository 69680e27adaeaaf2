"""Batch norm of ``torch.nn`` with the time folded into the batch."""

from __future__ import annotations

from torch import Tensor
from torch.nn.modules import batchnorm as _batchnorm

from unisnn.core import layout as _layout

__all__ = ["FoldedNorm"]


class FoldedNorm(_batchnorm._BatchNorm):
    """Batch norm over time and batch.

    Equation::

        y = weight*(x - mean)/sqrt(variance + eps) + bias        mean and variance of each channel
                                                                 over T, N, places

    A subclass sets ``_accepted``, the numbers of dimensions that a folded input may have, and ``_shapes``,
    their names in an error. Arguments are those of ``torch.nn.BatchNorm1d``.

    Shape: ``[T, N, C, *] -> [T, N, C, *]``.

    Raises:
        ValueError: the input has another number of dimensions.

    Source: ``ThresholdDependentBatchNorm1d`` and ``TemporalEffectiveBatchNorm1d``, SpikingJelly.
    """

    _accepted: tuple[int, ...] = ()
    _shapes = ""

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
