"""Tensors compared bit by bit, for the tests of this folder."""

from __future__ import annotations

import torch

__all__ = ["bits", "randn", "same"]


def bits(tensor):
    """Return the bits of a tensor as integers, those of every NaN the same; ``None`` stays."""
    if tensor is None:
        return None
    whole = {2: torch.int16, 4: torch.int32, 8: torch.int64}[tensor.element_size()]
    tensor = tensor.detach().contiguous()
    return torch.where(tensor.isnan(), torch.full_like(tensor, torch.nan), tensor).view(whole)


def same(one, other):
    """Say whether two tensors have one dtype, one shape and the same bits, or both are ``None``."""
    if one is None or other is None:
        return one is other
    return one.dtype == other.dtype and one.shape == other.shape and torch.equal(bits(one), bits(other))


def randn(*shape, dtype, seed=0):
    """Return normal numbers, the same in every dtype but for rounding."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)
