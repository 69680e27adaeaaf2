"""Neurons of ``clock_driven``: the numbers of single and multi step classes, and their state."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14 = "spikingjelly==0.0.0.0.14"
_NEURON, _SURROGATE = "clock_driven.neuron", "clock_driven.surrogate"
_BASE = (f"{_NEURON}.BaseNode", "clock_driven.base.MemoryModule")

_SINGLE = ("IFNode", "LIFNode", "ParametricLIFNode", "QIFNode", "EIFNode")
_MULTI = ("MultiStepIFNode", "MultiStepLIFNode", "MultiStepParametricLIFNode", "MultiStepEIFNode")
_RUN, _AGAIN = ["run", "x"], ["run", "again"]


def _driven(name: str) -> dict[str, Any]:
    if name.startswith("MultiStep"):
        return {"drive": "sequence", "states": ["v", "v_seq"]}
    return {"drive": "step"}


def _case(name: str, what: str, kwargs: dict[str, Any], source: str, **more: Any) -> Case:
    dtype = more.get("dtype")
    more.setdefault("inputs", _grid.drawn(source, dtype))
    given = {**_driven(name), **more}
    return _grid.made(
        _SJ14,
        "clock_neuron",
        f"{_NEURON}.{name}",
        f"{_grid.text(kwargs)}/{what}-{source}",
        kwargs=kwargs,
        evidence=_BASE,
        **given,
    )


def _arguments(name: str) -> Iterator[dict[str, Any]]:
    resets = (0.0, None, -0.1, 0.2)
    plain = name.removeprefix("MultiStep")
    if plain == "IFNode":
        for v_reset, detach in itertools.product(resets, (False, True)):
            yield {"v_reset": v_reset, "detach_reset": detach}
    elif plain in ("LIFNode", "ParametricLIFNode"):
        tau = "tau" if plain == "LIFNode" else "init_tau"
        for value, decay, v_reset in itertools.product((2.0, 1.7), (True, False), resets):
            yield {
                tau: value,
                "decay_input": decay,
                "v_reset": v_reset,
                "detach_reset": v_reset in (None, 0.2),
            }
        yield {tau: 4 / 3, "v_reset": 0.2, "detach_reset": False}
    elif plain == "QIFNode":
        yield {}
        yield {"v_reset": None, "v_c": 0.7, "a0": 1.3}
        yield {"tau": 1.7, "v_rest": 0.1, "detach_reset": True}
    else:
        yield {}
        yield {"v_reset": None, "delta_T": 0.7, "theta_rh": 0.6}
        yield {"tau": 1.7, "v_rest": 0.1, "detach_reset": True}


def _numbers(name: str) -> Iterator[Case]:
    for number, kwargs in enumerate(_arguments(name)):
        yield _case(name, "train", kwargs, ("uni", "grid")[number % 2])
        if number % 4 == 1:
            yield _case(name, "eval", kwargs, "uni", training=False, loss=["y", "v"])
    for source in ("wild", "empty", "one", "image", "huge"):
        yield _case(name, "train", {"v_reset": None} if source in ("wild", "one") else {}, source)
    for dtype in ("float16", "bfloat16", "float64"):
        yield _case(name, "train", {"v_reset": -0.2}, "uni", dtype=dtype)
    yield _case(name, "train", {"v_threshold": 0.5, "v_reset": None}, "grid")
    yield _case(name, "layout", {}, "uni", inputs=_grid.drawn("uni", layout="strided"))
    yield _case(name, "integers", {}, "count", dtype="int64", loss=[])


def _surrogates(name: str) -> Iterator[Case]:
    choices = (
        _grid.new(f"{_SURROGATE}.ATan"),
        _grid.new(f"{_SURROGATE}.PiecewiseQuadratic"),
        _grid.new(f"{_SURROGATE}.PiecewiseLeakyReLU", w=0.5, c=0.1),
        _grid.new(f"{_SURROGATE}.Sigmoid", alpha=1.0, spiking=False),
        _grid.new(f"{_SURROGATE}.S2NN"),
    )
    for choice in choices:
        kwargs = {"surrogate_function": choice, "detach_reset": True}
        yield _case(name, "train", kwargs, "nrm")


def _state(name: str) -> Iterator[Case]:
    inputs = {"x": _grid.recipe("uni"), "again": _grid.recipe("again")}
    fixed = {"$tensor": {"kind": "uniform", "seed": 31, "shape": [4, 3], "low": 0.5, "high": 0.9}}
    table: dict[str, list[list[Any]]] = {
        "second-call": [_RUN, _AGAIN],
        "reset-between": [_RUN, ["call", "reset"], ["get", "v"], _AGAIN],
        "detach-between": [_RUN, ["call", "detach"], _AGAIN],
        "threshold-set": [
            ["set", "v_threshold", 0.7],
            _RUN,
            ["call", "reset"],
            ["get", "v_threshold"],
            _AGAIN,
        ],
        "threshold-tensor": [["set", "v_threshold", fixed], _RUN, ["call", "reset"], ["get", "v_threshold"]],
        "v-tensor": [["set", "v", fixed], _RUN],
        "reset-value": [["call", "set_reset_value", "v", 0.25], _RUN, ["call", "reset"], _AGAIN],
        "deepcopy": [_RUN, ["call", "detach"], ["deepcopy"], _AGAIN],
        "state-dict": [_RUN, ["state_dict"], _AGAIN],
        "reset-net": [_RUN, ["apply", "clock_driven.functional.reset_net"], ["get", "v"], _AGAIN],
    }
    for what, script in table.items():
        facts = what in ("second-call", "reset-between") or None
        yield _case(name, what, {"v_reset": -0.1}, "uni", inputs=inputs, script=script, facts=facts)
    double = {"x": _grid.recipe("uni"), "double": _grid.recipe("again", "float64")}
    script = [_RUN, ["call", "detach"], ["to", "float64"], ["get", "v"], ["run", "double"]]
    yield _case(name, "to-double", {}, "uni", inputs=double, script=script)


def _subclasses() -> Iterator[Case]:
    hooks = (
        ("neuronal_charge", "charge_quarter"),
        ("neuronal_fire", "fire_twice"),
        ("neuronal_reset", "reset_halves"),
    )
    for name, hook, training in itertools.product(("LIFNode", "MultiStepLIFNode"), hooks, (True, False)):
        word = f"override-{hook[0]}-{training}"
        yield _case(name, word, {}, "uni", protocol="neuron_subclass", override=list(hook), training=training)
    yield _case("BaseNode", "own", {}, "uni", protocol="neuron_subclass", override=list(hooks[0]))


def _others() -> Iterator[Case]:
    leaks: tuple[dict[str, Any], ...] = ({}, {"v_reset": None, "tau": 1.7, "detach_reset": True})
    for function, related, leak in itertools.product(("relu", "tanh"), (True, False), leaks):
        given = {"threshold_related": related, **leak}
        yield _case("LIAFNode", function, given, "uni", protocol="clock_liaf", function=function)
    for backend in ("torch", "cupy", "lava", "abacus"):
        more = _grid.options(protocol="function", args=(backend,))
        yield _grid.made(_SJ14, "clock_neuron", f"{_NEURON}.check_backend", backend, **more)
    for name in ("MultiStepIFNode", "MultiStepLIFNode", "MultiStepParametricLIFNode"):
        yield _case(name, "backend", {"backend": "torch", "detach_reset": True}, "uni", facts=True)
        yield _case(name, "backend", {"backend": "cupy", "detach_reset": True}, "uni", facts=True)
    linear: tuple[dict[str, Any], ...] = (
        {"a": -0.3, "b": 0.7, "c": 0.1},
        {"a": 0.5, "b": 1.0, "c": 0.0, "v_reset": None},
    )
    for kwargs in linear:
        yield _case("GeneralNode", "train", kwargs, "uni")
        yield _case("MultiStepGeneralNode", "train", kwargs, "uni")
        values = {name: {"$tensor": {"kind": "full", "shape": [], "value": kwargs[name]}} for name in "abc"}
        filled = [["set", name, value] for name, value in values.items()]
        yield _case("GeneralNode", "filled", kwargs, "uni", script=[*filled, _RUN])
    yield _case("AdaptiveBaseNode", "made", {"w_rest": 0.0}, "uni", script=[["get", "w"]], states=[])
    refused: tuple[tuple[str, dict[str, Any]], ...] = (
        ("LIFNode", {"tau": 1.0}),
        ("LIFNode", {"v_threshold": 1}),
        ("MultiStepLIFNode", {"v_reset": 0}),
        ("IFNode", {"detach_reset": 1}),
        ("ParametricLIFNode", {"init_tau": 0.9}),
        ("QIFNode", {"a0": 0.0}),
        ("QIFNode", {"v_rest": -1.0}),
        ("EIFNode", {"delta_T": 0.0}),
        ("EIFNode", {"v_reset": 2.0}),
    )
    for name, kwargs in refused:
        yield _case(name, "refused", kwargs, "uni")
    yield _case("LIFNode", "request", {"cupy_fp32_inference": True}, "uni", training=False)


def cases() -> Iterator[Case]:
    """Yield the neuron cases of ``clock_driven``."""
    for name in (*_SINGLE, *_MULTI):
        yield from _numbers(name)
    for name in ("IFNode", "MultiStepLIFNode"):
        yield from _surrogates(name)
    for name in ("IFNode", "MultiStepLIFNode", "MultiStepParametricLIFNode"):
        yield from _state(name)
    yield from _subclasses()
    yield from _others()
