"""Dropout whose mask stays the same over time."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as _nn_functional

from unisnn.core import check as _check
from unisnn.spikingjelly.activation_based import base

__all__ = ["Dropout", "Dropout2d"]


class Dropout(base.MemoryModule):
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

    mask: Any

    def __init__(self, p: float = 0.5, step_mode: str = "s") -> None:
        _check.require(0 <= p < 1, self._get_name(), "p", p, "a number from 0 to below 1")
        super().__init__()
        self.step_mode = step_mode
        self.register_memory("mask", None)
        self.p = p

    def create_mask(self, x: Tensor) -> None:
        """Draw ``mask`` for one time step of the shape and dtype of ``x``."""
        self.mask = _nn_functional.dropout(torch.ones_like(x), self.p, training=True)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Drop elements of one time step."""
        if not self.training:
            return x
        if self.mask is None:
            self.create_mask(x)
        return x * self.mask

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        """Drop the same elements of every time step."""
        if not self.training:
            return x_seq
        if x_seq.dim() == 0 or x_seq.shape[0] == 0:
            raise ValueError(
                f"{self._get_name()}: an input of shape {list(x_seq.shape)} is not accepted; "
                "expected [T, N, *] with at least one time step (T >= 1)"
            )
        if self.mask is None:
            self.create_mask(x_seq[0])
        return x_seq * self.mask

    def extra_repr(self) -> str:
        """Return ``p``."""
        return f"p={self.p}"


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

    def __init__(self, p: float = 0.2, step_mode: str = "s") -> None:
        super().__init__(p, step_mode)

    def create_mask(self, x: Tensor) -> None:
        """Draw ``mask`` for one time step of the shape and dtype of ``x``, whole channels at once."""
        self.mask = _nn_functional.dropout2d(torch.ones_like(x), self.p, training=True)
