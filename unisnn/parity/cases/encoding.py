"""Encoders of ``activation_based``: seeded draws, codes, step modes, and what follows the last step."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ2 = "spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0"
_ENCODING = "activation_based.encoding"


def _case(edition: str, name: str, what: str, **more: Any) -> Case:
    more = {"protocol": "clock_encoder", "again": 1, **more}
    return _grid.made(edition, "encoding", f"{_ENCODING}.{name}", what, **more)


def _values(dtype: str = "float32", high: float = 1.0, **more: Any) -> dict[str, Any]:
    made = {"kind": "uniform", "seed": 91, "shape": [3, 4, 2], "low": 0.0, "high": high, "dtype": dtype}
    return {"x": {**made, **more}}


def _codes(edition: str) -> Iterator[Case]:
    evidence = (f"{_ENCODING}.StatefulEncoder", f"{_ENCODING}.StatelessEncoder")
    for dtype in ("float32", "float64", "float16"):
        inputs = _values(dtype)
        yield _case(edition, "PoissonEncoder", "draws", inputs=inputs, again=6, always=True, dtype=dtype)
    strided = _values(layout="strided")
    yield _case(edition, "PoissonEncoder", "strided", inputs=strided, always=True)
    yield _case(edition, "PoissonEncoder", "m", kwargs={"step_mode": "m"}, inputs=_values(), always=True)
    for function, steps in (("linear", 5), ("log", 5), ("linear", 1), ("log", 8), ("linear", 20)):
        more = _grid.options(args=(steps, function), inputs=_values(), evidence=evidence[:1])
        yield _case(edition, "LatencyEncoder", f"{function}/{steps}", again=steps + 2, **more)
    for dtype in ("float64", "float16"):
        more = _grid.options(args=(6, "log"), inputs=_values(dtype), dtype=dtype)
        yield _case(edition, "LatencyEncoder", "log/6", again=6, **more)
    edges = {"kind": "values", "values": [0.0, 1.0, 0.5, 0.25, 0.75, 0.1], "shape": [6]}
    for digits in (1, 4, 8):
        inputs = _values(high=1 - 2.0**-digits)
        more = _grid.options(args=(digits,), inputs=inputs, again=digits + 2)
        yield _case(edition, "WeightedPhaseEncoder", f"{digits}", **more)
    double = _grid.options(args=(4,), inputs=_values("float64", 0.9), dtype="float64")
    yield _case(edition, "WeightedPhaseEncoder", "4", again=5, **double)
    yield _case(edition, "LatencyEncoder", "edges", args=(5,), inputs={"x": edges}, again=5)
    train = {"$tensor": {"kind": "binary", "seed": 92, "shape": [4, 3]}}
    yield _case(edition, "PeriodicEncoder", "brought", args=(train,), inputs=_values(), again=9)
    yield _case(edition, "PeriodicEncoder", "kept", args=(train,), inputs=_values(), silent=True, again=9)


def _many(edition: str) -> Iterator[Case]:
    """Step mode 'm': as many steps as the input has, the code being that of its first step."""
    run = ["run", "x", "sequence"]
    train = {"$tensor": {"kind": "binary", "seed": 92, "shape": [5, 3]}}
    table: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("LatencyEncoder", (4,)),
        ("LatencyEncoder", (3, "log")),
        ("WeightedPhaseEncoder", (4,)),
        ("PeriodicEncoder", (train,)),
        ("PoissonEncoder", ()),
    )
    for (name, args), again in itertools.product(table, (False, True)):
        script = [run, run] if again else [run]
        states = [] if name == "PoissonEncoder" else ["t", "spike"]
        more = {"protocol": "neuron", "kwargs": {"step_mode": "m"}, "script": script, "states": states}
        what = f"m-{len(args)}-{'again' if again else 'once'}"
        inputs = _values(high=0.9, shape=[5, 4, 2])
        facts = edition == _SJ14 or None
        yield _case(edition, name, what, args=args, inputs=inputs, facts=facts, loss=[], again=None, **more)


def _refusals() -> Iterator[Case]:
    for wrong in (0, 2.5):
        yield _case(_SJ14, "LatencyEncoder", f"refuses-{wrong}", args=(wrong,), inputs=_values())
        yield _case(_SJ14, "WeightedPhaseEncoder", f"refuses-{wrong}", args=(wrong,), inputs=_values())
    yield _case(_SJ14, "LatencyEncoder", "refuses-other", args=(5, "other"), inputs=_values())
    yield _case(_SJ14, "LatencyEncoder", "too-large", args=(5,), inputs=_values(high=2.0))
    yield _case(_SJ14, "LatencyEncoder", "nothing", args=(3,), inputs=_values(), silent=True)
    yield _case(_SJ14, "WeightedPhaseEncoder", "too-large", args=(2,), inputs=_values())
    yield _case(_SJ14, "PoissonEncoder", "refuses-mode", kwargs={"step_mode": "x"}, inputs=_values())
    yield _case(_SJ14, "StatefulEncoder", "bare", args=(3,), inputs=_values())
    yield _case(_SJ14, "StatelessEncoder", "bare", inputs=_values(), always=True)


def cases() -> Iterator[Case]:
    """Yield the encoder cases of both editions."""
    for edition in (_SJ14, _SJ2):
        yield from _codes(edition)
        yield from _many(edition)
    yield from _refusals()
