"""Attention over time with the layers that make its scores."""

from __future__ import annotations

from torch import Tensor, nn

from unisnn.core import attention as _equations
from unisnn.core import check as _check

__all__ = ["TemporalAttention"]


class TemporalAttention(nn.Module):
    """Scale each time step by a learned attention over time.

    Equation: that of :func:`unisnn.core.attention.attend_to_steps`, with the score ``W2 relu(W1 z)``.

    Source: ``TemporalWiseAttention``, SpikingJelly.
    """

    def _make(self, T: int, reduction: int, dimension: int) -> None:
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

    def _attend(self, x_seq: Tensor) -> Tensor:
        return _equations.attend_to_steps(x_seq, self.avg_pool, self.max_pool, self.sharedMLP)
