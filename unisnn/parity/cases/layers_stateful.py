"""Synapses, recurrent containers, delays, threshold-dependent norms and attention of SpikingJelly."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ2 = "spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0"
_EDITIONS = (_SJ14, _SJ2)
_LAYER, _NEURON, _FUNCTIONAL = (
    "activation_based.layer",
    "activation_based.neuron",
    "activation_based.functional",
)
_FAMILY = "layer_stateful"

_SHAPES = {
    "dense": [5, 3, 6],
    "picture": [5, 3, 2, 4, 3],
    "line": [4, 3, 2, 5],
    "volume": [4, 2, 2, 3, 2, 2],
    "steps": [8, 3, 6],
    "film": [8, 3, 4, 5, 3],
}
_MODES = ("s", "m")
_LINEAR: dict[str, Any] = {"$torch": "nn.Linear", "args": [6, 6]}
_LIF = _grid.new(f"{_NEURON}.LIFNode", tau=1.7)


def _input(name: str, dtype: str = "float32", kind: str = "normal", **more: Any) -> dict[str, Any]:
    span = {"std": 2} if kind == "normal" else {"p": 0.4}
    return {"kind": kind, "seed": 43, "shape": _SHAPES[name], "dtype": dtype, **span, **more}


def _case(
    edition: str, name: str, what: str, args: tuple[Any, ...], source: dict[str, Any], **more: Any
) -> Case:
    """Return a case that drives one module step by step, or on the whole sequence in step mode ``'m'``.

    The arguments of an ``ElementWiseRecurrentContainer`` are a module and the word of a function.
    """
    kwargs = dict(more.pop("kwargs", {}))
    drive = "sequence" if kwargs.get("step_mode") == "m" else "step"
    if name == "ElementWiseRecurrentContainer":
        given, args = args, ()
        more = {"protocol": "clock_recurrent", "inside": given[0], "function": given[1], **more}
        if kwargs.pop("step_mode", "s") == "m":
            more["script"] = [["set", "step_mode", "m"], *more.get("script", [["run", "x"]])]
    more["kwargs"] = kwargs
    more = {"drive": drive, "args": args, "inputs": {"x": source}, **more}
    return _grid.made(edition, _FAMILY, f"{_LAYER}.{name}", what, **more)


_STATEFUL: tuple[tuple[str, tuple[Any, ...], dict[str, Any], str, str], ...] = (
    ("SynapseFilter", (), {}, "dense", "out_i"),
    ("SynapseFilter", (1.7,), {}, "dense", "out_i"),
    ("SynapseFilter", (), {"tau": 3.0, "learnable": True}, "dense", "out_i"),
    ("NeuNorm", (2, 4, 3), {}, "picture", "x"),
    ("NeuNorm", (2, 4, 3), {"k": 0.7, "shared_across_channels": True}, "picture", "x"),
    ("LinearRecurrentContainer", ({"$torch": "nn.Linear", "args": [6, 4]}, 6, 4), {}, "dense", "y"),
    ("LinearRecurrentContainer", (_LIF, 6, 6), {"bias": False}, "dense", "y"),
    ("ElementWiseRecurrentContainer", (_LINEAR, "add"), {}, "dense", "y"),
    ("ElementWiseRecurrentContainer", (_LIF, "multiply"), {}, "dense", "y"),
    ("Delay", (0,), {}, "dense", "queue"),
    ("Delay", (2,), {}, "dense", "queue"),
    ("Delay", (5,), {}, "dense", "queue"),
)
"""Modules with a memory: arguments, the input they take, the memory to trace."""


def _stateful(edition: str) -> Iterator[Case]:
    run = ["run", "x"]
    for (name, args, kwargs, source, state), mode in itertools.product(_STATEFUL, _MODES):
        word = f"{list(args)},{_grid.text(kwargs)}"
        if "Container" in name:
            word = f"{'neuron' if '$new' in args[0] else 'Linear'},{_grid.text(kwargs)}"
        if edition == _SJ2 and (word.startswith("neuron") or (args in ((0,), (5,)) and mode == "m")):
            continue  # the gradients of its neurons are another family's; its delay keeps a queue in 'm'
        given = {**kwargs, "step_mode": mode} if mode == "m" else kwargs
        common: dict[str, Any] = {"kwargs": given, "states": [] if name == "Delay" else [state]}
        x = _input(source)
        facts = {"facts": True} if edition == _SJ14 and not name.startswith("Element") else {}
        scripts: dict[str, list[Any]] = {"": [run], "/again": [run, run]}
        scripts["/reset"] = [run, ["call", "reset"], run]
        if edition == _SJ14:
            scripts["/detach"] = [run, ["call", "detach"], run]
            scripts["/deepcopy"] = [["deepcopy"], run]
            if not name.startswith("Element"):
                scripts["/state_dict"] = [["state_dict"], run]
        for extra, script in scripts.items():
            what = f"{word}/{mode}{extra}"
            yield _case(edition, name, what, args, x, script=script, **common, **(facts if not extra else {}))
        spikes = _input(source, kind="binary")
        yield _case(edition, name, f"{word}/{mode}/spikes", args, spikes, **common)
        if edition == _SJ14 and "neuron" not in word:
            for dtype in ("float64", "bfloat16"):
                script = [["to", dtype], run]
                wide = _input(source, dtype)
                more = {"script": script, "dtype": dtype}
                yield _case(edition, name, f"{word}/{mode}", args, wide, **more, **common)
            strided = _input(source, layout="strided")
            yield _case(edition, name, f"{word}/{mode}/strided", args, strided, **common)
            evaluated = {**common, "training": False}
            yield _case(edition, name, f"{word}/{mode}/eval", args, x, **evaluated)


def _connections(edition: str) -> Iterator[Case]:
    """DropConnectLinear: the same draws in the same order."""
    states = ["dropped_w", "dropped_b"]
    table: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
        ((6, 5), {}),
        ((6, 5), {"p": 0.2}),
        ((6, 5), {"invariant": True}),
        ((6, 5), {"activation": None, "p": 0.7}),
    )
    for (args, kwargs), training in itertools.product(table, (True, False)):
        if not training:
            kwargs = {**kwargs, "samples_num": 16}
        for whole in (False, True):
            script: list[Any] = [["set", "step_mode", "m"]] if whole else []
            script += [["run", "x"], ["call", "reset"], ["run", "x"]]
            what = f"{_grid.text(kwargs)}/{'m' if whole else 's'}/{'train' if training else 'eval'}"
            drive = {"drive": "sequence" if whole else "step"}
            more = {"kwargs": kwargs, "training": training, "script": script, "states": states, **drive}
            facts = True if edition == _SJ14 else None
            yield _case(edition, "DropConnectLinear", what, args, _input("dense"), facts=facts, **more)
    more = {"kwargs": {"bias": False}, "states": ["dropped_w"]}
    yield _case(edition, "DropConnectLinear", "bias=False/s", (6, 5), _input("dense"), **more)
    more = {
        "kwargs": {"step_mode" if edition == _SJ2 else "state_mode": "m"},
        "drive": "sequence",
        "states": [],
    }
    yield _case(edition, "DropConnectLinear", "constructed-in-m", (6, 5), _input("dense"), **more)


def _refusals() -> Iterator[Case]:
    table: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
        ("SynapseFilter", (1.0,), {}),
        ("SynapseFilter", (0.5,), {"learnable": True}),
        ("SynapseFilter", (), {"step_mode": "x"}),
        ("Delay", (-1,), {}),
        ("Delay", (2.0,), {}),
        ("NeuNorm", (2, 5, 3), {}),
        ("LinearRecurrentContainer", (_LINEAR, 4, 6), {}),
        ("LinearRecurrentContainer", (_grid.new(f"{_NEURON}.IFNode", step_mode="m"), 6, 6), {}),
        (
            "ElementWiseRecurrentContainer",
            (_grid.new(f"{_NEURON}.IFNode", step_mode="m"), "add"),
            {},
        ),
        ("TemporalWiseAttention", (4,), {}),
        ("TemporalWiseAttention", (16,), {"dimension": 3}),
        ("MultiDimensionalAttention", (4, 16), {}),
        ("MultiDimensionalAttention", (16, 4), {}),
        ("MultiDimensionalAttention", (16, 16), {"kernel_size": 5}),
        ("ThresholdDependentBatchNorm2d", (1.0, 0.5, 2), {"affine": False}),
    )
    for name, args, kwargs in table:
        shown = [arg if isinstance(arg, (int, float)) else "module" for arg in args]
        what = f"refuses-{shown},{_grid.text(kwargs)}"
        source = "picture" if name == "NeuNorm" else "dense"
        yield _case(_SJ14, name, what, args, _input(source), kwargs=kwargs, states=[])
    script = [["attempt", ["set", "delay_steps", 3]], ["get", "delay_steps"]]
    yield _case(_SJ14, "Delay", "set-delay_steps", (2,), _input("dense"), script=script, states=[])
    longer = {"kwargs": {"step_mode": "m"}, "states": []}
    yield _case(_SJ14, "Delay", "longer-than-T", (7,), _input("dense"), **longer)
    for name in ("LinearRecurrentContainer", "ElementWiseRecurrentContainer"):
        last: tuple[Any, ...] = (6, 6) if name.startswith("Linear") else ("add",)
        script = [["apply", f"{_FUNCTIONAL}.set_step_mode", "m"], ["run", "x"]]
        more = {"script": script, "drive": "sequence", "states": ["y"]}
        yield _case(_SJ14, name, "set_step_mode", (_LIF, *last), _input("dense"), **more)


def _norms(edition: str) -> Iterator[Case]:
    for count, source in ((1, "line"), (2, "picture"), (3, "volume")):
        name = f"ThresholdDependentBatchNorm{count}d"
        for training in (True, False) if edition == _SJ2 else (True,):
            more = _grid.options(protocol="layer", training=training, facts=True, repeat=2)
            word = "train" if training else "eval"
            yield _case(edition, name, word, (0.5, 1.3, 2), _input(source), **more)
        if edition == _SJ2:
            wrong = "dense" if count > 1 else "picture"
            more = _grid.options(protocol="layer")
            yield _case(edition, name, "wrong-shape", (0.5, 1.3, 6), _input(wrong), **more)
            script = [["attempt", ["set", "step_mode", "s"]], ["get", "step_mode"]]
            more = _grid.options(protocol="layer", script=script, kwargs={"eps": 1e-3, "momentum": 0.3})
            yield _case(edition, name, "options", (1.0, 0.5, 2), _input(source), **more)


def _attention(edition: str) -> Iterator[Case]:
    table: tuple[tuple[str, tuple[Any, ...], dict[str, Any], str], ...] = (
        ("TemporalWiseAttention", (8, 4), {}, "film"),
        ("TemporalWiseAttention", (8,), {"reduction": 1}, "film"),
        ("TemporalWiseAttention", (8, 8), {"dimension": 2}, "steps"),
        ("MultiDimensionalAttention", (8, 4, 4, 2), {}, "film"),
        ("MultiDimensionalAttention", (8, 4), {"reduction_t": 8, "reduction_c": 1, "kernel_size": 7}, "film"),
    )
    for name, args, kwargs, source in table:
        what = f"{list(args)},{_grid.text(kwargs)}"
        more: dict[str, Any] = {"protocol": "layer", "kwargs": kwargs}
        yield _case(edition, name, what, args, _input(source), **more)
        if name.startswith("Temporal"):
            yield _case(edition, name, f"{what}/wrong-shape", args, _input("line"), **more)
        if edition == _SJ14 and name.startswith("Temporal"):
            method = {**more, "protocol": "layer_method", "method": "forward", "weights": "sharedMLP"}
            yield _case(edition, name, f"{what}/forward", args, _input(source), **method)


def _prints(edition: str) -> Iterator[Case]:
    for text in ((), ("here",)):
        more = _grid.options(protocol="layer_printed")
        yield _case(edition, "PrintShapeModule", f"{list(text)}", text, _input("dense"), **more)


def cases() -> Iterator[Case]:
    """Yield the cases of both editions."""
    for edition in _EDITIONS:
        yield from _stateful(edition)
        yield from _connections(edition)
        yield from _norms(edition)
        yield from _attention(edition)
        yield from _prints(edition)
    yield from _refusals()
