"""Fused convolutions, similarity losses and online training of ``activation_based.functional``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ2 = "spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0"
_FUNCTIONAL, _NEURON, _LAYER = (
    "activation_based.functional",
    "activation_based.neuron",
    "activation_based.layer",
)
_FAMILY = "fusion"


def _case(edition: str, name: str, what: str, *args: Any, **calls: Any) -> Case:
    more = _grid.options(args=args, **{"protocol": "function", **calls})
    return _grid.made(edition, _FAMILY, f"{_FUNCTIONAL}.{name}", what, **more)


def _tensor(seed: int, shape: list[int], kind: str = "uniform", **more: Any) -> dict[str, Any]:
    span = {"low": 0.1, "high": 1.5} if kind == "uniform" else {}
    return {"$tensor": {"kind": kind, "seed": seed, "shape": shape, **span, **more}}


_CONVOLUTIONS: tuple[tuple[str, list[int], dict[str, Any]], ...] = (
    ("plain", [2, 3, 3], {}),
    ("options", [4, 6, 2], {"padding": 1, "stride": 2, "dilation": 2, "groups": 2}),
    ("square", [3, 3, 3], {"padding_mode": "circular", "padding": 1}),
    ("rectangle", [1, 5, 3], {"padding": 2, "bias": False}),
)


def _fusion(edition: str) -> Iterator[Case]:
    plain = ("fused_conv2d_weight_of_convbn2d", "fused_conv2d_bias_of_convbn2d", "fuse_convbn2d")
    scaled = ("scale_fused_conv2d_weight_of_convbn2d", "scale_fused_conv2d_bias_of_convbn2d")
    for number, (word, given, options) in enumerate(_CONVOLUTIONS):
        conv: dict[str, Any] = {"$torch": "nn.Conv2d", "args": given, "kwargs": {"bias": False, **options}}
        norm: dict[str, Any] = {"$torch": "nn.BatchNorm2d", "args": [given[1]], "kwargs": {"eps": 1e-3}}
        drawn = {
            name: _tensor(80 + 4 * number + place, [given[1]])
            for place, name in enumerate(("weight", "bias", "running_mean", "running_var"))
        }
        seeded = {"protocol": "clock_seeded", "modules": [conv, norm], "values": [{}, drawn]}
        for name in plain:
            yield _case(edition, name, word, **seeded)
        for name, factors in itertools.product(scaled, ((), (0.7,), (0.7, 0.1), (None, 0.1))):
            if number == 0 or len(factors) == 2:
                yield _case(edition, name, f"{word}-{list(factors)}", *factors, **seeded)
    biased = {"$torch": "nn.Conv2d", "args": [2, 3, 3]}
    wrong = {"protocol": "clock_seeded", "modules": [biased, {"$torch": "nn.BatchNorm2d", "args": [3]}]}
    for name in (*plain, *scaled):
        yield _case(edition, name, "biased", **wrong)
    ours = [_grid.new(f"{_LAYER}.Conv2d", 2, 3, 3, bias=False), _grid.new(f"{_LAYER}.BatchNorm2d", 3)]
    for name in plain:
        yield _case(edition, name, "layers", protocol="clock_seeded", modules=ours)


def _losses(edition: str) -> Iterator[Case]:
    a, b = _tensor(54, [4, 5], low=-1.0), _tensor(55, [4, 5])
    spikes = _tensor(53, [4, 3, 7], "binary", p=0.3)
    smooth = _tensor(56, [4, 3, 7])
    hot = {"$tensor": {"kind": "values", "values": [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], "shape": [4, 3]}}
    kernels: tuple[list[Any], ...] = (
        ["linear"],
        ["sigmoid", 0.7],
        ["gaussian", 1.3],
        ["polynomial", 2],
        ["polynomial", 3],
    )
    for kernel in (*kernels, ["other"]):
        word = "-".join(map(str, kernel))
        yield _case(edition, "kernel_dot_product", word, a, b, *kernel)
        if kernel[0] in ("polynomial", "other"):
            continue
        for loss, (shape, trains) in itertools.product(
            ("mse", "l1"), (("spikes", spikes), ("smooth", smooth))
        ):
            given = (trains, hot, kernel[0], loss, *kernel[1:])
            yield _case(edition, "spike_similar_loss", f"{word}/{loss}/{shape}", *given)
    yield _case(edition, "kernel_dot_product", "default", a, b)
    yield _case(edition, "spike_similar_loss", "default", spikes, hot)
    yield _case(edition, "spike_similar_loss", "bce", spikes, hot, "sigmoid", "bce", 0.7)
    yield _case(edition, "spike_similar_loss", "linear-bce", smooth, hot, "linear", "bce")
    yield _case(edition, "spike_similar_loss", "polynomial", smooth, hot, "polynomial", "mse", 2)
    yield _case(edition, "spike_similar_loss", "other", spikes, hot, "linear", "other")
    wide = {"$tensor": {**a["$tensor"], "dtype": "float64"}}
    yield _case(edition, "kernel_dot_product", "gaussian-double", wide, wide, "gaussian", 0.9)


def _online() -> Iterator[Case]:
    linear = {"$torch": "nn.Linear", "args": [6, 5]}
    last = {"$torch": "nn.Linear", "args": [5, 2]}
    lif, soft = _grid.new(f"{_NEURON}.LIFNode", tau=1.7), _grid.new(f"{_NEURON}.IFNode", v_reset=None)
    plif = _grid.new(f"{_NEURON}.ParametricLIFNode", init_tau=1.7)
    nets: dict[str, list[Any]] = {
        "linear": [linear, last],
        "lif": [linear, lif, last, lif],
        "soft": [linear, soft, last],
        "plif": [linear, plif, last, plif],
        "recurrent": [linear, _grid.new(f"{_LAYER}.SynapseFilter", 3.0, True), last],
    }
    x = {"kind": "uniform", "seed": 61, "shape": [4, 3, 6], "low": -0.5, "high": 3}
    target = {"kind": "uniform", "seed": 62, "shape": [4, 3, 2]}
    for (word, modules), alpha in itertools.product(nets.items(), (0.1, 0.5, 0.37)):
        for optimizer in ("SGD",) if alpha == 0.1 else ("SGD", "Adam"):
            calls = {"modules": modules, "alpha": alpha, "optimizer": optimizer, "rounds": 2}
            inputs = {"x": x, "target": target}
            what = f"{word}-{alpha}-{optimizer}"
            yield _case(_SJ14, "fptt_online_training", what, protocol="online", inputs=inputs, **calls)
    for steps in (0, 1):
        inputs = {"x": {**x, "shape": [steps, 3, 6]}, "target": {**target, "shape": [steps, 3, 2]}}
        calls = {"modules": nets["lif"], "alpha": 0.5, "optimizer": "SGD", "rounds": 1}
        yield _case(_SJ14, "fptt_online_training", f"T={steps}", protocol="online", inputs=inputs, **calls)
    calls = {"modules": nets["plif"], "optimizer": "SGD", "rounds": 0, "alpha": 0.5}
    inputs = {"x": x, "target": target}
    what = "fptt_online_training_init_w_ra"
    yield _case(_SJ14, what, "plif", protocol="online", inputs=inputs, **calls)


def cases() -> Iterator[Case]:
    """Yield the cases; 2.0.0 has the losses only."""
    yield from _fusion(_SJ14)
    for edition in (_SJ14, _SJ2):
        yield from _losses(edition)
    yield from _online()
