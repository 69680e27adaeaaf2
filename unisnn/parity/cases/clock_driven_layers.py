"""Layers, functions, memories and surrogates of ``clock_driven``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14 = "spikingjelly==0.0.0.0.14"
_LAYER, _FUNCTIONAL = "clock_driven.layer", "clock_driven.functional"
_NEURON, _SURROGATE = "clock_driven.neuron", "clock_driven.surrogate"
_IF, _LIF = _grid.new(f"{_NEURON}.IFNode"), _grid.new(f"{_NEURON}.LIFNode", tau=1.7, v_reset=None)
_RUN = ["run", "x"]


def _input(shape: list[int], dtype: str = "float32", **more: Any) -> dict[str, Any]:
    return {"x": {"kind": "normal", "seed": 61, "shape": shape, "dtype": dtype, **more}}


def _tensor(seed: int, shape: list[int], kind: str = "uniform", **more: Any) -> dict[str, Any]:
    return {"$tensor": {"kind": kind, "seed": seed, "shape": shape, **more}}


def _layer(name: str, what: str, protocol: str = "layer", **more: Any) -> Case:
    return _grid.made(_SJ14, "clock_layer", f"{_LAYER}.{name}", what, protocol=protocol, **more)


def _dropouts() -> Iterator[Case]:
    pictures, flat = [4, 2, 3, 2, 2], [4, 3, 5]
    for name, shape in (("Dropout", flat), ("Dropout2d", pictures)):
        for prefix, training in itertools.product(("", "MultiStep"), (True, False)):
            each = not prefix or None
            more = _grid.options(inputs=_input(shape), training=training, each=each, repeat=2, facts=True)
            yield _layer(prefix + name, f"default/{training}", **more)
            yield _layer(prefix + name, f"p=0.3/{training}", args=(0.3,), **more)
    for p in (0.0, 1.0, -0.1):
        yield _layer("Dropout", f"p={p:g}", args=(p,), inputs=_input(flat), each=True)
    script = [_RUN, ["call", "reset"], ["get", "mask"], _RUN]
    for name in ("Dropout", "MultiStepDropout"):
        drive = "step" if name == "Dropout" else "sequence"
        yield _layer(
            name, "reset", "neuron", inputs=_input(flat), script=script, states=["mask"], drive=drive
        )
    for dtype in ("float64", "bfloat16"):
        yield _layer("MultiStepDropout", "dtype", inputs=_input(flat, dtype), dtype=dtype)
    connect: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
        ((5, 3), {}),
        ((5, 3, False, 0.3, 16, True, None), {}),
        ((5, 3), {"invariant": True, "samples_num": 8, "activation": {"$torch": "nn.Tanh"}}),
    )
    for (args, kwargs), training in itertools.product(connect, (True, False)):
        more = _grid.options(args=args, kwargs=kwargs, inputs=_input(flat), training=training, each=True)
        yield _layer("DropConnectLinear", f"{len(args)}{_grid.text(kwargs)}/{training}", facts=True, **more)
    script = [_RUN, ["call", "reset"], _RUN]
    states = ["dropped_w", "dropped_b"]
    more = _grid.options(args=(5, 3), kwargs={"invariant": True}, inputs=_input(flat), states=states)
    yield _layer("DropConnectLinear", "reset", "neuron", script=script, **more)


def _synapses() -> Iterator[Case]:
    spikes = {"x": {"kind": "binary", "seed": 62, "shape": [6, 3, 4], "p": 0.4}}
    for args, source in itertools.product(((), (3.0,), (3.0, True), (1.0,)), (spikes, _input([6, 3, 4]))):
        word = "binary" if source is spikes else "normal"
        yield _layer("SynapseFilter", f"{args}/{word}", args=args, inputs=source, each=True, facts=True)
    pictures = {"x": {"kind": "binary", "seed": 63, "shape": [5, 2, 4, 3, 3], "p": 0.4}}
    for args in ((4, 3, 3), (4, 3, 3, 0.7, True), (2, 3, 3)):
        yield _layer("NeuNorm", f"{args}", args=args, inputs=pictures, each=True, repeat=2, facts=True)
    script = [_RUN, ["call", "reset"], ["get", "out_i"], _RUN]
    more = _grid.options(args=(2.5, True), inputs=spikes, states=["out_i"])
    yield _layer("SynapseFilter", "reset", "neuron", script=script, **more)
    pair = {
        "s_pre": {"kind": "binary", "seed": 64, "shape": [20, 4], "p": 0.5},
        "s_post": {"kind": "binary", "seed": 65, "shape": [20, 3], "p": 0.3},
    }
    linear = {"$torch": "nn.Linear", "args": [4, 3], "kwargs": {"bias": False}}
    for functions, rate in ((["one", "one"], 0.1), (["twice", "falling"], 0.05), (["falling", "one"], 0.01)):
        what = "+".join(functions)
        more = _grid.options(args=(10.0, 20.0), functions=functions, rate=rate, inside=linear, inputs=pair)
        yield _layer("STDPLearner", what, "clock_plasticity", **more)
    other = {"$torch": "nn.Conv1d", "args": [4, 3, 1]}
    more = _grid.options(args=(10.0, 20.0), functions=["one", "one"], rate=0.1, inside=other, inputs=pair)
    yield _layer("STDPLearner", "conv", "clock_plasticity", **more)


def _containers() -> Iterator[Case]:
    conv, norm = {"$torch": "nn.Conv2d", "args": [2, 3, 3]}, {"$torch": "nn.BatchNorm2d", "args": [3]}
    pictures = _input([4, 2, 2, 5, 5])
    yield _layer("SeqToANNContainer", "conv+bn", args=(conv, norm), inputs=pictures, facts=True)
    yield _layer(
        "SeqToANNContainer", "flatten", args=({"$torch": "nn.Flatten"},), inputs=pictures, facts=True
    )
    yield _layer("SeqToANNContainer", "none", inputs=pictures)
    linear = {"$torch": "nn.Linear", "args": [5, 4]}
    flat = _input([6, 3, 5])
    for node, word in ((_IF, "if"), (_LIF, "lif")):
        yield _layer("MultiStepContainer", word, args=(linear, node), inputs=flat, repeat=2, facts=True)
    square = _input([6, 3, 4])
    for node, word, function in itertools.product((_IF, _LIF), ("a", "b"), ("add", "multiply")):
        name = "if" if node is _IF else "lif"
        if word == "a":
            more = _grid.options(inside=node, function=function, inputs=square, states=["y"])
            yield _layer("ElementWiseRecurrentContainer", f"{name}/{function}", "clock_recurrent", **more)
        elif function == "add":
            recurrent = _grid.options(inputs=square, states=["y"], script=[_RUN, ["call", "reset"], _RUN])
            yield _layer("LinearRecurrentContainer", name, "neuron", args=(node, 4, 4), **recurrent)
            yield _layer(
                "LinearRecurrentContainer", f"{name}/no-bias", "neuron", args=(node, 4, 4, False), **recurrent
            )
    wide = _grid.options(inputs=_input([3, 2, 3, 4]), states=["y"])
    yield _layer("LinearRecurrentContainer", "pictures", "neuron", args=(_IF, 4, 4), **wide)


def _stateless() -> Iterator[Case]:
    pictures = _input([2, 4, 6, 6])
    pools = (
        ("max", {"$torch": "nn.MaxPool1d", "args": [2]}),
        ("mean", {"$torch": "nn.AvgPool1d", "args": [3, 1]}),
    )
    for word, pool in pools:
        yield _layer("ChannelsPool", word, args=(pool,), inputs=pictures, facts=True)
    for size in (1, 2, 3, 6, 4):
        yield _layer("DCT", f"{size}", args=(size,), inputs=pictures, facts=True)
    for size in (5, 7, 8, 16):
        more = _grid.options(args=(size,), script=[["get", "kernel"]], states=["kernel"])
        yield _layer("DCT", f"kernel/{size}", "neuron", **more)
    yield _layer("DCT", "five", args=(2,), inputs=_input([2, 3, 2, 4, 6]))
    for args in ((6, 3), (6, 8)):
        yield _layer("AXAT", f"{args}", args=args, inputs=pictures, facts=True)
    yield _layer("AXAT", "five", args=(3, 2), inputs=_input([2, 3, 2, 3, 3]))
    yield _layer("PrintShapeModule", "named", args=("here",), inputs=pictures, facts=True)
    fused = (
        ["get_fused_weight"],
        ["get_fused_bias"],
        ["scale_fused_weight", 2.0, 0.1],
        ["scale_fused_bias", 0.5, 0.2],
    )
    listed = [*fused, ["get_fused_weight"], ["get_fused_bias"], ["get_fused_conv"]]
    for kwargs in ({}, {"stride": 2, "padding": 1, "padding_mode": "circular"}):
        more = _grid.options(args=(4, 3, 3), kwargs=kwargs, inputs=pictures)
        word = _grid.text(kwargs)
        yield _layer("ConvBatchNorm2d", f"{word}/train", facts=True, repeat=2, **more)
        script = [_RUN, _RUN]
        yield _layer(
            "ConvBatchNorm2d", f"{word}/fused", "clock_methods", methods=listed, script=script, **more
        )


def _norms() -> Iterator[Case]:
    shapes = {1: [4, 3, 2, 5], 2: [4, 3, 2, 3, 3], 3: [3, 2, 2, 2, 3, 2]}
    for size, training in itertools.product(shapes, (True, False)):
        name = f"MultiStepThresholdDependentBatchNorm{size}d"
        more = _grid.options(inputs=_input(shapes[size]), training=training, repeat=2, facts=True)
        yield _layer(name, f"{training}", args=(0.5, 0.8, 2), **more)
    yield _layer(
        "MultiStepThresholdDependentBatchNorm1d", "flat", args=(1.0, 1.0, 2), inputs=_input([4, 3, 2])
    )
    wrong = _grid.options(args=(1.0, 1.0, 2), inputs=_input([4, 3, 2]))
    yield _layer("MultiStepThresholdDependentBatchNorm2d", "flat", **wrong)
    bare = _grid.options(args=(1.0, 1.0, 2), kwargs={"affine": False}, inputs=_input([4, 3, 2, 3, 3]))
    yield _layer("MultiStepThresholdDependentBatchNorm2d", "no-affine", **bare)
    pictures, flat = _input([5, 3, 2, 3, 3]), _input([5, 3, 4])
    for args, source in (((5, 2, 4), pictures), ((5, 1, 4), pictures), ((5, 2, 2), flat), ((5, 5, 2), flat)):
        yield _layer("MultiStepTemporalWiseAttention", f"{args}", args=args, inputs=source, facts=True)
    for args in ((5, 2, 3), (5, 6, 4), (4, 2, 4)):
        yield _layer("MultiStepTemporalWiseAttention", f"refused{args}", args=args, inputs=pictures)


def _functions() -> Iterator[Case]:
    def case(name: str, what: str, *args: Any, **calls: Any) -> Case:
        more = _grid.options(args=args, **{"protocol": "function", **calls})
        return _grid.made(_SJ14, "clock_functional", f"{_FUNCTIONAL}.{name}", what, **more)

    x = _tensor(52, [6, 3, 4], low=-0.5, high=1.5)
    linear = {"$torch": "nn.Linear", "args": [4, 5]}
    yield case("multi_step_forward", "neuron", x, _LIF)
    yield case("multi_step_forward", "list", x, [linear, _LIF])
    yield case("seq_to_ann_forward", "linear", x, linear)
    yield case("seq_to_ann_forward", "list", x, [linear, {"$torch": "nn.ReLU"}])
    spikes = _tensor(53, [4, 3, 7], "binary", p=0.3)
    yield case("first_spike_index", "binary", spikes)
    labels = {"$tensor": {"kind": "values", "values": [0, 2, 1, 2], "dtype": "int64"}}
    yield case("redundant_one_hot", "3", labels, 3, 3)
    target = {"$tensor": {"kind": "values", "values": [0, 3, 1], "dtype": "int64"}}
    yield case("temporal_efficient_training_cross_entropy", "T=6", x, target)
    a, b = _tensor(54, [4, 5], low=-1.0), _tensor(55, [4, 5])
    hot = {"$tensor": {"kind": "values", "values": [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], "shape": [4, 3]}}
    for kernel in (
        ["linear"],
        ["sigmoid", 0.7],
        ["gaussian", 1.3],
        ["polynomial", 2],
        ["polynomial", 3],
        ["other"],
    ):
        word = "-".join(map(str, kernel))
        yield case("kernel_dot_product", word, a, b, *kernel)
        if kernel[0] != "polynomial":
            for loss in ("mse", "l1"):
                yield case("spike_similar_loss", f"{word}/{loss}", spikes, hot, kernel[0], loss, *kernel[1:])
    yield case("spike_similar_loss", "sigmoid/bce", spikes, hot, "sigmoid", "bce", 0.7)
    yield case("spike_similar_loss", "other", spikes, hot, "linear", "other")
    for number, steps in ((0, 0), (1, 1), (2, 2), (3, 5), (4, 40)):
        potentials = _tensor(70 + number, [20, 6], low=-1.0, high=1.6)
        yield case("spike_cluster", f"{steps}", potentials, 1.0, steps)
    yield case("spike_cluster", "constant", _tensor(75, [8, 3], "full", value=0.5), 1.0, 2)
    thresholds = {"$tensor": {"kind": "values", "values": [0.2, 0.5, 1.0, 9.0, 0.0, -3.0]}}
    yield case("spike_cluster", "thresholds", _tensor(76, [20, 6], low=-1.0, high=1.6), thresholds, 2)
    conv = {"$torch": "nn.Conv2d", "args": [2, 3, 3], "kwargs": {"bias": False, "padding": 1}}
    pair = [conv, {"$torch": "nn.BatchNorm2d", "args": [3]}]
    drawn = {
        name: _tensor(80 + i, [3]) for i, name in enumerate(("weight", "bias", "running_mean", "running_var"))
    }
    seeded = {"protocol": "clock_seeded", "modules": pair, "values": [{}, drawn]}
    for name in ("fused_conv2d_weight_of_convbn2d", "fused_conv2d_bias_of_convbn2d", "fuse_convbn2d"):
        yield case(name, "drawn", **seeded)
        biased = [{"$torch": "nn.Conv2d", "args": [2, 3, 3]}, pair[1]]
        yield case(name, "biased", **{**seeded, "modules": biased})
    for name in (
        "scale_fused_conv2d_weight_of_convbn2d",
        "scale_fused_conv2d_bias_of_convbn2d",
        "fuse_convbn2d",
    ):
        for k, summand in ((2.0, 0.3), (2.0, None), (None, 0.3)):
            yield case(name, f"{k},{summand}", k, summand, **seeded)
    net = [_grid.new(f"{_LAYER}.Dropout", 0.2), _LIF, {"$torch": "nn.ReLU"}]
    walk = [["run", "x"], ["apply", f"{_FUNCTIONAL}.reset_net"], ["run", "x"]]
    yield case("reset_net", "net", protocol="network", modules=net, script=walk, inputs=_input([4, 3, 6]))
    layers = [conv, linear, {"$torch": "nn.ConvTranspose2d", "args": [1, 2, 2]}]
    nested = {"$torch": "nn.ModuleList", "args": [layers]}
    yield case("kaiming_normal_conv_linear_weight", "drawn", protocol="clock_seeded", modules=[nested])
    for training, given in itertools.product((True, False), ((), (1.2, 0.8, 1.3))):
        margin = ["apply", f"{_FUNCTIONAL}.set_threshold_margin", hot, *given]
        script = [
            ["train", training],
            margin,
            ["get", "v_threshold"],
            ["run", "x"],
            ["call", "reset"],
            ["run", "x"],
        ]
        more = _grid.options(inputs=_grid.drawn("uni"), evidence=(f"{_FUNCTIONAL}.set_threshold_margin",))
        what = f"set_threshold_margin/{training}-{len(given)}"
        symbol = f"{_NEURON}.LIFNode"
        yield _grid.made(_SJ14, "clock_functional", symbol, what, script=script, **more)


def _memories() -> Iterator[Case]:
    fixed = _tensor(31, [4, 3])
    script: list[list[Any]] = [
        ["call", "register_memory", "a", 0.5],
        ["call", "register_memory", "b", fixed],
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
    symbol = "clock_driven.base.MemoryModule"
    yield _grid.made(_SJ14, "clock_layer", symbol, "memories", script=script, states=["a", "b"])
    again = [["call", "register_memory", "a", 0.5], ["call", "set_reset_value", "a", 3.0], ["get", "a"]]
    yield _grid.made(
        _SJ14, "clock_layer", symbol, "reset-value", script=[*again, ["call", "reset"]], states=["a"]
    )


def cases() -> Iterator[Case]:
    """Yield the cases of layers, functions and memories of ``clock_driven``."""
    for part in (_dropouts, _synapses, _containers, _stateless, _norms, _functions, _memories):
        yield from part()
