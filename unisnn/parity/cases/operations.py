"""Cases of SpikingJelly's quantisers, spike operations and CUDA helpers that run without CUDA."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITION = "spikingjelly==0.0.0.0.14"
_QUANTIZE, _SPIKE_OP, _CUDA = (f"activation_based.{name}" for name in ("quantize", "spike_op", "cuda_utils"))

_WILD: dict[str, Any] = {
    "kind": "values",
    "values": [-1.5, -0.5, "-0.0", 0.0, 0.25, 0.5, 1.0, 1.5, 2.5, "nan", "inf", "-inf"],
}
_PLAIN: dict[str, Any] = {"kind": "uniform", "seed": 71, "shape": [4, 7], "low": -2, "high": 2}
_AUTOGRAD: dict[str, tuple[Any, ...]] = {
    "round": (),
    "ceil": (),
    "floor": (),
    "clamp": (-0.5, 1.0),
    "step_quantize": (0.4,),
    "k_bit_quantize": (3,),
}


def _case(symbol: str, what: str, *args: Any, dtype: str = "float32", **kwargs: Any) -> Case:
    more = _grid.options(protocol="function", args=args, kwargs=kwargs, dtype=dtype)
    return _grid.made(_EDITION, "operations", symbol, what, **more)


def _quantisers() -> Iterator[Case]:
    inputs = (("wild", _WILD), ("plain", _PLAIN))
    for (word, recipe), dtype in itertools.product(inputs, ("float32", "float64", "bfloat16")):
        x = {"$tensor": {**recipe, "dtype": dtype}}
        for name in ("round", "ceil", "floor", "clamp_by_linear"):
            yield _case(f"{_QUANTIZE}.{name}", word, x, dtype=dtype)
        for low, high in ((-0.5, 1.0), (0.0, 0.0), (1.0, -1.0)):
            yield _case(f"{_QUANTIZE}.clamp", f"{word}/{low:g}...{high:g}", x, low, high, dtype=dtype)
        for step in (0.4, 1.0, 0.125):
            yield _case(f"{_QUANTIZE}.step_quantize", f"{word}/{step:g}", x, step, dtype=dtype)
        for bits in (1, 2, 3, 8):
            yield _case(f"{_QUANTIZE}.k_bit_quantize", f"{word}/{bits}", x, bits, dtype=dtype)
        more = _grid.options(protocol="autograd_function", inputs={"x": x["$tensor"]}, dtype=dtype)
        for name, args in _AUTOGRAD.items():
            yield _grid.made(_EDITION, "operations", f"{_QUANTIZE}.{name}_atgf", word, args=args, **more)
    x = {"$tensor": _PLAIN}
    yield _case(f"{_QUANTIZE}.k_bit_quantize", "plain/0", x, 0)
    yield _case(f"{_QUANTIZE}.clamp_by_linear", "plain/eps", x, 0.5)
    yield _case(f"{_QUANTIZE}.step_quantize_forward", "plain", x, 0.4)
    yield _case(f"{_QUANTIZE}.k_bit_quantize_forward", "plain", x, 2)
    yield _case(f"{_QUANTIZE}.clamp_backward", "plain", x, {"$tensor": {**_PLAIN, "seed": 72}}, -0.5, 1.0)


def _spikes() -> Iterator[Case]:
    def spike(*shape: int) -> dict[str, Any]:
        return {"$tensor": {"kind": "binary", "seed": 73, "shape": list(shape)}}

    def weight(*shape: int) -> dict[str, Any]:
        return {"$tensor": {"kind": "normal", "seed": 74, "shape": list(shape)}}

    for bias in (weight(5), None):
        word = "bias" if bias else "no-bias"
        yield _case(f"{_SPIKE_OP}.spike_linear", word, spike(3, 2, 4), weight(5, 4), bias)
        for size in (1, 2, 3):
            given = (spike(2, 4, *[6] * size), weight(5, 4, *[3] * size), bias)
            symbol = f"{_SPIKE_OP}.spike_conv{size}d"
            yield _case(symbol, word, *given)
            yield _case(symbol, f"{word}/strided", *given, stride=2, padding=1)
            yield _case(symbol, f"{word}/dilated", *given, dilation=2)
    for name, args, shape in (
        ("SpikeLinear", (4, 5), [3, 4]),
        ("SpikeConv1d", (2, 3, 3), [2, 2, 6]),
        ("SpikeConv2d", (2, 3, 3), [2, 2, 6, 6]),
        ("SpikeConv3d", (2, 3, 3), [2, 2, 4, 4, 4]),
    ):
        inputs = {"x": {"kind": "binary", "seed": 75, "shape": shape}}
        more = _grid.options(protocol="layer", args=args, inputs=inputs, facts=True)
        yield _grid.made(_EDITION, "operations", f"{_SPIKE_OP}.{name}", "plain", **more)


def cases() -> Iterator[Case]:
    """Yield the cases of 0.0.0.0.14's ``quantize``, ``spike_op`` and ``cuda_utils``."""
    yield from _quantisers()
    yield from _spikes()
    for count, threads in itertools.product((0, 1, 512, 513), (-1, 3)):
        yield _case(f"{_CUDA}.cal_blocks", f"{count}/{threads}", count, threads)
    strided = {"$tensor": {"kind": "varied", "shape": [3, 4], "layout": "transposed"}}
    yield _case(f"{_CUDA}.get_contiguous", "strided", strided)
    yield _case(f"{_CUDA}.get_contiguous", "number", strided, 3)
