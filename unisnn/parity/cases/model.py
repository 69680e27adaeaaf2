"""Cases of SpikingJelly's networks on tiny inputs: from the same seed the same net, output and gradients."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITION = "spikingjelly==0.0.0.0.14"
_MODEL, _NEURON, _SURROGATE = (f"activation_based.{name}" for name in ("model", "neuron", "surrogate"))
_LAYER = "activation_based.layer"

_NEURONS: dict[str, dict[str, Any]] = {
    "IF": {
        "spiking_neuron": {"$symbol": f"{_NEURON}.IFNode"},
        "surrogate_function": _grid.new(f"{_SURROGATE}.ATan"),
    },
    "LIF": {
        "spiking_neuron": {"$symbol": f"{_NEURON}.LIFNode"},
        "tau": 1.5,
        "surrogate_function": _grid.new(f"{_SURROGATE}.Sigmoid", alpha=3.0),
        "detach_reset": True,
    },
    "PLIF": {
        "spiking_neuron": {"$symbol": f"{_NEURON}.ParametricLIFNode"},
        "init_tau": 2.0,
        "v_threshold": 0.6,
        "v_reset": None,
        "surrogate_function": _grid.new(f"{_SURROGATE}.ATan"),
    },
}

_PLIF_NETS = {
    "MNISTNet": [1, 28, 28],
    "FashionMNISTNet": [1, 28, 28],
    "NMNISTNet": [2, 34, 34],
    "CIFAR10Net": [3, 32, 32],
    "CIFAR10DVSNet": [2, 128, 128],
    "DVSGestureNet": [2, 128, 128],
}
_RESNETS = ("spiking_resnet18", "sew_resnet18")
_DILATED = {"replace_stride_with_dilation": [True, True, True]}
_CLASSES = {"num_classes": 3}


def _image(*shape: int) -> dict[str, Any]:
    return {"x": {"kind": "uniform", "seed": 61, "shape": list(shape), "low": 0, "high": 2}}


def _case(module: str, name: str, what: str, **more: Any) -> Case:
    return _grid.made(_EDITION, "model", f"{_MODEL}.{module}.{name}", what, protocol="model", **more)


def _plif() -> Iterator[Case]:
    for name in _PLIF_NETS:
        kwargs = {"channels": 2, **_NEURONS["PLIF"]}
        yield _case("parametric_lif_net", name, "tree", kwargs=kwargs, structure=True)
    for (name, word), mode in itertools.product((("MNISTNet", "PLIF"), ("CIFAR10Net", "LIF")), ("s", "m")):
        kwargs = {"channels": 2, **_NEURONS[word]}
        shape = [2, *_PLIF_NETS[name]] if mode == "s" else [2, 1, *_PLIF_NETS[name]]
        for training in (True, False):
            what = f"{word}/{mode}/{'train' if training else 'eval'}"
            more = _grid.options(step_mode=mode, training=training, turns=2 if mode == "s" else 1)
            yield _case("parametric_lif_net", name, what, kwargs=kwargs, inputs=_image(*shape), **more)
    yield _case("parametric_lif_net", "MNISTNet", "no-neuron", structure=True)


def _residual() -> Iterator[Case]:
    for (module, net, more), (block, layers), mode in itertools.product(
        (
            ("spiking_resnet", "SpikingResNet", {}),
            ("sew_resnet", "SEWResNet", {"cnf": "ADD"}),
            ("sew_resnet", "SEWResNet", {"cnf": "IAND"}),
            ("sew_resnet", "SEWResNet", {"cnf": "AND"}),
        ),
        (("BasicBlock", [1, 2, 1, 1]), ("Bottleneck", [1, 1, 1, 1])),
        ("s", "m"),
    ):
        if mode == "m" and (block == "Bottleneck") != (more.get("cnf") == "ADD"):
            continue
        symbol = {"$symbol": f"{_MODEL}.{module}.{block}"}
        kwargs = {**_CLASSES, **more, **_NEURONS["LIF" if block == "Bottleneck" else "PLIF"]}
        shape = [2, 3, 32, 32] if mode == "s" else [2, 2, 3, 32, 32]
        what = f"{block}/{more.get('cnf', '-')}/{mode}"
        evidence = (f"{_MODEL}.{module}.{block}",)
        options = _grid.options(step_mode=mode, evidence=evidence, weights="bn*")
        yield _case(module, net, what, args=(symbol, layers), kwargs=kwargs, inputs=_image(*shape), **options)
    for module, net in (("spiking_resnet", "SpikingResNet"), ("sew_resnet", "SEWResNet")):
        for block, given in _variants(module):
            symbol = {"$symbol": f"{_MODEL}.{module}.{block}"}
            kwargs = {**_CLASSES, **given, **_NEURONS["IF"]}
            what = f"tree/{block}/{_grid.text(given)}"
            yield _case(module, net, what, args=(symbol, [1, 1, 2, 1]), kwargs=kwargs, structure=True)


def _variants(module: str) -> Iterator[tuple[str, dict[str, Any]]]:
    more = {"cnf": "ADD"} if module == "sew_resnet" else {}
    for block, given in (
        ("BasicBlock", {"zero_init_residual": True}),
        ("BasicBlock", {"groups": 2}),
        ("BasicBlock", {"replace_stride_with_dilation": [False, True, True]}),
        ("Bottleneck", {"replace_stride_with_dilation": [True]}),
        (
            "Bottleneck",
            {"groups": 2, "width_per_group": 32, "replace_stride_with_dilation": [True, True, True]},
        ),
        ("Bottleneck", {"zero_init_residual": True}),
    ):
        yield block, {**more, **given}


def _functions() -> Iterator[Case]:
    for name in _RESNETS:
        module = f"{name.partition('_')[0]}_resnet"
        kwargs = {**_CLASSES, **({"cnf": "ADD"} if module == "sew_resnet" else {}), **_NEURONS["IF"]}
        yield _case(module, name, "tree", kwargs=kwargs, structure=True, weights="-")
    spikes = {"kind": "steps", "shape": [4, 5], "low": 0, "high": 2, "step": 1}
    x, y = ({"$tensor": {**spikes, "seed": seed}} for seed in (1, 2))
    for word in ("ADD", "AND", "IAND", "OR", None):
        symbol = f"{_MODEL}.sew_resnet.sew_function"
        yield _grid.made(_EDITION, "model", symbol, f"{word}", protocol="function", args=(x, y, word))
    convolutions = (
        ("conv3x3", (4, 6, 2, 2, 2)),
        ("conv3x3", (2, 3)),
        ("conv1x1", (2, 3)),
        ("conv1x1", (2, 3, 2)),
    )
    for (name, args), module in itertools.product(convolutions, ("spiking_resnet", "sew_resnet")):
        inputs = {"x": {"kind": "normal", "seed": 5, "shape": [2, args[0], 5, 5]}}
        what = f"{module}/{','.join(map(str, args))}"
        more = _grid.options(protocol="layer", args=args, inputs=inputs, facts=True)
        yield _grid.made(_EDITION, "model", f"{_MODEL}.{module}.{name}", what, **more)


def _vgg() -> Iterator[Case]:
    module = "spiking_vgg"
    kwargs = {**_CLASSES, **_NEURONS["IF"], "v_threshold": 0.05}
    more = _grid.options(args=([2, "M", 512, "M"],), kwargs=kwargs, inputs=_image(2, 1, 3, 8, 8))
    yield _case(module, "SpikingVGG", "whole/m", step_mode="m", weights="features*", gradients=False, **more)
    for batch_norm, mode in itertools.product((False, True), ("s", "m")):
        shape = [2, 3, 8, 8] if mode == "s" else [2, 2, 3, 8, 8]
        kwargs = {"batch_norm": batch_norm, "neuron": {"$symbol": f"{_NEURON}.LIFNode"}, "tau": 1.3}
        more = _grid.options(
            args=([4, "M", 6, 6, "M"],), kwargs=kwargs, inputs=_image(*shape), step_mode=mode
        )
        yield _case(module, "SpikingVGG.make_layers", f"bn={batch_norm}/{mode}", **more)
    x = {"$tensor": {"kind": "uniform", "seed": 3, "shape": [3, 2, 4], "low": 0, "high": 2}}
    whole = _grid.new(f"{_NEURON}.LIFNode", tau=1.7, step_mode="m")
    parts = [{"$torch": "nn.Linear", "args": [4, 4]}, whole, {"$torch": "nn.Linear", "args": [4, 2]}]
    chain = {"$torch": "nn.Sequential", "args": parts}
    symbol = f"{_MODEL}.{module}.sequential_forward"
    yield _grid.made(_EDITION, "model", symbol, "linear+LIF", protocol="function", args=(chain, x))


def cases() -> Iterator[Case]:
    """Yield the model cases of 0.0.0.0.14."""
    yield from _plif()
    yield from _residual()
    yield from _functions()
    yield from _vgg()
