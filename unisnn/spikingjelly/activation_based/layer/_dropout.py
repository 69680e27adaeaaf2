"""Dropout whose mask stays the same over time."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as _nn_functional

from unisnn.core.layers import dropout as _layers
from unisnn.spikingjelly.activation_based import base

__all__ = ["Dropout", "Dropout2d"]


class Dropout(_layers.KeptDropout, base.MemoryModule):
    """Drop the same elements in every time step, until ``reset``.

    Equation::

        m    = dropout(1, p)             0 with probability p, else 1/(1 - p); drawn once
        y[t] = x[t]*m                    train
        y[t] = x[t]                      eval

    Dropout that draws anew in each step would average out over time.

    Args:
        p: probability that an element is dropped, from 0 to below 1 (default 0.5).
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, *]``; ``'m'``: ``[T, N, *]``. Any floating dtype.

    The memory ``mask`` is drawn at the first step in training with the shape and dtype of that
    step, by one call of torch's dropout on ones; ``reset`` sets it to ``None``.

    Raises:
        AssertionError: ``p`` is not from 0 to below 1.
        ValueError: ``step_mode`` is not supported; no time step in ``'m'``.

    Source: ``layer.Dropout``, SpikingJelly 0.0.0.0.14; Lee et al., "Enabling Spike-Based
        Backpropagation for Training Deep Neural Network Architectures", 2020.
    """

    def __init__(self, p: float = 0.5, step_mode: str = "s") -> None:
        super().__init__()
        self._make(p)
        self.step_mode = step_mode

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Drop elements of one time step."""
        return self._drop_step(x)

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        """Drop the same elements of every time step."""
        if self.training:
            _layers.first_step(self._get_name(), x_seq)
        return self._drop_sequence(x_seq)


class Dropout2d(Dropout):
    """Drop the same channels in every time step, until ``reset``.

    Equation::

        m    = dropout2d(1, p)           one draw a sample and channel, kept over time
        y[t] = x[t]*m                    train
        y[t] = x[t]                      eval

    Args:
        p: probability that a channel is dropped, from 0 to below 1 (default 0.2).
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``. Any floating dtype.

    Raises: as :class:`Dropout`.

    Source: ``layer.Dropout2d``, SpikingJelly 0.0.0.0.14.
    """

    _draw = staticmethod(_nn_functional.dropout2d)

    def __init__(self, p: float = 0.2, step_mode: str = "s") -> None:
        super().__init__(p, step_mode)
