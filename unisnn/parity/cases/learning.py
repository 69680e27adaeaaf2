"""Cases of learning rules (weights after 20 steps) and of monitors."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITION = "spikingjelly==0.0.0.0.14"
_LEARNING, _MONITOR = "activation_based.learning", "activation_based.monitor"
_LAYER, _NEURON = "activation_based.layer", "activation_based.neuron"

_PLANES = [20, 2, 2, 5, 5]
_PAIR = {"f_pre": "clamp", "f_post": "soft"}
_FACTORS: tuple[dict[str, str], ...] = ({}, _PAIR, {"f_pre": "half", "f_post": "one"})


def _binary(seed: int, shape: list[int], dtype: str = "float32") -> dict[str, Any]:
    return {"kind": "binary", "seed": seed, "shape": shape, "p": 0.45, "dtype": dtype}


def _linear(inputs: int, outputs: int, **more: Any) -> dict[str, Any]:
    return _grid.new(f"{_LAYER}.Linear", inputs, outputs, bias=False, **more)


def _conv(name: str, *args: Any, **more: Any) -> dict[str, Any]:
    return _grid.new(f"{_LAYER}.{name}", *args, bias=False, **more)


def _case(symbol: str, what: str, protocol: str, **more: Any) -> Case:
    return _grid.made(_EDITION, "learning", symbol, what, protocol=protocol, **more)


def _functions() -> Iterator[Case]:
    for (name, taus), (number, factors) in itertools.product(
        (
            ("stdp_linear_single_step", (2.0, 3.0)),
            ("mstdp_linear_single_step", (1.7, 5.0)),
            ("mstdpet_linear_single_step", (1.7, 5.0, 4.0)),
        ),
        enumerate(_FACTORS),
    ):
        batch = [] if "pet" in name else [3]
        inputs = {"pre": _binary(1, [20, *batch, 4]), "post": _binary(2, [20, *batch, 5])}
        more = _grid.options(synapse=_linear(4, 5), factors=factors, args=taus, inputs=inputs)
        yield _case(f"{_LEARNING}.{name}", f"factors{number}", "plasticity", **more)
    inputs = {"pre": _binary(1, [6, 3, 4]), "post": _binary(2, [6, 3, 5])}
    for name in ("stdp_linear_single_step", "mstdp_linear_single_step"):
        more = _grid.options(synapse=_linear(4, 5), args=(2.0, 3.0), inputs=inputs, traces=[0.0, 0.25])
        yield _case(f"{_LEARNING}.{name}", "float-traces", "plasticity", **more)
    batched = _grid.options(synapse=_linear(4, 5), args=(2.0, 3.0, 4.0), inputs=inputs)
    yield _case(f"{_LEARNING}.mstdpet_linear_single_step", "batched", "plasticity", **batched)
    for what, size, places, given in _convolutions():
        symbol = f"{_LEARNING}.stdp_conv{size}d_single_step"
        shape = [8] * size
        inputs = {"pre": _binary(3, [4, 3, 2, *shape]), "post": _binary(4, [4, 3, 4, *places])}
        for number, factors in enumerate(_FACTORS[:2]):
            synapse = _conv(f"Conv{size}d", 2, 4, 3, **given)
            more = _grid.options(synapse=synapse, args=(2.0, 3.0), inputs=inputs, factors=factors)
            yield _case(symbol, f"{what}/factors{number}", "plasticity", **more)
    for what, synapse, pre, post in (
        ("linear", _linear(4, 5), [20, 3, 4], [20, 3, 5]),
        ("conv1d", _conv("Conv1d", 2, 3, 2), [5, 2, 2, 6], [5, 2, 3, 5]),
        ("conv2d", _conv("Conv2d", 2, 3, 2), [5, 2, 2, 6, 6], [5, 2, 3, 5, 5]),
        ("conv3d", _conv("Conv3d", 1, 1, 1), [2, 1, 1, 2, 2, 2], [2, 1, 1, 2, 2, 2]),
    ):
        inputs = {"pre": _binary(5, pre), "post": _binary(6, post)}
        more = _grid.options(synapse=synapse, args=(2.0, 3.0), inputs=inputs, whole=True, factors=_PAIR)
        yield _case(f"{_LEARNING}.stdp_multi_step", what, "plasticity", **more)


def _convolutions() -> Iterator[tuple[str, int, list[int], dict[str, Any]]]:
    for size in (1, 2):
        yield "plain", size, [6] * size, {}
        yield "padded", size, [8] * size, {"padding": 1}
        yield "strided", size, [4] * size, {"padding": 1, "stride": 2}
        yield "circular", size, [8] * size, {"padding": 1, "padding_mode": "circular"}
        yield "dilated", size, [4] * size, {"dilation": 2}
        yield "grouped", size, [6] * size, {"groups": 2}


def _learners() -> Iterator[Case]:
    neuron = _grid.new(f"{_NEURON}.LIFNode", tau=2.0, v_threshold=0.4)
    many = _grid.new(f"{_NEURON}.LIFNode", tau=2.0, v_threshold=0.4, step_mode="m")
    symbol = f"{_LEARNING}.STDPLearner"
    for number, factors in enumerate(_FACTORS):
        for what, more in (
            ("linear/s", {"synapse": _linear(4, 5), "inputs": {"x": _binary(7, [20, 3, 4])}}),
            ("conv1d/s", {"synapse": _conv("Conv1d", 2, 3, 2), "inputs": {"x": _binary(8, [20, 2, 2, 6])}}),
            (
                "conv2d/s",
                {"synapse": _conv("Conv2d", 2, 3, 2), "inputs": {"x": _binary(8, [20, 2, 2, 5, 5])}},
            ),
        ):
            given = _grid.options(sn=neuron, args=(2.0, 3.0), factors=factors, scale=0.7, **more)
            yield _case(symbol, f"{what}/factors{number}", "learner", **given)
        given = _grid.options(sn=many, mode="m", chunk=5, args=(2.0, 3.0), factors=factors, scale=0.7)
        inputs = {"x": _binary(7, [20, 3, 4])}
        synapse = _linear(4, 5, step_mode="m")
        yield _case(symbol, f"linear/m/factors{number}", "learner", synapse=synapse, inputs=inputs, **given)
    inputs = {"x": _binary(9, [20, 3, 4])}
    turns: tuple[tuple[str, dict[str, Any]], ...] = (
        ("several", {"each": 4}),
        ("reset", {"reset": [7, 14]}),
        ("off", {"off": [3, 4], "each": 5}),
    )
    for what, turn in turns:
        given = _grid.options(synapse=_linear(4, 5), sn=neuron, inputs=inputs, args=(2.0, 3.0), **turn)
        yield _case(symbol, what, "learner", **given)
        reward = [[1.0, -0.5, 0.25], [0.0, 2.0, -1.0]]
        reward_given = _grid.options(batch=3, reward=reward, factors=_PAIR, **given)
        yield _case(f"{_LEARNING}.MSTDPLearner", what, "learner", **reward_given)
        alone: dict[str, Any] = {**given, "inputs": {"x": _binary(9, [20, 4])}, "args": (2.0, 3.0, 4.0)}
        yield _case(
            f"{_LEARNING}.MSTDPETLearner", what, "learner", reward=[0.7, -1.0, 2.0], factors=_PAIR, **alone
        )
    for scale in (1.0, 0.3):
        given = _grid.options(synapse=_linear(4, 5), sn=neuron, args=(1.7, 5.0), scale=scale)
        reward = [[1.0, -0.5, 0.25]]
        mstdp = _grid.options(batch=3, reward=reward, inputs=inputs, **given)
        yield _case(f"{_LEARNING}.MSTDPLearner", f"scale={scale:g}", "learner", **mstdp)
        alone = {**given, "inputs": {"x": _binary(9, [20, 4])}, "args": (1.7, 5.0, 3.0)}
        yield _case(f"{_LEARNING}.MSTDPETLearner", f"scale={scale:g}", "learner", reward=[0.7], **alone)
    wrong = _grid.options(sn=neuron, args=(2.0, 3.0), inputs={"x": _binary(8, [4, 2, 2, 5, 5])})
    yield _case(symbol, "conv3d", "learner", synapse=_conv("Conv3d", 2, 1, 1), **wrong)
    yield _case(symbol, "wrong-mode", "learner", synapse=_linear(4, 5), mode="x", **wrong)
    conv = _conv("Conv2d", 2, 3, 2)
    yield _case(
        f"{_LEARNING}.MSTDPLearner", "conv2d", "learner", synapse=conv, batch=2, reward=[[1.0, 1.0]], **wrong
    )
    long = _grid.options(synapse=_linear(4, 5, step_mode="m"), sn=many, mode="m", chunk=5, inputs=inputs)
    mstdp = _grid.options(batch=3, reward=[[1.0, 1.0, 1.0]], args=(2.0, 3.0), **long)
    yield _case(f"{_LEARNING}.MSTDPLearner", "m", "learner", **mstdp)
    yield _case(f"{_LEARNING}.MSTDPETLearner", "m", "learner", reward=[1.0], args=(2.0, 3.0, 4.0), **long)


def _monitors() -> Iterator[Case]:
    modules = [
        _grid.new(f"{_LAYER}.Linear", 4, 3),
        _grid.new(f"{_NEURON}.IFNode"),
        _grid.new(f"{_LAYER}.Linear", 3, 2),
        _grid.new(f"{_NEURON}.LIFNode", v_threshold=0.3),
    ]
    kinds: dict[str, Any] = {
        "BaseNode": {"$symbol": f"{_NEURON}.BaseNode"},
        "several": [{"$symbol": f"{_NEURON}.IFNode"}, {"$symbol": f"{_LAYER}.Linear"}],
        "none": None,
    }
    x = {"x": {"kind": "uniform", "seed": 10, "shape": [2, 4], "low": 0, "high": 2}}
    names = ("OutputMonitor", "InputMonitor", "GradInputMonitor", "GradOutputMonitor")
    for name, (word, kind), function in itertools.product(names, kinds.items(), (None, "sum")):
        given = _grid.options(modules=modules, instance=kind, function=function, inputs=x)
        yield _monitor(name, f"{word}/{function or 'itself'}", **given)
    for name in names:
        yield _monitor(name, "two", modules=[], two=True, inputs=x)
    node = kinds["BaseNode"]
    for what, args in (("v", ("v", False)), ("v-before", ("v", True)), ("missing", ("nothing", False))):
        given = _grid.options(modules=modules, instance=node, args=args, inputs=x)
        yield _monitor("AttributeMonitor", what, **given)
    given = _grid.options(modules=modules, instance=kinds["several"], args=("training", False), inputs=x)
    yield _monitor("AttributeMonitor", "training", **given)


def _monitor(name: str, what: str, **given: Any) -> Case:
    return _grid.made(_EDITION, "monitor", f"{_MONITOR}.{name}", what, protocol="monitors", **given)


def cases() -> Iterator[Case]:
    """Yield the cases of 0.0.0.0.14's ``learning`` and ``monitor``."""
    yield from _functions()
    yield from _learners()
    yield from _monitors()
