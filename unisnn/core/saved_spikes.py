"""Spikes wait for the backward pass as bits.

What autograd saves, and what the backward pass gets (``x`` a saved tensor)::

    every bit pattern of x is that of 0 or 1:   pack(x), 1 bit an element;   unpack(pack(x)) = x, bit for bit
    else:                                       x itself

A layer saves its input for the gradient of its weight; in a spiking network that input is spikes, mostly.
Whether a tensor is spikes is found out by packing it, unpacking it and comparing bit patterns, so nothing
is ever rounded: -0.0, NaN and 2.0 are no spikes.
"""

from __future__ import annotations

import contextlib
import functools
import weakref
from collections.abc import Iterator, MutableMapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from unisnn.core import bits
from unisnn.core.spike_tensor import SpikeTensor

__all__ = ["spikes_as_bits"]

_PATTERNS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_INTEGERS = (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
_PROBE, _BLOCK = 1024, 1 << 18
"""Elements that are looked at first, and then at once: a CPU keeps a block in its cache."""


@contextlib.contextmanager
def spikes_as_bits(least: int = 1024) -> Iterator[None]:
    """Keep what a forward pass saves for its backward pass as bits, where it is spikes.

    Equation::

        saved[i] in {0, 1} for all i:   memory = ceil(n / 8) bytes;   gradients: bit for bit the same

    The forward pass runs in the block, the backward pass anywhere. Tensors that share memory are kept once.
    What is not spikes is kept as it is; writing into it before the backward pass is an error, as in torch.
    A write into spikes does no harm to what was saved. On a CUDA device each look at a tensor waits for it.

    Args:
        least: the smallest number of elements that is looked at, at least 1 (default: 1024).

    Raises:
        ValueError: ``least`` is not a positive integer.
        RuntimeError: in the backward pass, where a tensor that is no spikes was written into.

    Source:
        ``torch.autograd.graph.saved_tensors_hooks``.
    """
    if not isinstance(least, int) or isinstance(least, bool) or least < 1:
        raise ValueError(f"spikes_as_bits: least={least!r} is not accepted; expected a positive integer")
    shared: MutableMapping[Any, _Bits] = weakref.WeakValueDictionary()
    with saved_tensors_hooks(functools.partial(_pack, shared, least), _unpack):
        yield


class _Bits:
    """Memory as bits; one object for all tensors that lie in it."""

    __slots__ = ("__weakref__", "data")

    def __init__(self, data: Tensor) -> None:
        self.data = data


class _Spikes(NamedTuple):
    kept: _Bits
    size: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    shown: torch.dtype | None  # of a SpikeTensor


class _Untouched(NamedTuple):
    tensor: Tensor
    version: int


def _pack(shared: MutableMapping[Any, _Bits], least: int, x: Tensor) -> _Spikes | _Untouched:
    with torch.no_grad():
        payload = x.elem if isinstance(x, SpikeTensor) else x
        data = _bits_of(payload) if _may_be_spikes(payload, least) else None
        if data is None:
            return _Untouched(x, x._version)
        key = (data.device, payload.data_ptr(), data.numel(), payload.dtype)
        kept = shared.get(key)
        if kept is None or not torch.equal(kept.data, data):
            kept = shared[key] = _Bits(data)
        shown = x.dtype if isinstance(x, SpikeTensor) else None
        return _Spikes(kept, tuple(payload.shape), payload.stride(), payload.dtype, shown)


def _unpack(saved: _Spikes | _Untouched) -> Tensor:
    if isinstance(saved, _Untouched):
        if saved.tensor._version != saved.version:
            raise RuntimeError(
                "spikes_as_bits: one of the tensors needed for gradient computation has been modified by an "
                f"inplace operation: it is at version {saved.tensor._version} and was saved at version "
                f"{saved.version}, shape {tuple(saved.tensor.shape)}"
            )
        return saved.tensor
    packed = bits.Packed(saved.kept.data, saved.size, saved.stride)
    x = bits.unpack_strided(packed, saved.dtype)
    return x if saved.shown is None else SpikeTensor(x, saved.shown)


def _may_be_spikes(x: Tensor, least: int) -> bool:
    """Whether ``x`` is a tensor that bits can stand for, and worth it."""
    if type(x) not in (Tensor, nn.Parameter) or x.layout != torch.strided or x.device.type == "meta":
        return False
    if x.dtype not in _FLOATS and x.dtype not in _INTEGERS:
        return False
    if x.numel() < least or x.is_neg() or bits.span(x.shape, x.stride()) > 4 * x.numel():
        return False
    return not (x.is_cuda and torch.cuda.is_current_stream_capturing())


def _bits_of(x: Tensor) -> Tensor | None:
    """Return the memory of ``x`` as bits, or ``None`` where an element is neither 0 nor 1."""
    flat = bits.memory(x)
    if x.dtype == torch.bool:
        return bits.pack(flat)
    block = _BLOCK if x.device.type == "cpu" else 64 * _BLOCK
    parts, start, size = [], 0, _PROBE
    while start < flat.numel():
        part = flat[start : start + size]
        packed = bits.pack(part)
        if not _same_bits(part, bits.unpack(packed, x.dtype, part.shape)):
            return None
        parts.append(packed)
        start, size = start + size, block
    return torch.cat(parts)


def _same_bits(x: Tensor, y: Tensor) -> bool:
    width = x.element_size()
    wide = (x.storage_offset() * width) % 8 == 0 and (x.numel() * width) % 8 == 0
    pattern = torch.int64 if wide else _PATTERNS[width]
    return torch.equal(x.view(pattern), y.view(pattern))
