"""IFSRL and ATIF of Qualia 2.6.0: learnable threshold, scaled output, both kinds of reset."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITION = "qualia-plugin-snn==2.6.0"
_HOME = "learningmodel.pytorch.layers.CustomNode"
_THRESHOLD = {"IFSRL": "vp_th", "ATIF": "v_threshold"}

_RUN: list[Any] = ["run", "x"]
_NINE_TENTHS = {"$tensor": {"kind": "values", "values": [0.9]}}
_AGAIN: list[Any] = ["run", "again"]


def _case(name: str, what: str, script: list[Any], source: str = "uni", **more: Any) -> Case:
    """Return one case; the drawn threshold is recorded first."""
    inputs = {"x": _grid.recipe(source, more.get("dtype"), more.pop("layout", None))}
    others = {"again": ("again", None), "wide": ("wide", None), "double": ("again", "float64")}
    for label, (origin, dtype) in others.items():
        if f"'{label}'" in str(script):
            inputs[label] = _grid.recipe(origin, dtype)
    family = more.pop("family", "neuron")
    whole = [["get", _THRESHOLD[name]], *script]
    return _grid.made(_EDITION, family, f"{_HOME}.{name}", what, inputs=inputs, script=whole, **more)


def _numbers(name: str) -> Iterator[Case]:
    for alpha, threshold, source in itertools.product(
        (0.5, 1.0, 4.0), (1.0, 2.0, 0.5), ("uni", "grid", "nrm")
    ):
        kwargs = {"alpha": alpha, "v_threshold": threshold}
        yield _case(name, f"{_grid.text(kwargs)}/{source}", [_RUN], source, kwargs=kwargs)
    for value, source, alpha in itertools.product((0.5, 0.75, 0.9, 1.0), ("uni", "grid"), (1.0, 3.0)):
        script = [["coefficients", [value]], _RUN]
        what = f"set_coeffs={value:g},alpha={alpha:g}/{source}"
        yield _case(name, what, script, source, kwargs={"alpha": alpha})
    for low, high in ((0.5, 0.6), (1.0, 1.0), (0.0, 2.0)):
        kwargs = {"vth_init_l": low, "vth_init_h": high}
        yield _case(name, _grid.text(kwargs), [_RUN], kwargs=kwargs)
    for source in (*_grid.EXTREMES, "scalar"):
        yield _case(name, source, [["coefficients", [0.75]], _RUN], source)
    for dtype in ("float16", "bfloat16", "float64"):
        for source in ("uni", "grid"):
            yield _case(name, f"dtype/{source}", [["coefficients", [0.75]], _RUN], source, dtype=dtype)
    yield _case(name, "integers", [_RUN], "count", dtype="int64", loss=[])
    for layout in ("strided", "transposed", "expanded"):
        yield _case(name, f"layout={layout}", [_RUN], layout=layout)
    for training in (True, False):
        yield _case(name, f"training={training}", [_RUN], training=training)
    yield _grid.made(
        _EDITION, "neuron", f"{_HOME}.{name}", "positional", args=(1.5, 0.7, 0.9, 2.0, "cpu"), **_given()
    )


def _given() -> dict[str, Any]:
    return {"inputs": _grid.drawn("uni"), "script": [_RUN]}


def _state(name: str) -> Iterator[Case]:
    scripts: dict[str, list[Any]] = {
        "second-call": [_RUN, _AGAIN],
        "reset": [_RUN, ["call", "reset"], _AGAIN],
        "state-dict": [["coefficients", [0.85]], _RUN, ["state_dict"], _AGAIN],
        "get-coeffs": [["call", "get_coeffs"]],
        "set-coeffs-in-graph": [
            ["attempt", ["call", "set_coeffs", {"$tensor": {"kind": "values", "values": [0.9]}}]]
        ],
        "set-coeffs-number": [["attempt", ["call", "set_coeffs", 0.9]], _RUN],
        "set-coeffs-length": [["attempt", ["coefficients", [0.9, 0.8]]], _RUN],
        "other-batch": [_RUN, ["attempt", ["run", "wide"]]],
        "double-later": [_RUN, ["run", "double"]],
        "deepcopy-fresh": [["deepcopy"], _RUN],
        "deepcopy-attached": [_RUN, ["attempt", ["deepcopy"]]],
    }
    for what, script in scripts.items():
        yield _case(name, what, script, family="state", facts=True)
    twice = [_RUN, ["backward"], ["call", "reset"], _AGAIN]
    yield _case(name, "reset-between-backwards", twice, family="state")
    if name == "ATIF":
        switched = [["set", "step_mode", "m"], ["run", "x", "sequence"], ["run", "again", "sequence"]]
        yield _case(name, "sequence", switched, family="state")
        yield _case(
            name, "sequence-reset", [*switched, ["call", "reset"], ["run", "x", "sequence"]], family="state"
        )
        memory = [
            _RUN,
            ["call", "detach"],
            _AGAIN,
            ["call", "set_reset_value", "v", 0.25],
            ["call", "reset"],
            _AGAIN,
        ]
        yield _case(name, "memories", memory, family="state")
        for value in (1, "1"):
            yield _grid.made(
                _EDITION, "state", f"{_HOME}.{name}", f"v_threshold={value!r}", kwargs={"v_threshold": value}
            )


def cases() -> Iterator[Case]:
    """Yield the neuron cases of Qualia."""
    for name in _THRESHOLD:
        yield from _numbers(name)
        yield from _state(name)
        curves = {"voltage": "trace/v/0", "spikes": "y/0"}
        script = [["coefficients", [0.9]], _RUN]
        yield _case(name, "curve", script, "ramp", plot=name, curves=curves, threshold=0.9)
