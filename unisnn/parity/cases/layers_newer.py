"""Layers that SpikingJelly gained since 0.0.0.0.14: online training, norms over time, weights, upsampling."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ2 = "spikingjelly==2.0.0"
_LAYER, _NEURON = "activation_based.layer", "activation_based.neuron"
_FAMILY = "layer_newer"

_SHAPES = {
    "flat": [4, 3, 2],
    "dense": [4, 3, 6],
    "line": [4, 3, 2, 6],
    "picture": [4, 3, 2, 6, 4],
    "volume": [4, 2, 2, 4, 2, 2],
    "step": [3, 2, 6, 4],
    "step-line": [3, 2, 6],
    "step-volume": [2, 2, 4, 2, 2],
}


def _input(name: str, dtype: str = "float32", **more: Any) -> dict[str, Any]:
    return {"kind": "normal", "seed": 81, "shape": _SHAPES[name], "dtype": dtype, "std": 2, **more}


def _case(name: str, what: str, args: tuple[Any, ...], inputs: dict[str, Any], **more: Any) -> Case:
    given = {"protocol": "layer", "args": args, "inputs": inputs, **more}
    return _grid.made(_SJ2, _FAMILY, f"{_LAYER}.{name}", what, **given)


def _torch(name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"$torch": f"nn.{name}", "args": list(args), "kwargs": kwargs}


def _pairs() -> Iterator[Case]:
    both = {
        "spike": {"kind": "binary", "seed": 82, "shape": [3, 2, 6, 4], "p": 0.4, "dtype": "float32"},
        "trace": {
            "kind": "uniform",
            "seed": 83,
            "shape": [3, 2, 6, 4],
            "low": 0,
            "high": 2,
            "dtype": "float32",
        },
    }
    table: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("GradwithTrace", "Linear", _torch("Linear", 4, 5)),
        ("GradwithTrace", "Linear-no-bias", _torch("Linear", 4, 5, bias=False)),
        ("GradwithTrace", "Conv2d", _torch("Conv2d", 2, 3, 3, padding=1)),
        ("GradwithTrace", "BatchNorm2d", _torch("BatchNorm2d", 2)),
        ("SpikeTraceOp", "AvgPool2d", _torch("AvgPool2d", 2)),
        ("SpikeTraceOp", "Flatten", _torch("Flatten")),
        ("SpikeTraceOp", "Dropout", _torch("Dropout", 0.5)),
        ("SpikeTraceOp", "ReLU", _torch("ReLU")),
    )
    for name, what, module in table:
        yield _case(name, what, (module,), both, protocol="layer_pair")
    yield _case("ReplaceforGrad", "apply", (), both, protocol="layer_pair", apply=True)
    modules = ("OTTTSequential", "pair"), (_torch("Linear", 4, 5), _torch("ReLU"))
    yield _case(*modules[0], modules[1], both, protocol="layer_pair")


_OTTT = _grid.new(f"{_NEURON}.OTTTLIFNode", v_threshold=0.5)
_SLTT = _grid.new(f"{_NEURON}.SLTTLIFNode", v_threshold=0.5)


def _sequential() -> Iterator[Case]:
    dense = {"x": _input("dense")}
    picture = {"x": _input("picture")}
    table: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
        ("one", (_torch("Linear", 6, 5), _OTTT, _torch("Linear", 5, 2)), dense),
        (
            "two",
            (_OTTT, _torch("Linear", 6, 5), _OTTT, _torch("Dropout", 0.3), _torch("Linear", 5, 2)),
            dense,
        ),
        (
            "picture",
            (
                _torch("Conv2d", 2, 3, 3, padding=1),
                _OTTT,
                _torch("AvgPool2d", 2),
                _torch("Conv2d", 3, 2, 3, padding=1),
                _OTTT,
                _torch("Flatten"),
                _torch("Linear", 12, 3),
            ),
            picture,
        ),
        ("plain", (_torch("Linear", 6, 5), _SLTT, _torch("Linear", 5, 2)), dense),
        (
            "standardised",
            (
                _grid.new(f"{_LAYER}.WSConv2d", 2, 3, 3, padding=1),
                _OTTT,
                _torch("Flatten"),
                _grid.new(f"{_LAYER}.WSLinear", 72, 3),
            ),
            picture,
        ),
    )
    for (what, modules, inputs), training in itertools.product(table, (True, False)):
        word = f"{what}/{'train' if training else 'eval'}"
        yield _case("OTTTSequential", word, modules, inputs, training=training, each=True, facts=True)


def _weights() -> Iterator[Case]:
    conv: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
        ((2, 4, 3), {}),
        ((2, 4, 3), {"padding": 1, "stride": 2, "gain": False}),
        ((2, 4, 3), {"padding": 1, "groups": 2, "bias": False, "eps": 1e-2}),
        ((2, 4, 3), {"padding": 1, "padding_mode": "circular"}),
    )
    for (args, kwargs), mode in itertools.product(conv, ("s", "m")):
        x = {"x": _input("step" if mode == "s" else "picture")}
        given = {**kwargs, "step_mode": mode}
        yield _case("WSConv2d", f"{_grid.text(kwargs)}/{mode}", args, x, kwargs=given, facts=True)
    linear: tuple[dict[str, Any], ...] = ({}, {"gain": False, "bias": False}, {"eps": 0.1})
    for kwargs, source in itertools.product(linear, ("dense", "line")):
        x = {"x": _input(source)}
        yield _case("WSLinear", f"{_grid.text(kwargs)}/{source}", (6, 5), x, kwargs=kwargs, facts=True)
    for dtype in ("float64", "bfloat16"):
        script = [["to", dtype]]
        more = {"script": script, "dtype": dtype}
        yield _case("WSConv2d", "dtype", (2, 4, 3), {"x": _input("step", dtype)}, **more)
        yield _case("WSLinear", "dtype", (6, 5), {"x": _input("dense", dtype)}, **more)
    wrong = {"kwargs": {"step_mode": "m"}}
    yield _case("WSConv2d", "wrong-shape", (2, 4, 3), {"x": _input("step")}, **wrong)


def _norms() -> Iterator[Case]:
    sources = {1: ("line", "flat"), 2: ("picture",), 3: ("volume",)}
    for count, names in sources.items():
        name = f"TemporalEffectiveBatchNorm{count}d"
        options: tuple[dict[str, Any], ...] = ({}, {"affine": False, "eps": 1e-2}, {"momentum": 0.3})
        for source, training, kwargs in itertools.product(names, (True, False), options):
            word = f"{_grid.text(kwargs)}-{source}/{'train' if training else 'eval'}"
            more = {"kwargs": kwargs, "training": training, "repeat": 2, "facts": True}
            yield _case(name, word, (4, 2), {"x": _input(source)}, **more)
        yield _case(name, "wrong-shape", (4, 2), {"x": _input("volume" if count != 3 else "line")})
        yield _case(name, "other-T", (3, 2), {"x": _input(names[0])})
        script = [["attempt", ["set", "step_mode", "s"]], ["get", "step_mode"]]
        yield _case(name, "step_mode", (4, 2), {"x": _input(names[0])}, script=script)
        through = f"BatchNormThroughTime{count}d"
        run = ["run", "x"]
        for source, training, mode, kwargs in itertools.product(
            names, (True, False), ("s", "m"), options[:2]
        ):
            word = f"{_grid.text(kwargs)}-{source}/{mode}/{'train' if training else 'eval'}"
            script = [run, ["call", "reset"], run]
            more = {"training": training, "facts": True, "script": script, "protocol": "neuron_learned"}
            more |= {"drive": "step" if mode == "s" else "sequence", "states": ["t"]}
            given = {**kwargs, "step_mode": mode}
            yield _case(through, word, (4, 2), {"x": _input(source)}, kwargs=given, **more)
        more = {"protocol": "neuron_learned", "drive": "step", "states": []}
        yield _case(through, "too-many", (3, 2), {"x": _input(names[0])}, **more)
        script = [["state_dict"], run]
        yield _case(through, "state_dict", (4, 2), {"x": _input(names[0])}, script=script, **more)
        wrong = {"x": _input("volume" if count != 3 else "line")}
        yield _case(through, "wrong-shape", (4, 2), wrong, kwargs={"step_mode": "m"})


def _sizes() -> Iterator[Case]:
    options: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("scale", {"scale_factor": 2}, "picture"),
        ("size", {"size": [5, 7], "mode": "bilinear", "align_corners": True}, "picture"),
        ("linear", {"scale_factor": 1.5, "mode": "linear"}, "line"),
        ("volume", {"scale_factor": 2, "mode": "trilinear"}, "volume"),
    )
    for (what, kwargs, source), mode in itertools.product(options, ("s", "m")):
        one = {"picture": "step", "line": "step-line", "volume": "step-volume"}[source]
        x = {"x": _input(source if mode == "m" else one)}
        yield _case("Upsample", f"{what}/{mode}", (), x, kwargs={**kwargs, "step_mode": mode}, facts=True)
    for count, source, one in (
        (1, "line", "step-line"),
        (2, "picture", "step"),
        (3, "volume", "step-volume"),
    ):
        for mode in ("s", "m"):
            x = {"x": _input(source if mode == "m" else one)}
            more: dict[str, Any] = {"protocol": "layer_unpool", "kwargs": {"step_mode": mode}}
            yield _case(f"MaxUnpool{count}d", mode, (2,), x, **more)
            size = [extent + 1 for extent in _SHAPES[one][2:]]
            yield _case(f"MaxUnpool{count}d", f"{mode}/output_size", (2,), x, output_size=size, **more)


def _counts() -> Iterator[Case]:
    counts = {"kind": "steps", "seed": 84, "shape": [5, 3, 4], "low": 0, "high": 5, "step": 1}
    for slots, always, training in itertools.product((1, 3, 4), (False, True), (True, False)):
        word = f"{slots},{always}/{'train' if training else 'eval'}"
        given = {"kwargs": {"always_convert": always}, "training": training, "facts": True}
        for dtype in ("float32", "bfloat16") if slots == 4 else ("float32",):
            x = {"x": {**counts, "dtype": dtype}}
            yield _case("SpikeCountToBinary", word, (slots,), x, dtype=dtype, **given)
        yield _case("TemporalBinSum", word, (slots,), {"x": _input("dense")}, **given)
    for name in ("SpikeCountToBinary", "TemporalBinSum"):
        whole = {"x": {**counts, "dtype": "int64"}}
        yield _case(name, "whole", (3, True), whole, dtype="int64")
        yield _case(name, "refuses-0", (0,), whole)
        script = [["attempt", ["set", "step_mode", "s"]]]
        yield _case(name, "step_mode", (3, True), {"x": _input("dense")}, script=script)


def _attention() -> Iterator[Case]:
    tokens = {"x": {"kind": "binary", "seed": 85, "shape": [4, 3, 8, 7], "p": 0.5, "dtype": "float32"}}
    picture = {"x": {"kind": "normal", "seed": 86, "shape": [4, 3, 8, 2, 5], "std": 2, "dtype": "float32"}}
    settings: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
        ((8, 2), {}),
        ((8, 4), {"tau": 1.7, "v_threshold": 0.3}),
        ((8, 1), {"spiking_neuron": {"$symbol": f"{_NEURON}.IFNode"}, "v_threshold": 0.6}),
        ((8, 3), {}),
    )
    names = (
        "SpikingSelfAttention",
        "QKAttention",
        "TokenQKAttention",
        "ChannelQKAttention",
        "SpikeDrivenSelfAttention",
    )
    for name, (args, kwargs) in itertools.product(names, settings):
        right, wrong = (picture, tokens) if name.startswith("SpikeDriven") else (tokens, picture)
        word = f"{list(args)},{_grid.text(kwargs)}"
        yield _case(name, word, args, right, kwargs=kwargs, script=[["call", "extra_repr"]])
        if args == (8, 2):
            yield _case(name, "wrong-shape", args, wrong)
    yield _case("QKAttention", "channel", (8, 2, "channel"), tokens)
    yield _case("QKAttention", "refuses-type", (8, 2, "both"), tokens)


def cases() -> Iterator[Case]:
    """Yield the cases, all of 2.0.0."""
    yield from _pairs()
    yield from _sequential()
    yield from _weights()
    yield from _norms()
    yield from _sizes()
    yield from _counts()
    yield from _attention()
