"""Whether a backward pass may write over what it read: the charged potential that it is the last to see.

torch frees what autograd saved when a backward pass ends without ``retain_graph``. So there the gradient of
the inputs can take the memory of the potential, if nothing else refers to it.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor

from unisnn.core.engines import _kept

__all__ = ["is_spent", "is_watched"]

# Private to torch: where a version lacks one of them, nothing is written over.
_keeps_graph: Any = getattr(torch._C._autograd, "_get_current_graph_task_keep_graph", None)
_hooks: Any = getattr(torch._C._autograd, "_top_saved_tensors_default_hooks", None)
_count: Any = _kept.use_count


def is_watched() -> bool:
    """Say whether hooks see the tensors that autograd saves now, and may keep them."""
    return _hooks is None or _hooks(True) is not None


def is_spent(h: Tensor) -> bool:
    """Say whether the backward pass that runs is the last one, and ``h``, which autograd saved, its own."""
    if type(h) is not Tensor or h.device.type != "cpu" or _keeps_graph is None or _count is None:
        return False
    return not (_keeps_graph() or is_watched()) and _references(h) <= _owners()


def _references(tensor: Tensor) -> int:
    return int(_count(tensor.untyped_storage()._cdata))


@functools.cache
def _owners() -> int:
    """Return how many references there are to a saved output that is nobody else's, as torch counts them."""
    found: list[int] = []
    with torch.inference_mode(False), torch.enable_grad():
        output, saved = _Probe.apply(found, torch.zeros((), device="cpu", requires_grad=True))
        del saved
        output.backward()
    return found[0]


class _Probe(torch.autograd.Function):
    """Saves an output, and counts in the backward pass what refers to it."""

    @staticmethod
    def forward(ctx: Any, found: list[int], x: Tensor) -> tuple[Tensor, Tensor]:
        saved = torch.zeros_like(x)
        ctx.save_for_backward(saved)
        ctx.found = found
        return x.clone(), saved

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[None, Tensor]:
        (saved,) = ctx.saved_tensors
        ctx.found.append(_references(saved))
        return None, gradient
