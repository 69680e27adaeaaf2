"""What the two halves of a charge equation are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from unisnn.core.engines._constants import computes_wide, constant, quick

__all__ = ["Charge", "Make", "copied", "divided", "plus", "quotient"]

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
        zero, divisor = constant(0.0, like), constant(tau, like)
        return lambda g, gx: torch.addcdiv(zero, g, divisor, out=gx)
    if lift:
        return lambda g, gx: torch.div(g, tau, out=gx).add_(0.0)
    divisor = quick(tau, like)
    return lambda g, gx: torch.div(g, divisor, out=gx)
