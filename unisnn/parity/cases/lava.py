"""Cases of the exchange with Lava-DL: layouts, quantisers, integer neurons, and what is asked of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_LATE, _EARLY = "spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12"
_ACTIVATION, _CLOCK = "activation_based.lava_exchange", "clock_driven.lava_exchange"
_PLACES = ((_LATE, _CLOCK), (_EARLY, _CLOCK), (_LATE, _ACTIVATION))
_DTYPES = ("float32", "float16", "bfloat16", "float64")
_WILD = ["nan", "inf", "-inf", 0.0, "-0.0", 0.5, -0.5, 1.5, 2.5, -5.0, 300.0, -300.0, 0.03]


def _case(edition: str, module: str, name: str, what: str, **more: Any) -> Case:
    word = f"{module.partition('.')[0]}/{what}"
    return _grid.made(edition, "lava", f"{module}.{name}", word, **{"protocol": "lava_call", **more})


def _x(*shape: int, seed: int = 3, dtype: str = "float32", std: float = 1.0) -> dict[str, Any]:
    return {"kind": "normal", "seed": seed, "shape": list(shape), "std": std, "dtype": dtype}


def _torch(name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"$torch": f"nn.{name}", "args": list(args), "kwargs": kwargs}


def _quantisers() -> Iterator[Case]:
    for (edition, module), dtype in itertools.product(_PLACES, _DTYPES):
        values = {"$tensor": {"kind": "values", "values": _WILD, "dtype": dtype}}
        drawn = {"$tensor": _x(5, 7, dtype=dtype, std=3)}
        whole = dtype == "float32"
        inputs = (("wild", values), ("drawn", drawn)) if whole else (("drawn", drawn),)
        more = _grid.options(protocol="function", dtype=dtype)
        names: tuple[str, ...] = ("quantize_8bit",) if module == _CLOCK else ("quantize_8b",)
        for name, (word, x) in itertools.product(names, inputs):
            for scale, descale in ((64, False), (64, True), (0.5, False), (100, True))[: 4 if whole else 1]:
                what = f"{word}/{scale:g}/{descale}"
                yield _case(edition, module, name, what, args=(x, scale, descale), **more)
        names = ("step_quantize",) if module == _CLOCK else ("step_quantize", "step_quantize_forward")
        for name, (word, x) in itertools.product(names, inputs):
            for step in (1.0, 0.3)[: 2 if whole else 1]:
                yield _case(edition, module, name, f"{word}/{step:g}", args=(x, step), **more)
        if module == _ACTIVATION:
            for given in ([], [0.3]):
                more = _grid.options(protocol="clock_apply", dtype=dtype, args=(drawn, *given))
                yield _case(edition, module, "step_quantize_atgf", f"{len(given)}", **more)
    integers = {"kind": "values", "values": [-9, -8, -1, 0, 1, 7, 8, 9, -4097, 5000]}
    for dtype, bits in itertools.product(("int32", "int64", "int16", "float32"), (0, 1, 3, 12)):
        more = _grid.options(
            protocol="function", dtype=dtype, args=({"$tensor": {**integers, "dtype": dtype}}, bits)
        )
        yield _case(_LATE, _ACTIVATION, "right_shift_to_zero", str(bits), **more)


def _integrator() -> Iterator[Case]:
    name = "LeakyIntegratorStep"
    for scale, std, decay in itertools.product(
        (1, 64, 4096), (1.0, 100.0, 1e5), (0.0, 1024.0, 409.6, 4096.0)
    ):
        state = {"$parameter": _x(4, 5, seed=4, std=std)}
        known = {"$parameter": {"kind": "values", "values": [decay], "shape": []}}
        args = ({"$tensor": _x(4, 5, std=std)}, known, state, scale)
        what = f"{scale}/{std:g}/{decay:g}"
        yield _case(_LATE, _ACTIVATION, name, what, protocol="clock_apply", args=args)
    for dtype in _DTYPES[1:]:
        known = {"$tensor": {"kind": "values", "values": [1000.0], "shape": []}}
        args = ({"$tensor": _x(4, 5, dtype=dtype)}, known, {"$parameter": _x(4, 5, seed=4, dtype=dtype)}, 64)
        yield _case(_LATE, _ACTIVATION, name, "dtype", protocol="clock_apply", args=args, dtype=dtype)
    each = {"$parameter": {"kind": "values", "values": [1000.0, 20.0, 0.0, 4096.0, 7.0]}}
    args = ({"$tensor": _x(4, 5)}, each, {"$parameter": _x(4, 5, seed=4)}, 64)
    yield _case(_LATE, _ACTIVATION, name, "each", protocol="clock_apply", args=args)


def _norms() -> Iterator[Case]:
    for training, (word, kwargs), (size, std) in itertools.product(
        (True, False),
        (
            ("default", {}),
            ("fixed", {"track_running_stats": False}),
            ("one", {"weight_exp_bits": 1, "momentum": 0.3, "eps": 1e-3}),
        ),
        (((4, 3, 5, 5), 1.0), ((2, 3, 1, 1), 20.0), ((1, 3, 4, 2), 0.01)),
    ):
        more = _grid.options(
            protocol="layer", args=(3,), kwargs=kwargs, training=training, repeat=2, facts=True
        )
        what = f"{word}/{'train' if training else 'eval'}/{size[0]}"
        yield _case(_LATE, _ACTIVATION, "BatchNorm2d", what, inputs={"x": _x(*size, std=std)}, **more)
    more = _grid.options(args=(3,), kwargs={"momentum": 0.2, "weight_exp_bits": 2}, method="to_lava")
    yield _case(_LATE, _ACTIVATION, "BatchNorm2d", "to_lava", **more)


def _neurons() -> Iterator[Case]:
    name, states = "CubaLIFNode", ["current_state", "voltage_state", "v"]
    norm = _grid.new(f"{_ACTIVATION}.BatchNorm2d", 3)
    settings: tuple[dict[str, Any], ...] = (
        {},
        {"requires_grad": True},
        {"v_threshold": 0.333, "scale": 32},
        {"scale": 64.7, "detach_reset": True},
        {"norm": norm},
        {"norm": norm, "requires_grad": True},
    )
    decays = ((0.3, 0.1), (1.0, 0.0), (1.5, -0.5))
    for kwargs, (first, second), drive in itertools.product(settings, decays, ("step", "sequence")):
        shape = (5, 2, 3, 2, 2) if "norm" in kwargs else (5, 4, 3)
        given = {**kwargs, **({"step_mode": "m"} if drive == "sequence" else {})}
        kept = ["i_seq", "v_seq"] if drive == "sequence" and not kwargs.get("norm") else []
        given.update({"store_v_seq": True, "store_i_seq": True} if kept else {})
        inputs = {"x": {"kind": "uniform", "seed": 5, "shape": list(shape), "low": -0.3, "high": 1.0}}
        more = _grid.options(
            protocol="neuron",
            args=(first, second),
            kwargs=given,
            inputs=inputs,
            drive=drive,
            states=states + kept,
        )
        what = f"{_grid.text(kwargs)}/{first:g}/{drive}"
        yield _case(_LATE, _ACTIVATION, name, what, facts=True, **more)
    for dtype in _DTYPES[1:]:
        more = _grid.options(args=(0.3, 0.1), inputs=_grid.drawn("uni", dtype), dtype=dtype, states=states)
        yield _case(_LATE, _ACTIVATION, name, "dtype", protocol="neuron", **more)
    reset = [["run", "x"], ["call", "reset"], ["run", "x"]]
    more = _grid.options(args=(0.3, 0.1), inputs=_grid.drawn("uni"), script=reset, states=states)
    yield _case(_LATE, _ACTIVATION, name, "reset", protocol="neuron", **more)
    for kwargs in (
        {"v_reset": None},
        {"v_reset": 0.5},
        {"norm": True},
        {"backend": "cupy"},
        {"step_mode": "x"},
    ):
        more = _grid.options(args=(0.3, 0.1), kwargs=kwargs, inputs=_grid.drawn("uni"))
        yield _case(_LATE, _ACTIVATION, name, f"refused/{_grid.text(kwargs)}", protocol="neuron", **more)


def _layouts(edition: str, module: str) -> Iterator[Case]:
    for name, shape in itertools.product(("TNX_to_NXT", "NXT_to_TNX"), ([5], [3, 2], [3, 2, 4, 5])):
        yield _case(edition, module, name, f"{len(shape)}", args=({"$tensor": _x(*shape)},))
    for shape in ([3, 2], [3, 2, 4], [3, 2, 4, 2, 3], [3]):
        inputs = {"x": _x(*shape), "v": _x(*shape[1:], seed=9)}
        more = _grid.options(protocol="lava_forward", inputs=inputs)
        yield _case(edition, module, "lava_neuron_forward", f"tensor/{len(shape)}", **more)
        more = _grid.options(protocol="lava_forward", inputs={"x": inputs["x"]}, v=0.5)
        yield _case(edition, module, "lava_neuron_forward", f"float/{len(shape)}", **more)


def _asked(edition: str, module: str) -> Iterator[Case]:
    clock = module == _CLOCK
    path, prefix = (f"{module.partition('.')[0]}.neuron", "MultiStep" if clock else "")
    linear, bias = _torch("Linear", 4, 3, bias=False), _torch("Linear", 4, 3)
    conv = _torch("Conv2d", 4, 6, [3, 2], stride=2, padding=1, dilation=[1, 2], groups=2, bias=False)
    others = {"bias": bias, "conv-bias": _torch("Conv2d", 2, 3, 3), "relu": _torch("ReLU")}
    pools = {"plain": _torch("AvgPool2d", 2), "all": _torch("AvgPool2d", [2, 3], [1, 2], [0, 1])}
    neurons = {
        "if": _grid.new(f"{path}.{prefix}IFNode", v_threshold=2.5, detach_reset=True),
        "lif": _grid.new(f"{path}.{prefix}LIFNode", tau=4.0, decay_input=False),
        "scale": _grid.new(f"{path}.{prefix}IFNode", lava_s_cale=32) if clock else None,
        "decay": _grid.new(f"{path}.{prefix}LIFNode"),
        "soft": _grid.new(f"{path}.{prefix}IFNode", v_reset=None),
        "reset": _grid.new(f"{path}.{prefix}LIFNode", decay_input=False, v_reset=0.5),
        "plif": _grid.new(f"{path}.{prefix}ParametricLIFNode"),
        "relu": others["relu"],
    }

    def call(name: str, what: str, *args: Any) -> Case:
        return _case(edition, module, name, what, args=args)

    for word, neuron in neurons.items():
        if neuron is not None:
            yield call("to_lava_neuron_param_dict", word, neuron)
            yield call("to_lava_neuron", word, neuron)
    for word, layer in (("linear", linear), ("conv", conv), *others.items()):
        yield call("linear_to_lava_synapse_dense", word, layer)
        yield call("conv2d_to_lava_synapse_conv", word, layer)
        for quantised in (True, False) if word in ("linear", "conv") else (True,):
            yield call("to_lava_block_dense", f"{word}/{quantised}", layer, neurons["if"], quantised)
            yield call("to_lava_block_conv", f"{word}/{quantised}", layer, neurons["lif"], quantised)
        if clock:
            yield call("check_fc", word, layer)
            yield call("check_conv2d", word, layer)
        else:
            yield call("check_no_bias", word, layer)
            yield call("check_instance", word, layer, {"$symbol": f"{_ACTIVATION}.nn.Linear"})
    yield call("to_lava_block_dense", "soft", linear, neurons["soft"])
    yield call("to_lava_block_conv", "default", conv, neurons["if"])
    for word, pool in (*pools.items(), ("relu", others["relu"])):
        yield call("avgpool2d_to_lava_synapse_pool", word, pool)
        if not clock:
            yield call("to_lava_block_pool", word, pool, neurons["if"], word == "all")
    flattens = {"plain": _torch("Flatten"), "from-2": _torch("Flatten", 2), "to-2": _torch("Flatten", 1, 2)}
    for word, flatten in (*flattens.items(), ("relu", others["relu"])):
        yield call("to_lava_block_flatten", word, flatten)


def cases() -> Iterator[Case]:
    """Yield the cases of both ``lava_exchange`` modules of 0.0.0.0.14, and of the one of 0.0.0.0.12."""
    yield from _quantisers()
    yield from _integrator()
    yield from _norms()
    yield from _neurons()
    for edition, name in itertools.product((_LATE, _EARLY), ("MultiStepIFNode", "MultiStepLIFNode")):
        for word, kwargs in (("plain", {}), ("soft", {"v_reset": None}), ("scale", {"lava_s_cale": 32})):
            given = {**kwargs, **({"tau": 4.0, "decay_input": word == "soft"} if "LIF" in name else {})}
            more = _grid.options(kwargs=given, method="to_lava")
            yield _case(edition, "clock_driven.neuron", name, f"to_lava/{word}", **more)
    for edition, module in _PLACES:
        yield from _layouts(edition, module)
        yield from _asked(edition, module)
