"""Fire and reset without autograd: into buffers, and backward in autograd's order.

::

    x = h - threshold;  s = 1 if x >= 0 else 0       (strict: x > 0)
    v = (1 - s)*h + s*v_reset | h - s*threshold | h*(1 - s)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unisnn.core import surrogate as _families
from unisnn.core.engines._constants import constant
from unisnn.core.engines.plan import Plan

__all__ = ["Fire", "fire"]

_Spike = Callable[[Tensor, Tensor], Any]
_Gradient = Callable[[Tensor, Tensor, Tensor], Tensor]


class Fire:
    """The functions of one call, for tensors such as ``like``."""

    def __init__(self, plan: Plan, like: Tensor) -> None:
        self._threshold = plan.threshold
        self.spike = _spike(plan, like)
        self.reset, self._adjoint = _RESETS[plan.reset](plan, self.spike, like)
        self._gradient = _gradient(plan, like)

    def state(self, h: Tensor, s: Tensor, v: Tensor) -> Tensor:
        """Put the membrane potential after the step that charged ``h`` into ``v``; ``s`` gets the spike."""
        self.spike(h, s)
        self.reset(h, s, v)
        return v

    def backward(
        self, gv: Tensor | None, gs: Tensor | None, h: Tensor, out: Tensor, buffers: tuple[Tensor, ...]
    ) -> Tensor:
        """Put the gradient of ``h`` into ``out``: what comes through the reset, and through the spike.

        ``gv*n``, the gradient through the reset, is exact, for ``n`` is 0 or 1.
        """
        a, b, c = buffers
        n = None
        if gv is not None:
            n, gs = self._adjoint(gv, gs, h, a, b)
        if gs is None or self._gradient is None:
            if gv is None:
                return out.zero_()
            return out.copy_(gv) if n is None else torch.mul(gv, n, out=out)
        spiked = self._gradient(gs, torch.sub(h, self._threshold, out=c), out)
        if gv is None:
            return out.copy_(spiked)
        return torch.add(spiked, gv, out=out) if n is None else torch.addcmul(spiked, gv, n, out=out)


def fire(plan: Plan, like: Tensor) -> Fire:
    """Return the fire and reset functions of ``plan`` for tensors such as ``like``.

    Of the result, ``spike(h, s)`` puts the spike into ``s``, and ``reset(h, s, v)`` the membrane potential
    after it into ``v``.
    """
    return Fire(plan, like)


def _compares(plan: Plan, like: Tensor) -> bool:
    """Say whether ``h`` itself is compared.

    In wide floats, which underflow gradually, its difference to the threshold has the same sign; a spike
    without gradient is a comparison in any dtype.
    """
    wide = like.dtype in (torch.float32, torch.float64) and math.isfinite(plan.threshold)
    return wide or plan.family is None


def _spike(plan: Plan, like: Tensor) -> _Spike:
    threshold, compare = plan.threshold, torch.gt if plan.strict else torch.ge
    if _compares(plan, like):
        return lambda h, s: compare(h, threshold, out=s)

    def spike(h: Tensor, s: Tensor) -> None:
        torch.sub(h, threshold, out=s)
        compare(s, 0, out=s)

    return spike


def _kept(plan: Plan, spike: _Spike, like: Tensor) -> _Spike:
    """Return ``put(h, n)``: ``n <- 1 - s``."""
    one = constant(1.0, like)
    if plan.family in _SPREADING and _compares(plan, like):
        # A potential that is no number gets n = 0 for 1 here; its gradient is none either way.
        compare, threshold = (torch.le if plan.strict else torch.lt), plan.threshold
        return lambda h, n: compare(h, threshold, out=n)

    def kept(h: Tensor, n: Tensor) -> None:
        spike(h, n)
        torch.sub(one, n, out=n)

    return kept


def _hard(plan: Plan, spike: _Spike, like: Tensor) -> Any:
    v_reset, kept = plan.v_reset, _kept(plan, spike, like)
    one, zero = constant(1.0, like), constant(0.0, like)
    to_zero = v_reset == 0.0 and math.copysign(1.0, v_reset) > 0

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
        kept(h, a)
        return a, gs

    return reset, adjoint


def _soft(plan: Plan, spike: _Spike, like: Tensor) -> Any:
    threshold = plan.threshold

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        if math.isfinite(threshold):
            torch.sub(h, s, alpha=threshold, out=v)  # s*threshold is exact: s is 0 or 1
        else:
            torch.sub(h, s * threshold, out=v)

    def adjoint(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor) -> Any:
        if not plan.detached:
            lost = gv if threshold == 1.0 else torch.mul(gv, threshold, out=b)
            gs = torch.neg(lost, out=b) if gs is None else torch.sub(gs, lost, out=b)
        return None, gs

    return reset, adjoint


def _zero(plan: Plan, spike: _Spike, like: Tensor) -> Any:
    one, kept = constant(1.0, like), _kept(plan, spike, like)

    def reset(h: Tensor, s: Tensor, v: Tensor) -> None:
        torch.mul(h, torch.sub(one, s, out=v), out=v)

    def adjoint(gv: Tensor, gs: Tensor | None, h: Tensor, a: Tensor, b: Tensor) -> Any:
        kept(h, a)
        return a, gs

    return reset, adjoint


# Each returns reset(h, s, v), and adjoint(gv, gs, h, a, b), which gives n (in a; None stands for 1) and the
# gradient of the spike through the reset and before it (in b, or gs itself).
_RESETS: dict[str, Callable[..., Any]] = {"hard": _hard, "soft": _soft, "zero": _zero}


def _gradient(plan: Plan, like: Tensor) -> _Gradient | None:
    """Return ``g(gs, x, scratch)``, the surrogate gradient; it may overwrite ``x`` and ``scratch``.

    ``None`` where the spike carries no gradient.
    """
    if plan.family is None:
        return None
    plain = all(isinstance(value, (int, float)) for value in plan.parameters)
    if plain and plan.family.name in _IN_PLACE:
        return _IN_PLACE[plan.family.name](like, *plan.parameters)
    family, parameters = plan.family, plan.parameters
    return lambda gs, x, scratch: family.gradient(gs, x, *parameters).to(x.dtype)


def _atan(like: Tensor, alpha: float) -> _Gradient:
    scale, height = math.pi / 2 * alpha, alpha / 2

    def into(gs: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
        x.mul_(scale)
        torch.mul(x, x, out=x).add_(1).reciprocal_()
        return (x if height == 1.0 else x.mul_(height)).mul_(gs)

    return into


def _sigmoid(like: Tensor, alpha: float) -> _Gradient:
    one = constant(1.0, like)

    def into(gs: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
        x.mul_(alpha).sigmoid_()
        return torch.sub(one, x, out=scratch).mul_(gs).mul_(x).mul_(alpha)

    return into


_SPREADING = (_families.ATAN, _families.SIGMOID)
"""Families whose gradient at NaN is NaN, whatever the incoming gradient is."""

_IN_PLACE: dict[str, Callable[..., _Gradient]] = {
    _families.ATAN.name: _atan,
    _families.SIGMOID.name: _sigmoid,
}
