"""Encoders of ``clock_driven``: seeded draws, codes, and what happens after the last step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14 = "spikingjelly==0.0.0.0.14"
_ENCODING = "clock_driven.encoding"


def _made(name: str, what: str, protocol: str = "clock_encoder", **more: Any) -> Case:
    return _grid.made(_SJ14, "clock_encoder", f"{_ENCODING}.{name}", what, protocol=protocol, **more)


def _values(dtype: str = "float32", high: float = 1.0) -> dict[str, Any]:
    shape = [3, 4, 2]
    return {"x": {"kind": "uniform", "seed": 91, "shape": shape, "low": 0.0, "high": high, "dtype": dtype}}


def cases() -> Iterator[Case]:
    """Yield the encoder cases of ``clock_driven``."""
    evidence = (f"{_ENCODING}.StatefulEncoder",)
    for dtype in ("float32", "float64", "float16"):
        yield _made("PoissonEncoder", "draws", inputs=_values(dtype), again=6, always=True, dtype=dtype)
    for function, steps in (
        ("linear", 5),
        ("log", 5),
        ("linear", 1),
        ("log", 8),
        ("linear", 20),
        ("other", 5),
    ):
        more = _grid.options(args=(steps, function), inputs=_values(), again=steps + 2, evidence=evidence)
        yield _made("LatencyEncoder", f"{function}/{steps}", **more)
    for dtype in ("float64", "float16"):
        yield _made("LatencyEncoder", "log/6", args=(6, "log"), inputs=_values(dtype), again=6, dtype=dtype)
    for digits in (1, 4, 8):
        inputs = _values(high=1 - 2.0**-digits)
        yield _made("WeightedPhaseEncoder", f"{digits}", args=(digits,), inputs=inputs, again=digits + 2)
    yield _made("WeightedPhaseEncoder", "too-large", args=(2,), inputs=_values(), again=1)
    double = _values("float64", 0.9)
    yield _made("WeightedPhaseEncoder", "4", args=(4,), inputs=double, again=5, dtype="float64")
    train = {"$tensor": {"kind": "binary", "seed": 92, "shape": [4, 3]}}
    yield _made("PeriodicEncoder", "train", args=(train,), inputs=_values(), silent=True, again=9)
    for wrong in (0.0, 2.5):
        yield _made("LatencyEncoder", f"refused/{wrong}", args=(wrong,), inputs=_values(), again=1)
    yield _made("LatencyEncoder", "nothing", args=(3,), inputs=_values(), silent=True, again=1)
    yield _made("StatefulEncoder", "bare", args=(3,), inputs=_values(), again=1)
    yield _made("StatelessEncoder", "bare", inputs=_values(), again=1, always=True)
