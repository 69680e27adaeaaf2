"""The charge equations of :mod:`unisnn.core.neuron_nonlinear`, forward and backward.

As in :mod:`unisnn.core.engines._charge`. The terms of a membrane potential's gradient are added in the
order in which autograd meets them: that of the equation's operations backwards.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.core.engines import _charge_parts as _parts
from unisnn.core.engines._charge_parts import Charge as _Charge
from unisnn.core.engines._constants import constant as _constant

__all__ = ["CHARGES", "NEED_STATE"]


def _charge_qif(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    tau, v_c, a0, v_rest = constants
    divided = _parts.divided(tau, like)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.sub(v, v_rest, out=a)
        a.mul_(a0).mul_(v - v_c)
        torch.add(x, a, out=a)
        divided(v, a, h)

    def backward(
        gh: Tensor, gx: Tensor, base: Any, x: Any, v: Tensor, a: Tensor, h: Any, term: Any = None
    ) -> None:
        torch.div(gh, tau, out=gx)
        _parts.plus(base, gh)
        torch.sub(v, v_rest, out=a)
        gh.add_(a.mul_(a0).mul_(gx))
        torch.sub(v, v_c, out=a)
        gh.add_(a.mul_(gx).mul_(a0))
        if lift:
            gx.add_(0.0)

    return _Charge(forward, backward)


def _charge_eif(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    tau, v_rest, theta_rh, delta_t = constants
    divided = _parts.divided(tau, like)

    def growth(v: Tensor) -> Tensor:
        return (v - theta_rh).div_(delta_t).exp_()

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.add(x, v_rest, out=a)
        a.sub_(v).add_(growth(v).mul_(delta_t))
        divided(v, a, h)

    def backward(
        gh: Tensor, gx: Tensor, base: Any, x: Any, v: Tensor, a: Tensor, h: Any, term: Any = None
    ) -> None:
        torch.div(gh, tau, out=gx)
        _parts.plus(base, gh)
        torch.mul(gx, delta_t, out=a)
        gh.add_(a.mul_(growth(v)).div_(delta_t))
        gh.sub_(gx)
        if lift:
            gx.add_(0.0)

    return _Charge(forward, backward)


def _charge_affine(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    kept, scale, more = constants
    rounded = _constant(kept, like), _constant(scale, like)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        torch.mul(rounded[0], v, out=a)
        torch.add(a, rounded[1] * x, out=h).add_(more)

    def backward(
        gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Tensor, h: Any, term: Any = None
    ) -> None:
        torch.mul(gh, scale, out=gx)
        if lift:
            gx.add_(0.0)
        gh.mul_(kept)
        _parts.plus(base, gh)

    return _Charge(forward, backward)


def _rectified(gh: Tensor, h: Tensor) -> Tensor:
    """Put the gradient below the rectifier that gave ``h`` into ``gh``."""
    return torch.ops.aten.threshold_backward.grad_input(gh, h, 0, grad_input=gh)


def _charge_klif_decay_input(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    tau, shifted = constants[0], _parts.shifted(constants[1], like)
    divided = _parts.divided(tau, like)

    def unscaled(v: Tensor, x: Tensor, a: Tensor, f: Tensor) -> None:
        torch.sub(x, shifted(v, a), out=a)
        divided(v, a, f)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        unscaled(v, x, a, h)
        torch.mul(q, h, out=h).relu_()  # in half precision a product rounds its first factor

    def backward(
        gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Tensor, h: Tensor, term: Any = None
    ) -> None:
        _rectified(gh, h)
        if term is not None:
            unscaled(v, x, a, gx)
            torch.mul(gx, gh, out=term)
        gh.mul_(q)
        torch.div(gh, tau, out=gx)
        _parts.plus(base, gh)
        gh.sub_(gx)
        if lift:
            gx.add_(0.0)

    return _Charge(forward, backward)


def _charge_klif(constants: tuple[float, ...], q: Any, like: Tensor, lift: bool) -> _Charge:
    tau, shifted = constants[0], _parts.shifted(constants[1], like)
    copy = _parts.copied(like, lift)

    def unscaled(v: Tensor, x: Tensor, a: Tensor, f: Tensor) -> None:
        torch.div(shifted(v, a), tau, out=a)
        torch.sub(v, a, out=a)
        torch.add(a, x, out=f)

    def forward(v: Tensor, x: Tensor, h: Tensor, a: Tensor) -> None:
        unscaled(v, x, a, h)
        torch.mul(q, h, out=h).relu_()  # in half precision a product rounds its first factor

    def backward(
        gh: Tensor, gx: Tensor, base: Any, x: Any, v: Any, a: Tensor, h: Tensor, term: Any = None
    ) -> None:
        _rectified(gh, h)
        if term is not None:
            unscaled(v, x, a, gx)
            torch.mul(gx, gh, out=term)
        gh.mul_(q)
        copy(gh, gx)
        torch.div(gh, tau, out=a)
        _parts.plus(base, gh)
        gh.sub_(a)

    return _Charge(forward, backward)


CHARGES: dict[str, _parts.Make] = {
    "charge_affine": _charge_affine,
    "charge_eif": _charge_eif,
    "charge_klif": _charge_klif,
    "charge_klif_decay_input": _charge_klif_decay_input,
    "charge_qif": _charge_qif,
}

NEED_STATE = frozenset({"charge_eif", "charge_izhikevich", "charge_qif"})
