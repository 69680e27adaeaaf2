"""Spikes kept as ``bool`` until the backward pass needs them, each tensor once."""

from __future__ import annotations

import threading
from typing import Any

import torch
from torch import Tensor

from unisnn.core import absent as _absent

__all__ = ["BOOL_TENSOR_CACHE", "BoolTensorCache", "tensor_key"]


def tensor_key(x: Tensor) -> tuple[int, int, int]:
    """Return what tells one tensor's memory from another's: first and last address, number of elements.

    Equation::

        key = (address of x[0], address of x[-1], number of elements)

    Args:
        x: a tensor with an element.

    Source: ``tensor_cache.tensor_key``, SpikingJelly 0.0.0.0.14.
    """
    flat = x.flatten()
    return flat.data_ptr(), flat[-1].data_ptr(), flat.numel()


class BoolTensorCache:
    """Tensors of spikes as ``bool``, with a count of who still needs them.

    Equation::

        get_float(store_bool(s), s.shape) = s            for spikes s of 0 and 1

    The last :meth:`get_float` of a tensor forgets it.

    Source: ``tensor_cache.BoolTensorCache``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self) -> None:
        self.cache_dict: dict[tuple[int, int, int], tuple[Tensor, torch.dtype]] = {}
        self.cache_refcount_dict: dict[tuple[int, int, int], int] = {}
        self.lock = threading.Lock()

    def store_bool(self, spike: Tensor) -> tuple[int, int, int]:
        """Keep ``spike`` as ``bool`` and return its key."""
        key = tensor_key(spike)
        with self.lock:
            if key not in self.cache_dict:
                self.cache_dict[key] = (spike.bool(), spike.dtype)
                self.cache_refcount_dict[key] = 0
            self.cache_refcount_dict[key] += 1
        return key

    def get_float(self, tk: tuple[int, int, int], spike_shape: Any) -> Tensor:
        """Return the spikes of a key in their dtype; an unknown key raises ``KeyError``."""
        with self.lock:
            spike, dtype = self.cache_dict[tk]
            self.cache_refcount_dict[tk] -= 1
            if self.cache_refcount_dict[tk] == 0:
                del self.cache_dict[tk], self.cache_refcount_dict[tk]
        return spike.to(dtype).view(spike_shape)


BOOL_TENSOR_CACHE = BoolTensorCache()
"""The cache that upstream's CUDA operations share."""

_PACKED = "it packs spikes with a CUDA kernel; Tensor.bool() keeps them in a byte each"

__getattr__ = _absent.serve(
    __name__,
    {"DataTypeConvertCUDACode": _PACKED, "bool_spike_to_float": _PACKED, "float_spike_to_bool": _PACKED},
)
