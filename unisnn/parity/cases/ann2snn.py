"""Conversion of trained networks: the same graph, scales and outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases", "shapes"]

_SJ14 = "spikingjelly==0.0.0.0.14"
_PATH = "activation_based.ann2snn"
_PARTS = (
    f"{_PATH}.converter.Converter",
    f"{_PATH}.modules.VoltageHook",
    f"{_PATH}.modules.VoltageScaler",
)
_SHAPES = {
    "cnn": [3, 4, 1, 6, 6],
    "line": [3, 4, 1, 6],
    "volume": [3, 4, 1, 3, 3, 3],
    "mlp": [3, 8, 6],
    "residual": [3, 4, 1, 6, 6],
    "reused": [3, 4, 1, 6, 6],
    "dead": [3, 8, 6],
}
_MODES: tuple[str | float, ...] = ("max", "Max", "99.9%", "80%", 0.5, 1.0)
_REFUSED: tuple[Any, ...] = ("mean", "%", "abc%", "101%", "-1%", "nan%", 0.0, 1.5, 1, True, None)


def _input(shape: list[int], dtype: str = "float32", low: float = 0) -> dict[str, Any]:
    return {"x": {"kind": "uniform", "seed": 71, "shape": shape, "dtype": dtype, "low": low, "high": 1}}


def _case(symbol: str, what: str, protocol: str, **more: Any) -> Case:
    return _grid.made(_SJ14, "ann2snn", f"{_PATH}.{symbol}", what, protocol=protocol, **more)


def _conversions() -> Iterator[Case]:
    def converted(net: str, what: str, dtype: str = "float32", **kwargs: Any) -> Case:
        inputs = _input(_SHAPES[net], dtype)
        more = _grid.options(kwargs=kwargs, inputs=inputs, net=net, evidence=_PARTS)
        return _case("Converter", f"{net}/{what}", "ann2snn", dtype=dtype, **more)

    for net in _SHAPES:
        yield converted(net, "default")
    for net in ("cnn", "residual"):
        for mode in _MODES:
            yield converted(net, f"mode={mode}", mode=mode)
        yield converted(net, "no-fuse", mode="max", fuse_flag=False)
        yield converted(net, "momentum", mode="99%", momentum=0.7)
    yield converted("cnn", "device", device="cpu", mode="max")
    for net in ("cnn", "mlp"):
        yield converted(net, "mode=99.9%", "float64", mode="99.9%")
    for mode in _REFUSED:
        yield converted("mlp", f"refused={mode!r}", mode=mode)


def _hooks() -> Iterator[Case]:
    shape = [4, 5, 3]
    for mode in (*_MODES, *_REFUSED):
        kwargs = {"mode": mode}
        yield _case("modules.VoltageHook", f"{mode!r}", "ann2snn_hook", kwargs=kwargs, inputs=_input(shape))
    for dtype in ("float64", "float16"):
        for mode in ("max", "99.9%", 0.3):
            inputs = _input(shape, dtype, low=-1)
            more = _grid.options(kwargs={"mode": mode}, inputs=inputs, dtype=dtype)
            yield _case("modules.VoltageHook", f"{mode!r}", "ann2snn_hook", **more)
    for args in ((2.0, 0.3), (0.5, 0.0), (1.0, 1.0)):
        more = _grid.options(args=args, inputs=_input(shape, low=-1))
        yield _case("modules.VoltageHook", f"{args}", "ann2snn_hook", **more)
    for scale in (1.0, 0.1, 3, -2.5, {"$tensor": {"kind": "full", "shape": [], "value": 0.3}}):
        word = "tensor" if isinstance(scale, dict) else f"{scale}"
        for dtype in ("float32", "float64"):
            more = _grid.options(args=(scale,), inputs=_input([2, 3], dtype, low=-1), dtype=dtype)
            yield _case("modules.VoltageScaler", word, "ann2snn_hook", **more)


def _steps() -> Iterator[Case]:
    for net in ("cnn", "line", "residual", "reused"):
        inputs = _input(_SHAPES[net])
        yield _case("Converter", f"{net}/steps", "ann2snn_steps", inputs=inputs, net=net, evidence=_PARTS)
        more = _grid.options(fuse={"fuse_flag": False}, hook={"mode": "90%", "momentum": 0.4})
        yield _case("Converter", f"{net}/steps-options", "ann2snn_steps", inputs=inputs, net=net, **more)


def shapes() -> dict[str, list[int]]:
    """Return the shape of the batches that each network of the protocol is trained and converted with."""
    return {**_SHAPES, "nested": [3, 8, 6]}


def cases() -> Iterator[Case]:
    """Yield every case of ``activation_based.ann2snn``."""
    yield from _conversions()
    yield from _hooks()
    yield from _steps()
