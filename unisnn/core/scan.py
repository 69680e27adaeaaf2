"""From one time step to T time steps.

Equation::

    y[t] = step(x[t])        t = 0, 1, ..., T-1; the state lives in whatever ``step`` closes over

The sequence is split along time once and the outputs are stacked once, so the backward pass touches
each element once too, whereas indexing ``x[t]`` inside the loop makes T gradients of the full size.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["scan"]


def scan(step: Callable[[Tensor], Tensor], sequence: Tensor, owner: str = "scan") -> Tensor:
    """Run ``step`` over the first dimension of ``sequence`` and return the stacked outputs.

    Args:
        step: one time step, ``[N, *] -> [M, *]``.
        sequence: inputs, shape ``[T, N, *]`` with ``T >= 1``, any dtype.
        owner: name that an error message begins with.

    Shape: ``[T, M, *]``; the dtype is the one that ``step`` returns.

    Raises:
        ValueError: ``sequence`` has no time dimension, or no time step in it.

    Source: the multi-step forward of SpikingJelly and the parallel forward of SNNGrow.
    """
    if sequence.dim() == 0 or sequence.shape[0] == 0:
        raise ValueError(
            f"{owner}: an input of shape {list(sequence.shape)} is not accepted; "
            "expected [T, N, *] with at least one time step (T >= 1)"
        )
    return torch.stack([step(x) for x in sequence.unbind(0)])
