"""Which engine runs: the reference loop, or one that covers the call and takes all time steps at once.

``UNISNN_ENGINE`` or :func:`engine` choose::

    auto         the first that is there and covers the call: the Triton engine (on a CUDA GPU), the native
                 one (on a CPU), the fused one, the reference loop (default)
    native       as ``auto``; an error where the native engine is not built
    triton       as ``auto``; an error where Triton or a GPU is not there
    fused        as ``auto`` without these two: torch's operations only
    reference    the loop over time steps under autograd, always
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import os
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from unisnn.core import memory as _memory
from unisnn.core.engines import fused, library, native, operator, triton
from unisnn.core.engines.plan import Plan

__all__ = ["ENGINES", "chosen", "engine", "is_left", "is_small", "run", "status"]

ENGINES = ("auto", "reference", "fused", "native", "triton")
"""The names that ``UNISNN_ENGINE`` and :func:`engine` accept."""

_SMALL = 4096
_DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
_STAND_INS = ("torch._subclasses.fake_tensor", "torch._subclasses.functional_tensor")
"""Modules of the tensors that torch runs Python with to trace it."""
_override: contextvars.ContextVar[str | None] = contextvars.ContextVar("unisnn_engine", default=None)
_entered: list[str] = []
"""The names of the blocks that are entered now, for a compiler, which cannot read the variable above."""


def chosen() -> str:
    """Return the engine asked for: the innermost :func:`engine`'s, else ``UNISNN_ENGINE``, else ``auto``.

    Raises:
        ValueError: ``UNISNN_ENGINE`` names no engine.
    """
    if torch.compiler.is_compiling():
        return _entered[-1] if _entered else _from_environment.__wrapped__()
    return _override.get() or _from_environment()


@functools.cache
def _from_environment() -> str:
    """Return the engine that the environment asks for; it is read once."""
    return _known(os.environ.get("UNISNN_ENGINE") or "auto", "UNISNN_ENGINE")


@contextlib.contextmanager
def engine(name: str) -> Iterator[None]:
    """Choose the engine within the block, for this thread or task.

    Args:
        name: one of :data:`ENGINES`.

    Raises:
        ValueError: another name.
        RuntimeError: the engine is not there.
    """
    _require(name)
    token = None if torch.compiler.is_compiling() else _override.set(_known(name, "engine: name"))
    _entered.append(name)
    try:
        yield
    finally:
        _entered.remove(name)
        if token is not None:
            _override.reset(token)


def status() -> dict[str, Any]:
    """Return what is asked for, what of it is there, and why the rest is not, as plain data.

    Returns:
        ``asked`` (the name), ``cpu`` and ``cuda`` (the engine that a call on such a device gets where it is
        covered; ``None``: there is no such device) and ``engines`` (``None`` or the reason, by name).

    Raises:
        ValueError: ``UNISNN_ENGINE`` names no engine.
    """
    asked = chosen()
    reasons = {"triton": triton.reason(), "native": native.reason(), "fused": None, "reference": None}
    fast = asked not in ("reference", "fused")
    fallback = "reference" if asked == "reference" else "fused"
    return {
        "asked": asked,
        "cpu": "native" if fast and reasons["native"] is None else fallback,
        "cuda": None
        if not torch.cuda.is_available()
        else ("triton" if fast and reasons["triton"] is None else fallback),
        "engines": reasons,
    }


def _require(name: str) -> None:
    """Raise where the engine is asked for by name and is not there; a compiler's caller has asked before."""
    if name == "native" and not torch.compiler.is_compiling():
        native.require()
    if name == "triton" and not torch.compiler.is_compiling():
        triton.require()


def _known(name: str, argument: str) -> str:
    if name not in ENGINES:
        raise ValueError(f"{argument}={name!r} is not accepted; expected one of {', '.join(ENGINES)}")
    return name


def run(
    plan: Plan, x: Tensor, v: Any, w: Tensor | None, more: tuple[Tensor, ...] = ()
) -> tuple[Any, ...] | None:
    """Run all time steps in a fused engine, or return ``None`` where the reference loop has to.

    Args:
        plan: the neuron.
        x: inputs ``[T, N, *]``.
        v: membrane potential before the first step: a number, or a tensor ``[N, *]``.
        w: the learned parameter of the charge equation, a tensor of shape ``[]``, or ``None``.
        more: the tensors of shape ``[]`` that ``plan.more`` names, and an adaptation current, as ``v``.

    Returns:
        ``(s, v, v_seq)``, and the last adaptation current where the plan has one, as
        :func:`unisnn.core.engines.operator.multi_step`.

    Raises:
        RuntimeError: the engine is asked for by name and is not there.
    """
    name = chosen()
    _require(name)
    constants, currents = (more[:-1], more[-1:]) if plan.adapt else (more, ())
    if name == "reference" or not _covered(x, (v, *currents), constants if w is None else (w, *constants)):
        return None
    if currents:
        more = (*constants, _filled(currents[0], x))
    if torch.compiler.is_compiling():
        return library.multi_step(plan, x, _filled(v, x), w, name, more) if library.covers(plan) else None
    picked = library.pick(name, plan, x)
    if picked is not native and name == "auto" and is_small(x):
        return None
    if picked not in (native, fused):
        v = _filled(v, x)
    v = v.contiguous() if isinstance(v, Tensor) else v
    return operator.multi_step(plan, x.contiguous(), v, w, picked, more)


def is_left(x: Tensor, w: Tensor | None) -> bool:
    """Say whether ``auto`` leaves ``x`` to the loop.

    It does so with one step of few elements, where the native engine is not there or ``w`` learns.
    """
    return is_small(x) and (not native.takes(x) or (w is not None and torch.is_grad_enabled()))


def is_small(x: Tensor) -> bool:
    """Say whether one step of few elements is quicker in the loop than to prepare in Python."""
    return x.dim() > 0 and x.shape[0] == 1 and x.numel() <= _SMALL


def _filled(state: Any, x: Tensor) -> Tensor:
    """Return a state as a tensor such as a step of ``x``."""
    return state if isinstance(state, Tensor) else _memory.fill_like(state, x[0])


def _covered(x: Tensor, states: tuple[Any, ...], learned: tuple[Tensor, ...]) -> bool:
    """Say whether the tensors are plain ones of one dtype and device, or a compiler's stand-ins for them."""
    if not _plain(x) or x.dtype not in _DTYPES or x.dim() == 0 or x.shape[0] == 0:
        return False
    for state in states:
        if not _starts(state, x):
            return False
    if learned and not _learns(x, states, learned):
        return False
    return not (
        x.layout != torch.strided or torch.jit.is_tracing() or torch._C._are_functorch_transforms_active()
    )


def _learns(x: Tensor, states: tuple[Any, ...], learned: tuple[Tensor, ...]) -> bool:
    """Say whether learned tensors are covered.

    The gradient of one is a sum, and a sum goes by the order in memory.
    """
    if not all(_fits(tensor, x) for tensor in learned):
        return False
    permuted = _permuted(x, 1) or any(_permuted(state, 0) for state in states)
    return not (permuted and any(tensor.requires_grad for tensor in learned))


def _plain(x: Tensor) -> bool:
    kind = type(x)
    return kind is Tensor or (torch.compiler.is_compiling() and kind.__module__ in _STAND_INS)


def _starts(state: Any, x: Tensor) -> bool:
    """Say whether a state is a number or a tensor such as a step of ``x``."""
    if not isinstance(state, Tensor):
        return isinstance(state, float)
    return (
        state.dtype == x.dtype
        and state.shape == x.shape[1:]
        and state.device == x.device
        and state.layout == x.layout
    )


def _fits(learned: Any, x: Tensor) -> bool:
    """Say whether a learned tensor is one number that leaves the dtype of a step alone."""
    if not isinstance(learned, Tensor) or learned.dim() != 0 or not learned.is_floating_point():
        return False
    return x.dim() > 1 or learned.dtype == x.dtype


def _permuted(tensor: Any, first: int) -> bool:
    """Say whether a tensor's dimensions from ``first`` on lie in another order in memory."""
    if not isinstance(tensor, Tensor) or tensor.is_contiguous():
        return False
    lengths = zip(tensor.shape[first:], tensor.stride()[first:], strict=True)
    strides = [stride for size, stride in lengths if size > 1 and stride > 0]
    return strides != sorted(strides, reverse=True)
