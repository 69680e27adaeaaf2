"""Cases of ``clock_driven``'s networks: from the same seed the same net, output and gradients.

Blocks are driven small and in every combination, networks on tiny inputs, and every function that returns a
network by its name as a tree of modules and shapes, without numbers. The gradient of a PLIF neuron's own
``w`` over several steps is the neuron family's matter: there the terms are measured of which it is the sum.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITION = "spikingjelly==0.0.0.0.14"
_MODEL, _NEURON, _SURROGATE = (f"clock_driven.{name}" for name in ("model", "neuron", "surrogate"))

_NEURONS: dict[str, tuple[str, dict[str, Any]]] = {
    "IF": ("IFNode", {"v_threshold": 0.6, "surrogate_function": _grid.new(f"{_SURROGATE}.ATan")}),
    "LIF": (
        "LIFNode",
        {
            "tau": 1.5,
            "v_threshold": 0.5,
            "surrogate_function": _grid.new(f"{_SURROGATE}.Sigmoid", 3.0),
            "detach_reset": True,
        },
    ),
    "soft": (
        "LIFNode",
        {
            "tau": 1.3,
            "v_threshold": 0.05,
            "v_reset": None,
            "surrogate_function": _grid.new(f"{_SURROGATE}.ATan"),
        },
    ),
    "PLIF": (
        "ParametricLIFNode",
        {"v_threshold": 0.05, "v_reset": None, "surrogate_function": _grid.new(f"{_SURROGATE}.ATan")},
    ),
}

_PLIF_NETS = {
    "MNISTNet": [1, 28, 28],
    "FashionMNISTNet": [1, 28, 28],
    "NMNISTNet": [2, 34, 34],
    "CIFAR10Net": [3, 32, 32],
    "CIFAR10DVSNet": [2, 128, 128],
    "DVSGestureNet": [2, 128, 128],
}
_SHOWN = ("MNISTNet", "FashionMNISTNet", "CIFAR10Net")
_NETS = (("spiking_resnet", "SpikingResNet"), ("sew_resnet", "SEWResNet"))
_RESIDUAL = (
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "wide_resnet50_2",
    "wide_resnet101_2",
)
_CLASSES = {"num_classes": 3}


def _neuron(word: str, multi: bool) -> dict[str, Any]:
    name, kwargs = _NEURONS[word]
    argument, prefix = ("multi_step_neuron", "MultiStep") if multi else ("single_step_neuron", "")
    return {argument: {"$symbol": f"{_NEURON}.{prefix}{name}"}, **kwargs}


def _prefix(multi: bool) -> str:
    return "MultiStep" if multi else ""


def _x(*shape: int, low: float = 0, step: bool = False) -> dict[str, Any]:
    if step:
        return {"x": {"kind": "steps", "seed": 62, "shape": list(shape), "low": 0, "high": 2, "step": 1}}
    return {"x": {"kind": "uniform", "seed": 61, "shape": list(shape), "low": low, "high": 2}}


def _case(module: str, name: str, what: str, **more: Any) -> Case:
    symbol = f"{_MODEL}.{module}.{name}"
    return _grid.made(_EDITION, "clock_model", symbol, what, **{"protocol": "model", **more})


def _plif() -> Iterator[Case]:
    module = "parametric_lif_net"
    for (name, shape), multi in itertools.product(_PLIF_NETS.items(), (False, True)):
        symbol, shown = _prefix(multi) + name, multi and name in _SHOWN
        kwargs = {"channels": 2, **_neuron("PLIF", multi)}
        yield _case(module, symbol, "tree", kwargs=kwargs, structure=True)
        if name == "FashionMNISTNet":
            continue
        kwargs = {"channels": 2, **_neuron("IF" if name == "MNISTNet" else "LIF", multi), "v_threshold": 0.01}
        for training in (True, False):
            more = _grid.options(training=training, turns=2, steps=3 if shown else None)
            inputs = _x(3, 2, *shape) if multi and not shown else _x(2, *shape)
            what = "train" if training else "eval"
            yield _case(module, symbol, what, kwargs=kwargs, inputs=inputs, **more)
    for size, width in ((10, 20), (3, 10), (2, 2)):
        inputs = {"x": {"kind": "normal", "seed": 5, "shape": [4, width]}}
        more = _grid.options(protocol="layer", args=(size,), inputs=inputs, facts=True)
        yield _case(module, "VotingLayer", f"{size}-of-{width}", **more)


def _blocks() -> Iterator[Case]:
    for (module, cnf), block, multi, down in itertools.product(
        (("spiking_resnet", None), *(("sew_resnet", word) for word in ("ADD", "AND", "IAND"))),
        ("BasicBlock", "Bottleneck"),
        (False, True),
        (False, True),
    ):
        expansion = 4 if block == "Bottleneck" else 1
        inplanes, stride = (6, 2) if down else (3 * expansion, 1)
        word = ("soft" if multi else "PLIF") if down else "LIF"
        kwargs = {**({"cnf": cnf} if cnf else {}), **_neuron(word, multi)}
        if down:
            kwargs["downsample"] = {
                "$torch": "nn.Conv2d",
                "args": [inplanes, 3 * expansion, 1],
                "kwargs": {"stride": 2, "bias": False},
            }
        shape = (3, 2, inplanes, 5, 5) if multi else (2, inplanes, 5, 5)
        more = _grid.options(args=(inplanes, 3, stride), kwargs=kwargs, inputs=_x(*shape, step=True), turns=2)
        yield _case(module, _prefix(multi) + block, f"{cnf or 'sum'}/{'down' if down else 'same'}", **more)
    for module, given in itertools.product(
        ("spiking_resnet", "sew_resnet"), ({"groups": 2}, {"base_width": 32}, {"dilation": 2})
    ):
        kwargs = {**given, **_neuron("IF", False)}
        yield _case(module, "BasicBlock", f"refused/{module}/{_grid.text(given)}", args=(4, 4), kwargs=kwargs)
    more = _grid.options(args=(3, 3), kwargs={"cnf": "OR", **_neuron("IF", False)}, inputs=_x(2, 3, 5, 5))
    yield _case("sew_resnet", "BasicBlock", "refused/cnf=OR", **more)


def _residual() -> Iterator[Case]:
    for (module, net), (block, layers, word), way in itertools.product(
        _NETS,
        (("BasicBlock", [1, 2, 1, 1], "LIF"), ("Bottleneck", [1, 1, 1, 1], "IF")),
        ("one", "all", "image"),
    ):
        multi = way != "one"
        if way == "image" and (block == "Bottleneck") != (module == "sew_resnet"):
            continue
        cnf = "IAND" if block == "Bottleneck" else "ADD"
        kwargs = {**_CLASSES, **_neuron(word, multi), **({"cnf": cnf} if module == "sew_resnet" else {})}
        if way == "image":
            kwargs["T"] = 2
        symbol = {"$symbol": f"{_MODEL}.{module}.{_prefix(multi)}{block}"}
        inputs = _x(2, 2, 3, 32, 32) if way == "all" else _x(2, 3, 32, 32)
        more = _grid.options(args=(symbol, layers), kwargs=kwargs, inputs=inputs, weights="bn*")
        yield _case(module, _prefix(multi) + net, f"{block}/{way}", **more)
    for (module, net), multi in itertools.product(_NETS, (False, True)):
        sew = {"cnf": "ADD"} if module == "sew_resnet" else {}
        for block, given in (
            ("BasicBlock", {"zero_init_residual": True}),
            ("BasicBlock", {"groups": 2}),
            ("Bottleneck", {"replace_stride_with_dilation": [True]}),
            (
                "Bottleneck",
                {"groups": 2, "width_per_group": 32, "replace_stride_with_dilation": [False, True, True]},
            ),
        ):
            symbol = {"$symbol": f"{_MODEL}.{module}.{_prefix(multi)}{block}"}
            kwargs = {**_CLASSES, **sew, **given, **_neuron("IF", multi)}
            more = _grid.options(args=(symbol, [1, 1, 2, 1]), kwargs=kwargs)
            more["structure" if "zero_init_residual" in given else "meta"] = True
            yield _case(module, _prefix(multi) + net, f"tree/{block}/{_grid.text(given)}", **more)
        if multi:
            symbol = {"$symbol": f"{_MODEL}.{module}.MultiStepBasicBlock"}
            kwargs = {**_CLASSES, **sew, **_neuron("IF", multi)}
            more = _grid.options(args=(symbol, [1, 1, 1, 1]), kwargs=kwargs, inputs=_x(2, 3, 32, 32))
            yield _case(module, _prefix(multi) + net, "refused/image-without-T", weights="-", **more)


def _functions() -> Iterator[Case]:
    for name, multi in itertools.product(_RESIDUAL, (False, True)):
        steps = {"T": 4} if multi else {}
        word = "multi_step_" if multi else ""
        for module, kind, more in (
            ("spiking_resnet", "spiking", {}),
            ("sew_resnet", "sew", {"cnf": "ADD"}),
        ):
            kwargs = {**steps, **more, **_neuron("IF", multi)}
            yield _case(module, f"{word}{kind}_{name}", "tree", kwargs=kwargs, meta=True)
    for size, norm, multi in itertools.product((11, 13, 16, 19), ("", "_bn"), (False, True)):
        kwargs = {**({"T": 4} if multi else {}), **_CLASSES, **_neuron("IF", multi)}
        name = f"{'multi_step_' if multi else ''}spiking_vgg{size}{norm}"
        yield _case("spiking_vgg", name, "tree", kwargs=kwargs, meta=True)
    kwargs = {**_CLASSES, "zero_init_residual": True, "T": 2, **_neuron("LIF", True)}
    more = _grid.options(kwargs=kwargs, inputs=_x(1, 3, 32, 32), weights="bn*", training=False)
    yield _case("spiking_resnet", "multi_step_spiking_resnet18", "whole", **more)
    spikes = {"kind": "steps", "shape": [4, 5], "low": 0, "high": 2, "step": 1}
    x, y = ({"$tensor": {**spikes, "seed": seed}} for seed in (1, 2))
    for word in ("ADD", "AND", "IAND", "OR"):
        yield _case("sew_resnet", "sew_function", word, protocol="function", args=(x, y, word))
    for (name, args), module in itertools.product(
        (("conv3x3", (4, 6, 2, 2, 2)), ("conv3x3", (2, 3)), ("conv1x1", (2, 3, 2))),
        ("spiking_resnet", "sew_resnet"),
    ):
        inputs = {"x": {"kind": "normal", "seed": 5, "shape": [2, args[0], 5, 5]}}
        what = f"{module}/{','.join(map(str, args))}"
        yield _case(module, name, what, protocol="layer", args=args, inputs=inputs, facts=True)


def _vgg() -> Iterator[Case]:
    module = "spiking_vgg"
    for what, shape, given in (
        ("one", (2, 3, 8, 8), {}),
        ("all", (2, 1, 3, 8, 8), {"init_weights": False}),
        ("image", (1, 3, 8, 8), {"init_weights": False, "T": 2}),
    ):
        multi = what != "one"
        kwargs = {**_CLASSES, **given, **_neuron("IF", multi), "v_threshold": 0.02}
        more = _grid.options(args=([2, "M", 512, "M"], what == "image"), kwargs=kwargs, inputs=_x(*shape))
        name = f"{_prefix(multi)}SpikingVGG"
        yield _case(module, name, what, weights="features*", gradients=what == "all", **more)
    for batch_norm, (word, low) in itertools.product((False, True), (("LIF", 0), ("PLIF", -1))):
        neuron = _neuron(word, False)
        made = neuron.pop("single_step_neuron")
        kwargs = {"batch_norm": batch_norm, "neuron": made, **neuron, "v_threshold": 0.05}
        inputs = _x(2, 3, 8, 8, low=low)
        more = _grid.options(args=([4, "M", 6, 6, "M"],), kwargs=kwargs, inputs=inputs)
        yield _case(module, "SpikingVGG.make_layers", f"bn={batch_norm}/{word}", **more)
    x = {"$tensor": {"kind": "uniform", "seed": 3, "shape": [3, 2, 4], "low": 0, "high": 2}}
    linear = {"$torch": "nn.Linear", "args": [4, 4]}
    for what, part in (
        ("MultiStepLIF", _grid.new(f"{_NEURON}.MultiStepLIFNode", 1.7)),
        ("IF", _grid.new(f"{_NEURON}.IFNode")),
        ("dropout", _grid.new("clock_driven.layer.MultiStepDropout", 0.5)),
    ):
        chain = {"$torch": "nn.Sequential", "args": [linear, part, linear]}
        yield _case(module, "sequential_forward", what, protocol="function", args=(chain, x))


def _training() -> Iterator[Case]:
    module = "train_classify"
    parts = [{"$torch": "nn.Linear", "args": [4, 8]}, None, {"$torch": "nn.Linear", "args": [8, 7]}]
    x = {"x": {"kind": "normal", "seed": 7, "shape": [16, 4], "std": 3}}
    neurons: tuple[tuple[str, dict[str, Any]], ...] = (
        ("LIFNode", {"tau": 1.5}),
        ("IFNode", {"v_reset": None}),
    )
    for name, (word, given) in itertools.product(("train_one_epoch", "evaluate"), neurons):
        parts[1] = _grid.new(f"{_NEURON}.{word}", **given)
        for sizes in ([16], [2, 5, 9]):
            what = f"{word}/{'-'.join(map(str, sizes))}"
            yield _case(module, name, what, protocol="clock_epoch", inputs=x, modules=[*parts], sizes=sizes)
    scores = {"$tensor": {"kind": "normal", "seed": 8, "shape": [12, 7]}}
    few = {"$tensor": {"kind": "normal", "seed": 8, "shape": [12, 3]}}
    target = {"$tensor": {"kind": "values", "values": [0, 1, 2] * 4, "shape": [12], "dtype": "int64"}}
    for what, values in (("seven", scores), ("few", few)):
        yield _case(module, "default_cal_acc1_acc5", what, protocol="function", args=(values, target))
    for master in (True, False):
        yield _case(module, "setup_for_distributed", f"{master}", protocol="clock_print", args=(master,))
    for name in ("use_dist", "on_master"):
        yield _case(module, name, "one-process", protocol="function")


def cases() -> Iterator[Case]:
    """Yield the model cases of ``clock_driven`` in 0.0.0.0.14; ``clock_driven_12`` asks 0.0.0.0.12 too."""
    yield from _plif()
    yield from _blocks()
    yield from _residual()
    yield from _functions()
    yield from _vgg()
    yield from _training()
