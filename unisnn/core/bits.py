"""Spikes kept as single bits.

Equation (``s`` are spikes, ``i`` counts their elements, ``j`` the eight bits of a byte)::

    byte[k]      = sum over j of s[8*k + j] * 2**j          elements past the end are 0
    s[8*k + j]   = (byte[k] >> j) & 1

A spike is an element that is not 0. The round trip gives 0 and 1 exactly, in any dtype, on any device.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["pack", "unpack"]


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
    flat = spike.detach().reshape(-1) != 0
    padding = -flat.numel() % 8 if padding is None else padding
    if padding < 0 or (flat.numel() + padding) % 8:
        raise ValueError(
            f"pack: padding={padding!r} is not accepted for {flat.numel()} elements; expected a number that "
            "makes a multiple of 8 of them"
        )
    eights = functional.pad(flat, (0, padding)).view(-1, 8)
    return (eights.to(torch.uint8) << _places(spike.device)).sum(1, dtype=torch.uint8)


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
    bits = (packed.reshape(-1, 1) >> _places(packed.device)) & 1
    return bits.view(-1)[:count].to(dtype).view(torch.Size(shape))


def _places(device: torch.device) -> Tensor:
    return torch.arange(8, dtype=torch.uint8, device=device)
