"""Whether a backward pass may write over what it read: the charged potential that it is the last to see.

torch frees what autograd saved when a backward pass ends without ``retain_graph``. So there the gradient of
the inputs can take the memory of the potential, if nothing else refers to it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["is_spent", "is_watched"]

_OWNERS = 3
"""What refers to a saved tensor's storage in the backward pass: what autograd saved, what it hands out, and
the object that stands for the storage in Python."""

# Private to torch: where a version lacks one of them, nothing is written over.
_keeps_graph: Any = getattr(torch._C._autograd, "_get_current_graph_task_keep_graph", None)
_hooks: Any = getattr(torch._C._autograd, "_top_saved_tensors_default_hooks", None)
_count: Any = getattr(torch._C, "_storage_Use_Count", None)


def is_watched() -> bool:
    """Say whether hooks see the tensors that autograd saves now, and may keep them."""
    return _hooks is None or _hooks(True) is not None


def is_spent(h: Tensor) -> bool:
    """Say whether the backward pass that runs is the last one, and ``h``, which autograd saved, its own."""
    if type(h) is not Tensor or h.device.type != "cpu" or _keeps_graph is None or _count is None:
        return False
    if _keeps_graph():
        return False
    return bool(_count(h.untyped_storage()._cdata) <= _OWNERS)
