"""A plan in the words of the kernel library: codes of equations, and their constants as bytes.

Equations that are one another's special case share a code; each constant that stands in for "nothing" keeps
every bit (``v*1``, ``v - 0.0``, ``h + -0.0``), and so does a factor ``1/tau`` for a power of two.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from unisnn.core import surrogate as _families
from unisnn.core.engines._constants import single
from unisnn.core.engines.plan import Plan
from unisnn.core.surrogate import _constants
from unisnn.core.surrogate import tensor_alpha as _tensor_alpha

__all__ = ["Surrogate", "charge", "constants", "covers", "surrogate"]

# As in csrc/kernels.h.
_KEEP, _SCALE, _MIX, _MIX_OVER, _LEAK, _LEAK_OVER = range(6)
_HARD, _SOFT, _HARD_DETACHED, _SOFT_DETACHED = range(4)
_NONE, _ATAN, _SLOPE, _SIGMOID, _BELL, _TENT, _RATIO, _SQUARED, _QUOTIENT, _MOUND, _LATE = range(11)
_ALONE = {_SIGMOID: 11, _LATE: 12}
_LAYOUT = struct.Struct("9d6i")

_FIELDS = 10
_Charged = tuple[int, float, float, float]
_Prepare = Callable[[Tensor], Any]


class Surrogate(NamedTuple):
    """Code and constants of a surrogate gradient.

    ``prepare(x)`` turns ``x = h - threshold`` of one step, in place, into what the kernel multiplies with;
    ``None`` where it needs nothing. For the sigmoid ``x`` comes times ``a``.
    """

    code: int
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    prepare: _Prepare | None = None
    tail: int = 0

    def alone(self, tail: int) -> Surrogate:
        """Return the sigmoid that the kernel computes itself, as torch does with such a ``tail``."""
        return self._replace(code=_ALONE[self.code], prepare=None, tail=tail)

    @property
    def scaled(self) -> bool:
        """Whether ``prepare`` takes ``x*a``."""
        return self.code in _ALONE


def _over(tau: float, by_factor: int, by_divisor: int, rest: float) -> _Charged:
    """Return code and constants of a division by ``tau``, as a product where that is the same."""
    mantissa, exponent = math.frexp(tau)
    if mantissa == 0.5 and abs(exponent) < 100:
        return by_factor, 1.0 / tau, rest, 1.0
    return by_divisor, tau, rest, 1.0


_CHARGES: dict[str, Callable[..., _Charged]] = {
    "charge_if": lambda q: (_KEEP, 1.0, 0.0, 1.0),
    "charge_scaled": lambda q, dt: (_SCALE, 1.0, 0.0, dt),
    "charge_lif": lambda q, tau: (_KEEP, 1.0 - 1.0 / tau, 0.0, 1.0),
    "charge_lif_decay_input": lambda q, tau: _over(tau, _MIX, _MIX_OVER, 0.0),
    "charge_lif_decay_input_to": lambda q, tau, rest: _over(tau, _MIX, _MIX_OVER, rest),
    "charge_lif_to": lambda q, tau, rest: _over(tau, _LEAK, _LEAK_OVER, rest),
    "charge_plif": lambda q: (_KEEP, float(1.0 - q), 0.0, 1.0),
    "charge_plif_decay_input": lambda q: (_MIX, float(q), 0.0, 1.0),
    "charge_plif_decay_input_to": lambda q, rest: (_MIX, float(q), rest, 1.0),
    "charge_plif_scaled": lambda q, dt: (_MIX, float(q), 0.0, dt),
    "charge_plif_to": lambda q, rest: (_LEAK, float(q), rest, 1.0),
}


def _sloped(gradient: Callable[..., Tensor], *parameters: Any) -> Surrogate:
    """Return the code for a family whose gradient is ``slope(x)*g``, the product last."""

    def prepare(x: Tensor) -> None:
        x.copy_(gradient(torch.ones_like(x), x, *parameters))

    return Surrogate(_SLOPE, prepare=prepare)


def _bell(alpha: Any) -> Surrogate:
    return Surrogate(
        _BELL, b=alpha / math.sqrt(math.pi), prepare=lambda x: x.mul_(alpha).square_().neg_().exp_()
    )


def _quotient(alpha: Tensor) -> Surrogate:
    return Surrogate(_QUOTIENT, float(alpha * math.pi / 2), float(alpha / 2))


def _mound(alpha: Tensor) -> Surrogate:
    return Surrogate(_MOUND, float(-alpha * alpha), float(alpha), float(1 / alpha))


def _late(alpha: Tensor) -> Surrogate:
    return Surrogate(_LATE, float(alpha), prepare=torch.sigmoid_)


_SURROGATES: dict[str, tuple[Any, Callable[..., Surrogate]]] = {
    family.name: (family, code)
    for family, code in (
        (_families.ATAN, lambda alpha: Surrogate(_ATAN, math.pi / 2 * alpha, alpha / 2)),
        (_families.SIGMOID, lambda alpha: Surrogate(_SIGMOID, alpha, prepare=torch.sigmoid_)),
        (_families.ERF, _bell),
        (
            _families.PIECEWISE_QUADRATIC,
            lambda alpha: Surrogate(_TENT, -(alpha**2), alpha, _constants.over(1.0, alpha)),
        ),
        (_families.SOFT_SIGN, lambda alpha: Surrogate(_SQUARED, 2 * alpha, 1.0, 1 / alpha)),
        (_families.SUPER_SPIKE, lambda alpha: Surrogate(_SQUARED, 1.0, alpha, 1.0)),
        (
            _families.NONZERO_SIGN_LOG_ABS,
            lambda alpha: Surrogate(_RATIO, b=1.0, c=_constants.over(1.0, alpha)),
        ),
        (_tensor_alpha.ATAN_TENSOR_ALPHA, lambda alpha: _quotient(single(alpha))),
        (_tensor_alpha.QUADRATIC_GATE, lambda alpha: _mound(single(alpha))),
        (_tensor_alpha.SIGMOID_TENSOR_ALPHA, lambda alpha: _late(single(alpha))),
    )
}

_PRODUCTS = {
    family.name: family
    for family in (
        _families.DETERMINISTIC_PASS,
        _families.FAKE_NUMERICAL_GRADIENT,
        _families.LEAKY_K_RELU,
        _families.LOG_TAILED_RELU,
        _families.PIECEWISE_EXP,
        _families.PIECEWISE_LEAKY_RELU,
        _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT,
        _families.Q_PSEUDO_SPIKE,
        _families.RECT,
        _families.S2NN,
        _families.SQUAREWAVE_FOURIER_SERIES,
    )
}


def covers(plan: Plan, dtype: torch.dtype) -> bool:
    """Say whether the kernels have the equations of ``plan``.

    The threshold has to be finite in ``dtype``; where a spike needs more than the threshold, the next number
    above that has to be a normal one, for a processor may be told to take the others for 0.
    """
    family, limits = plan.family, torch.finfo(dtype)
    if plan.charge not in _CHARGES or plan.reset not in ("hard", "soft", "zero"):
        return False
    if plan[_FIELDS:] != _REST or not abs(plan.threshold) <= limits.max:
        return False
    if plan.strict and abs(plan.threshold) < 2 * limits.tiny:
        return False
    if family is None:
        return True
    if not all(type(value) in (int, float) for value in plan.parameters):
        return False
    if family.name in _SURROGATES:
        return _SURROGATES[family.name][0] is family
    if family is _families.FAKE_NUMERICAL_GRADIENT and torch.get_default_dtype() != torch.float32:
        return False
    return _PRODUCTS.get(family.name) is family


_REST = tuple(Plan._field_defaults[name] for name in Plan._fields[_FIELDS:])


def charge(plan: Plan, q: Any) -> tuple[int, float, float, float]:
    """Return the code of the charge equation, and ``k``, the resting potential and ``dt``."""
    return _CHARGES[plan.charge](q, *plan.constants)


def surrogate(plan: Plan, needed: bool) -> Surrogate:
    """Return the surrogate of ``plan``; that of a spike without gradient where it is not ``needed``."""
    if plan.family is None or not needed:
        return Surrogate(_NONE)
    if plan.family.name in _SURROGATES:
        return _SURROGATES[plan.family.name][1](*plan.parameters)
    return _sloped(plan.family.gradient, *plan.parameters)


def constants(plan: Plan, q: Tensor | None, chosen: Surrogate, v0: Tensor | float | None) -> bytes:
    """Return ``constants`` of ``csrc/kernels.h``; a first potential that is a number is one of them."""
    code, k, rest, dt = charge(plan, q)
    v_reset = -0.0 if plan.reset == "zero" else plan.v_reset
    detached = plan.detached or plan.reset == "zero"
    reset = 2 * detached + (plan.reset == "soft")
    a, b, c = chosen[1:4]
    codes = code, reset, chosen.code, plan.strict, plan.states == "last", chosen.tail
    first = v0 if isinstance(v0, float) else 0.0
    return _LAYOUT.pack(k, rest, dt, plan.threshold, v_reset, a, b, c, first, *codes)
