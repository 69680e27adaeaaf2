"""IF, LIF and PLIF of BrainCog 0.2.7.19: plain, layer_by_layer and n_groups, with every surrogate."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITION = "braincog==0.2.7.19"
_NODE, _SURROGATE = "base.node.node", "base.strategy.surrogate"
_BASE = (f"{_NODE}.BaseNode",)
_CLASSES = ("IFNode", "LIFNode", "PLIFNode")
_ACTS = (
    "SigmoidGrad",
    "AtanGrad",
    "QGateGrad",
    "GateGrad",
    "ReLUGrad",
    "STDPGrad",
    "BackEIGateGrad",
    "EIGrad",
)

_RUN, _AGAIN = ["run", "x"], ["run", "again"]
_STATES = ["mem", "spike"]
_STEPS = {"one": 1, "odd": 5, "image": 4, "vector": 6, "empty": 4, "wild": 3, "wide": 3}


def _act(name: str) -> dict[str, Any]:
    return {"$symbol": f"{_SURROGATE}.{name}"}


def _case(
    name: str, what: str, kwargs: dict[str, Any], source: str = "uni", drive: str = "step", **more: Any
) -> Case:
    """Return one case; the flat drive switches ``layer_by_layer`` on, the grouped one ``n_groups``."""
    steps = {"step": _STEPS.get(source, 8)}
    if drive == "flat":
        kwargs = {**kwargs, "layer_by_layer": True, **steps}
    if drive == "groups":
        kwargs = {**kwargs, "n_groups": more.pop("n_groups", 2), **steps}
    inputs = {"x": _grid.recipe(source, more.get("dtype"), more.pop("layout", None))}
    if "again" in str(more.get("script")):
        inputs["again"] = _grid.recipe("again")
    more.setdefault("states", _STATES if drive == "step" else ["mem"])
    more.setdefault("evidence", _BASE)
    what = f"{what}/{drive}-{source}"
    return _grid.made(
        _EDITION,
        more.pop("family", "neuron"),
        f"{_NODE}.{name}",
        what,
        kwargs=kwargs,
        inputs=inputs,
        drive=drive,
        **more,
    )


def _numbers(name: str) -> Iterator[Case]:
    """Thresholds, time constants, dt, surrogates and detaching, step by step."""
    kwargs: dict[str, Any]
    act: str | None
    for act, source, threshold in itertools.product(_ACTS, ("uni", "grid"), (None, 0.7)):
        kwargs = (
            {"act_fun": _act(act)} if threshold is None else {"act_fun": _act(act), "threshold": threshold}
        )
        yield _case(name, _grid.text(kwargs), kwargs, source, evidence=(*_BASE, f"{_SURROGATE}.{act}"))
    for threshold, source in itertools.product((0.25, 0.5, 1.0, 1.3), ("uni", "grid", "nrm")):
        yield _case(name, f"threshold={threshold:g}", {"threshold": threshold}, source)
    for dt, mem_detach in itertools.product((0.5, 0.1, 2.0, 1.0), (False, True)):
        kwargs = {"dt": dt, "mem_detach": mem_detach}
        yield _case(name, _grid.text(kwargs), kwargs)
    if name != "IFNode":
        for tau, chosen, mem_detach in itertools.product(
            (2.0, 1.7, 4 / 3, 3.0, 10.0), ("SigmoidGrad", None), (False, True)
        ):
            kwargs = {
                "tau": tau,
                "mem_detach": mem_detach,
                **({} if chosen is None else {"act_fun": _act(chosen)}),
            }
            yield _case(name, _grid.text(kwargs), kwargs, "uni")
    for v_reset in (0.3, -0.2, None):
        script = [_RUN, ["call", "n_reset"], ["get", "mem"], ["attempt", _AGAIN]]
        yield _case(name, f"v_reset={v_reset}", {"v_reset": v_reset}, script=script)
    for word in ("SigmoidGrad", "AtanGrad", "ReLUGrad"):
        yield _case(name, f"act_fun='{word}'", {"act_fun": word})
    yield _case(name, "mode-ignored", {"step_mode": "m", "anything": 1})


def _learning(name: str) -> Iterator[Case]:
    """Gradients of the threshold, of alpha and of w; the sigmoid of the threshold."""
    kwargs: dict[str, Any]
    for learn, sigmoid, threshold in itertools.product((True, False), (True, False), (0.4, 1.0)):
        kwargs = {"requires_thres_grad": learn, "sigmoid_thres": sigmoid, "threshold": threshold}
        for act in ("SigmoidGrad", "AtanGrad", "QGateGrad"):
            kwargs = {**kwargs, "act_fun": _act(act)}
            yield _case(name, _grid.text(kwargs), kwargs, "uni")
    for threshold, source in itertools.product((0.5, 0.8), ("uni", "grid")):
        kwargs = {"requires_thres_grad": True, "threshold": threshold, "requires_fp": True}
        script = [_RUN, ["call", "n_reset"], _AGAIN]
        yield _case(name, _grid.text(kwargs), kwargs, source, script=script)


def _layouts(name: str) -> Iterator[Case]:
    for drive, source in itertools.product(
        ("flat", "groups"), ("vector", "uni", "image", "odd", "one", "wild")
    ):
        if source == "vector":
            if drive == "flat":
                yield _case(name, "one-dimensional", {}, source, drive)
            continue
        for extra in ({}, {"threshold": 0.7, "requires_thres_grad": True}, {"mem_detach": True}):
            yield _case(name, _grid.text(extra), dict(extra), source, drive)
    for groups in (2, 3, 7):
        yield _case(name, f"n_groups={groups}", {}, "uni", "groups", n_groups=groups)
    both = {"layer_by_layer": True, "n_groups": 2, "step": 8}
    yield _case(name, "n_groups-and-layer_by_layer", both, "uni", "groups")
    for kwargs, source in (({"layer_by_layer": True, "step": 3}, "uni"), ({"n_groups": 2, "step": 5}, "uni")):
        yield _case(
            name,
            f"indivisible-{_grid.text(kwargs)}",
            kwargs,
            source,
            script=[["attempt", ["run", "x", "flat"]]],
        )
    script = [_RUN, _AGAIN]
    yield _case(name, "second-call", {}, "uni", "flat", script=script)
    yield _case(name, "second-call", {}, "uni", "groups", script=script)
    fp = {"requires_fp": True}
    yield _case(name, "feature-maps", fp, "uni", "flat", states=["mem", "feature_map"])
    yield _case(name, "feature-maps", fp, "uni", "groups", states=["mem", "feature_map"])


def _inputs(name: str) -> Iterator[Case]:
    extremes = (
        "silent",
        "loud",
        "negative",
        "tiny",
        "huge",
        "one",
        "odd",
        "image",
        "vector",
        "empty",
        "scalar",
        "wild",
    )
    for source, act in itertools.product(extremes, ("SigmoidGrad", "AtanGrad")):
        yield _case(name, f"{source}-{act}", {"act_fun": _act(act)}, source)
    for dtype, kwargs in itertools.product(
        ("float16", "bfloat16", "float64", "int64"), ({}, {"act_fun": _act("SigmoidGrad"), "threshold": 0.9})
    ):
        yield _case(
            name,
            f"dtype-{_grid.text(kwargs)}",
            dict(kwargs),
            "count" if dtype == "int64" else "uni",
            dtype=dtype,
        )
    for layout in ("strided", "transposed", "expanded"):
        yield _case(name, f"layout={layout}", {}, "uni", layout=layout)
    for training in (True, False):
        yield _case(name, f"training={training}", {}, "uni", training=training)


def _state(name: str) -> Iterator[Case]:
    state: dict[str, Any] = {"family": "state", "evidence": _BASE}
    scripts: dict[str, list[list[Any]]] = {
        "second-call": [_RUN, _AGAIN],
        "n-reset": [_RUN, ["call", "n_reset"], _AGAIN],
        "n-reset-twice": [["call", "n_reset"], ["call", "n_reset"], _RUN],
        "set-n-threshold": [["call", "set_n_threshold", 0.8], _RUN],
        "set-n-tau": [["attempt", ["call", "set_n_tau", 3.0]], _RUN],
        "set-n-warm-up": [["call", "set_n_warm_up", True], _RUN],
        "get-n-attr": [["call", "get_n_attr", "dt"], ["call", "get_n_attr", "nothing"]],
        "deepcopy-fresh": [["deepcopy"], _RUN],
        "deepcopy-attached": [_RUN, ["attempt", ["deepcopy"]]],
        "state-dict": [_RUN, ["state_dict"], _AGAIN],
        "no-reset-method": [["attempt", ["call", "reset"]]],
        "other-batch": [_RUN, ["attempt", ["run", "wide"]]],
        "double-later": [_RUN, ["run", "double"]],
        "to-double": [["to", "float64"], ["run", "double"]],
        "mem-set": [["set", "mem", {"$tensor": _grid.recipe("uni") | {"shape": [4, 3]}}], _RUN],
    }
    extra = {"wide": _grid.recipe("wide"), "double": _grid.recipe("again", "float64")}
    for what, script in scripts.items():
        case = _case(
            name,
            what,
            {"requires_fp": True},
            script=script,
            states=[*_STATES, "feature_map"],
            facts=True,
            **state,
        )
        needed = {key: made for key, made in extra.items() if f"'{key}'" in str(script)}
        yield case.with_(inputs={**case.inputs, **needed})
    yield _case(
        name,
        "set-n-tau-state",
        {},
        script=[["attempt", ["call", "set_n_tau", 3.0]], ["facts", "tau"], _RUN],
        **state,
    )
    kept = {"requires_mem": True, "requires_fp": True, "mem_detach": True}
    collected = {"states": ["mem", "mem_collect", "feature_map"], **state}
    for drive in ("step", "flat", "groups"):
        script = [_RUN, ["get", "mem_collect"], ["call", "n_reset"], ["get", "mem_collect"], _AGAIN]
        yield _case(name, "collected", kept, "uni", drive, script=script, **collected)
    for drive in ("flat", "groups"):
        yield _case(name, "n-reset", {}, "uni", drive, script=[_RUN, ["call", "n_reset"], _AGAIN], **state)


def cases() -> Iterator[Case]:
    """Yield the node cases of BrainCog."""
    for name in _CLASSES:
        yield from _numbers(name)
        yield from _learning(name)
        yield from _layouts(name)
        yield from _inputs(name)
        yield from _state(name)
        curves = {"voltage": "trace/mem/0", "spikes": "y/0"}
        threshold = 0.5 if name != "PLIFNode" else 1.0
        yield _case(name, "curve", {}, "ramp", plot=name, curves=curves, threshold=threshold)
    yield _grid.made(_EDITION, "state", f"{_NODE}.BaseNode", "abstract", script=[])
