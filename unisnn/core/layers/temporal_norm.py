"""Batch norm over time and batch with a learned scale for each time step."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core.layers import folded_norm as _folded_norm

__all__ = ["TemporalEffectiveNorm"]


class TemporalEffectiveNorm(_folded_norm.FoldedNorm):
    """Batch norm with the time folded into the batch, times a scale for each time step.

    Equation::

        y[t] = scale[t]*(weight*(x[t] - mean)/sqrt(variance + eps) + bias)     mean and variance of each
                                                                               channel over T, N, places

    Args:
        T: number of time steps.
        args: as ``torch.nn.BatchNorm1d``.
        kwargs: as ``torch.nn.BatchNorm1d``.

    Shape: ``[T, N, C, *] -> [T, N, C, *]``.

    Raises:
        ValueError: the input has another number of dimensions.
        RuntimeError: the input has another number of time steps, from torch.

    Source: ``TemporalEffectiveBatchNorm1d``, SpikingJelly 2.0.0; Duan et al., "Temporal Effective Batch
        Normalization in Spiking Neural Networks", NeurIPS 2022.
    """

    def __init__(self, T: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scale = nn.Parameter(torch.ones([T]))

    def forward(self, x_seq: Tensor) -> Tensor:
        """Normalise every time step at once and scale each."""
        y = super().forward(x_seq)
        return y * self.scale.view(-1, *[1] * (x_seq.dim() - 1))
