"""Fire without autograd: into buffers, and backward in autograd's order.

::

    x = h - threshold;  s = 1 if x >= 0 else 0       (strict: x > 0)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unisnn.core.engines import _reset
from unisnn.core.engines import _slope as _slopes
from unisnn.core.engines._constants import constant, quick
from unisnn.core.engines._more import NONE, More
from unisnn.core.engines.plan import Plan

__all__ = ["Fire", "fire"]

_Spike = Callable[[Tensor, Tensor], Any]


class Fire:
    """The functions of one call, for tensors such as ``like``."""

    def __init__(self, plan: Plan, like: Tensor, q: Tensor | None, more: More) -> None:
        threshold = more.values.get("threshold", plan.threshold)
        self._threshold = quick(threshold, like)
        self._learns = more.gradients.get("threshold")
        self.spike = _spike(plan, like, threshold)
        kept, exactly = _kept(plan, self.spike, like, threshold)
        call = _reset.Call(plan, like, self.spike, kept, exactly, threshold, q, more.gradients)
        self._reset = _reset.RESETS[plan.reset](call)
        self.reset, self.short_reset = self._reset.forward, self._reset.short
        self._gradient = _slopes.slope(plan, like, more)

    def state(self, h: Tensor, n: Tensor, v: Tensor) -> Tensor | None:
        """Put the membrane potential after the step that charged ``h`` into ``v``; return what n is then.

        That is ``n``, if ``1 - s`` came out on the way, as :meth:`backward` takes it.
        """
        if self._reset.state is not None:
            self._reset.state(h, n, v)
            return n
        self.spike(h, n)
        self.reset(h, n, v)
        return None

    def backward(
        self,
        gv: Tensor | None,
        gs: Tensor | None,
        h: Tensor,
        out: Tensor,
        buffers: tuple[Tensor, ...],
        n: Tensor | None = None,
    ) -> Tensor:
        """Put the gradient of ``h`` into ``out``: what comes through the reset, and through the spike.

        ``gv*n``, the gradient through the reset, is exact, for ``n = 1 - s`` is 0 or 1.
        """
        a, b, c = buffers
        if gv is None:
            n = None
        else:
            n, gv, gs = self._reset.backward(gv, gs, h, a, b, n)
        if gs is None or self._gradient is None:
            if gv is None:
                return out.zero_()
            return out.copy_(gv) if n is None else torch.mul(gv, n, out=out)
        spiked = self._gradient(gs, torch.sub(h, self._threshold, out=c), out)
        if self._learns is not None:
            self._learns.append(spiked.neg().sum())
        if gv is None:
            return out.copy_(spiked)
        return torch.add(spiked, gv, out=out) if n is None else torch.addcmul(spiked, gv, n, out=out)


def fire(plan: Plan, like: Tensor, q: Tensor | None = None, more: More = NONE) -> Fire:
    """Return the fire and reset functions of ``plan`` for tensors such as ``like``.

    Of the result, ``spike(h, s)`` puts the spike into ``s``, and ``reset(h, s, v)`` the membrane potential
    after it into ``v``. So does ``short_reset(h, s, v)``, where there is one, but for a potential of minus
    infinity: that becomes NaN, and every later potential with it.
    """
    return Fire(plan, like, q, more)


def _compares(plan: Plan, like: Tensor, threshold: float | Tensor) -> bool:
    """Say whether ``h`` itself is compared.

    In wide floats, which underflow gradually, its difference to the threshold has the same sign; a spike
    without gradient is a comparison in any dtype.
    """
    if plan.family is None:
        return True
    if isinstance(threshold, Tensor):
        return False
    return like.dtype in (torch.float32, torch.float64) and math.isfinite(threshold)


def _spike(plan: Plan, like: Tensor, threshold: float | Tensor) -> _Spike:
    compare = torch.gt if plan.strict else torch.ge
    level, zero = quick(threshold, like), quick(0.0, like)
    if _compares(plan, like, threshold):
        return lambda h, s: compare(h, level, out=s)

    def spike(h: Tensor, s: Tensor) -> None:
        torch.sub(h, level, out=s)
        compare(s, zero, out=s)

    return spike


def _kept(plan: Plan, spike: _Spike, like: Tensor, threshold: float | Tensor) -> tuple[_Spike, _Spike]:
    """Return ``put(h, n)``: ``n <- 1 - s``, for a gradient that the surrogate's is added to, and for any."""
    one = constant(1.0, like)

    def exactly(h: Tensor, n: Tensor) -> None:
        spike(h, n)
        torch.sub(one, n, out=n)

    if plan.family in _slopes.SPREADING and _compares(plan, like, threshold):
        # A potential that is no number gets n = 0 for 1 here; its gradient is none either way.
        compare, level = torch.le if plan.strict else torch.lt, quick(threshold, like)
        return lambda h, n: compare(h, level, out=n), exactly
    return exactly, exactly
