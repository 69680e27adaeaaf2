"""Surrogate families with a smooth (or log-like) tail; their parameters are Python numbers.

``x = h - threshold`` is the argument and ``g`` the incoming gradient. Constants are formed in
Python double precision first and rounded once, to the dtype of ``x``; every product keeps the order
written here. A parameter may also be a 0-dimensional tensor: then the constants are tensors, and
the primitives are differentiable with respect to it.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as _functional

from unisnn.core.surrogate._constants import over
from unisnn.core.surrogate._family import Family, register

__all__ = [
    "ATAN",
    "ERF",
    "NONZERO_SIGN_LOG_ABS",
    "PIECEWISE_EXP",
    "Q_PSEUDO_SPIKE",
    "S2NN",
    "SIGMOID",
    "SOFT_SIGN",
    "SQUAREWAVE_FOURIER_SERIES",
    "SUPER_SPIKE",
]


def _sigmoid_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    s = torch.sigmoid(x * alpha)
    return grad_output * (1.0 - s) * s * alpha


def _sigmoid_primitive(x: Tensor, alpha: Any) -> Tensor:
    return torch.sigmoid(x * alpha)


SIGMOID = register(
    Family(
        "sigmoid",
        ("alpha",),
        _sigmoid_gradient,
        _sigmoid_primitive,
        "g'(x) = alpha * (1 - sigmoid(alpha x)) * sigmoid(alpha x)",
        "spikingjelly surrogate.Sigmoid, snngrow Sigmoid",
    )
)
"""``((g * (1 - s)) * s) * alpha`` with ``s = sigmoid(x * alpha)``."""


def _atan_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    return alpha / 2 / (1 + torch.square(math.pi / 2 * alpha * x)) * grad_output


def _atan_primitive(x: Tensor, alpha: Any) -> Tensor:
    return torch.atan(math.pi / 2 * alpha * x) / math.pi + 0.5


ATAN = register(
    Family(
        "atan",
        ("alpha",),
        _atan_gradient,
        _atan_primitive,
        "g'(x) = alpha / (2 (1 + (pi/2 alpha x)^2))",
        "spikingjelly surrogate.ATan, snngrow ATan",
    )
)
"""``(reciprocal(1 + ((pi/2 alpha) x)^2) * (alpha/2)) * g``."""


def _piecewise_exp_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    return alpha / 2 * torch.exp(-alpha * torch.abs(x)) * grad_output


def _piecewise_exp_primitive(x: Tensor, alpha: Any) -> Tensor:
    step = (x >= 0).to(x)
    sign = step * 2.0 - 1.0
    return step - sign * (torch.exp(sign * x * -alpha) / 2.0)


PIECEWISE_EXP = register(
    Family(
        "piecewise_exp",
        ("alpha",),
        _piecewise_exp_gradient,
        _piecewise_exp_primitive,
        "g'(x) = alpha/2 exp(-alpha |x|)",
        "spikingjelly surrogate.PiecewiseExp",
    )
)
"""``(exp(-alpha |x|) * (alpha/2)) * g``."""


def _soft_sign_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    return grad_output / (2 * alpha * (1 / alpha + torch.abs(x)).square())


def _soft_sign_primitive(x: Tensor, alpha: Any) -> Tensor:
    return (_functional.softsign(x * alpha) + 1.0) / 2.0


SOFT_SIGN = register(
    Family(
        "soft_sign",
        ("alpha",),
        _soft_sign_gradient,
        _soft_sign_primitive,
        "g'(x) = 1 / (2 alpha (1/alpha + |x|)^2)",
        "spikingjelly surrogate.SoftSign",
    )
)
"""``g / ((|x| + 1/alpha)^2 * 2 alpha)``."""


def _super_spike_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    return alpha * grad_output / (torch.abs(x) + 1.0).square()


SUPER_SPIKE = register(
    Family(
        "super_spike",
        ("alpha",),
        _super_spike_gradient,
        None,
        "g'(x) = alpha / (1 + |x|)^2",
        "Zenke and Ganguli 2018; spikingjelly surrogate.super_spike_backward",
    )
)
"""``(g * alpha) / (|x| + 1)^2``; there is no primitive."""


def _nonzero_sign_log_abs_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    return grad_output / (over(1.0, alpha) + torch.abs(x))


def _nonzero_sign_log_abs_primitive(x: Tensor, alpha: Any) -> Tensor:
    sign = (x >= 0).to(x) * 2.0 - 1.0
    return sign * torch.log(alpha * sign * x + 1.0)


NONZERO_SIGN_LOG_ABS = register(
    Family(
        "nonzero_sign_log_abs",
        ("alpha",),
        _nonzero_sign_log_abs_gradient,
        _nonzero_sign_log_abs_primitive,
        "g'(x) = 1 / (1/alpha + |x|)",
        "spikingjelly surrogate.NonzeroSignLogAbs",
    )
)
"""``g / (|x| + 1/alpha)``."""


def _erf_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    return grad_output * torch.exp(-torch.square(x * alpha)) * (alpha / math.sqrt(math.pi))


def _erf_primitive(x: Tensor, alpha: Any) -> Tensor:
    return torch.erfc(-alpha * x) / 2.0


ERF = register(
    Family(
        "erf",
        ("alpha",),
        _erf_gradient,
        _erf_primitive,
        "g'(x) = alpha/sqrt(pi) exp(-(alpha x)^2)",
        "spikingjelly surrogate.Erf",
    )
)
"""``(g * exp(-(x alpha)^2)) * (alpha/sqrt(pi))``."""


def _squarewave_gradient(grad_output: Tensor, x: Tensor, n: int, T_period: Any) -> Tensor:
    w = math.pi * 2.0 / T_period
    total: Any = 0.0
    for i in range(1, n):
        total = total + torch.cos((2 * i - 1.0) * w * x)
    return total * (4.0 / T_period) * grad_output


def _squarewave_primitive(x: Tensor, n: int, T_period: Any) -> Tensor:
    w = math.pi * 2.0 / T_period
    total = torch.zeros_like(x)
    for i in range(1, n):
        c = 2 * i - 1.0
        total = total + torch.sin(c * w * x) / c
    return 0.5 + 2.0 / math.pi * total


SQUAREWAVE_FOURIER_SERIES = register(
    Family(
        "squarewave_fourier_series",
        ("n", "T_period"),
        _squarewave_gradient,
        _squarewave_primitive,
        "g'(x) = 4/T sum_{i=1}^{n-1} cos((2i-1) 2pi x / T)",
        "spikingjelly surrogate.SquarewaveFourierSeries",
    )
)
"""``(sum_i cos(((2i-1) w) x)) * (4/T) * g`` with ``w = 2pi/T``, ``i`` ascending from 1 to ``n-1``."""


def _s2nn_gradient(grad_output: Tensor, x: Tensor, alpha: Any, beta: Any) -> Tensor:
    s = torch.sigmoid(alpha * x)
    return torch.where(x < 0.0, alpha * s * (1.0 - s), beta / (x + 1.0)) * grad_output


def _s2nn_primitive(x: Tensor, alpha: Any, beta: Any) -> Tensor:
    return torch.where(x < 0.0, torch.sigmoid(x * alpha), beta * torch.log((x + 1.0).abs() + 1e-5) + 0.5)


S2NN = register(
    Family(
        "s2nn",
        ("alpha", "beta"),
        _s2nn_gradient,
        _s2nn_primitive,
        "g'(x) = alpha (1 - sigmoid(alpha x)) sigmoid(alpha x) if x < 0 else beta / (x + 1)",
        "Suetake et al. 2022 (S2NN); spikingjelly surrogate.S2NN",
    )
)
"""``where(x < 0, (alpha s) * (1 - s), reciprocal(x + 1) * beta) * g``."""


def _q_pseudo_spike_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    return (1 + 2 / (alpha - 1) * torch.abs(x)).pow(-alpha) * grad_output


def _q_pseudo_spike_primitive(x: Tensor, alpha: Any) -> Tensor:
    step = (x >= 0).to(x)
    sign = step * 2.0 - 1.0
    return step - sign * (1.0 + 2.0 / (alpha - 1.0) * (sign * x)).pow(1.0 - alpha) * 0.5


Q_PSEUDO_SPIKE = register(
    Family(
        "q_pseudo_spike",
        ("alpha",),
        _q_pseudo_spike_gradient,
        _q_pseudo_spike_primitive,
        "g'(x) = (1 + 2|x| / (alpha - 1))^(-alpha)",
        "Herranz-Celotti and Rouat 2022 (Surrogate Gradients Design); spikingjelly surrogate.QPseudoSpike",
    )
)
"""``(|x| * (2/(alpha - 1)) + 1)^(-alpha) * g``; ``alpha = 1`` raises ``ZeroDivisionError``."""
