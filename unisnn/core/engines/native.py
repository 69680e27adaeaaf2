"""The native engine: all time steps in C, for float32 and float64 on a CPU, with the loop's bits.

Elements are independent of each other, so the library takes a block of neurons through all time steps while
their state stays in the cache, and threads share the neurons. What only torch's own bits can give is left to
torch, step by step: functions such as the sigmoid, whose last bit depends on the place in the tensor, and
the sum that makes the gradient of a learned time constant. Beside its outputs it needs memory for one step.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor

from unisnn.core.engines import _charge, _codes, _library
from unisnn.core.engines.plan import Plan

__all__ = ["available", "backward", "covers", "forward", "reason", "require"]

_BLOCK = 1024
_GRAIN = 1 << 17
"""Elements below which one thread is faster than more."""
_SPLIT = 1 << 15
"""Elements from which torch's threads share a sigmoid, each with a tail of its own."""
_LARGE = 1 << 22
"""Bytes from which an allocator is likely to give memory back and to get it anew for each tensor."""

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


def covers(plan: Plan, x: Tensor) -> bool:
    """Say whether this engine runs ``plan`` on ``x``."""
    return (
        x.device.type == "cpu"
        and _library.kernels(x.dtype) is not None
        and not x.is_neg()
        and _codes.covers(plan, x.dtype)
    )


def forward(
    plan: Plan, x: Tensor, v0: Tensor, q: Tensor | None, keep: bool
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """Run every time step of ``x``; arguments and result as :func:`unisnn.core.engines.fused.forward`."""
    kernel, v0 = _kernels(x).forward, v0.resolve_neg()
    constants = _codes.constants(plan, q, _codes.surrogate(plan, needed=False))
    s = _empty(x)
    h = _empty(x) if keep else None
    v_seq = _empty(x) if plan.states else None
    v = torch.empty_like(v0)
    steps, n = x.shape[0], v.numel()
    given = (x.data_ptr(), v0.data_ptr(), s.data_ptr(), _address(h), _address(v_seq), v.data_ptr())
    _share(kernel, (constants, *given, steps, n), n, steps)
    return s, v, v_seq, h


def backward(
    plan: Plan,
    gradients: tuple[Tensor | None, Tensor | None, Tensor | None],
    h_seq: Tensor,
    x: Tensor | None,
    v0: Tensor | None,
    q: Tensor | None,
    needs_v0: bool = True,
) -> tuple[Tensor, Tensor | None, list[Tensor]]:
    """Return the gradients; arguments and result as :func:`unisnn.core.engines.fused.backward`."""
    kernels, steps = _kernels(h_seq), h_seq.shape[0]
    spikes, last = gradients[0], _plain(gradients[1])
    states = _plain(gradients[2])
    through_reset = not plan.detached and plan.reset != "zero"
    chosen = _codes.surrogate(plan, needed=spikes is not None or through_reset)
    gx = _empty(h_seq)
    row = h_seq[0]
    n = row.numel()
    if chosen.scaled and gx.dtype == torch.float32 and (n < _SPLIT or torch.get_num_threads() == 1):
        tail = _library.sigmoid_tail()
        chosen = chosen.alone(tail) if tail else chosen
    constants = _codes.constants(plan, q, chosen)
    at_once = chosen.prepare is None and x is None
    gv = None if at_once and not needs_v0 else torch.empty_like(row)
    kept, first, apart = _rows(spikes, n)
    term = None if x is None else torch.empty_like(row)
    v0 = None if v0 is None else v0.resolve_neg()
    given = (first, apart, _address(last), _address(states), h_seq.data_ptr(), gx.data_ptr(), _address(gv))
    head = (constants, *given, _address(x), _address(v0), _address(term), steps, n)
    if at_once:
        _share(kernels.backward, (*head, 0, steps), n, steps)
        return gx, gv, []
    totals: list[Tensor] = []
    rows, slopes = ((), ()) if chosen.prepare is None else (h_seq.unbind(0), gx.unbind(0))
    for t in range(steps - 1, -1, -1):
        if chosen.scaled:
            _share(kernels.argument, (constants, rows[t].data_ptr(), slopes[t].data_ptr()), n, 1)
        elif chosen.prepare is not None:
            torch.sub(rows[t], plan.threshold, out=slopes[t])
        if chosen.prepare is not None:
            chosen.prepare(slopes[t])
        _share(kernels.backward, (*head, t, t + 1), n, 1)
        if term is not None:
            totals.append(term.sum())
    del kept
    return gx, gv, _learned(plan, totals, q)


def _learned(plan: Plan, totals: list[Tensor], q: Tensor | None) -> list[Tensor]:
    """Return the gradients of ``w`` from the sums over the steps."""
    if q is None or not totals:
        return []
    gq = totals[0] if len(totals) == 1 else torch.stack(totals)
    gw = _charge.gradient_of_w(plan.charge, gq.neg() if plan.charge == "charge_plif" else gq, q)
    return [gw] if len(totals) == 1 else list(gw.unbind(0))


def _kernels(like: Tensor) -> _library.Kernels:
    found = _library.kernels(like.dtype)
    assert found is not None
    return found


def _empty(like: Tensor) -> Tensor:
    """Return memory for a sequence; much of it in large pages: page faults cost more than the kernels."""
    fresh = torch.empty_like(like)
    if fresh.numel() * fresh.element_size() >= _LARGE:
        _library.large_pages(fresh)
    return fresh


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
