"""Constants as tensors without dimensions, made once."""

from __future__ import annotations

import functools
import math
from typing import Any

import torch
from torch import Tensor

__all__ = ["computes_wide", "constant", "is_positive_zero", "quick", "single"]


def computes_wide(like: Tensor) -> bool:
    """Say whether torch rounds each operation in the tensor's own dtype: on a CPU, in float32 and float64."""
    return like.device.type == "cpu" and like.dtype in (torch.float32, torch.float64)


def is_positive_zero(value: float) -> bool:
    """Say whether a number is 0.0, and not -0.0."""
    return value == 0.0 and math.copysign(1.0, value) > 0


def quick(value: Any, like: Tensor) -> Any:
    """Return a number as what torch computes the same with, and sooner: a constant, where it rounds it first.

    A Python number becomes a tensor in every operation. In half precision it is not rounded on the way.
    """
    return constant(value, like) if isinstance(value, (int, float)) and computes_wide(like) else value


def constant(value: float, like: Tensor) -> Tensor:
    """Return ``value`` as a tensor of shape ``[]``, of the dtype and device of ``like``; never written to."""
    return _made(float(value), like.dtype, like.device)


@functools.lru_cache(maxsize=256)
def _made(value: float, dtype: torch.dtype, device: torch.device) -> Tensor:
    with torch.inference_mode(False):
        return torch.tensor(value, dtype=dtype, device=device)


def single(value: float) -> Tensor:
    """Return the float32 tensor that a surrogate's alpha was before a plan kept it as a number."""
    return _made(float(value), torch.float32, torch.device("cpu"))
