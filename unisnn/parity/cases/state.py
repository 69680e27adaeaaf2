"""State: what survives a call, what reset and detach do, how memories are listed, moved, copied and saved.

SpikingJelly's and SNNGrow's neurons share these scripts; the base classes have their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ2, _SG = "spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0", "snngrow==0.1.1a1"
_Script = list[list[Any]]
_NEURON, _BASE = "activation_based.neuron", "activation_based.base"

_NODES: dict[str, tuple[str, ...]] = {
    _SJ14: (f"{_NEURON}.IFNode", f"{_NEURON}.LIFNode", f"{_NEURON}.ParametricLIFNode"),
    _SJ2: (f"{_NEURON}.IFNode", f"{_NEURON}.LIFNode", f"{_NEURON}.ParametricLIFNode"),
    _SG: ("base.neuron.IFNode.IFNode", "base.neuron.LIFNode.LIFNode"),
}
"""The stateful neurons of each edition."""

_FIXED = {"kind": "uniform", "seed": 31, "shape": [4, 3], "low": -0.5, "high": 0.9}
_RUN: list[Any] = ["run", "x"]
_AGAIN: list[Any] = ["run", "again"]

_SHARED: dict[str, _Script] = {
    "second-call": [_RUN, _AGAIN],
    "backward-between": [_RUN, ["backward"], ["call", "detach"], _AGAIN],
    "reset-between": [_RUN, ["call", "reset"], ["get", "v"], _AGAIN],
    "reset-twice": [_RUN, ["call", "reset"], ["call", "reset"], _AGAIN],
    "detach-between": [_RUN, ["call", "detach"], _AGAIN],
    "reset-value": [["call", "set_reset_value", "v", 0.25], _RUN, ["call", "reset"], ["get", "v"], _AGAIN],
    "reset-value-tensor": [
        ["call", "set_reset_value", "v", {"$tensor": _FIXED}],
        _RUN,
        ["call", "reset"],
        ["get", "v"],
        _AGAIN,
    ],
    "reset-value-unknown": [
        ["call", "set_reset_value", "other", 1.5],
        _RUN,
        ["call", "reset"],
        ["get", "other"],
    ],
    "set-number": [["set", "v", 0.5], _RUN],
    "set-tensor": [["set", "v", {"$tensor": _FIXED}], _RUN],
    "eval-then-train": [["train", False], _RUN, ["train", True], _AGAIN],
    "train-then-eval": [_RUN, ["train", False], _AGAIN],
    "deepcopy-fresh": [["deepcopy"], _RUN],
    "deepcopy-detached": [_RUN, ["call", "detach"], ["deepcopy"], _AGAIN],
    "deepcopy-attached": [_RUN, ["attempt", ["deepcopy"]]],
    "state-dict": [_RUN, ["state_dict"], _AGAIN],
    "delete": [["del", "v"], ["attempt", ["run", "x"]]],
    "register": [
        ["call", "register_memory", "extra", 0.5],
        _RUN,
        ["set", "extra", 2.0],
        ["call", "reset"],
        ["get", "extra"],
    ],
    "register-twice": [["attempt", ["call", "register_memory", "v", 0.0]]],
    "register-attribute": [["attempt", ["call", "register_memory", "training", 0.0]]],
    "to-double": [_RUN, ["call", "detach"], ["to", "float64"], ["get", "v"], ["run", "double"]],
    "to-half-back": [_RUN, ["call", "detach"], ["to", "float16"], ["get", "v"], ["to", "float32"], _AGAIN],
}
"""Scripts that every edition runs."""

_EARLIER: dict[str, _Script] = {
    "other-batch": [_RUN, ["attempt", ["run", "wide"]]],
    "one-row": [_RUN, ["run", "row"]],
    "grown": [["run", "row"], ["run", "wide"]],
    "double-later": [_RUN, ["run", "double"]],
    "half-later": [_RUN, ["run", "half"]],
    "booleans": [["attempt", ["run", "bool"]]],
    "no-steps": [["attempt", ["run", "none", "sequence"]]],
}
"""Scripts whose outcome 2.0.0 changed on purpose: another shape or dtype without reset."""


def _inputs() -> dict[str, Any]:
    return {
        "x": _grid.recipe("uni"),
        "again": _grid.recipe("again"),
        "double": _grid.recipe("again", "float64"),
        "half": _grid.recipe("again", "float16"),
        "wide": _grid.recipe("wide"),
        "row": _grid.recipe("row"),
        "bool": {"kind": "binary", "seed": 3, "shape": [4, 4, 3], "dtype": "bool"},
        "none": {"kind": "full", "shape": [0, 4, 3], "value": 0},
    }


def _case(edition: str, symbol: str, what: str, script: _Script, **more: Any) -> Case:
    """Return a state case with the inputs that its script mentions."""
    mentioned = str(script)
    inputs = {name: made for name, made in _inputs().items() if name == "x" or f"'{name}'" in mentioned}
    evidence = (
        ("base.neuron.BaseNode.BaseNode",)
        if edition == _SG
        else (f"{_NEURON}.BaseNode", f"{_BASE}.MemoryModule")
    )
    return _grid.made(edition, "state", symbol, what, inputs=inputs, script=script, evidence=evidence, **more)


def _scripts(edition: str) -> Iterator[Case]:
    changed = ("eval-then-train", "train-then-eval", "delete")
    scripts = {**_SHARED, **_EARLIER}
    if edition == _SJ2:
        scripts = {what: script for what, script in _SHARED.items() if what not in changed}
    for symbol, (what, script) in itertools.product(_NODES[edition], scripts.items()):
        for v_reset in (
            (0.0, None, 0.2) if what in ("second-call", "reset-between", "reset-value") else (0.2,)
        ):
            kwargs = {"v_reset": v_reset}
            word = f"{what}/{_grid.text(kwargs)}"
            if what != "no-steps":
                yield _case(edition, symbol, word, script, kwargs=kwargs, facts=what == "second-call" or None)
            if edition != _SG and what not in ("no-steps", "booleans"):
                whole: dict[str, Any] = {"kwargs": {**kwargs, "step_mode": "m"}, "drive": "sequence"}
                yield _case(edition, symbol, f"{word}/sequence", script, **whole)
            if what == "no-steps" and edition == _SJ14:
                for training in (True, False):
                    yield _case(
                        edition,
                        symbol,
                        f"{word}/{training}",
                        [["train", training], *script],
                        kwargs={"step_mode": "m"},
                    )


def _spikingjelly_only(edition: str) -> Iterator[Case]:
    """Step modes, voltage sequences, and the functions that walk a network."""
    whole = {"drive": "sequence"}
    for symbol in _NODES[edition]:
        yield _case(
            edition, symbol, "mode-switch", [_RUN, ["set", "step_mode", "m"], ["run", "again", "sequence"]]
        )
        yield _case(
            edition, symbol, "mode-wrong", [["attempt", ["set", "step_mode", "x"]], ["get", "step_mode"]]
        )
        kwargs = {"store_v_seq": True, "step_mode": "m", "v_reset": 0.2}
        stored: dict[str, Any] = {"kwargs": kwargs, "states": ["v", "v_seq"], **whole}
        yield _case(edition, symbol, "v-seq", [_RUN], **stored)
        yield _case(edition, symbol, "v-seq-twice", [_RUN, _AGAIN], **stored)
        yield _case(
            edition, symbol, "v-seq-reset", [_RUN, ["call", "reset"], ["get", "v_seq"], _AGAIN], **stored
        )
        yield _case(edition, symbol, "v-seq-eval", [["train", False], _RUN, _AGAIN], loss=[], **stored)
        yield _case(edition, symbol, "v-seq-detach", [_RUN, ["call", "detach"], _AGAIN], **stored)
        if edition == _SJ2:
            continue
        later: _Script = [_RUN, ["set", "store_v_seq", True], _AGAIN]
        yield _case(
            edition, symbol, "v-seq-later", later, kwargs={"step_mode": "m"}, states=["v", "v_seq"], **whole
        )
        yield _case(edition, symbol, "v-seq-facts", [_RUN], facts=True, **stored)


def _subclasses() -> Iterator[Case]:
    """Overridden hooks; in eval mode 0.0.0.0.14 ignores those of IF and LIF."""
    hooks = (
        ("neuronal_charge", "charge_quarter"),
        ("neuronal_fire", "fire_twice"),
        ("neuronal_reset", "reset_halves"),
    )
    for symbol, hook, mode, training in itertools.product(_NODES[_SJ14], hooks, ("s", "m"), (True, False)):
        yield _grid.made(
            _SJ14,
            "state",
            symbol,
            f"override-{hook[0]}/{mode}-{'train' if training else 'eval'}",
            protocol="neuron_subclass",
            kwargs={"step_mode": mode},
            inputs={"x": _grid.recipe("uni")},
            override=list(hook),
            drive="step" if mode == "s" else "sequence",
            training=training,
            loss=["y"] if training else [],
            evidence=(f"{_NEURON}.BaseNode",),
        )
    for mode, training in itertools.product(("s", "m"), (True, False)):
        yield _grid.made(
            _SJ14,
            "state",
            f"{_NEURON}.BaseNode",
            f"own-charge/{mode}-{'train' if training else 'eval'}",
            protocol="neuron_subclass",
            kwargs={"step_mode": mode, "v_reset": None},
            inputs={"x": _grid.recipe("uni")},
            override=["neuronal_charge", "charge_quarter"],
            drive="step" if mode == "s" else "sequence",
            training=training,
        )


def _base_classes(edition: str) -> Iterator[Case]:
    """StepModule and its kin, MemoryModule by itself."""
    singles = "SingleModule" if edition == _SJ14 else None
    for name in filter(None, ("StepModule", "MultiStepModule", singles)):
        modes: _Script = [["call", "supported_step_mode"]]
        for mode in ("s", "m", "x"):
            modes += [["attempt", ["set", "step_mode", mode]], ["attempt", ["get", "step_mode"]]]
        yield _grid.made(edition, "state", f"{_BASE}.{name}", "modes", script=modes, states=[])
    script: _Script = [
        ["call", "register_memory", "a", 0.5],
        ["call", "register_memory", "b", {"$tensor": _FIXED}],
        ["facts", "first"],
        ["set", "a", 2.0],
        ["set", "b", None],
        ["get", "a"],
        ["call", "reset"],
        ["attempt", ["call", "register_memory", "a", 1.0]],
        ["to", "float64"],
        ["del", "a"],
        ["facts", "last"],
    ]
    yield _grid.made(edition, "state", f"{_BASE}.MemoryModule", "memories", script=script, states=["a", "b"])
    modes = [["attempt", ["set", "step_mode", mode]] for mode in ("s", "m", "x")]
    yield _grid.made(edition, "state", f"{_BASE}.MemoryModule", "modes", script=modes, states=["step_mode"])
    bare = [["attempt", ["run", "x"]]]
    yield _grid.made(
        edition, "state", f"{_BASE}.MemoryModule", "bare", script=bare, states=[], inputs=_grid.drawn("uni")
    )


def cases() -> Iterator[Case]:
    """Yield the state cases of SpikingJelly and SNNGrow."""
    for edition in _NODES:
        yield from _scripts(edition)
    for edition in (_SJ14, _SJ2):
        yield from _spikingjelly_only(edition)
        yield from _base_classes(edition)
    yield from _subclasses()
