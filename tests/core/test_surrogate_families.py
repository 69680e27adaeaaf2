"""The families' formulas, order of operations and edges, against references written a second way."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from unisnn.core import surrogate
from unisnn.core.surrogate import cuda

CASES = {
    "sigmoid": [(4.0,), (0.7,)],
    "atan": [(2.0,), (0.7,)],
    "piecewise_exp": [(1.0,), (3.0,)],
    "soft_sign": [(2.0,), (0.7,)],
    "super_spike": [(1.0,), (100.0,)],
    "nonzero_sign_log_abs": [(1.0,), (0.7,)],
    "erf": [(2.0,), (0.7,)],
    "squarewave_fourier_series": [(2, 8), (5, 3.3), (1, 8)],
    "s2nn": [(4.0, 1.0), (2.0, 0.7)],
    "q_pseudo_spike": [(2.0,), (1.5,)],
    "piecewise_quadratic": [(1.0,), (0.7,)],
    "rect": [(1.0,), (0.7,)],
    "piecewise_leaky_relu": [(1.0, 0.01), (0.7, -0.2), (0.5, 0.0)],
    "piecewise_leaky_relu_full_height": [(1.0, 0.01), (0.7, -0.2)],
    "leaky_k_relu": [(0.0, 1.0), (0.1, 0.7)],
    "fake_numerical_gradient": [(0.3,), (2.0,)],
    "log_tailed_relu": [(0.0,), (0.1,)],
    "deterministic_pass": [()],
}
EVERY = [(name, parameters) for name, many in CASES.items() for parameters in many]


def logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


TRUTH = {
    "sigmoid": lambda x, a: a * logistic(a * x) * logistic(-a * x),
    "atan": lambda x, a: a / 2 / (1 + (math.pi / 2 * a * x) ** 2),
    "piecewise_exp": lambda x, a: a / 2 * math.exp(-a * abs(x)),
    "soft_sign": lambda x, a: a / 2 / (1 + abs(a * x)) ** 2,
    "super_spike": lambda x, a: a / (1 + abs(x)) ** 2,
    "nonzero_sign_log_abs": lambda x, a: a / (1 + abs(a * x)),
    "erf": lambda x, a: a / math.sqrt(math.pi) * math.exp(-((a * x) ** 2)),
    "squarewave_fourier_series": lambda x, n, t: (
        4 / t * sum(math.cos((2 * i - 1) * 2 * math.pi * x / t) for i in range(1, n))
    ),
    "s2nn": lambda x, a, b: a * logistic(a * x) * logistic(-a * x) if x < 0 else b / (x + 1),
    "q_pseudo_spike": lambda x, a: (1 + 2 * abs(x) / (a - 1)) ** -a,
    "piecewise_quadratic": lambda x, a: 0 if abs(x) > 1 / a else a - a * a * abs(x),
    "rect": lambda x, a: a if abs(x) < 1 / (2 * a) else 0,
    "piecewise_leaky_relu": lambda x, w, c: 1 / (2 * w) if abs(x) < w else c,
    "piecewise_leaky_relu_full_height": lambda x, w, c: 1 / w if abs(x) < w else c,
    "leaky_k_relu": lambda x, leak, k: k if x >= 0 else leak,
    "fake_numerical_gradient": lambda x, a: min(1 / abs(x), a),
    "log_tailed_relu": lambda x, a: a if x <= 0 else 1 if x <= 1 else 1 / x,
    "deterministic_pass": lambda x: 1,
}


def points() -> torch.Tensor:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(64, generator=generator, dtype=torch.float64) * 1.5


def test_every_python_number_family_is_tested() -> None:
    from unisnn.core.surrogate import piecewise, smooth

    named = {getattr(module, name).name for module in (piecewise, smooth) for name in module.__all__}
    assert named == set(CASES) == set(TRUTH)
    assert all(surrogate.family(name).equation and surrogate.family(name).source for name in named)
    assert set(cuda.FAMILIES_WITH_TEXT) <= named


@pytest.mark.parametrize(("name", "parameters"), EVERY)
def test_gradient_is_the_formula(name: str, parameters: tuple[float, ...]) -> None:
    x = points()
    g = torch.linspace(-2, 2, x.numel(), dtype=torch.float64)
    want = g * torch.tensor([TRUTH[name](v, *parameters) for v in x.tolist()], dtype=torch.float64)
    torch.testing.assert_close(
        surrogate.family(name).gradient(g, x, *parameters), want, rtol=1e-12, atol=1e-15
    )


WITH_PRIMITIVE = [case for case in EVERY if surrogate.family(case[0]).primitive is not None]


@pytest.mark.parametrize(("name", "parameters"), WITH_PRIMITIVE)
def test_primitive_has_the_gradient_as_derivative(name: str, parameters: tuple[float, ...]) -> None:
    family = surrogate.family(name)
    x = points().requires_grad_()
    assert family.primitive is not None
    y = family.primitive(x, *parameters)
    slope = torch.autograd.grad(y.sum(), x, allow_unused=True)[0] if y.requires_grad else torch.zeros_like(x)
    want = family.gradient(torch.ones_like(x), x.detach(), *parameters)
    if name == "piecewise_leaky_relu_full_height":  # twice as high as its primitive is steep
        want = torch.where(x.detach().abs() < parameters[0], want / 2, want)
    # S2NN's primitive has log(x + 1 + 1e-5): its slope is 1e-5 off at most.
    tolerance = 2e-5 if name == "s2nn" else 1e-10
    torch.testing.assert_close(slope, want, rtol=tolerance, atol=1e-15)


@pytest.mark.parametrize("name", ["super_spike", "fake_numerical_gradient"])
def test_these_have_no_primitive(name: str) -> None:
    assert surrogate.family(name).primitive is None


# The order of operations, written a second time in numpy: every operation rounds once, scalars are
# rounded from double. Families without exp, cos, pow or a logistic function are exact on any machine.
ORDERED = {
    "atan": lambda o, g, x, a: o.mul(
        o.mul(o.inv(o.add(o.mul_tensors(u := o.mul(x, math.pi / 2 * a), u), 1.0)), a / 2), g
    ),
    "soft_sign": lambda o, g, x, a: o.div(g, o.mul(o.mul_tensors(u := o.add(abs(x), 1 / a), u), 2 * a)),
    "super_spike": lambda o, g, x, a: o.div(o.mul(g, a), o.mul_tensors(u := o.add(abs(x), 1.0), u)),
    "nonzero_sign_log_abs": lambda o, g, x, a: o.div(g, o.add(abs(x), 1 / a)),
    "piecewise_quadratic": lambda o, g, x, a: np.where(
        abs(x) > o.scalar(1 / a), o.scalar(0.0), o.mul_tensors(g, o.add(o.mul(abs(x), -(a**2)), a))
    ),
    "rect": lambda o, g, x, a: o.mul_tensors(
        np.where(abs(x) < o.scalar(0.5 / a), o.scalar(a), o.scalar(0.0)), g
    ),
    "piecewise_leaky_relu": lambda o, g, x, w, c: o.mul_tensors(
        g, np.where(abs(x) < o.scalar(w), o.scalar(1 / (2 * w)), o.scalar(c))
    ),
    "leaky_k_relu": lambda o, g, x, leak, k: o.mul_tensors(g, np.where(x >= 0, o.scalar(k), o.scalar(leak))),
    "log_tailed_relu": lambda o, g, x, a: o.mul_tensors(
        g,
        np.where(
            x <= 0, o.scalar(a), np.where(x > 1, o.inv(np.where(x > 1, x, o.scalar(1.0))), o.scalar(1.0))
        ),
    ),
}


class Ordered:
    """One rounding an operation, scalars rounded from double: float32 or float64 arithmetic."""

    def __init__(self, kind: type[np.floating]) -> None:
        self.scalar = kind

    def add(self, x: np.ndarray, value: float) -> np.ndarray:
        return x + self.scalar(value)

    def mul(self, x: np.ndarray, value: object) -> np.ndarray:
        return x * (self.scalar(value) if isinstance(value, float) else value)

    def mul_tensors(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return x * y

    def div(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return x / y

    def inv(self, x: np.ndarray) -> np.ndarray:
        return self.scalar(1) / x


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "parameters"), [case for case in EVERY if case[0] in ORDERED])
def test_order_of_operations_bit_for_bit(
    name: str, parameters: tuple[float, ...], kind: type[np.floating]
) -> None:
    generator = np.random.default_rng(11)
    edges = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -0.5,
        1 / 0.7,
        -1 / 0.7,
        0.5 / 0.7,
        0.7,
        -0.7,
        1e10,
        np.nan,
        np.inf,
        -np.inf,
    ]
    x = np.concatenate([generator.normal(size=2000) * 2, edges]).astype(kind)
    g = generator.normal(size=x.size).astype(kind)
    with np.errstate(all="ignore"):
        want = ORDERED[name](Ordered(kind), g, x, *parameters)
    got = surrogate.family(name).gradient(torch.from_numpy(g), torch.from_numpy(x), *parameters).numpy()
    assert want.dtype == got.dtype == kind
    numbers = ~np.isnan(want)
    np.testing.assert_array_equal(numbers, ~np.isnan(got))
    np.testing.assert_array_equal(want[numbers], got[numbers])
    np.testing.assert_array_equal(np.signbit(want[numbers]), np.signbit(got[numbers]))


def test_a_reordered_product_would_be_noticed() -> None:
    g, x = torch.randn(2, 4000, generator=torch.Generator().manual_seed(0))
    reordered = g * (0.7 / 2) / (1 + (math.pi / 2 * 0.7 * x) ** 2)
    assert not torch.equal(surrogate.ATAN.gradient(g, x, 0.7), reordered)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize(("name", "parameters"), EVERY)
def test_dtype_shape_and_layout(name: str, parameters: tuple[float, ...], dtype: torch.dtype) -> None:
    family = surrogate.family(name)
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(1)).to(dtype)
    for strided in (x.t(), x[:, ::2], x[0, 0], x[:0]):
        gradient = family.gradient(torch.ones_like(strided), strided, *parameters)
        half_in_float32 = name == "fake_numerical_gradient" and dtype in (torch.float16, torch.bfloat16)
        assert gradient.dtype == (torch.float32 if half_in_float32 else dtype)
        assert gradient.shape == strided.shape
        if family.primitive is not None:
            value = family.primitive(strided, *parameters)
            assert value.dtype == dtype
            assert value.shape == strided.shape


@pytest.mark.parametrize("name", ["piecewise_quadratic", "rect", "nonzero_sign_log_abs"])
def test_zero_alpha_gives_a_flat_gradient(name: str) -> None:
    x = torch.tensor([-2.0, 0.0, 3.0])
    assert surrogate.family(name).gradient(torch.ones(3), x, 0.0).abs().tolist() == [0.0, 0.0, 0.0]


def test_alpha_equal_one_has_no_q_pseudo_spike() -> None:
    with pytest.raises(ZeroDivisionError):
        surrogate.Q_PSEUDO_SPIKE.gradient(torch.ones(1), torch.ones(1), 1.0)


@pytest.mark.parametrize(
    "parameter", [torch.tensor(0.7), torch.tensor([0.7]), np.float64(0.7), np.float32(0.7)]
)
@pytest.mark.parametrize("name", [name for name, many in CASES.items() if len(many[0]) == 1])
def test_other_kinds_of_alpha(name: str, parameter: object) -> None:
    family = surrogate.family(name)
    x = points().float()
    number = 0.7
    if name == "q_pseudo_spike":
        parameter, number = parameter + 1, 1.7  # type: ignore[operator]
    want = family.gradient(torch.ones_like(x), x, number)
    torch.testing.assert_close(family.gradient(torch.ones_like(x), x, parameter), want, rtol=1e-6, atol=1e-7)
    if family.primitive is not None:
        torch.testing.assert_close(
            family.primitive(x, parameter), family.primitive(x, number), rtol=1e-6, atol=1e-7
        )


NOT_DIFFERENTIABLE = {"leaky_k_relu", "deterministic_pass", "rect"}
FLAT = {"piecewise_leaky_relu", "piecewise_leaky_relu_full_height"}


@pytest.mark.parametrize(("name", "parameters"), EVERY)
def test_double_backward(name: str, parameters: tuple[float, ...]) -> None:
    if name == "squarewave_fourier_series" and parameters[0] == 1:
        parameters = (3, 8)
    x = points().requires_grad_()
    first = surrogate.family(name).gradient(torch.ones_like(x), x, *parameters)
    if name in NOT_DIFFERENTIABLE:
        assert not first.requires_grad
        return
    (second,) = torch.autograd.grad(first.sum(), x)
    if name in FLAT:
        assert second.abs().max() == 0
        return
    step = 1e-6
    with torch.no_grad():
        ahead, behind = (
            surrogate.family(name).gradient(torch.ones_like(x), x + d, *parameters) for d in (step, -step)
        )
    numeric = (ahead - behind) / (2 * step)
    smooth = numeric.abs() < 1e4  # a jump of the gradient within one step
    torch.testing.assert_close(second[smooth], numeric[smooth], rtol=1e-4, atol=1e-5)
