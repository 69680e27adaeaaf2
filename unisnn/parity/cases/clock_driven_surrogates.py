"""Surrogates of ``clock_driven``: classes, their primitives and autograd functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid
from unisnn.parity.cases._surrogate_kit import grid

__all__ = ["cases"]

_SJ14 = "spikingjelly==0.0.0.0.14"
_SURROGATE = "clock_driven.surrogate"

_TABLE: tuple[tuple[str, str, dict[str, Any], tuple[Any, ...]], ...] = (
    ("PiecewiseQuadratic", "piecewise_quadratic", {"alpha": 0.7}, (1.0,)),
    ("PiecewiseExp", "piecewise_exp", {"alpha": 0.7}, (1.0,)),
    ("Sigmoid", "sigmoid", {"alpha": 0.7}, (4.0,)),
    ("SoftSign", "soft_sign", {"alpha": 0.7}, (2.0,)),
    ("ATan", "atan", {"alpha": 3.0}, (2.0,)),
    ("NonzeroSignLogAbs", "nonzero_sign_log_abs", {"alpha": 0.7}, (1.0,)),
    ("Erf", "erf", {"alpha": 0.7}, (2.0,)),
    ("PiecewiseLeakyReLU", "piecewise_leaky_relu", {"w": 0.3, "c": 0.1}, (1.0, 0.01)),
    ("SquarewaveFourierSeries", "squarewave_fourier_series", {"n": 4, "T_period": 3.0}, (2, 8)),
    ("S2NN", "s2nn", {"alpha": 2.0, "beta": 0.5}, (4.0, 1.0)),
    ("QPseudoSpike", "q_pseudo_spike", {"alpha": 1.5}, (2.0,)),
)
"""Class, autograd function, other arguments, and the function's arguments."""


def _made(symbol: str, what: str, protocol: str, **more: Any) -> Case:
    return _grid.made(_SJ14, "clock_surrogate", f"{_SURROGATE}.{symbol}", what, protocol=protocol, **more)


def cases() -> Iterator[Case]:
    """Yield the surrogate cases of ``clock_driven``."""
    for name, function, kwargs, args in _TABLE:
        edges = (1.0,) if name in ("PiecewiseQuadratic", "PiecewiseLeakyReLU") else ()
        for dtype in ("float32", "float16", "float64"):
            inputs = {"x": grid(edges, dtype)}
            yield _made(name, "default", "surrogate", inputs=inputs, dtype=dtype)
            yield _made(name, _grid.text(kwargs), "surrogate", kwargs=kwargs, inputs=inputs, dtype=dtype)
        inputs = {"x": grid(edges, "float32")}
        primitive = {**kwargs, "spiking": False}
        yield _made(name, "primitive", "surrogate", kwargs=primitive, inputs=inputs)
        switched = _grid.options(kwargs=primitive, inputs=inputs, set_spiking=True)
        yield _made(name, "switched", "surrogate", **switched)
        x = {"$tensor": grid(edges, "float32")}
        yield _made(function, "apply", "clock_apply", args=(x, *args))
    x = {"$tensor": grid((), "float32")}
    yield _made("heaviside", "grid", "function", args=(x,))
    base = _grid.options(
        args=(2.0,), script=[["facts", "made"], ["call", "set_spiking_mode", False]], states=[]
    )
    yield _made("SurrogateFunctionBase", "made", "neuron", **base)
    several = {
        **base,
        "args": (True,),
        "script": [["call", "set_spiking_mode", False]],
        "states": ["spiking"],
    }
    yield _made("MultiArgsSurrogateFunctionBase", "made", "neuron", **several)
