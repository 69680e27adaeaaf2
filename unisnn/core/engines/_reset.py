"""Resets without autograd: into buffers, and backward in autograd's order.

::

    v = (1 - s)*h + s*v_reset | h - s*threshold | h*(1 - s)
    v = (1 - s)*(h/k) + s*v_reset | (h - s*threshold)/k

Each entry of :data:`RESETS` gives the two halves of one of them::

    forward(h, s, v)              v <- reset(h, s)
    backward(gv, gs, h, a, b, n)  (n, g, gs'): the gradient of h is g*n (n None: g), that of s is gs'

``gs`` is the gradient of the spike before the terms of the reset, or ``None``; ``n`` is ``1 - s`` where it is
known before, or lies in ``a``; ``gs'`` lies in ``b`` or is ``gs`` itself. What learns gets its gradients here
too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from unisnn.core.engines._constants import computes_wide, constant, is_positive_zero, quick
from unisnn.core.engines.plan import Plan

__all__ = ["RESETS", "Call", "Reset"]

_Put = Callable[[Tensor, Tensor], Any]


class Call(NamedTuple):
    """What a reset has to know.

    ``spike(h, s)`` puts the spike into ``s``, ``kept(h, n)`` ``1 - s`` into ``n``, where the gradient of a
    potential that is no number is none anyhow; ``kept_exactly`` wherever it is.
    """

    plan: Plan
    like: Tensor
    spike: _Put
    kept: _Put
    kept_exactly: _Put
    threshold: float | Tensor
    k: Any
    gradients: Mapping[str, list[Tensor]]


class Reset(NamedTuple):
    """The two halves of a reset, and quicker ways that a hard reset to zero has.

    ``short(h, s, v)`` does what ``forward`` does, but makes NaN of a potential of minus infinity.
    ``state(h, n, v)`` puts ``1 - s`` into ``n`` and the membrane potential into ``v``.
    """

    forward: Callable[[Tensor, Tensor, Tensor], Any]
    backward: Callable[..., Any]
    short: Callable[[Tensor, Tensor, Tensor], Any] | None = None
    state: Callable[[Tensor, Tensor, Tensor], Any] | None = None


def _hard(call: Call) -> Reset:
    plan, kept, kept_exactly = call.plan, call.kept, call.kept_exactly
    one, zero = constant(1.0, call.like), constant(0.0, call.like)
    to_zero = is_positive_zero(plan.v_reset)
    v_reset = quick(plan.v_reset, call.like)

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        torch.sub(one, s, out=v)
        if to_zero:
            torch.addcmul(zero, v, h, out=v)
        else:
            v.mul_(h).add_(s * v_reset)

    def short(h: Tensor, s: Tensor, v: Tensor) -> None:
        torch.addcmul(h, h, s, value=-1, out=v)

    def state(h: Tensor, n: Tensor, v: Tensor) -> None:
        (kept_exactly if plan.detached else kept)(h, n)
        torch.addcmul(zero, n, h, out=v)

    def backward(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor, n: Tensor | None) -> Any:
        if not plan.detached:
            if gs is None:
                torch.mul(gv, v_reset, out=b)
            elif to_zero:
                torch.add(gs, gv, alpha=0, out=b)
            else:
                torch.mul(gv, v_reset, out=b)
                torch.add(gs, b, out=b)
            gs = b.sub_(torch.mul(gv, h, out=a))
        if n is None:
            n = a
            (kept_exactly if gs is None else kept)(h, n)
        return n, gv, gs

    quicker = (short, state) if to_zero and computes_wide(call.like) else ()
    return Reset(reset, backward, *quicker)


def _hard_split(call: Call) -> Reset:
    v_reset, kept = call.plan.v_reset, call.kept
    reset = _hard(call)

    def backward(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor, n: Tensor | None) -> Any:
        torch.mul(gv, v_reset, out=b)
        kept(h, a)
        return a, gv, b if gs is None else torch.add(gs, b, out=b)

    return reset._replace(backward=backward) if call.plan.detached else reset


def _soft(call: Call) -> Reset:
    plan, threshold, learns = call.plan, call.threshold, call.gradients.get("threshold")
    number: Any = None if isinstance(threshold, Tensor) else threshold
    wide = call.like.dtype in (torch.float32, torch.float64)
    plain = number if wide and number is not None and math.isfinite(number) else None
    one, level = number == 1.0, quick(threshold, call.like)

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        if one:
            torch.sub(h, s, out=v)
        elif plain is not None:
            torch.sub(h, s, alpha=plain, out=v)  # s*threshold is exact: s is 0 or 1
        else:
            torch.sub(h, s * level, out=v)

    def backward(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor, n: Tensor | None) -> Any:
        if learns is not None:
            call.spike(h, a)
            learns.append(a.mul_(gv).neg_().sum())
        if not plan.detached:
            lost = gv if one else torch.mul(gv, level, out=b)
            gs = torch.neg(lost, out=b) if gs is None else torch.sub(gs, lost, out=b)
        return None, gv, gs

    return Reset(reset, backward)


def _zero(call: Call) -> Reset:
    one, kept, kept_exactly = constant(1.0, call.like), call.kept, call.kept_exactly

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        torch.mul(h, torch.sub(one, s, out=v), out=v)

    def backward(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor, n: Tensor | None) -> Any:
        (kept_exactly if gs is None else kept)(h, a)
        return a, gv, gs

    return Reset(reset, backward)


def _hard_scaled(call: Call) -> Reset:
    plan, v_reset, k, learns = call.plan, call.plan.v_reset, call.k, call.gradients.get("w")
    one = constant(1.0, call.like)

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        torch.sub(one, s, out=v)
        v.mul_(h / k).add_(s * v_reset)

    def backward(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor, n: Tensor | None) -> Any:
        if not plan.detached:
            torch.mul(gv, v_reset, out=b)
            if gs is not None:
                torch.add(gs, b, out=b)
            gs = b.sub_(torch.mul(gv, torch.div(h, k, out=a), out=a))
        call.kept_exactly(h, a)
        through = a.mul_(gv)
        if learns is not None:
            learns.append(((h / k).div_(k) * through.neg()).sum())
        return None, through.div_(k), gs

    return Reset(reset, backward)


def _soft_scaled(call: Call) -> Reset:
    k, learns = call.k, call.gradients.get("w")
    soft = _soft(call)

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        soft.forward(h, s, v)
        v.div_(k)

    def backward(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor, n: Tensor | None) -> Any:
        if learns is not None:
            call.spike(h, a)
            reset(h, a, b)
            learns.append((b.div_(k) * gv.neg()).sum())
        return soft.backward(gv / k, gs, h, a, b, n)

    return Reset(reset, backward)


RESETS: dict[str, Callable[[Call], Reset]] = {
    "hard": _hard,
    "hard scaled": _hard_scaled,
    "hard split": _hard_split,
    "soft": _soft,
    "soft scaled": _soft_scaled,
    "zero": _zero,
}
