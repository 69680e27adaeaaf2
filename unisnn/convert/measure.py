"""Numbers about two tensors: how many elements differ, how far, how large they are, where they agree."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["agreement", "differing", "equal", "largest_difference", "size"]


def equal(x: Tensor, y: Tensor) -> Tensor:
    """Return where both are equal; 0 equals -0, and NaN equals NaN."""
    return (x == y) | (x.isnan() & y.isnan())


def differing(x: Tensor | None, y: Tensor | None) -> int:
    """Return how many elements differ: all of them where the shapes do, 1 where one side is missing."""
    if x is None or y is None:
        return 0 if x is None and y is None else 1
    if x.shape != y.shape:
        return max(x.numel(), y.numel(), 1)
    return int((~equal(x, y)).sum())


def largest_difference(x: Tensor, y: Tensor) -> float:
    """Return the largest absolute difference; infinity where one side alone is finite."""
    if x.shape != y.shape:
        return float("inf")
    unequal = ~equal(x, y)
    if not bool(unequal.any()):
        return 0.0
    difference = (x.double() - y.double())[unequal].abs()
    return float(torch.nan_to_num(difference, nan=float("inf")).max())


def size(x: Tensor | None) -> float:
    """Return the largest absolute value among the finite ones, 0 without any."""
    if x is None:
        return 0.0
    finite = x.double().abs()[x.isfinite()]
    return float(finite.max()) if finite.numel() else 0.0


def agreement(x: Tensor, y: Tensor) -> float | None:
    """Return the share of samples with the same largest output (``[N, C]``, or ``[T, N, C]`` averaged)."""
    if x.shape != y.shape or x.dim() not in (2, 3) or not x.numel():
        return None
    scores = [out.mean(0) if out.dim() == 3 else out for out in (x, y)]
    return float((scores[0].argmax(1) == scores[1].argmax(1)).double().mean())
