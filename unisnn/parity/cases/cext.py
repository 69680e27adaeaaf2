"""The old CUDA extension's names, as far as they do something without it: dense layers, constructors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ12 = "spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12"


def _layers(edition: str) -> Iterator[Case]:
    def case(what: str, shape: list[int], dtype: str = "float32", **kwargs: Any) -> Case:
        x = {"kind": "binary", "seed": 81, "shape": shape, "p": 0.2, "dtype": dtype}
        more = _grid.options(args=(6, 4), kwargs=kwargs, inputs={"x": x}, dtype=dtype)
        path = "cext.layer.AutoSparseLinear"
        return _grid.made(edition, "cext", path, what, protocol="sparse_linear", **more)

    for dtype in ("float32", "float64", "bfloat16"):
        yield case("matrix", [5, 6], dtype)
        yield case("no-bias", [5, 6], dtype, bias=False)
    yield case("spikes", [5, 6], in_spikes=True)
    yield case("sequence", [3, 5, 6])
    yield case("vector", [6])
    yield case("empty", [0, 6])
    yield case("refuses", [5, 7])


def _neurons() -> Iterator[Case]:
    settings: tuple[dict[str, Any], ...] = (
        {},
        {"detach_reset": True},
        {"surrogate_function": "Sigmoid", "alpha": 4.0, "v_threshold": 0.5, "v_reset": -0.25},
        {"surrogate_function": "Rect"},
    )
    for name in ("BaseNode", "IFNode", "LIFNode", "MultiStepIFNode", "MultiStepLIFNode"):
        leaky: tuple[dict[str, Any], ...] = ({"tau": 2.0}, {"tau": 3.0, "alpha": 1.5})
        for number, kwargs in enumerate((*settings, *(leaky if "LIF" in name else ()))):
            path = f"cext.neuron.{name}"
            yield _grid.made(_SJ12, "cext", path, f"made/{number}", protocol="cext_neuron", kwargs=kwargs)
        if name != "BaseNode":
            more = _grid.options(inputs=_grid.drawn("uni"))
            yield _grid.made(_SJ12, "cext", f"cext.neuron.{name}", "run", protocol="cext_neuron", **more)


def cases() -> Iterator[Case]:
    """Yield the cases of both editions; only 0.0.0.0.12 ships ``cext.neuron``."""
    for edition in (_SJ14, _SJ12):
        yield from _layers(edition)
    yield from _neurons()
