"""Dropout whose mask stays the same over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as _nn_functional

from unisnn.core import check as _check
from unisnn.core import memory as _memory

__all__ = ["KeptDropout", "first_step"]


def first_step(owner: str, x_seq: Tensor) -> Tensor:
    """Return ``x_seq[0]``.

    Raises:
        ValueError: ``x_seq`` has no time step.
    """
    if x_seq.dim() == 0 or x_seq.shape[0] == 0:
        raise ValueError(
            f"{owner}: an input of shape {list(x_seq.shape)} is not accepted; "
            "expected [T, N, *] with at least one time step (T >= 1)"
        )
    return x_seq[0]


class KeptDropout(_memory.MemoryModule):
    """Drop the same elements in every time step, until ``reset``.

    Equation::

        m    = _draw(1, p)               0 with probability p, else 1/(1 - p); drawn once
        y[t] = x[t]*m                    train
        y[t] = x[t]                      eval

    A subclass sets ``_draw``, torch's dropout of elements (the default) or of channels. ``m`` is the memory
    ``mask``.

    Source: ``Dropout`` and ``Dropout2d``, SpikingJelly.
    """

    mask: Any
    _draw: Callable[..., Tensor] = staticmethod(_nn_functional.dropout)

    def _make(self, p: float) -> None:
        _check.require(0 <= p < 1, self._get_name(), "p", p, "a number from 0 to below 1")
        self.register_memory("mask", None)
        self.p = p

    def create_mask(self, x: Tensor) -> None:
        """Draw ``mask`` for one time step of the shape and dtype of ``x``."""
        self.mask = self._draw(torch.ones_like(x.detach()), self.p, training=True)

    def _drop_step(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        if self.mask is None:
            self.create_mask(x)
        return x * self.mask

    def _drop_sequence(self, x_seq: Tensor) -> Tensor:
        if not self.training:
            return x_seq
        if self.mask is None:
            self.create_mask(first_step(self._get_name(), x_seq))
        return x_seq * self.mask

    def extra_repr(self) -> str:
        """Return ``p``."""
        return f"p={self.p}"
