"""The charge equations without autograd: forward into a buffer, and backward in autograd's order.

Each entry of :data:`CHARGES` builds, once a call, the two halves of one equation of
:mod:`unisnn.core.neuron`::

    forward(v, x, h, a)              h <- charge(v, x); a is scratch
    backward(gh, gx, base, x, v, a)  gx <- dL/dx, + 0 to lift; gh <- dL/dv = base + ...; returns dL/dq or None

``gh`` is the gradient of ``h``, ``base`` the gradient that ``v`` has before its terms of this equation are
added (``None``: nothing), ``q`` the learned reciprocal time constant. Both halves round exactly where the
equation and its autograd do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from unisnn.core.engines._constants import constant

__all__ = ["CHARGES", "Charge"]

_Forward = Callable[[Tensor, Tensor, Tensor, Tensor], None]
_Backward = Callable[..., Any]


class Charge(NamedTuple):
    """The two halves of a charge equation, and whether its backward needs ``x`` and the former ``v``."""

    forward: _Forward
    backward: _Backward
    learns: bool = False


def _exact_division(like: Tensor) -> bool:
    """Say whether ``addcdiv`` rounds as a division and an addition do: on a CPU, in float32 and float64."""
    return like.device.type == "cpu" and like.dtype in (torch.float32, torch.float64)


def _copy(lift: bool) -> Callable[[Tensor, Tensor], Any]:
    """Return ``put(g, gx)``: ``gx <- g``, and ``+ 0`` to lift."""
    if lift:
        return lambda g, gx: torch.add(g, 0.0, out=gx)
    return lambda g, gx: gx.copy_(g)


def _plus(base: Tensor | None, g: Tensor) -> None:
    if base is not None:
        torch.add(base, g, out=g)


def _divided(tau: Any, like: Tensor) -> Callable[[Tensor, Tensor, Tensor], None]:
    """Return ``put(v, d, h)``: ``h <- v + d/tau``; ``d`` is overwritten."""
    if _exact_division(like):
        divisor = constant(tau, like)

        def put(v: Tensor, d: Tensor, h: Tensor) -> None:
            torch.addcdiv(v, d, divisor, out=h)

        return put

    def put_in_two(v: Tensor, d: Tensor, h: Tensor) -> None:
        torch.add(v, d.div_(tau), out=h)

    return put_in_two


def _quotient(tau: Any, like: Tensor, lift: bool) -> Callable[[Tensor, Tensor], Any]:
    """Return ``put(g, gx)``: ``gx <- g/tau``, and ``+ 0`` to lift."""
    if lift and _exact_division(like):
        zero, divisor = constant(0.0, like), constant(tau, like)
        return lambda g, gx: torch.addcdiv(zero, g, divisor, out=gx)
    if lift:
        return lambda g, gx: torch.div(g, tau, out=gx).add_(0.0)
    return lambda g, gx: torch.div(g, tau, out=gx)


def _charge_if(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> Charge:
    copy = _copy(lift)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.add(v, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Tensor, v: Any, a: Tensor) -> None:
        copy(gh, gx)
        _plus(base, gh)

    return Charge(forward, backward)


def _charge_scaled(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> Charge:
    (dt,) = constants

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.mul(x, dt, out=a)
        torch.add(v, a, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Tensor, v: Any, a: Tensor) -> None:
        torch.mul(gh, dt, out=gx)
        if lift:
            gx.add_(0.0)
        _plus(base, gh)

    return Charge(forward, backward)


def _charge_lif_decay_input(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> Charge:
    tau, *rest = constants
    divided = _divided(tau, like)
    quotient = _quotient(tau, like, lift)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        if rest:
            torch.sub(v, rest[0], out=a)
            torch.sub(x, a, out=a)
        else:
            torch.sub(x, v, out=a)
        divided(v, a, h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Tensor, v: Any, a: Tensor) -> None:
        quotient(gh, gx)
        _plus(base, gh)
        gh.sub_(gx)

    return Charge(forward, backward)


def _charge_lif(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> Charge:
    copy = _copy(lift)
    kept = 1.0 - 1.0 / constants[0]

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.mul(v, kept, out=a)
        torch.add(a, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Tensor, v: Any, a: Tensor) -> None:
        copy(gh, gx)
        gh.mul_(kept)
        _plus(base, gh)

    return Charge(forward, backward)


def _charge_lif_to(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> Charge:
    copy = _copy(lift)
    tau, v_reset = constants

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.sub(v, v_reset, out=a)
        a.div_(tau)
        torch.sub(v, a, out=a)
        torch.add(a, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Tensor, v: Any, a: Tensor) -> None:
        copy(gh, gx)
        torch.div(gh, tau, out=a)
        _plus(base, gh)
        gh.sub_(a)

    return Charge(forward, backward)


def _charge_plif_decay_input(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> Charge:
    def difference(v: Tensor, x: Tensor, a: Tensor) -> None:
        if constants:
            torch.sub(v, constants[0], out=a)
            torch.sub(x, a, out=a)
        else:
            torch.sub(x, v, out=a)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        difference(v, x, a)
        a.mul_(q)
        torch.add(v, a, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Tensor, v: Any, a: Tensor) -> Tensor | None:
        gq = None
        if v is not None:
            difference(v, x, a)
            gq = a.mul_(gh).sum()
        torch.mul(gh, q, out=gx)
        _plus(base, gh)
        gh.sub_(gx)
        if lift:
            gx.add_(0.0)
        return gq

    return Charge(forward, backward, learns=True)


def _charge_plif(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> Charge:
    copy = _copy(lift)
    kept = 1.0 - q

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.mul(v, kept, out=a)
        torch.add(a, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Tensor, v: Any, a: Tensor) -> Tensor | None:
        gq = None if v is None else torch.mul(v, gh, out=a).sum().neg()
        copy(gh, gx)
        gh.mul_(kept)
        _plus(base, gh)
        return gq

    return Charge(forward, backward, learns=True)


def _charge_plif_to(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> Charge:
    copy = _copy(lift)
    (v_reset,) = constants

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.sub(v, v_reset, out=a)
        a.mul_(q)
        torch.sub(v, a, out=a)
        torch.add(a, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Tensor, v: Any, a: Tensor) -> Tensor | None:
        gq = None
        if v is not None:
            torch.sub(v, v_reset, out=a)
            gq = a.mul_(gh).neg_().sum()
        copy(gh, gx)
        torch.mul(gh, q, out=a)
        _plus(base, gh)
        gh.sub_(a)
        return gq

    return Charge(forward, backward, learns=True)


def _charge_plif_scaled(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> Charge:
    (dt,) = constants

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.sub(x, v, out=a)
        a.mul_(q).mul_(dt)
        torch.add(v, a, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Tensor, v: Any, a: Tensor) -> Tensor | None:
        gq = None
        torch.mul(gh, dt, out=gx)
        if v is not None:
            torch.sub(x, v, out=a)
            gq = a.mul_(gx).sum()
        gx.mul_(q)
        _plus(base, gh)
        gh.sub_(gx)
        if lift:
            gx.add_(0.0)
        return gq

    return Charge(forward, backward, learns=True)


CHARGES: dict[str, Callable[[tuple[float, ...], Any, Tensor, bool], Charge]] = {
    "charge_if": _charge_if,
    "charge_lif": _charge_lif,
    "charge_lif_decay_input": _charge_lif_decay_input,
    "charge_lif_decay_input_to": _charge_lif_decay_input,
    "charge_lif_to": _charge_lif_to,
    "charge_plif": _charge_plif,
    "charge_plif_decay_input": _charge_plif_decay_input,
    "charge_plif_decay_input_to": _charge_plif_decay_input,
    "charge_plif_scaled": _charge_plif_scaled,
    "charge_plif_to": _charge_plif_to,
    "charge_scaled": _charge_scaled,
}
"""The equations that fused engines cover: ``CHARGES[name](constants, q, like, lift)``."""
