"""Resets without autograd: into buffers, and backward in autograd's order.

::

    v = (1 - s)*h + s*v_reset | h - s*threshold | h*(1 - s)
    v = (1 - s)*(h/k) + s*v_reset | (h - s*threshold)/k

Each entry of :data:`RESETS` gives the two halves of one of them::

    reset(h, s, v)                v <- reset(h, s)
    adjoint(gv, gs, h, a, b)      (n, g, gs'): the gradient of h is g*n (n None: g), that of s is gs'

``gs`` is the gradient of the spike before the terms of the reset, or ``None``; ``n`` lies in ``a``, ``gs'``
in ``b`` or is ``gs`` itself. What learns gets its gradients here too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from unisnn.core.engines._constants import constant, quick
from unisnn.core.engines.plan import Plan

__all__ = ["RESETS", "Call"]

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


def _hard(call: Call) -> Any:
    plan, kept, kept_exactly = call.plan, call.kept, call.kept_exactly
    one, zero = constant(1.0, call.like), constant(0.0, call.like)
    to_zero = plan.v_reset == 0.0 and math.copysign(1.0, plan.v_reset) > 0
    v_reset = quick(plan.v_reset, call.like)

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        torch.sub(one, s, out=v)
        if to_zero:
            torch.addcmul(zero, v, h, out=v)
        else:
            v.mul_(h).add_(s * v_reset)

    def adjoint(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor) -> Any:
        if not plan.detached:
            if gs is None:
                torch.mul(gv, v_reset, out=b)
            elif to_zero:
                torch.add(gs, gv, alpha=0, out=b)
            else:
                torch.mul(gv, v_reset, out=b)
                torch.add(gs, b, out=b)
            gs = b.sub_(torch.mul(gv, h, out=a))
        (kept_exactly if gs is None else kept)(h, a)
        return a, gv, gs

    return reset, adjoint


def _hard_split(call: Call) -> Any:
    v_reset, kept = call.plan.v_reset, call.kept
    reset, adjoint = _hard(call)

    def adjoint_of_value(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor) -> Any:
        torch.mul(gv, v_reset, out=b)
        kept(h, a)
        return a, gv, b if gs is None else torch.add(gs, b, out=b)

    return reset, adjoint_of_value if call.plan.detached else adjoint


def _soft(call: Call) -> Any:
    plan, threshold, learns = call.plan, call.threshold, call.gradients.get("threshold")
    number: Any = None if isinstance(threshold, Tensor) else threshold
    wide = call.like.dtype in (torch.float32, torch.float64)
    plain = number if wide and number is not None and math.isfinite(number) else None
    one, level = number == 1.0, quick(threshold, call.like)

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        if plain is not None:
            torch.sub(h, s, alpha=plain, out=v)  # s*threshold is exact: s is 0 or 1
        else:
            torch.sub(h, s * level, out=v)

    def adjoint(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor) -> Any:
        if learns is not None:
            call.spike(h, a)
            learns.append(a.mul_(gv).neg_().sum())
        if not plan.detached:
            lost = gv if one else torch.mul(gv, level, out=b)
            gs = torch.neg(lost, out=b) if gs is None else torch.sub(gs, lost, out=b)
        return None, gv, gs

    return reset, adjoint


def _zero(call: Call) -> Any:
    one, kept, kept_exactly = constant(1.0, call.like), call.kept, call.kept_exactly

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        torch.mul(h, torch.sub(one, s, out=v), out=v)

    def adjoint(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor) -> Any:
        (kept_exactly if gs is None else kept)(h, a)
        return a, gv, gs

    return reset, adjoint


def _hard_scaled(call: Call) -> Any:
    plan, v_reset, k, learns = call.plan, call.plan.v_reset, call.k, call.gradients.get("w")
    one = constant(1.0, call.like)

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        torch.sub(one, s, out=v)
        v.mul_(h / k).add_(s * v_reset)

    def adjoint(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor) -> Any:
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

    return reset, adjoint


def _soft_scaled(call: Call) -> Any:
    k, learns = call.k, call.gradients.get("w")
    soft_reset, soft_adjoint = _soft(call)

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        soft_reset(h, s, v)
        v.div_(k)

    def adjoint(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor) -> Any:
        if learns is not None:
            call.spike(h, a)
            reset(h, a, b)
            learns.append((b.div_(k) * gv.neg()).sum())
        return soft_adjoint(gv / k, gs, h, a, b)

    return reset, adjoint


RESETS: dict[str, Callable[[Call], Any]] = {
    "hard": _hard,
    "hard scaled": _hard_scaled,
    "hard split": _hard_split,
    "soft": _soft,
    "soft scaled": _soft_scaled,
    "zero": _zero,
}
