"""Constants that several families form in the same way."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

__all__ = ["over"]


def over(numerator: float, alpha: Any) -> Any:
    """Return ``numerator / alpha``, and infinity where ``alpha`` is the number 0.

    A flat surrogate (``alpha = 0``) has an infinitely wide window and the gradient 0; Python's division
    would raise instead.
    """
    if not isinstance(alpha, Tensor) and alpha == 0:
        return math.inf
    return numerator / alpha
