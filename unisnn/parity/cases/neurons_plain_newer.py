"""Ternary, half-threshold, resonating and simple neurons, which SpikingJelly gained since 0.0.0.0.14."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ2 = "spikingjelly==2.0.0"
_NEURON, _SURROGATE = "activation_based.neuron", "activation_based.surrogate"
_FAMILY = "neuron_plain_newer"

_ATAN = {"surrogate_function": _grid.new(f"{_SURROGATE}.ATan")}
_SETTINGS: dict[str, tuple[dict[str, Any], ...]] = {
    "TernaryIFNode": (
        {},
        {"v_threshold": 0.6, "v_reset": None},
        {"v_threshold": 0.8, "v_reset": 0.2, "detach_reset": True},
        {"v_reset": None, "detach_reset": True, **_ATAN},
    ),
    "TernaryLIFNode": (
        {},
        {"tau": 1.7, "decay_input": False},
        {"tau": 1.7, "v_reset": None, "v_threshold": 0.4, **_ATAN},
        {"tau": 3.0, "v_reset": -0.1, "v_threshold": 0.4, "detach_reset": True},
    ),
    "HalfThresholdIFNode": ({}, {"v_threshold": 1.7, "detach_reset": True}, {"v_threshold": 2, **_ATAN}),
    "RAFNode": (
        {},
        {"b": -0.1, "omega": 2.0, "dt": 0.5, "v_threshold": 0.3},
        {"v_reset": None, "v_threshold": 0.5, **_ATAN},
        {"v_reset": 0.2, "v_threshold": 0.5, "detach_reset": True},
    ),
    "SimpleIFNode": ({}, {"v_reset": None, "v_threshold": 0.7}, {"v_reset": 0.2, "detach_reset": True}),
    "SimpleLIFNode": (
        {"tau": 2.0, "decay_input": True},
        {"tau": 1.7, "decay_input": False, "v_reset": 0.1},
        {"tau": 1.7, "decay_input": True, "v_reset": 0.2, "detach_reset": True, **_ATAN},
    ),
}
_REFUSED: dict[str, tuple[dict[str, Any], ...]] = {
    "TernaryIFNode": (
        {"v_threshold": 1},
        {"v_threshold": -1.0},
        {"v_reset": 1.0},
        {"v_reset": 0},
        {"detach_reset": 1},
        {"step_mode": "x"},
    ),
    "TernaryLIFNode": ({"tau": 1.0}, {"tau": 2}, {"decay_input": 1}),
    "HalfThresholdIFNode": ({"v_threshold": -1.0}, {"v_threshold": "high"}),
    "RAFNode": ({"b": 0.1}, {"b": -1}, {"omega": -1.0}, {"dt": 0.0}, {"v_threshold": 1}),
    "SimpleBaseNode": ({"step_mode": "x"},),
}


def _case(name: str, what: str, kwargs: dict[str, Any], inputs: dict[str, Any], **more: Any) -> Case:
    return _grid.made(_SJ2, _FAMILY, f"{_NEURON}.{name}", what, kwargs=kwargs, inputs=inputs, **more)


def cases() -> Iterator[Case]:
    """Yield the cases, all of 2.0.0."""
    for name, settings in _SETTINGS.items():
        states = ["v", "u"] if name == "RAFNode" else ["v"]
        for kwargs, source, mode, training in itertools.product(
            settings, ("uni", "nrm"), ("s", "m"), (True, False)
        ):
            if not training and source == "nrm":
                continue
            drive = "sequence" if mode == "m" else "step"
            word = f"{_grid.text(kwargs)}-{source}/{mode}/{'train' if training else 'eval'}"
            more = {"drive": drive, "states": states, "training": training, "facts": True}
            yield _case(name, word, {**kwargs, "step_mode": mode}, _grid.drawn(source), **more)
        for dtype in ("float64", "bfloat16"):
            more = {"drive": "step", "states": states, "dtype": dtype}
            what = f"{_grid.text(settings[1])}-uni"
            yield _case(name, what, settings[1], _grid.drawn("uni", dtype), **more)
        run = ["run", "x"]
        for what, script in (("again", [run, run]), ("reset", [run, ["call", "reset"], run])):
            yield _case(name, what, settings[0], _grid.drawn("uni"), script=script, states=states)
    for name, several in _REFUSED.items():
        for kwargs in several:
            yield _case(name, f"refuses-{_grid.text(kwargs)}", kwargs, _grid.drawn("uni"))
    yield _case("SimpleBaseNode", "bare", {}, _grid.drawn("uni"), script=[["attempt", ["run", "x"]]])
    for kwargs in ({"v_reset": 0.2}, {"v_reset": None, "v_threshold": 0.6}):
        more = {"protocol": "neuron_subclass", "override": ["neuronal_charge", "charge_quarter"]}
        yield _case("SimpleBaseNode", _grid.text(kwargs), kwargs, _grid.drawn("uni"), **more)
    soft = {"tau": 1.7, "decay_input": True, "v_reset": None}
    yield _case("SimpleLIFNode", "soft", soft, _grid.drawn("uni"))
    one = {"v_threshold": {"$tensor": {"kind": "full", "shape": [], "value": 0.7}}}
    yield _case("HalfThresholdIFNode", "tensor", one, _grid.drawn("uni"), facts=True)
