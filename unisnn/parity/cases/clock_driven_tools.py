"""Monitors, converters, spike operations and the spike cache of ``clock_driven``, and what is shared."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid
from unisnn.parity.cases.ann2snn import shapes

__all__ = ["cases"]

_SJ14 = "spikingjelly==0.0.0.0.14"
_CLOCK, _ACTIVATION = "clock_driven", "activation_based"
_MONITOR = f"{_CLOCK}.monitor.Monitor"
_CONVERTER = f"{_CLOCK}.ann2snn.Converter"
_MODULES = f"{_CLOCK}.ann2snn.modules"
_KERNEL = f"{_CLOCK}.cu_kernel_opt"
_PARTS = (
    f"{_CLOCK}.ann2snn.converter.Converter",
    f"{_MODULES}.VoltageHook",
    f"{_MODULES}.VoltageScaler",
)
_MODES: tuple[str | float, ...] = ("max", "Max", "99.9%", "80%", 0.5, 1.0)
_HOW: dict[str, dict[str, Any]] = {
    "": {},
    "/strided": {"stride": 2, "padding": 1},
    "/same": {"padding": "same"},
}
_REFUSED: tuple[Any, ...] = ("mean", "%", "abc%", "101%", 0.0, 1.5, 1, True, None)


def _tool(symbol: str, what: str, protocol: str, **more: Any) -> Case:
    return _grid.made(_SJ14, "clock_tools", symbol, what, protocol=protocol, **more)


def _spikes(*shape: int, dtype: str = "float32", seed: int = 83) -> dict[str, Any]:
    return {"kind": "binary", "seed": seed, "shape": list(shape), "dtype": dtype}


def _weight(*shape: int, wrap: str = "$parameter") -> dict[str, Any]:
    return {wrap: {"kind": "normal", "seed": 84, "shape": list(shape)}}


def _monitors() -> Iterator[Case]:
    node = f"{_CLOCK}.neuron"
    single = [_grid.new(f"{node}.IFNode"), {"$torch": "nn.Flatten"}, _grid.new(f"{node}.LIFNode", tau=1.3)]
    multi = [
        _grid.new(f"{node}.MultiStepLIFNode", tau=1.5),
        _grid.new(f"{node}.MultiStepParametricLIFNode"),
        _grid.new(f"{node}.MultiStepIFNode", v_reset=None),
    ]
    x = {"x": {"kind": "uniform", "seed": 82, "shape": [4, 3, 5], "high": 1.2}}
    script = ["enable", "hooks", "run", "tell", "run", "run", "tell", "reset", "run", "tell"]

    def watched(backend: str, what: str, modules: Any, *script: str, **more: Any) -> Case:
        given = {"modules": modules, "script": list(script), "kwargs": {"backend": backend}, **more}
        return _tool(_MONITOR, f"{backend}/{what}", "clock_monitor", **given)

    for backend in ("numpy", "torch"):
        for name, modules, shape in (("single", single, [6, 4, 5]), ("multi", multi, [6, 4, 3, 5])):
            for dtype in ("float32", "float64", *(("bfloat16",) if backend == "torch" else ())):
                recipe = {"kind": "uniform", "seed": 81, "shape": shape, "low": -0.2, "high": 1.3}
                more = _grid.options(inputs={"x": {**recipe, "dtype": dtype}}, dtype=dtype)
                yield watched(backend, name, modules, *script, **more)
        for what, *script_ in (
            ("before", "tell", "reset"),
            ("nothing", "enable", "tell"),
            ("twice", "enable", "enable", "run", "hooks", "tell"),
            ("stop", "enable", "run", "disable", "hooks", "run", "tell"),
            ("again", "enable", "run", "disable", "enable", "run", "tell"),
            ("early", "disable"),
        ):
            yield watched(backend, what, single, *script_, inputs=x)
        flatten = [{"$torch": "nn.Flatten"}]
        yield watched(backend, "no-layers", flatten, "enable", "run", "tell", "disable", inputs=x)
        for device in ("cpu", 3, "none"):
            given = _grid.options(device=device, inputs=x)
            yield watched(backend, f"device={device}", single, "enable", "run", "tell", **given)
    yield watched("cupy", "refused", single, "enable", inputs=x)


def _gpu_monitors() -> Iterator[Case]:
    for symbol in (f"{_KERNEL}.GPUMonitor", f"{_ACTIVATION}.monitor.GPUMonitor"):
        word = symbol.partition(".")[0]
        yield _tool(symbol, f"{word}/printed", "gpu_monitor")
        yield _tool(symbol, f"{word}/later", "gpu_monitor", kwargs={"start_now": False, "gpu_ids": [3]})
        yield _tool(symbol, f"{word}/logged", "gpu_monitor", kwargs={"gpu_ids": [0, 2]}, log=True)


def _conversions() -> Iterator[Case]:
    def converted(net: str, what: str, dtype: str = "float32", **kwargs: Any) -> Case:
        more = _grid.options(kwargs=kwargs, inputs=_data(net, dtype), net=net, evidence=_PARTS, dtype=dtype)
        return _grid.made(_SJ14, "clock_ann2snn", _CONVERTER, f"{net}/{what}", protocol="ann2snn", **more)

    for net in shapes():
        yield converted(net, "default")
    for net, mode in itertools.product(("cnn", "residual", "nested"), _MODES):
        yield converted(net, f"mode={mode}", mode=mode)
    for net in ("cnn", "mlp"):
        yield converted(net, "mode=99.9%", "float64", mode="99.9%")
    for mode in _REFUSED:
        yield converted("mlp", f"refused={mode!r}", mode=mode)
    for net, mode in itertools.product(("cnn", "nested", "mlp"), ("Max", "90%")):
        more = _grid.options(kwargs={"mode": mode}, inputs=_data(net), net=net, evidence=_PARTS)
        what = f"{net}/steps/{mode}"
        yield _grid.made(_SJ14, "clock_ann2snn", _CONVERTER, what, protocol="clock_conversion", **more)
    more = _grid.options(inputs=_data("mlp"), net="mlp")
    yield _grid.made(_SJ14, "clock_ann2snn", _CONVERTER, "mlp/steps", protocol="clock_conversion", **more)


def _data(net: str, dtype: str = "float32") -> dict[str, Any]:
    return {"x": {"kind": "uniform", "seed": 85, "shape": shapes()[net], "dtype": dtype}}


def _hooks() -> Iterator[Case]:
    def called(name: str, what: str, low: float = 0, dtype: str = "float32", **more: Any) -> Case:
        x = {"kind": "uniform", "seed": 86, "shape": [4, 5, 3], "dtype": dtype, "low": low}
        given = _grid.options(inputs={"x": x}, dtype=dtype, protocol="ann2snn_hook", **more)
        return _grid.made(_SJ14, "clock_ann2snn", f"{_MODULES}.{name}", what, **given)

    for mode in (*_MODES, "mean", None, 1.5):
        yield called("VoltageHook", f"{mode!r}", kwargs={"mode": mode})
    for dtype, tried in itertools.product(("float64", "float16"), ("max", "99.9%", 0.3)):
        yield called("VoltageHook", f"{tried!r}", -1, dtype, kwargs={"mode": tried})
    yield called("VoltageHook", "momentum", -1, args=(2.0, 0.3))
    for scale in (1.0, 0.1, -2.5):
        yield called("VoltageScaler", f"{scale}", -1, args=(scale,))


def _operations() -> Iterator[Case]:
    op = f"{_CLOCK}.spike_op"
    for bias in (_weight(5, wrap="$tensor"), None):
        word = "bias" if bias else "no-bias"
        given: Any = ({"$tensor": _spikes(3, 2, 4)}, _weight(5, 4, wrap="$tensor"), bias)
        yield _tool(f"{op}.spike_linear", word, "function", args=given)
        for size in (1, 2, 3):
            spike, weight = (
                {"$tensor": _spikes(2, 4, *[6] * size)},
                _weight(5, 4, *[3] * size, wrap="$tensor"),
            )
            for more, kwargs in (
                ("", {}),
                ("/strided", {"stride": 2, "padding": 1}),
                ("/same", {"padding": "same"}),
            ):
                args = (spike, weight, bias)
                yield _tool(f"{op}.spike_conv{size}d", word + more, "function", args=args, kwargs=kwargs)
    layers: tuple[tuple[str, tuple[Any, ...], list[int]], ...] = (
        ("SpikeLinear", (4, 5), [3, 4]),
        ("SpikeConv1d", (2, 3, 3), [2, 2, 6]),
        ("SpikeConv2d", (2, 3, 3, 2, 1, 1, 1, False, "reflect"), [2, 2, 6, 6]),
        ("SpikeConv3d", (2, 3, 3), [2, 2, 4, 4, 4]),
    )
    for name, options, shape in layers:
        yield _tool(f"{op}.{name}", "plain", "layer", args=options, inputs={"x": _spikes(*shape)}, facts=True)
    for module in (_CLOCK, _ACTIVATION):
        for shape, bias in itertools.product(([6, 4], [3, 2, 4], [4]), (_weight(5), None)):
            word = f"{len(shape)}{'/bias' if bias else ''}"
            args = ({"$tensor": _spikes(*shape)}, _weight(5, 4), bias)
            yield _tool(f"{module}.spike_op.spikeLinear", f"{module}/{word}", "clock_apply", args=args)
        for size in (1, 2, 3):
            tensors = ({"$tensor": _spikes(2, 4, *[6] * size)}, _weight(6, 2, *[3] * size), _weight(6))
            how = ([2] * size, [1] * size, [1] * size, 2)
            symbol = f"{module}.spike_op.spikeConvolution"
            yield _tool(symbol, f"{module}/{size}", "clock_apply", args=(*tensors, *how))


def _caches() -> Iterator[Case]:
    for module in (_CLOCK, _ACTIVATION):
        path = f"{module}.tensor_cache"
        evidence = (f"{path}.tensor_key",)
        for shape, dtype in itertools.product(([3, 5], [4, 4], [1]), ("float32", "float16", "float64")):
            more = _grid.options(inputs={"x": _spikes(*shape, dtype=dtype)}, dtype=dtype, evidence=evidence)
            yield _tool(f"{path}.BoolTensorCache", f"{module}/{len(shape)}{shape[-1]}", "spike_cache", **more)
        more = _grid.options(inputs={"x": _spikes(3, 5)}, transposed=True, evidence=evidence)
        yield _tool(f"{path}.BoolTensorCache", f"{module}/transposed", "spike_cache", **more)
        yield _tool(f"{path}.BoolTensorCache", f"{module}/empty", "spike_cache", inputs={"x": _spikes(0)})
        for dtype in ("float32", "float16", "float64"):
            evidence = (f"{path}.bool_spike_to_float",)
            more = _grid.options(inputs={"x": _spikes(3, 5, dtype=dtype)}, dtype=dtype, evidence=evidence)
            yield _tool(f"{path}.float_spike_to_bool", module, "spike_bits", **more)


def _kernels() -> Iterator[Case]:
    for count in (0, 1, 512, 513, 1024, 1025):
        yield _tool(f"{_KERNEL}.cal_blocks", f"{count}", "function", args=(count,))
    strided = {"$tensor": {"kind": "varied", "shape": [3, 4], "layout": "transposed"}}
    yield _tool(f"{_KERNEL}.get_contiguous", "strided", "function", args=(strided,))
    yield _tool(f"{_KERNEL}.get_contiguous", "number", "function", args=(strided, 3))


def cases() -> Iterator[Case]:
    """Yield the cases of ``clock_driven``'s tools, and of ``activation_based``'s that share them."""
    yield from _monitors()
    yield from _gpu_monitors()
    yield from _conversions()
    yield from _hooks()
    yield from _operations()
    yield from _caches()
    yield from _kernels()
