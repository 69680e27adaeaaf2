"""Constants that several families form in the same way."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

__all__ = ["fill", "over"]


def over(numerator: float, alpha: Any) -> Any:
    """Return ``numerator / alpha``, and infinity where ``alpha`` is the number 0.

    A flat surrogate (``alpha = 0``) has an infinitely wide window and the gradient 0; Python's division
    would raise instead.
    """
    if not isinstance(alpha, Tensor) and alpha == 0:
        return math.inf
    return numerator / alpha


def fill(tensor: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Return ``tensor`` with ``value``, a number or a tensor, where ``mask`` holds."""
    if isinstance(value, Tensor) and value.dim() > 0:
        return tensor.where(~mask, value.to(tensor))
    return tensor.masked_fill(mask, value)
