"""What the two halves of a charge equation are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from unisnn.core.engines._constants import computes_wide, constant, is_positive_zero, quick

__all__ = ["Charge", "Make", "copied", "divided", "plus", "quotient", "shifted"]

_Forward = Callable[[Tensor, Tensor, Tensor, Tensor], None]
_Backward = Callable[..., Any]


class Charge(NamedTuple):
    """The two halves of a charge equation."""

    forward: _Forward
    backward: _Backward


Make = Callable[[tuple[float, ...], Any, Tensor, bool], Charge]
"""What makes them: ``make(constants, q, like, lift)``."""


def copied(like: Tensor, lift: bool) -> Callable[[Tensor, Tensor], Any]:
    """Return ``put(g, gx)``: ``gx <- g``, and ``+ 0`` to lift."""
    if lift:
        zero = quick(0.0, like)
        return lambda g, gx: torch.add(g, zero, out=gx)
    return lambda g, gx: gx.copy_(g)


def shifted(rest: float, like: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """Return ``put(v, a)``: ``v - rest``, which lies in ``a``; for 0.0 it is ``v`` itself, bit for bit."""
    if is_positive_zero(rest):
        return lambda v, a: v
    taken = quick(rest, like)
    return lambda v, a: torch.sub(v, taken, out=a)


def plus(base: Tensor | None, g: Tensor) -> None:
    """Put ``base + g`` into ``g``, if there is a base."""
    if base is not None:
        torch.add(base, g, out=g)


def divided(tau: Any, like: Tensor) -> Callable[[Tensor, Tensor, Tensor], None]:
    """Return ``put(v, d, h)``: ``h <- v + d/tau``; ``d`` is overwritten."""
    if computes_wide(like):
        divisor = constant(tau, like)

        def put(v: Tensor, d: Tensor, h: Tensor) -> None:
            torch.addcdiv(v, d, divisor, out=h)

        return put

    def put_in_two(v: Tensor, d: Tensor, h: Tensor) -> None:
        torch.add(v, d.div_(tau), out=h)

    return put_in_two


def quotient(tau: Any, like: Tensor, lift: bool) -> Callable[[Tensor, Tensor], Any]:
    """Return ``put(g, gx)``: ``gx <- g/tau``, and ``+ 0`` to lift."""
    if lift and computes_wide(like):
        divisor, zeros = constant(tau, like), _Zeros()
        return lambda g, gx: torch.addcdiv(zeros.such_as(g), g, divisor, out=gx)
    if lift:
        return lambda g, gx: torch.div(g, tau, out=gx).add_(0.0)
    divisor = quick(tau, like)
    return lambda g, gx: torch.div(g, divisor, out=gx)


class _Zeros:
    """Zeros to add to, one for each element: torch is slow where two operands are single numbers."""

    def __init__(self) -> None:
        self._made: dict[torch.Size, Tensor] = {}

    def such_as(self, g: Tensor) -> Tensor:
        zeros = self._made.get(g.shape)
        if zeros is None:
            zeros = self._made[g.shape] = torch.zeros_like(g)
        return zeros
