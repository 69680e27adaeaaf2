"""The native engine: all time steps in C, for float32 and float64 on a CPU, with the loop's bits.

Elements are independent of each other, so the library takes a block of neurons through all time steps while
their state stays in the cache, and threads share the neurons. What only torch's own bits can give is left to
torch, step by step: functions whose last bit depends on the place in the tensor, and the sum that makes the
gradient of a learned time constant; but for a sigmoid and a sum whose bits the library was seen to give.
Beside its outputs it needs memory for one step.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor

from unisnn.core.engines import _charge, _codes, _kept, _library
from unisnn.core.engines.plan import Plan

__all__ = ["available", "backward", "covers", "forward", "reason", "require", "takes"]

_BLOCK = 512
_GRAIN = 1 << 17
"""Elements below which one thread is faster than more."""
_SPLIT = 1 << 15
"""Elements from which torch's threads share a sigmoid or a sum, each with a tail of its own."""
_ROW = 1 << 19
"""Numbers of each part of a row that torch adds in the library's order, at most."""

_Rows = tuple[Tensor | None, int | None, int]
_pool: tuple[int, ThreadPoolExecutor] | None = None


def available() -> bool:
    """Say whether the kernel library is there and can be loaded."""
    return _library.reason() is None


def reason() -> str | None:
    """Say why the kernel library cannot be used; ``None`` where it can."""
    return _library.reason()


def require() -> None:
    """Raise ``RuntimeError`` where the kernel library cannot be used."""
    why = _library.reason()
    if why is not None:
        raise RuntimeError(
            f"unisnn: the native engine cannot run. {why}. With UNISNN_ENGINE=auto (the default) "
            "the fused engine takes its place"
        )


def takes(x: Tensor) -> bool:
    """Say whether this engine is there for such inputs as ``x``."""
    return x.device.type == "cpu" and _library.kernels(x.dtype) is not None and not x.is_neg()


def covers(plan: Plan, x: Tensor) -> bool:
    """Say whether this engine runs ``plan`` on ``x``."""
    return takes(x) and _codes.covers(plan, x.dtype)


def forward(
    plan: Plan, x: Tensor, v0: Tensor | float, q: Tensor | None, keep: bool
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """Run every time step of ``x``; arguments and result as :func:`unisnn.core.engines.fused.forward`."""
    first = v0.resolve_neg() if isinstance(v0, Tensor) else None
    constants = _codes.constants(plan, q, _codes.surrogate(plan, needed=False), v0)
    s = _kept.empty_like(x)
    h = _kept.empty_like(x) if keep else None
    v_seq = _kept.empty_like(x) if plan.states else None
    v = _kept.empty_like(x[0])
    kernel, steps, n = _kernels(x).forward, x.shape[0], v.numel()
    given = (x.data_ptr(), _address(first), s.data_ptr(), _address(h), _address(v_seq), v.data_ptr())
    _share(kernel, (constants, *given, steps, n), n, steps)
    return s, v, v_seq, h


def backward(
    plan: Plan,
    gradients: tuple[Tensor | None, Tensor | None, Tensor | None],
    h_seq: Tensor,
    x: Tensor | None,
    v0: Tensor | float | None,
    q: Tensor | None,
    needs_v0: bool = True,
    spent: bool = False,
) -> tuple[Tensor, Tensor | None, list[Tensor]]:
    """Return the gradients; arguments and result as :func:`unisnn.core.engines.fused.backward`."""
    kernels, steps = _kernels(h_seq), h_seq.shape[0]
    spikes, last = gradients[0], _plain(gradients[1])
    states = _plain(gradients[2])
    through_reset = not plan.detached and plan.reset != "zero"
    chosen = _codes.surrogate(plan, needed=spikes is not None or through_reset)
    row = h_seq[0]
    n = row.numel()
    alone = n < _SPLIT or torch.get_num_threads() == 1
    if chosen.scaled and h_seq.dtype == torch.float32 and alone:
        tail = _library.sigmoid_tail()
        chosen = chosen.alone(tail) if tail else chosen
    gx = h_seq.data if spent and chosen.prepare is None else _kept.empty_like(h_seq)
    adds = x is not None and alone and chosen.prepare is None and _adds(h_seq.dtype, n)
    at_once = chosen.prepare is None and (x is None or adds)
    gv = None if at_once and not needs_v0 else torch.empty_like(row)
    kept, first, apart = _rows(spikes, n)
    term = None if x is None or adds else torch.empty_like(row)
    levels = row.new_zeros(steps, _library.sum_levels(row.dtype)) if adds else None
    totals = row.new_empty(steps) if adds else None
    constants = _codes.constants(plan, q, chosen, v0)
    v0 = v0.resolve_neg() if isinstance(v0, Tensor) else None
    given = (first, apart, _address(last), _address(states), h_seq.data_ptr(), gx.data_ptr(), _address(gv))
    for_w = (_address(x), _address(v0), _address(term), _address(levels), _address(totals))
    head = (constants, *given, *for_w, steps, n)
    if totals is not None:
        kernels.backward(*head, 0, steps, 0, n)
        totals = totals.flip(0)  # last first
    elif at_once:
        _share(kernels.backward, (*head, 0, steps), n, steps)
    else:
        totals = _step_by_step(plan, chosen, kernels, head, h_seq, gx, term)
    del kept
    return gx, gv, [] if totals is None else _charge.gradients_of_w(plan.charge, totals, q)


def _step_by_step(
    plan: Plan,
    chosen: _codes.Surrogate,
    kernels: _library.Kernels,
    head: tuple[Any, ...],
    h_seq: Tensor,
    gx: Tensor,
    term: Tensor | None,
) -> Tensor | None:
    """Take each step back by itself, for torch to do its part of it; return the sums of the terms."""
    steps, n = h_seq.shape[0], h_seq[0].numel()
    totals: list[Tensor] = []
    rows, slopes = ((), ()) if chosen.prepare is None else (h_seq.unbind(0), gx.unbind(0))
    for t in range(steps - 1, -1, -1):
        if chosen.scaled:
            _share(kernels.argument, (head[0], rows[t].data_ptr(), slopes[t].data_ptr()), n, 1)
        elif chosen.prepare is not None:
            torch.sub(rows[t], plan.threshold, out=slopes[t])
        if chosen.prepare is not None:
            chosen.prepare(slopes[t])
        _share(kernels.backward, (*head, t, t + 1), n, 1)
        if term is not None:
            totals.append(term.sum())
    return torch.stack(totals) if totals else None


def _adds(dtype: torch.dtype, n: int) -> bool:
    """Say whether the library adds a row of ``n`` terms as torch does with one thread."""
    width = _library.sum_width(dtype)
    whole = torch.get_num_threads() == 1
    return width <= n <= _ROW * width and _library.sums(dtype, n if whole else min(n, _SPLIT - 1))


def _kernels(like: Tensor) -> _library.Kernels:
    found = _library.kernels(like.dtype)
    assert found is not None
    return found


def _address(tensor: Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def _plain(given: Tensor | None) -> Tensor | None:
    """Return a gradient as numbers in memory, one after another."""
    if given is None:
        return None
    if given._is_zerotensor():
        return torch.zeros(given.shape, dtype=given.dtype)
    return given.resolve_neg().contiguous()


def _rows(given: Tensor | None, n: int) -> _Rows:
    """Return a sequence, its address and the distance from step to step; one row if all steps share it."""
    if given is not None and given.stride(0) == 0 and not given._is_zerotensor():
        row = given[0].resolve_neg().contiguous()
        return row, row.data_ptr(), 0
    plain = _plain(given)
    return plain, _address(plain), n


def _share(kernel: Any, head: tuple[Any, ...], n: int, steps: int) -> None:
    """Call ``kernel(*head, start, stop)`` for all ``n`` neurons, in parts on torch's number of threads."""
    threads = torch.get_num_threads() if n * steps >= _GRAIN else 1
    if threads == 1:
        kernel(*head, 0, n)
        return
    part = -(-n // (threads * _BLOCK)) * _BLOCK
    submit: Any = _threads().submit
    rest = [submit(kernel, *head, at, min(at + part, n)) for at in range(part, n, part)]
    kernel(*head, 0, min(part, n))
    for done in rest:
        done.result()


def _threads() -> ThreadPoolExecutor:
    """Return this process's threads: a forked process does not inherit them."""
    global _pool
    if _pool is None or _pool[0] != os.getpid():
        _pool = os.getpid(), ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="unisnn")
    return _pool[1]
