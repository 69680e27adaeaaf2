"""Memory for large results on a CPU, kept and used again.

A system gives memory out page by page and clears each page at its first touch, which costs as much as a
neuron's arithmetic. So a block that held a result stays, and holds the next result of just its size once
nothing else refers to it: no tensor, no view, no storage, no other process. ``UNISNN_KEEP_MIB`` limits what
is kept (default 256; 0: nothing), and :func:`release` gives it back.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from unisnn.core.engines import _library

__all__ = ["empty_like", "release", "use_count"]

_LEAST = 1 << 18
"""Bytes below which an allocator is quick."""
_LARGE = 1 << 22
"""Bytes from which large pages pay."""

_Count = Callable[[int], int]
_Blocks = dict[int, list[torch.UntypedStorage]]
use_count: _Count | None = getattr(torch._C, "_storage_Use_Count", None)
"""How many tensors and wrappers refer to a storage; where torch does not tell, nothing is kept."""


class _Store(NamedTuple):
    """The blocks of a process, by size: the one used last at the end, the size used last at the end too."""

    process: int
    lock: threading.Lock
    blocks: _Blocks


_stores = [_Store(-1, threading.Lock(), {})]
"""The store, one. A forked process makes its own: another thread may have held the lock."""


@functools.cache
def _limit() -> int:
    """Return the bytes that may be kept; the environment is read once.

    Raises:
        ValueError: ``UNISNN_KEEP_MIB`` is no number of MiB.
    """
    given = os.environ.get("UNISNN_KEEP_MIB") or "256"
    if not given.isdecimal():
        raise ValueError(f"UNISNN_KEEP_MIB={given!r} is not accepted; expected a whole number of MiB")
    return int(given) << 20


def empty_like(like: Tensor) -> Tensor:
    """Return a tensor of the shape and dtype of ``like``, contiguous as it is; what is in it is undefined."""
    size = like.numel() * like.element_size()
    if size < _LEAST or like.device.type != "cpu" or size > _limit() or use_count is None:
        return torch.empty_like(like)
    store = _here()
    with store.lock:
        storage = _block(store.blocks, size, use_count)
    fresh = torch.empty(0, dtype=like.dtype, device="cpu")
    return fresh.set_(storage, 0, like.shape, like.stride())  # type: ignore[call-overload]


def _here() -> _Store:
    """Return this process's store."""
    if _stores[0].process != os.getpid():
        _stores[0] = _Store(os.getpid(), threading.Lock(), {})
    return _stores[0]


def _block(blocks: _Blocks, size: int, count: _Count) -> torch.UntypedStorage:
    mine = blocks.pop(size, [])
    blocks[size] = mine
    for index in reversed(range(len(mine))):
        if _is_free(mine, index, count):
            block = mine.pop(index)
            if _is_as_made(block, size):
                mine.append(block)
                return block
    storage = torch.UntypedStorage(size, device="cpu")
    if size >= _LARGE:
        _library.large_pages(storage.data_ptr(), size)
    if _make_room(blocks, size, count):
        mine.append(storage)
    return storage


def _is_free(mine: list[torch.UntypedStorage], index: int, count: _Count) -> bool:
    """Say whether the list alone refers to a block: no tensor (a count of 1), no variable of Python's."""
    return count(mine[index]._cdata) == 1 and sys.getrefcount(mine[index]) <= 2


def _is_as_made(block: torch.UntypedStorage, size: int) -> bool:
    """Say whether nobody has resized a block, or shared it with a process that may still read it."""
    return block.nbytes() == size and not block.is_shared()


def _make_room(blocks: _Blocks, size: int, count: _Count) -> bool:
    """Drop free blocks, sizes used longest ago first, until one more fits; say whether it does."""
    over = size + sum(each * len(mine) for each, mine in blocks.items()) - _limit()
    for each in list(blocks):
        mine = blocks[each]
        for index in reversed(range(len(mine))):
            if over > 0 and _is_free(mine, index, count):
                del mine[index]
                over -= each
        if not mine and each != size:
            del blocks[each]
    return over <= 0


def release() -> None:
    """Give back the memory that is kept for results to come; results that are in use stay as they are."""
    store = _here()
    with store.lock:
        store.blocks.clear()
