"""Spikes kept as bits until the backward pass needs them, each tensor once.

Equation::

    bool_spike_to_float(*float_spike_to_bool(s)) = s         for spikes s of 0 and 1
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import torch
from torch import Tensor

from unisnn.core import absent as _absent
from unisnn.core import bits as _bits

__all__ = ["BOOL_TENSOR_CACHE", "BoolTensorCache", "bool_spike_to_float", "float_spike_to_bool", "tensor_key"]


def float_spike_to_bool(spike: Tensor) -> tuple[Tensor, torch.dtype, torch.Size, int]:
    """Return spikes as bits, and what :func:`bool_spike_to_float` needs to know.

    Equation::

        spike_b[k] = sum over j of s[8*k + j] * 2**j         j = 0 ... 7
        s_padding  = 8 - n % 8                               zeros that follow the n elements, 1 ... 8

    Args:
        spike: any shape and dtype; every element is 0 or 1.

    Returns: ``(spike_b, s_dtype, s_shape, s_padding)``; ``spike_b`` is ``torch.uint8``,
        ``[n//8 + 1]``.

    Source: ``tensor_cache.float_spike_to_bool``, SpikingJelly 0.0.0.0.14 (``float32`` and ``float16`` on
        CUDA devices only there).
    """
    padding = 8 - spike.numel() % 8
    return _bits.pack(spike, padding), spike.dtype, spike.shape, padding


def bool_spike_to_float(
    spike_b: Tensor, s_dtype: torch.dtype, s_shape: Sequence[int], s_padding: int = 0
) -> Tensor:
    """Return the spikes that :func:`float_spike_to_bool` made bits of.

    Equation::

        s[8*k + j] = (spike_b[k] >> j) & 1

    Args:
        spike_b: bits, ``torch.uint8``.
        s_dtype, s_shape: dtype and shape of the spikes.
        s_padding: bits at the end that are none of theirs. Default 0.

    Raises:
        ValueError: ``s_shape`` and ``s_padding`` do not make up the bits.

    Source: ``tensor_cache.bool_spike_to_float``, SpikingJelly 0.0.0.0.14 (CUDA devices only there).
    """
    if torch.Size(s_shape).numel() + s_padding != 8 * spike_b.numel():
        raise ValueError(
            f"bool_spike_to_float: s_shape={tuple(s_shape)} and s_padding={s_padding!r} are not accepted for "
            f"{8 * spike_b.numel()} bits"
        )
    return _bits.unpack(spike_b, s_dtype, s_shape)


def tensor_key(x: Tensor) -> tuple[int, int, int]:
    """Return what tells one tensor's memory from another's: first and last address, number of elements.

    Equation::

        key = (address of x[0], address of x[-1], number of elements)

    Args:
        x: a tensor with an element.

    Raises:
        IndexError: the tensor is empty.

    Source: ``tensor_cache.tensor_key``, SpikingJelly 0.0.0.0.14.
    """
    flat = x.flatten()
    return flat.data_ptr(), flat[-1].data_ptr(), flat.numel()


class BoolTensorCache:
    """Tensors of spikes as bits, with a count of who still needs them.

    Equation::

        get_float(store_bool(s), s.shape) = s            for spikes s of 0 and 1

    The last :meth:`get_float` of a tensor forgets it.

    Source: ``tensor_cache.BoolTensorCache``, SpikingJelly 0.0.0.0.14 (there a byte a spike on the CPU).
    """

    def __init__(self) -> None:
        self.cache_dict: dict[tuple[int, int, int], tuple[Tensor, torch.dtype]] = {}
        self.cache_refcount_dict: dict[tuple[int, int, int], int] = {}
        self.lock = threading.Lock()

    def store_bool(self, spike: Tensor) -> tuple[int, int, int]:
        """Keep the bits of ``spike`` and return its key."""
        key = tensor_key(spike)
        with self.lock:
            if key not in self.cache_dict:
                self.cache_dict[key] = (_bits.pack(spike), spike.dtype)
                self.cache_refcount_dict[key] = 0
            self.cache_refcount_dict[key] += 1
        return key

    def get_float(self, tk: tuple[int, int, int], spike_shape: Sequence[int]) -> Tensor:
        """Return the spikes of a key in their dtype; an unknown key raises ``KeyError``."""
        with self.lock:
            packed, dtype = self.cache_dict[tk]
            self.cache_refcount_dict[tk] -= 1
            if self.cache_refcount_dict[tk] == 0:
                del self.cache_dict[tk], self.cache_refcount_dict[tk]
        return _bits.unpack(packed, dtype, spike_shape)


BOOL_TENSOR_CACHE = BoolTensorCache()
"""The cache that upstream's CUDA operations share."""

__getattr__ = _absent.serve(
    __name__,
    {"DataTypeConvertCUDACode": "CUDA text of the packing, which unisnn.core.bits does on any device"},
)
