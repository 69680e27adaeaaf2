"""Tempotrons and Gaussian tuning curves: spike times in, potentials and spike times out, of both wheels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_PLACES = (
    ("spikingjelly==0.0.0.0.14", "timing_based"),
    ("spikingjelly==0.0.0.0.14", "event_driven"),
    ("spikingjelly==0.0.0.0.12", "event_driven"),
)
_SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"tau": 7.0, "tau_s": 2.0, "v_threshold": 1.7},
    {"tau": 2.0, "tau_s": 5.0},
)
_SIZES = ((8, 4, 3, 20), (1, 4, 3, 20), (7, 5, 2, 1), (3, 2, 3, 60))


def _times(shape: list[int], last: float, **more: Any) -> dict[str, Any]:
    return {"kind": "uniform", "seed": 71, "shape": shape, "low": -2, "high": last, **more}


def _case(place: tuple[str, str], symbol: str, what: str, protocol: str, **more: Any) -> Case:
    edition, package = place
    path = f"{package}.neuron.Tempotron" if symbol == "Tempotron" else f"{package}.encoding.{symbol}"
    return _grid.made(edition, "timing", path, f"{package}/{what}", protocol=protocol, **more)


def _tempotrons(place: tuple[str, str]) -> Iterator[Case]:
    def case(what: str, size: tuple[int, ...], kind: Any, **more: Any) -> Case:
        recipe = {"dtype": more.get("dtype", "float32"), **more.pop("recipe", {})}
        inputs = {"x": _times([size[0], size[1]], size[3], **recipe)}
        return _case(
            place, "Tempotron", what, "tempotron", args=size[1:], inputs=inputs, returns=kind, **more
        )

    kinds = ("v", "v_max", "spikes")
    for (number, kwargs), size, kind in itertools.product(enumerate(_SETTINGS), _SIZES, kinds):
        yield case(f"{'x'.join(map(str, size))}/{number}/{kind}", size, kind, kwargs=kwargs, scale=3.0)
    for dtype, kind in itertools.product(("float64", "float16", "bfloat16", "int64"), kinds):
        yield case(f"{kind}", _SIZES[0], kind, dtype=dtype, scale=3.0)
    for layout, kind in itertools.product(("strided", "transposed"), kinds):
        yield case(f"{layout}/{kind}", _SIZES[0], kind, recipe={"layout": layout})
    for kind in kinds:
        yield case(f"silent/{kind}", _SIZES[0], kind, recipe={"kind": "full", "value": -1})
        yield case(f"alone/{kind}", (6, 4, 1, 9), kind, scale=3.0)
        yield case(f"ties/{kind}", (9, 1, 1, 8) if kind != "spikes" else (9, 1, 2, 8), kind, one=True)
    for wrong in ("spike", None):
        yield case(f"refuses-{wrong}", _SIZES[0], wrong)
    moments = [-2, -1, 0, 0.5, 1, 7, 300, "nan", "inf", "-0.0"]
    for dtype, taus in itertools.product(("float32", "float64", "float16", "int64"), ((15.0, 3.75), (2, 5))):
        values = [-2, 0, 1, 7, 300] if dtype == "int64" else moments
        inputs = {"x": {"kind": "values", "values": values, "shape": [len(values)], "dtype": dtype}}
        more = _grid.options(args=taus, inputs=inputs, dtype=dtype)
        yield _case(place, "Tempotron", f"kernel/{taus[0]}", "psp_kernel", **more)
    largest: dict[str, Any] = {"kind": "uniform", "seed": 72, "shape": [6, 4], "low": 0, "high": 2}
    thresholds: tuple[Any, ...] = (1.0, 0.3, {"$tensor": {**largest, "seed": 73}})
    labels: dict[str, Any] = {"kind": "values", "values": [0, 1, 2, 3, 1, 0], "shape": [6], "dtype": "int64"}
    for number, threshold in enumerate(thresholds):
        inputs = {"x": largest, "label": labels}
        more = _grid.options(args=(threshold, 4), inputs=inputs)
        yield _case(place, "Tempotron", f"loss/{number}", "tempotron_loss", **more)


def _curves(place: tuple[str, str]) -> Iterator[Case]:
    def case(what: str, n: int, m: int, dtype: str = "float32", **more: Any) -> Case:
        bounds = {"kind": "normal", "seed": 74, "shape": [n], "std": 3, "dtype": dtype}
        ends = {"kind": "uniform", "seed": 75, "shape": [n], "low": 10, "high": 14, "dtype": dtype}
        x = {"kind": "uniform", "seed": 76, "shape": [5, n, 6], "low": -8, "high": 16}
        inputs = {"low": bounds, "high": ends, "x": {**x, **more.pop("recipe", {})}}
        given = _grid.options(args=(n, m), inputs=inputs, dtype=dtype, **more)
        return _case(place, "GaussianTuning", f"{what}/{n}x{m}", "gaussian_tuning", **given)

    for (n, m), latest in itertools.product(((3, 7), (1, 3), (4, 12)), (None, 7, 1000003, 2.5)):
        yield case(f"latest={latest}", n, m, latest=latest)
    dtypes = ("float32", "float64", "float16")
    for dtype, given in itertools.product(("float64", "float16", "bfloat16"), dtypes):
        yield case(f"x={given}", 3, 7, dtype=dtype, recipe={"dtype": given})
    edges = {"kind": "values", "values": ["nan", "inf", "-inf", 0, 1, -300], "shape": [1, 1, 6]}
    yield case("wild", 1, 5, recipe=edges)
    yield case("strided", 3, 5, recipe={"layout": "strided"})
    for count in (2, 0):
        yield case("refuses", 3, count)
    yield case("shape", 3, 5, recipe={"shape": [3, 6]})
    yield case("features", 3, 5, recipe={"shape": [2, 4, 6]})


def cases() -> Iterator[Case]:
    """Yield the cases of both packages and both editions."""
    for place in _PLACES:
        yield from _tempotrons(place)
        yield from _curves(place)
