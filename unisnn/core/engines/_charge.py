"""The charge equations without autograd: forward into a buffer, and backward in autograd's order.

Each entry of :data:`CHARGES` builds, once a call, the two halves of one equation of
:mod:`unisnn.core.neuron`::

    forward(v, x, h, a)                 h <- charge(v, x); a is scratch, or h itself
    backward(gh, gx, base, x, v, a, h, term)
                                        gx <- dL/dx, + 0 to lift; gh <- dL/dv = base + ...;
                                        term <- the terms of dL/dq (charge_plif: of -dL/dq), if given

``gh`` is the gradient of ``h``, ``base`` the gradient that ``v`` has before its terms of this equation are
added (``None``: nothing), ``q`` the learned reciprocal time constant or scale. ``x`` and ``v`` are there
where ``q`` gets a gradient, ``v`` also where :data:`NEED_STATE` asks for it. Both halves round exactly where
the equation and its autograd do.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.core.engines import _charge_nonlinear as _nonlinear
from unisnn.core.engines import _charge_parts as _parts
from unisnn.core.engines._charge_parts import Charge as _Charge
from unisnn.core.engines._constants import quick as _quick

__all__ = ["CHARGES", "NEED_STATE", "gradients_of_w", "value_of_w"]


def _charge_if(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    copy = _parts.copied(like, lift)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.add(v, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Any, h: Any, term: Any = None) -> None:
        copy(gh, gx)
        _parts.plus(base, gh)

    return _Charge(forward, backward)


def _charge_scaled(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    dt = _quick(constants[0], like)
    zero = _quick(0.0, like)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.mul(x, dt, out=a)
        torch.add(v, a, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Any, h: Any, term: Any = None) -> None:
        torch.mul(gh, dt, out=gx)
        if lift:
            gx.add_(zero)
        _parts.plus(base, gh)

    return _Charge(forward, backward)


def _charge_lif_decay_input(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    tau, shifted = constants[0], _parts.shifted(constants[1] if constants[1:] else 0.0, like)
    divided = _parts.divided(tau, like)
    quotient = _parts.quotient(tau, like, lift)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.sub(x, shifted(v, a), out=a)
        divided(v, a, h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Any, h: Any, term: Any = None) -> None:
        quotient(gh, gx)
        _parts.plus(base, gh)
        gh.sub_(gx)

    return _Charge(forward, backward)


def _charge_lif(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    copy = _parts.copied(like, lift)
    kept = _quick(1.0 - 1.0 / constants[0], like)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.mul(v, kept, out=a)
        torch.add(a, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Any, h: Any, term: Any = None) -> None:
        copy(gh, gx)
        gh.mul_(kept)
        _parts.plus(base, gh)

    return _Charge(forward, backward)


def _charge_lif_to(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    copy = _parts.copied(like, lift)
    tau, shifted = _quick(constants[0], like), _parts.shifted(constants[1], like)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.div(shifted(v, a), tau, out=a)
        torch.sub(v, a, out=a)
        torch.add(a, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Any, h: Any, term: Any = None) -> None:
        copy(gh, gx)
        torch.div(gh, tau, out=a)
        _parts.plus(base, gh)
        gh.sub_(a)

    return _Charge(forward, backward)


def _charge_plif_decay_input(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    shifted = _parts.shifted(constants[0] if constants else 0.0, like)
    zero = _quick(0.0, like)

    def difference(v: Tensor, x: Tensor, a: Tensor) -> None:
        torch.sub(x, shifted(v, a), out=a)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        difference(v, x, a)
        a.mul_(q)
        torch.add(v, a, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Any, h: Any, term: Any = None) -> None:
        if term is not None:
            difference(v, x, term)
            term.mul_(gh)
        torch.mul(gh, q, out=gx)
        _parts.plus(base, gh)
        gh.sub_(gx)
        if lift:
            gx.add_(zero)

    return _Charge(forward, backward)


def _charge_plif(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    copy = _parts.copied(like, lift)
    kept = 1.0 - q

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.mul(v, kept, out=a)
        torch.add(a, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Any, h: Any, term: Any = None) -> None:
        if term is not None:
            torch.mul(v, gh, out=term)
        copy(gh, gx)
        gh.mul_(kept)
        _parts.plus(base, gh)

    return _Charge(forward, backward)


def _charge_plif_to(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    copy = _parts.copied(like, lift)
    shifted = _parts.shifted(constants[0], like)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.mul(shifted(v, a), q, out=a)
        torch.sub(v, a, out=a)
        torch.add(a, x, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Any, h: Any, term: Any = None) -> None:
        if term is not None:
            torch.mul(shifted(v, term), gh, out=term).neg_()
        copy(gh, gx)
        torch.mul(gh, q, out=a)
        _parts.plus(base, gh)
        gh.sub_(a)

    return _Charge(forward, backward)


def _charge_plif_scaled(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    dt = _quick(constants[0], like)
    zero = _quick(0.0, like)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.sub(x, v, out=a)
        a.mul_(q).mul_(dt)
        torch.add(v, a, out=h)

    def backward(gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Any, h: Any, term: Any = None) -> None:
        torch.mul(gh, dt, out=gx)
        if term is not None:
            torch.sub(x, v, out=term)
            term.mul_(gx)
        gx.mul_(q)
        _parts.plus(base, gh)
        gh.sub_(gx)
        if lift:
            gx.add_(zero)

    return _Charge(forward, backward)


CHARGES: dict[str, _parts.Make] = {
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
    **_nonlinear.CHARGES,
}
"""The equations that fused engines cover: ``CHARGES[name](constants, q, like, lift)``."""

NEED_STATE = _nonlinear.NEED_STATE
"""The equations whose backward needs the former membrane potential."""


def value_of_w(charge: str, w: Tensor | None) -> Tensor | None:
    """Return ``q`` of the learned parameter ``w``: ``sigmoid(w)`` for a time constant, ``w`` for a scale."""
    return w.sigmoid() if w is not None and charge.startswith("charge_plif") else w


_sigmoid_backward = torch.ops.aten.sigmoid_backward.default


def gradients_of_w(charge: str, gq: Tensor, q: Any) -> list[Tensor]:
    """Return the gradients of ``w`` from the sums of the terms, a row with one for each use."""
    gq = gq.neg() if charge == "charge_plif" else gq
    gw = _sigmoid_backward(gq.to(q), q) if charge.startswith("charge_plif") else gq
    return list(gw.unbind(0))
