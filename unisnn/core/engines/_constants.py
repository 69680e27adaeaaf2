"""Constants as tensors without dimensions, made once."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

__all__ = ["constant"]


def constant(value: float, like: Tensor) -> Tensor:
    """Return ``value`` as a tensor of shape ``[]``, of the dtype and device of ``like``; never written to."""
    return _made(float(value), like.dtype, like.device)


@functools.lru_cache(maxsize=256)
def _made(value: float, dtype: torch.dtype, device: torch.device) -> Tensor:
    with torch.inference_mode(False):
        return torch.tensor(value, dtype=dtype, device=device)
