"""CUDA text of surrogate gradients: the families' arithmetic, operation by operation.

The text computes ``y = g'(x)`` for one element (``float``) or a pair (``half2``). Sums, products and
quotients use the correctly rounded intrinsics ``__fadd_rn``, ``__fmul_rn``, ..., which a compiler may
not contract into fused multiply-adds; in the ``half2`` form every operation is done in float32 and
rounded to half, as torch's half kernels do. Only ``expf``, ``powf`` and ``cosf`` may differ from
torch in their last bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch

__all__ = ["FAMILIES_WITH_TEXT", "assignment", "declaration"]


class _Step(NamedTuple):
    """``const float name = expression``; ``rounded``: to half in the ``half2`` form."""

    name: str
    expression: str
    rounded: bool = True


class _Form(NamedTuple):
    """How Python numbers are written: ``number`` as an operand, ``stored`` as an element of the tensor."""

    dtype: torch.dtype

    def number(self, value: float) -> str:
        return _literal(torch.tensor(value, dtype=torch.float32).item())

    def stored(self, value: float) -> str:
        return _literal(torch.tensor(value, dtype=self.dtype).item())


def _literal(value: float) -> str:
    if math.isnan(value):
        return "__int_as_float(0x7fffffff)"
    if math.isinf(value):
        return f"__int_as_float(0x{'7f' if value > 0 else 'ff'}800000)"
    text = f"{value:.9g}"
    return f"({text}f)" if "." in text or "e" in text else f"({text}.0f)"


def _add(a: str, b: str) -> str:
    return f"__fadd_rn({a}, {b})"


def _sub(a: str, b: str) -> str:
    return f"__fsub_rn({a}, {b})"


def _mul(a: str, b: str) -> str:
    return f"__fmul_rn({a}, {b})"


def _div(a: str, b: str) -> str:
    return f"__fdiv_rn({a}, {b})"


def _logistic(x: str) -> str:
    return _div("1.0f", _add("1.0f", f"expf(-{x})"))


def _sigmoid(form: _Form, alpha: float) -> list[_Step]:
    return [
        _Step("sg_ax", _mul("sg_x", form.number(alpha))),
        _Step("sg_s", _logistic("sg_ax")),
        _Step("sg_r", _sub("1.0f", "sg_s")),
        _Step("sg_p", _mul("sg_r", "sg_s")),
        _Step("sg_y", _mul("sg_p", form.number(alpha))),
    ]


def _atan(form: _Form, alpha: float) -> list[_Step]:
    return [
        _Step("sg_ax", _mul("sg_x", form.number(math.pi / 2 * alpha))),
        _Step("sg_q", _mul("sg_ax", "sg_ax")),
        _Step("sg_d", _add("sg_q", "1.0f")),
        _Step("sg_r", _div("1.0f", "sg_d")),
        _Step("sg_y", _mul("sg_r", form.number(alpha / 2))),
    ]


def _super_spike(form: _Form, alpha: float) -> list[_Step]:
    return [
        _Step("sg_d", _add("fabsf(sg_x)", "1.0f")),
        _Step("sg_q", _mul("sg_d", "sg_d")),
        _Step("sg_y", _div(form.stored(alpha), "sg_q")),
    ]


def _window(form: _Form, w: float, height: float, outside: float) -> list[_Step]:
    return [
        _Step("sg_y", f"fabsf(sg_x) < {form.stored(w)} ? {form.stored(height)} : {form.stored(outside)}"),
    ]


def _piecewise_leaky_relu(form: _Form, w: float, c: float) -> list[_Step]:
    return _window(form, w, 1.0 / (2.0 * w), c)


def _piecewise_leaky_relu_full_height(form: _Form, w: float, c: float) -> list[_Step]:
    return _window(form, w, 1.0 / w, c)


def _squarewave_fourier_series(form: _Form, n: float, T_period: float) -> list[_Step]:
    w, count = math.pi * 2.0 / T_period, int(n)
    steps = [_Step("sg_0", "0.0f")]
    for i in range(1, count):
        steps.append(_Step(f"sg_a{i}", _mul("sg_x", form.number((2 * i - 1.0) * w))))
        steps.append(_Step(f"sg_c{i}", f"cosf(sg_a{i})"))
        steps.append(_Step(f"sg_{i}", _add(f"sg_{i - 1}", f"sg_c{i}")))
    return [*steps, _Step("sg_y", _mul(f"sg_{max(count - 1, 0)}", form.number(4.0 / T_period)))]


def _s2nn(form: _Form, alpha: float, beta: float) -> list[_Step]:
    return [
        _Step("sg_ax", _mul("sg_x", form.number(alpha))),
        _Step("sg_s", _logistic("sg_ax")),
        _Step("sg_as", _mul("sg_s", form.number(alpha))),
        _Step("sg_r", _sub("1.0f", "sg_s")),
        _Step("sg_left", _mul("sg_as", "sg_r")),
        _Step("sg_d", _add("sg_x", "1.0f")),
        _Step("sg_q", _div("1.0f", "sg_d")),
        _Step("sg_right", _mul("sg_q", form.number(beta))),
        _Step("sg_y", "sg_x < 0.0f ? sg_left : sg_right"),
    ]


def _q_pseudo_spike(form: _Form, alpha: float) -> list[_Step]:
    # torch computes the powers -1 and -2 by division, where powf would differ in the last bit, and
    # rounds the exponent to the dtype of the tensor.
    special = {1.0: _div("1.0f", "sg_b"), 2.0: _div("1.0f", _mul("sg_b", "sg_b"))}
    return [
        _Step("sg_m", _mul("fabsf(sg_x)", form.number(2 / (alpha - 1)))),
        _Step("sg_b", _add("sg_m", "1.0f")),
        _Step("sg_y", special.get(alpha, f"powf(sg_b, {form.stored(-alpha)})")),
    ]


def _leaky_k_relu(form: _Form, leak: float, k: float) -> list[_Step]:
    return [_Step("sg_y", f"sg_x >= 0.0f ? {form.stored(k)} : {form.stored(leak)}")]


def _fake_numerical_gradient(form: _Form, alpha: float) -> list[_Step]:
    # The sign is a float32 tensor, so half inputs are computed in float32 and rounded once.
    limit = form.number(alpha)
    return [
        _Step("sg_q", _div("(sg_x >= 0.0f ? 1.0f : -1.0f)", "sg_x"), rounded=False),
        _Step("sg_y", f"sg_q > {limit} ? {limit} : sg_q"),
    ]


def _log_tailed_relu(form: _Form, alpha: float) -> list[_Step]:
    return [
        _Step("sg_tail", f"sg_x > 1.0f ? {_div('1.0f', 'sg_x')} : 1.0f"),
        _Step("sg_y", f"sg_x <= 0.0f ? {form.stored(alpha)} : sg_tail"),
    ]


_STEPS: dict[str, Callable[..., list[_Step]]] = {
    "atan": _atan,
    "fake_numerical_gradient": _fake_numerical_gradient,
    "leaky_k_relu": _leaky_k_relu,
    "log_tailed_relu": _log_tailed_relu,
    "piecewise_leaky_relu": _piecewise_leaky_relu,
    "piecewise_leaky_relu_full_height": _piecewise_leaky_relu_full_height,
    "q_pseudo_spike": _q_pseudo_spike,
    "s2nn": _s2nn,
    "sigmoid": _sigmoid,
    "squarewave_fourier_series": _squarewave_fourier_series,
    "super_spike": _super_spike,
}

FAMILIES_WITH_TEXT: tuple[str, ...] = tuple(_STEPS)
"""The names of the families that have CUDA text."""


def assignment(family: str, parameters: Mapping[str, Any], y: str, x: str, dtype: str) -> str:
    """Return a CUDA block that assigns the gradient of ``family`` at ``x`` to the variable ``y``.

    ::

        y = g'(x)

    Args:
        family: a member of :data:`FAMILIES_WITH_TEXT`.
        parameters: the family's parameters by name, Python numbers.
        y: name of a declared variable (it must not begin with ``sg_``).
        x: a CUDA expression (no name in it may begin with ``sg_``).
        dtype: ``"float"`` (one element) or ``"half2"`` (a pair).

    Raises:
        NotImplementedError: another ``dtype``, or a family without CUDA text.

    Source: unisnn; the numbers are those of the family's Python gradient.
    """
    if dtype not in ("float", "half2"):
        raise NotImplementedError(f"CUDA text: dtype={dtype!r} is not supported; expected 'float' or 'half2'")
    if family not in _STEPS:
        raise NotImplementedError(
            f"CUDA text: family={family!r} has none; expected one of {FAMILIES_WITH_TEXT}"
        )
    form = _Form(torch.float32 if dtype == "float" else torch.float16)
    steps = _STEPS[family](form, **parameters)
    return _float_block(steps, y, x) if dtype == "float" else _half2_block(steps, y, x)


def declaration(family: str, parameters: Mapping[str, Any], y: str, x: str, dtype: str) -> str:
    """Return :func:`assignment` preceded by the declaration of ``y``; arguments and errors are the same."""
    block = assignment(family, parameters, y, x, dtype)
    return f"{dtype} {y};\n{block}"


def _float_block(steps: list[_Step], y: str, x: str) -> str:
    body = "\n".join(f"    const float {step.name} = {step.expression};" for step in steps)
    return f"{{\n    const float sg_x = {x};\n{body}\n    {y} = sg_y;\n}}\n"


def _half2_block(steps: list[_Step], y: str, x: str) -> str:
    body = "\n".join(
        f"        const float {step.name} = "
        + (f"__half2float(__float2half_rn({step.expression}));" if step.rounded else f"{step.expression};")
        for step in steps
    )
    return (
        f"{{\n    const half2 sg_pair = {x};\n"
        "    float sg_lane[2] = {__low2float(sg_pair), __high2float(sg_pair)};\n"
        "    for (int sg_i = 0; sg_i < 2; ++sg_i) {\n"
        "        const float sg_x = sg_lane[sg_i];\n"
        f"{body}\n"
        "        sg_lane[sg_i] = sg_y;\n"
        "    }\n"
        f"    {y} = __floats2half2_rn(sg_lane[0], sg_lane[1]);\n}}\n"
    )
