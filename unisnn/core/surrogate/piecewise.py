"""Surrogate families made of straight pieces, a window or a pass; their parameters are Python numbers.

``x = h - threshold`` is the argument and ``g`` the incoming gradient. Window edges are formed in
Python double precision and compared in the dtype of ``x``. A parameter may also be a 0-dimensional
tensor.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.core.surrogate._constants import fill, over
from unisnn.core.surrogate._family import Family, register

__all__ = [
    "DETERMINISTIC_PASS",
    "FAKE_NUMERICAL_GRADIENT",
    "LEAKY_K_RELU",
    "LOG_TAILED_RELU",
    "PIECEWISE_LEAKY_RELU",
    "PIECEWISE_LEAKY_RELU_FULL_HEIGHT",
    "PIECEWISE_QUADRATIC",
    "RECT",
]


def _piecewise_quadratic_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    distance = torch.abs(x)
    inside = grad_output * (-(alpha**2) * distance + alpha)
    return inside.masked_fill(distance > over(1.0, alpha), 0.0)


def _piecewise_quadratic_primitive(x: Tensor, alpha: Any) -> Tensor:
    above = (x > over(1.0, alpha)).to(x)
    inside = (torch.abs(x) <= over(1.0, alpha)).to(x)
    return inside * (-(alpha**2) / 2.0 * x.square() * x.sign() + alpha * x + 0.5) + above


PIECEWISE_QUADRATIC = register(
    Family(
        "piecewise_quadratic",
        ("alpha",),
        _piecewise_quadratic_gradient,
        _piecewise_quadratic_primitive,
        "g'(x) = 0 if |x| > 1/alpha else alpha - alpha^2 |x|",
        "spikingjelly surrogate.PiecewiseQuadratic",
    )
)
"""``where(|x| > 1/alpha, 0, g * (|x| * -(alpha^2) + alpha))``."""


def _window(x: Tensor, w: Any, height: Any, outside: Any) -> Tensor:
    # Filled, not selected: the result stays (trivially) differentiable in x, with derivative 0.
    inside = torch.abs(x) < w
    return fill(fill(x, inside, height), ~inside, outside)


def _piecewise_leaky_relu_gradient(grad_output: Tensor, x: Tensor, w: Any, c: Any) -> Tensor:
    return grad_output * _window(x, w, 1.0 / (2.0 * w), c)


def _piecewise_leaky_relu_full_height_gradient(grad_output: Tensor, x: Tensor, w: Any, c: Any) -> Tensor:
    return grad_output * _window(x, w, 1.0 / w, c)


def _piecewise_leaky_relu_primitive(x: Tensor, w: Any, c: Any) -> Tensor:
    below = (x < -w).to(x)
    above = (x > w).to(x)
    middle = (1.0 - below - above) * (x / (2.0 * w) + 0.5)
    if isinstance(c, (int, float)) and c == 0:
        return middle + above
    cw = c * w
    return below * (c * x + cw) + above * (c * x + (-cw + 1.0)) + middle


PIECEWISE_LEAKY_RELU = register(
    Family(
        "piecewise_leaky_relu",
        ("w", "c"),
        _piecewise_leaky_relu_gradient,
        _piecewise_leaky_relu_primitive,
        "g'(x) = 1/(2w) if |x| < w else c",
        "spikingjelly surrogate.PiecewiseLeakyReLU, editions 3756e2f8 and 2.0.0",
    )
)
"""``g * where(|x| < w, 1/(2w), c)``."""

PIECEWISE_LEAKY_RELU_FULL_HEIGHT = register(
    Family(
        "piecewise_leaky_relu_full_height",
        ("w", "c"),
        _piecewise_leaky_relu_full_height_gradient,
        _piecewise_leaky_relu_primitive,
        "g'(x) = 1/w if |x| < w else c",
        "spikingjelly surrogate.PiecewiseLeakyReLU, edition 0.0.0.0.14",
    )
)
"""``g * where(|x| < w, 1/w, c)``: twice the slope of its own primitive, as 0.0.0.0.14 has it."""


def _leaky_k_relu_gradient(grad_output: Tensor, x: Tensor, leak: Any, k: Any) -> Tensor:
    at_or_above = x >= 0.0
    return grad_output * fill(fill(torch.zeros_like(x), at_or_above, k), ~at_or_above, leak)


def _leaky_k_relu_primitive(x: Tensor, leak: Any, k: Any) -> Tensor:
    step = (x >= 0.0).to(x)
    return (leak * (1.0 - step) + k * step) * x


LEAKY_K_RELU = register(
    Family(
        "leaky_k_relu",
        ("leak", "k"),
        _leaky_k_relu_gradient,
        _leaky_k_relu_primitive,
        "g'(x) = k if x >= 0 else leak",
        "spikingjelly surrogate.LeakyKReLU",
    )
)
"""``g * where(x >= 0, k, leak)``."""


def _fake_numerical_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    sign = (x >= 0.0) * 2.0 - 1.0  # default dtype: float16 and bfloat16 are computed in float32
    return torch.clamp_max(sign / x, alpha) * grad_output


FAKE_NUMERICAL_GRADIENT = register(
    Family(
        "fake_numerical_gradient",
        ("alpha",),
        _fake_numerical_gradient,
        None,
        "g'(x) = min(sign(x) / x, alpha)",
        "spikingjelly surrogate.FakeNumericalGradient",
    )
)
"""``g * min(sign / x, alpha)`` with ``sign = 1 if x >= 0 else -1``; no primitive; -0.0 gives -inf."""


def _log_tailed_relu_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    in_tail = torch.gt(x, 1.0)
    tail = x.masked_fill(~in_tail, 1.0).reciprocal()
    return grad_output * fill(tail, x <= 0.0, alpha)


def _log_tailed_relu_primitive(x: Tensor, alpha: Any) -> Tensor:
    in_tail = x > 1.0
    tail = torch.log(x.masked_fill(~in_tail, 1.0)) + 1.0
    return torch.where(in_tail, tail, torch.where(x > 0.0, x, x * alpha))


LOG_TAILED_RELU = register(
    Family(
        "log_tailed_relu",
        ("alpha",),
        _log_tailed_relu_gradient,
        _log_tailed_relu_primitive,
        "g'(x) = alpha if x <= 0, 1 if 0 < x <= 1, 1/x if x > 1",
        "Cai et al. 2017 (Half-wave Gaussian Quantization); spikingjelly surrogate.LogTailedReLU",
    )
)
"""``g * where(x <= 0, alpha, where(x > 1, reciprocal(x), 1))``; the primitive's tail is ``log(x) + 1``."""


def _deterministic_pass_gradient(grad_output: Tensor, x: Tensor, alpha: Any = 1.0) -> Tensor:
    return grad_output


def _deterministic_pass_primitive(x: Tensor, alpha: Any = 1.0) -> Tensor:
    return x


DETERMINISTIC_PASS = register(
    Family(
        "deterministic_pass",
        (),
        _deterministic_pass_gradient,
        _deterministic_pass_primitive,
        "g'(x) = 1",
        "Bengio et al. 2013 (straight-through estimator); spikingjelly surrogate.DeterministicPass",
    )
)
"""``g`` itself; the primitive is ``x`` itself."""


def _rect_gradient(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
    return alpha * (torch.abs(x) < over(0.5, alpha)).to(x) * grad_output


def _rect_primitive(x: Tensor, alpha: Any) -> Tensor:
    return torch.clip(alpha * x + 0.5, min=0.0, max=1.0)


RECT = register(
    Family(
        "rect",
        ("alpha",),
        _rect_gradient,
        _rect_primitive,
        "g'(x) = alpha if |x| < 1/(2 alpha) else 0",
        "spikingjelly surrogate.Rect",
    )
)
"""``((|x| < 0.5/alpha) * alpha) * g``."""
