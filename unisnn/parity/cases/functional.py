"""Functions: those that walk a network, those of sequences, and the static equations of neurons."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ2, _SG = "spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0", "snngrow==0.1.1a1"
_FUNCTIONAL, _LAYER = "activation_based.functional", "activation_based.layer"
_NEURON = "activation_based.neuron"

_X = {"kind": "normal", "seed": 51, "shape": [4, 3, 6], "dtype": "float32"}
_LIF, _IF = _grid.new(f"{_NEURON}.LIFNode", tau=2.0), _grid.new(f"{_NEURON}.IFNode", v_reset=None)
_NET = [_grid.new(f"{_LAYER}.Linear", 6, 6), _LIF, _grid.new(f"{_LAYER}.Dropout", 0.2), _IF]


def _tensor(seed: int, shape: list[int], dtype: str = "float32", **more: Any) -> dict[str, Any]:
    kind = more.pop("kind", "uniform")
    span = {"low": -0.5, "high": 1.5} if kind == "uniform" else {}
    return {"$tensor": {"kind": kind, "seed": seed, "shape": shape, "dtype": dtype, **span, **more}}


def _walkers(edition: str) -> Iterator[Case]:
    """reset_net, detach_net, set_step_mode, set_backend on networks of neurons, layers and plain modules."""

    def case(name: str, what: str, script: list[Any], modules: list[Any] | None = None) -> Case:
        more = _grid.options(protocol="network", modules=modules or _NET, script=script, inputs={"x": _X})
        if name == "set_backend":
            more["attributes"] = ["backend", "step_mode"]
        return _grid.made(edition, "functional", f"{_FUNCTIONAL}.{name}", what, **more)

    def call(name: str, *arguments: Any) -> list[Any]:
        return ["apply", f"{_FUNCTIONAL}.{name}", *arguments]

    run, whole = ["run", "x"], ["run", "x", "sequence"]
    yield case("reset_net", "neurons", [run, call("reset_net"), run])
    yield case("reset_net", "plain", [call("reset_net"), run], [{"$torch": "nn.Linear", "args": [6, 2]}])
    yield case("reset_net", "fresh", [call("reset_net"), call("reset_net"), run])
    yield case("detach_net", "neurons", [run, call("detach_net"), run])
    yield case("detach_net", "plain", [call("detach_net"), run], [{"$torch": "nn.ReLU"}])
    yield case("set_step_mode", "m", [call("set_step_mode", "m"), whole, call("reset_net"), whole])
    yield case("set_step_mode", "m-s", [call("set_step_mode", "m"), call("set_step_mode", "s"), run])
    yield case("set_step_mode", "wrong", [["attempt", call("set_step_mode", "x")]])
    container = _grid.new(f"{_LAYER}.SeqToANNContainer", {"$torch": "nn.Linear", "args": [6, 6]})
    yield case("set_step_mode", "container", [call("set_step_mode", "m"), whole], [container, _LIF])
    if edition == _SJ14:
        yield case("set_backend", "torch", [call("set_backend", "torch"), run])
        yield case(
            "set_backend", "instance", [call("set_backend", "torch", {"$symbol": f"{_NEURON}.LIFNode"}), run]
        )
        yield case("set_backend", "wrong", [["attempt", call("set_backend", "abacus")]])
    init = [call("kaiming_normal_conv_linear_weight"), ["parameters", "param"]]
    layers = [_grid.new(f"{_LAYER}.Conv2d", 2, 3, 3), {"$torch": "nn.Linear", "args": [6, 2]}]
    yield case("kaiming_normal_conv_linear_weight", "conv+linear", init, layers)


def _sequences(edition: str) -> Iterator[Case]:
    def case(name: str, what: str, *args: Any, **kwargs: Any) -> Case:
        more = _grid.options(protocol="function", args=args, kwargs=kwargs)
        return _grid.made(edition, "functional", f"{_FUNCTIONAL}.{name}", what, **more)

    x = _tensor(52, [6, 3, 4])
    linear = {"$torch": "nn.Linear", "args": [4, 5]}
    whole = _grid.new(f"{_NEURON}.LIFNode", tau=1.7, step_mode="m")
    yield case("multi_step_forward", "neuron", x, _LIF)
    yield case("multi_step_forward", "list", x, [linear, _LIF])
    yield case("seq_to_ann_forward", "linear", x, linear)
    yield case("seq_to_ann_forward", "list", x, [linear, {"$torch": "nn.ReLU"}])
    for size in (1, 2, 4, 6, 9):
        yield case("chunk_multi_step_forward", f"{size}", size, x, whole)
    for steps in (0, 1, 3, 6, 8) if edition == _SJ14 else (0, 1, 3):
        yield case("delay", f"{steps}", x, steps)
    spikes = {"$tensor": {"kind": "binary", "seed": 53, "shape": [4, 3, 7], "p": 0.3}}
    yield case("first_spike_index", "binary", spikes)
    yield case("first_spike_index", "silent", {"$tensor": {"kind": "full", "shape": [2, 5], "value": 0}})
    labels = {"$tensor": {"kind": "values", "values": [0, 2, 1, 2], "dtype": "int64"}}
    for count in (1, 3):
        yield case("redundant_one_hot", f"{count}", labels, 3, count)
    target = {"$tensor": {"kind": "values", "values": [0, 3, 1], "dtype": "int64"}}
    yield case("temporal_efficient_training_cross_entropy", "T=6", x, target)
    yield case("temporal_efficient_training_cross_entropy", "T=1", _tensor(54, [1, 3, 4]), target)
    if edition == _SJ14:
        yield from _margins()


def _margins() -> Iterator[Case]:
    """set_threshold_margin: the correct class gets another threshold than the others."""
    hot = {"$tensor": {"kind": "values", "values": [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], "shape": [4, 3]}}
    name = f"{_FUNCTIONAL}.set_threshold_margin"
    levels: tuple[tuple[float, ...], ...] = ((), (1.2, 0.8, 1.3))
    for training, arguments in itertools.product((True, False), levels):
        script = [["train", training], ["apply", name, hot, *arguments], ["get", "v_threshold"], ["run", "x"]]
        more = _grid.options(script=script, inputs=_grid.drawn("uni"), evidence=(name,))
        what = f"set_threshold_margin/{'train' if training else 'eval'}-{len(arguments)}"
        yield _grid.made(_SJ14, "functional", f"{_NEURON}.LIFNode", what, **more)


def _equations() -> Iterator[Case]:
    """The static equations of SNNGrow's nodes, and its reset of networks."""
    v, s, x = _tensor(55, [4, 3]), _tensor(56, [4, 3], kind="binary"), _tensor(57, [4, 3])
    base, lif = "base.neuron.BaseNode.BaseNode", "base.neuron.LIFNode.LIFNode"
    table: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
        (base, "hard_reset", (v, s, 0.2)),
        (base, "soft_reset", (v, s, 0.9)),
        (lif, "neuronal_dynamics_decay_input_reset0", (x, v, 1.7)),
        (lif, "neuronal_dynamics_decay_input", (x, v, 0.2, 1.7)),
        (lif, "neuronal_dynamics_no_decay_input_reset0", (x, v, 1.7)),
        (lif, "neuronal_dynamics_no_decay_input", (x, v, 0.2, 1.7)),
    )
    for owner, name, args in table:
        for dtype in ("float32", "float64", "float16"):
            given = tuple(_cast(each, dtype) for each in args)
            more = _grid.options(protocol="function", args=given, dtype=dtype)
            yield _grid.made(_SG, "functional", f"{owner}.{name}", f"{owner.rpartition('.')[2]}", **more)
    net = [
        _grid.new("base.neuron.LIFNode.LIFNode"),
        {"$torch": "nn.ReLU"},
        _grid.new("base.neuron.IFNode.IFNode"),
    ]
    script = [["run", "x"], ["apply", "base.utils.reset"], ["run", "x"]]
    more = _grid.options(protocol="network", modules=net, script=script, inputs={"x": _X})
    yield _grid.made(_SG, "functional", "base.utils.reset", "neurons", **more)
    plain = {**more, "modules": [{"$torch": "nn.Linear", "args": [6, 2]}]}
    yield _grid.made(_SG, "functional", "base.utils.reset", "plain", **plain)


def _cast(value: Any, dtype: str) -> Any:
    return {"$tensor": {**value["$tensor"], "dtype": dtype}} if isinstance(value, dict) else value


def _eval_functions() -> Iterator[Case]:
    """The static functions of eval mode of IF and LIF."""
    name = "jit_eval_{}_step_forward_{}_reset{}{}"
    for steps, kind, stored in itertools.product(("single", "multi"), ("hard", "soft"), ("", "_with_v_seq")):
        if steps == "single" and stored:
            continue
        x = _tensor(58, [4, 3] if steps == "single" else [5, 4, 3])
        state = (x, _tensor(59, [4, 3]), 0.9)
        for v_reset in (0.0, 0.2) if kind == "hard" else (None,):
            reset = () if v_reset is None else (v_reset,)
            what = f"{kind}{reset}"
            more = _grid.options(protocol="function", args=(*state, *reset))
            symbol = f"{_NEURON}.IFNode.{name.format(steps, kind, '', stored)}"
            yield _grid.made(_SJ14, "functional", symbol, what, **more)
            for decay in ("_decay_input", "_no_decay_input"):
                more = _grid.options(protocol="function", args=(*state, *reset, 1.7))
                symbol = f"{_NEURON}.LIFNode.{name.format(steps, kind, decay, stored)}"
                yield _grid.made(_SJ14, "functional", symbol, what, **more)


def _spikingjelly_equations() -> Iterator[Case]:
    v, s, x = _tensor(55, [4, 3]), _tensor(56, [4, 3], kind="binary"), _tensor(57, [4, 3])
    table: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
        ("BaseNode", "jit_hard_reset", (v, s, 0.2)),
        ("BaseNode", "jit_soft_reset", (v, s, 0.9)),
        ("LIFNode", "neuronal_charge_decay_input_reset0", (x, v, 1.7)),
        ("LIFNode", "neuronal_charge_decay_input", (x, v, 0.2, 1.7)),
        ("LIFNode", "neuronal_charge_no_decay_input_reset0", (x, v, 1.7)),
        ("LIFNode", "neuronal_charge_no_decay_input", (x, v, 0.2, 1.7)),
    )
    for owner, name, args in table:
        more = _grid.options(protocol="function", args=args)
        yield _grid.made(_SJ14, "functional", f"{_NEURON}.{owner}.{name}", owner, **more)
    yield from _eval_functions()
    for backend in ("torch", "abacus"):
        more = _grid.options(protocol="function", args=(backend,))
        yield _grid.made(_SJ14, "functional", "activation_based.base.check_backend_library", backend, **more)


def cases() -> Iterator[Case]:
    """Yield the cases of functions."""
    for edition in (_SJ14, _SJ2):
        yield from _walkers(edition)
        yield from _sequences(edition)
    yield from _equations()
    yield from _spikingjelly_equations()
