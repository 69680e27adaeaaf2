"""Surrogate cases of Qualia's CustomNode: heaviside and SpikeFunctionSigmoid with alpha as a tensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases._surrogate_kit import DTYPES, LAYOUTS, grid, random_input

__all__ = ["cases"]

_EDITION, _SHORT, _MODULE = "qualia-plugin-snn==2.6.0", "qu", "learningmodel.pytorch.layers.CustomNode"


def _function(what: str, alpha: Any, x: dict[str, Any], family: str = "function") -> Case:
    return Case(
        id=f"{_SHORT}/{family}/SpikeFunctionSigmoid/{what}",
        edition=_EDITION,
        family=family,
        symbol=f"{_MODULE}.SpikeFunctionSigmoid",
        protocol="autograd_function",
        args=(alpha,),
        inputs={"x": x},
    )


def _alpha(
    value: float, shape: tuple[int, ...], word: str = "$tensor", dtype: str = "float32"
) -> dict[str, Any]:
    count = shape[0] if shape else 1
    return {word: {"kind": "values", "values": [value] * count, "shape": list(shape), "dtype": dtype}}


def cases() -> Iterator[Case]:
    """Yield every Qualia surrogate case."""
    for dtype in DTYPES:
        for value in (0.7, 1.0, 3.0, 4.0):
            for name, alpha in (("0-dim", _alpha(value, ())), ("1", _alpha(value, (1,)))):
                yield _function(f"alpha={value},{name}/grid/{dtype}", alpha, grid((), dtype))
                x = random_input(f"qualia/{value}/{name}", dtype)
                yield _function(f"alpha={value},{name}/random/{dtype}", alpha, x)
        yield _function(f"alpha=0.7,64-bit/grid/{dtype}", _alpha(0.7, (1,), dtype="float64"), grid((), dtype))
        per_channel = {"$tensor": {"kind": "values", "values": [0.5, 1.0, 4.0]}}
        yield _function(
            f"alpha=per-channel/{dtype}", per_channel, random_input("qualia/channel", dtype, (5, 3))
        )
        yield _function(f"alpha=parameter/{dtype}", _alpha(4.0, (1,), "$parameter"), grid((), dtype))
    yield _function("alpha=float/float32", 4.0, grid((), "float32"), "refusal")
    for name, recipe in LAYOUTS.items():
        yield _function(f"{name}/float32", _alpha(4.0, (1,)), {**recipe, "dtype": "float32"}, "layout")
    for dtype in (*DTYPES, "int64", "bool"):
        floating = "float" in dtype
        x = grid((), dtype) if floating else {"kind": "steps", "low": -1, "high": 1, "step": 1, "shape": [9]}
        yield Case(
            id=f"{_SHORT}/heaviside/heaviside/{dtype}",
            edition=_EDITION,
            family="heaviside",
            symbol=f"{_MODULE}.heaviside",
            protocol="call",
            inputs={"x": {**x, "dtype": dtype}},
        )
