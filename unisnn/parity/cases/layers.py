"""Layers and containers of SpikingJelly in both step modes: values, weights, gradients, statistics."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITIONS = ("spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0")
_LAYER, _NEURON = "activation_based.layer", "activation_based.neuron"

_MANY = {"step_mode": "m"}
_SHAPES = {
    "dense": [4, 3, 6],
    "line": [4, 3, 2, 8],
    "picture": [4, 3, 2, 6, 6],
    "volume": [4, 2, 2, 4, 4, 4],
    "votes": [4, 3, 20],
}

_PLAIN: tuple[tuple[str, tuple[Any, ...], dict[str, Any], str], ...] = (
    ("Linear", (6, 5), {}, "dense"),
    ("Linear", (6, 5), {"bias": False}, "dense"),
    ("Conv1d", (2, 4, 3), {"padding": 1}, "line"),
    ("Conv2d", (2, 4, 3), {"padding": 1}, "picture"),
    ("Conv2d", (2, 4, 3), {"stride": 2, "bias": False, "padding_mode": "circular", "padding": 1}, "picture"),
    ("Conv2d", (2, 4, 2), {"groups": 2, "dilation": 2}, "picture"),
    ("Conv3d", (2, 3, 2), {}, "volume"),
    ("ConvTranspose1d", (2, 3, 2), {"stride": 2}, "line"),
    ("ConvTranspose2d", (2, 3, 2), {"stride": 2, "output_padding": 1}, "picture"),
    ("ConvTranspose3d", (2, 2, 2), {}, "volume"),
    ("BatchNorm1d", (2,), {}, "line"),
    ("BatchNorm2d", (2,), {}, "picture"),
    ("BatchNorm2d", (2,), {"eps": 1e-3, "momentum": 0.3, "affine": False}, "picture"),
    ("BatchNorm2d", (2,), {"track_running_stats": False}, "picture"),
    ("BatchNorm3d", (2,), {}, "volume"),
    ("GroupNorm", (1, 2), {}, "picture"),
    ("MaxPool1d", (2,), {}, "line"),
    ("MaxPool2d", (2,), {}, "picture"),
    ("MaxPool2d", (3,), {"stride": 1, "padding": 1, "dilation": 2}, "picture"),
    ("MaxPool2d", (3,), {"stride": 2, "ceil_mode": True}, "picture"),
    ("MaxPool3d", (2,), {}, "volume"),
    ("AvgPool1d", (2,), {}, "line"),
    ("AvgPool2d", (2,), {}, "picture"),
    ("AvgPool2d", (3,), {"stride": 2, "padding": 1, "count_include_pad": False}, "picture"),
    ("AvgPool2d", (3,), {"stride": 2, "ceil_mode": True, "divisor_override": 4}, "picture"),
    ("AvgPool3d", (2,), {}, "volume"),
    ("AdaptiveAvgPool1d", (3,), {}, "line"),
    ("AdaptiveAvgPool2d", ({"$tuple": [2, 3]},), {}, "picture"),
    ("AdaptiveAvgPool3d", (2,), {}, "volume"),
    ("Flatten", (), {}, "picture"),
    ("Flatten", (), {"start_dim": 2}, "picture"),
    ("Flatten", (1, 2), {}, "picture"),
    ("Dropout", (), {}, "dense"),
    ("Dropout", (0.3,), {}, "picture"),
    ("Dropout2d", (0.4,), {}, "picture"),
    ("Dropout", (0.0,), {}, "dense"),
    ("VotingLayer", (), {}, "votes"),
    ("VotingLayer", (4,), {}, "votes"),
)
"""Layers with their arguments and the input they take."""


def _input(name: str, dtype: str = "float32", layout: str | None = None) -> dict[str, Any]:
    made = {"kind": "normal", "seed": 41, "shape": _SHAPES[name], "dtype": dtype}
    return made if layout is None else {**made, "layout": layout}


def _word(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    return _grid.text({**{str(index): value for index, value in enumerate(args)}, **kwargs}).replace(" ", "")


def _plain(edition: str) -> Iterator[Case]:
    for (name, args, kwargs, source), mode in itertools.product(_PLAIN, ("s", "m")):
        more = _grid.options(protocol="layer", args=args, facts=True, each=mode == "s" or None)
        given = {**kwargs, "step_mode": mode} if mode == "m" else kwargs
        states = (True, False) if name.startswith(("BatchNorm", "Dropout")) else (None,)
        for training in states:
            word = "" if training is None else "/train" if training else "/eval"
            what = f"{_word(args, kwargs)}/{mode}{word}"
            inputs = {"x": _input(source)}
            symbol = f"{_LAYER}.{name}"
            yield _grid.made(
                edition, "layer", symbol, what, kwargs=given, inputs=inputs, training=training, **more
            )


def _made(edition: str, name: str, what: str, **more: Any) -> Case:
    return _grid.made(edition, "layer", f"{_LAYER}.{name}", what, protocol="layer", **more)


def _special(edition: str) -> Iterator[Case]:
    """Dtypes, memory layouts, the kept mask of Dropout, and what is refused."""
    dense, picture = {"x": _input("dense")}, {"x": _input("picture", layout="strided")}
    for dtype in ("float64", "bfloat16"):
        cast = _grid.options(script=[["to", dtype]], dtype=dtype, kwargs=_MANY)
        yield _made(edition, "Linear", "m", args=(6, 5), inputs={"x": _input("dense", dtype)}, **cast)
        yield _made(edition, "Conv2d", "m", args=(2, 4, 3), inputs={"x": _input("picture", dtype)}, **cast)
    yield _made(edition, "Conv2d", "m-strided", args=(2, 4, 3), kwargs=_MANY, inputs=picture)
    yield _made(edition, "MaxPool2d", "m-strided", args=(2,), kwargs=_MANY, inputs=picture)
    yield _made(edition, "Flatten", "m-strided", kwargs=_MANY, inputs=picture)
    for mode in ("s", "m"):
        kept = _grid.options(kwargs={"step_mode": mode}, each=mode == "s" or None, repeat=2)
        yield _made(edition, "Dropout", f"kept/{mode}", inputs=dense, **kept)
    for probability in (1.0, 1.5, -0.1):
        yield _made(edition, "Dropout", f"p={probability:g}", args=(probability,), inputs=dense)
    few = {"x": {"kind": "normal", "seed": 4, "shape": [3, 2, 6]}}
    yield _made(edition, "Conv2d", "m-too-flat", args=(2, 4, 3), kwargs=_MANY, inputs=few)
    yield _made(edition, "MaxPool2d", "m-too-flat", args=(2,), kwargs=_MANY, inputs=few)
    yield _made(edition, "Linear", "wrong-mode", args=(6, 5), kwargs={"step_mode": "x"}, inputs=dense)


def _containers(edition: str) -> Iterator[Case]:
    earlier = edition.endswith("0.14")
    linear: dict[str, Any] = {"$torch": "nn.Linear", "args": [6, 5]}
    relu: dict[str, Any] = {"$torch": "nn.ReLU"}
    neuron = _grid.new(f"{_NEURON}.LIFNode", tau=2.0)
    many = _grid.new(f"{_NEURON}.LIFNode", tau=2.0, step_mode="m")
    words = {"nn.Linear": "Linear", "nn.ReLU": "ReLU", None: "neuron"}
    inputs = {"x": _input("dense")}
    for name, modules in (
        ("SeqToANNContainer", (linear, relu)),
        ("SeqToANNContainer", (linear,)),
        ("MultiStepContainer", (neuron,)),
        ("MultiStepContainer", (linear, neuron)),
    ):
        what = "+".join(words[each.get("$torch")] for each in modules)
        more = _grid.options(args=modules, inputs=inputs, facts=earlier or None)
        yield _made(edition, name, what, repeat=2, **more)
        script = [["attempt", ["set", "step_mode", "s"]], ["get", "step_mode"]]
        yield _made(edition, name, f"{what}/mode", script=script, **more)
        if earlier:
            yield _made(edition, name, f"{what}/with-many-step-neuron", args=(*modules, many), inputs=inputs)
    if not earlier:
        return
    for stateful, inner, mode in itertools.product((False, True), (neuron, linear), ("s", "m")):
        what = f"stateful={stateful}/{words[inner.get('$torch')]}/{mode}"
        more = _grid.options(args=(stateful, inner), inputs=inputs, script=[["set", "step_mode", mode]])
        yield _made(edition, "StepModeContainer", what, **more)


def cases() -> Iterator[Case]:
    """Yield the layer cases of both editions."""
    for edition in _EDITIONS:
        yield from _plain(edition)
        yield from _special(edition)
        yield from _containers(edition)
