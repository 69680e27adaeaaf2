"""Spikes kept as single bits.

Equation (``s`` are spikes, ``i`` counts their elements, ``j`` the eight bits of a byte)::

    byte[k]      = sum over j of s[8*k + j] * 2**j          elements past the end are 0
    s[8*k + j]   = (byte[k] >> j) & 1

A spike is an element that is not 0. The round trip gives 0 and 1 exactly, in any dtype, on any device.
:class:`Packed` keeps the strides too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["Packed", "memory", "pack", "pack_strided", "span", "unpack", "unpack_strided"]

_GATHER = 0x0102040810204080
"""Times eight bytes that are 0 or 1, the lowest first: their bits in the highest byte, without a carry."""


def pack(spike: Tensor, padding: int | None = None) -> Tensor:
    """Return the bits of ``spike``.

    Equation::

        byte[k] = sum over j of (s[8*k + j] != 0) * 2**j

    Args:
        spike: any shape and dtype, ``n`` elements.
        padding: how many zeros follow the elements; with it their number is a multiple of 8 (default: the
            least that does).

    Shape: ``[*] -> [ceil(n/8)]``, ``torch.uint8``.

    Raises:
        ValueError: ``n + padding`` is not a multiple of 8.
    """
    flat = spike.detach().reshape(-1).to(torch.bool)
    padding = -flat.numel() % 8 if padding is None else padding
    if padding < 0 or (flat.numel() + padding) % 8:
        raise ValueError(
            f"pack: padding={padding!r} is not accepted for {flat.numel()} elements; expected a number that "
            "makes a multiple of 8 of them"
        )
    if padding:
        flat = functional.pad(flat, (0, padding))
    elif flat.storage_offset() % 8:
        flat = flat.clone()
    eights = flat.view(torch.uint8).view(torch.int64) if flat.numel() else flat.to(torch.int64)
    return ((eights * _GATHER) >> 56).to(torch.uint8)


def unpack(packed: Tensor, dtype: torch.dtype, shape: Sequence[int]) -> Tensor:
    """Return the spikes of :func:`pack`, in a dtype and shape.

    Equation::

        s[8*k + j] = (byte[k] >> j) & 1

    Args:
        packed: ``torch.uint8``, of shape ``[K]``.
        dtype: of the result.
        shape: of the result, of ``n <= 8*K`` elements.

    Raises:
        ValueError: ``shape`` has more elements than there are bits.
    """
    count = torch.Size(shape).numel()
    if count > 8 * packed.numel():
        raise ValueError(
            f"unpack: shape={tuple(shape)} is not accepted; it has {count} elements and there are "
            f"{8 * packed.numel()} bits"
        )
    every = torch.arange(256, device=packed.device)[:, None]
    of_a_byte = ((every >> torch.arange(8, device=packed.device)) & 1).to(dtype)
    return of_a_byte.index_select(0, packed.reshape(-1).int()).view(-1)[:count].view(torch.Size(shape))


class Packed(NamedTuple):
    """The memory that a tensor of spikes covers, as bits, and how the tensor lies in it.

    ``data`` holds the bits, ``size`` and ``stride`` are the tensor's.
    """

    data: Tensor
    size: tuple[int, ...]
    stride: tuple[int, ...]


def span(size: Sequence[int], stride: Sequence[int]) -> int:
    """Return how many elements of memory lie between a tensor's first and last, both counted.

    Equation::

        1 + sum over d of (size[d] - 1) * stride[d]; 0 where a size is 0
    """
    if 0 in size:
        return 0
    return 1 + sum((n - 1) * step for n, step in zip(size, stride, strict=True))


def memory(x: Tensor) -> Tensor:
    """Return the memory that ``x`` covers, gaps included, as a view of shape ``[span]``."""
    x = x.detach()
    return x.as_strided((span(x.shape, x.stride()),), (1,))


def pack_strided(x: Tensor) -> Packed:
    """Return the bits of ``x`` with its size and strides; a tensor with gaps is made contiguous first.

    Args:
        x: spikes of any shape, strides and dtype.
    """
    if span(x.shape, x.stride()) > x.numel():
        x = x.contiguous()
    return Packed(pack(memory(x)), tuple(x.shape), x.stride())


def unpack_strided(packed: Packed, dtype: torch.dtype) -> Tensor:
    """Return the spikes of :func:`pack_strided` in a dtype, with their size and strides."""
    flat = unpack(packed.data, dtype, (span(packed.size, packed.stride),))
    return flat.as_strided(packed.size, packed.stride)
