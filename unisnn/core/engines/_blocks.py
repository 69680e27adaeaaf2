"""Parts of a time step that are taken through all of time before the next: their state stays in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from unisnn.core.engines import _slope as _slopes
from unisnn.core.engines.plan import Plan

__all__ = ["block", "blocks"]

_BLOCK = 65536
"""Elements of a block, for each thread."""


def block(plan: Plan, step: Tensor, learns: bool) -> int:
    """Return how many elements of a step are taken at once.

    All of them on other devices than a CPU, and where a function's bits depend on the place of an element in
    its tensor: a sum, and with several threads a sigmoid or an exponential.
    """
    threads = torch.get_num_threads()
    placed = plan.family not in _slopes.ELEMENTWISE or plan.charge == "charge_eif"
    whole = learns or step.device.type != "cpu" or (threads > 1 and placed)
    return step.numel() if whole else _BLOCK * threads


def blocks(size: int, step: Tensor, *tensors: Tensor | None) -> Iterator[tuple[Any, ...]]:
    """Yield the tensors, ``[T, N, *]`` as ``[T, n]`` and ``[N, *]`` as ``[n]``, block by block."""
    whole = step.numel()
    if whole <= size:
        yield tensors
        return
    flat = [None if x is None else x.flatten(x.dim() - step.dim()) for x in tensors]
    for start in range(0, whole, size):
        yield tuple(None if x is None else x[..., start : start + size] for x in flat)
