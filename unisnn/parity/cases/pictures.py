"""Cases of SpikingJelly's ``visualizing``: pictures, pixel for pixel."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case

__all__ = ["cases"]

_LATEST = "spikingjelly==0.0.0.0.14"
_EARLIER = "spikingjelly==0.0.0.0.12"
_TEXTS = ("a title", "time step", "neuron")
_SMALL = {"dpi": 30}


def _uniform(*shape: int, dtype: str = "float64", seed: int = 1, **more: Any) -> dict[str, Any]:
    bounds = {"low": 0, "high": 1, **more}
    return {"kind": "uniform", "seed": seed, "shape": list(shape), "dtype": dtype, **bounds}


def _spikes(*shape: int, dtype: str = "float64", p: float = 0.4) -> dict[str, Any]:
    return {"kind": "binary", "seed": 2, "shape": list(shape), "p": p, "dtype": dtype}


def _values(shape: list[int], *values: Any, dtype: str = "float64") -> dict[str, Any]:
    return {"kind": "values", "values": list(values), "shape": shape, "dtype": dtype}


def _case(edition: str, name: str, what: str, inputs: dict[str, Any], *args: Any, **more: Any) -> Case:
    kwargs, calls = more.pop("kwargs", _SMALL), more
    dtype = next(iter(inputs.values())).get("dtype", "float32")
    return Case(
        id=f"{edition}/picture/{name}/{what}/{dtype}",
        edition=edition,
        family="picture",
        symbol=f"visualizing.{name}",
        protocol="picture",
        args=args,
        kwargs=kwargs,
        inputs=inputs,
        calls=calls,
    )


def _switches(edition: str, count: int) -> list[tuple[bool, ...]]:
    """Return every setting of ``count`` switches; for the earlier edition all on and all off."""
    every = list(itertools.product((True, False), repeat=count))
    return every if edition == _LATEST else [every[0], every[-1]]


def _heatmaps(edition: str) -> Iterator[Case]:
    name = "plot_2d_heatmap"
    x = {"array": _uniform(9, 6)}
    for whole_x, whole_y, bar in _switches(edition, 3):
        yield _case(edition, name, f"{whole_x}/{whole_y}/{bar}", x, *_TEXTS, whole_x, whole_y, bar)
    yield _case(edition, name, "default", x, *_TEXTS, kwargs={})
    yield _case(edition, name, "label", x, *_TEXTS, kwargs={**_SMALL, "colorbar_y_label": "$v$"})
    for end in (20, 2.5):
        yield _case(edition, name, f"x_max={end:g}", x, *_TEXTS, kwargs={**_SMALL, "x_max": end})
    yield _case(edition, name, "colours", x, *_TEXTS, rc={"image.cmap": "plasma", "axes.grid": True})
    for dtype in ("float32", "float16", "int64", "bool"):
        typed = {"array": _spikes(9, 6, dtype=dtype)}
        yield _case(edition, name, "typed", typed, *_TEXTS)
    yield _case(edition, name, "nan", {"array": _values([2, 2], 0, "nan", 1, "inf")}, *_TEXTS)
    yield _case(edition, name, "one", {"array": _uniform(1, 1)}, *_TEXTS)
    yield _case(edition, name, "tensor", x, *_TEXTS, kind="tensor")
    yield _case(edition, name, "list", x, *_TEXTS, kind="list")
    yield _case(edition, name, "1d", {"array": _uniform(4)}, *_TEXTS)


def _bars(edition: str) -> Iterator[Case]:
    name, texts = "plot_2d_bar_in_3d", (*_TEXTS, "rate")
    x = {"array": _uniform(5, 4)}
    for whole in _switches(edition, 3):
        yield _case(edition, name, "/".join(map(str, whole)), x, *texts, *whole)
    yield _case(edition, name, "default", x, *texts, kwargs={})
    yield _case(edition, name, "13", {"array": _uniform(3, 13, low=-1)}, *texts)
    yield _case(edition, name, "cycle", x, *texts, rc={"axes.prop_cycle": "cycler('color', ['k', 'm'])"})
    yield _case(edition, name, "typed", {"array": _spikes(3, 4, dtype="float32")}, *texts)
    yield _case(edition, name, "tensor", x, *texts, kind="tensor")
    yield _case(edition, name, "list", x, *texts, kind="list")
    yield _case(edition, name, "1d", {"array": _uniform(4)}, *texts)


def _trains(edition: str) -> Iterator[Case]:
    name = "plot_1d_spikes"
    x = {"spikes": _spikes(30, 8)}
    for whole_x, whole_y in _switches(edition, 2):
        yield _case(edition, name, f"{whole_x}/{whole_y}", x, *_TEXTS, whole_x, whole_y)
    yield _case(edition, name, "default", x, *_TEXTS, kwargs={})
    bare: dict[str, Any] = {"plot_firing_rate": False}
    yield _case(edition, name, "without/dpi", x, *_TEXTS, kwargs={**bare, **_SMALL})
    if edition == _LATEST:
        bare["figsize"] = [6.4, 4.8]
        other = {**bare, "figsize": [3, 2], "dpi": 100}
        yield _case(edition, name, "without/figsize", x, *_TEXTS, kwargs=other)
    yield _case(edition, name, "without", x, *_TEXTS, kwargs={**bare, "dpi": 100})
    yield _case(edition, name, "title", x, *_TEXTS, kwargs={**_SMALL, "firing_rate_map_title": "firing rate"})
    yield _case(edition, name, "23", {"spikes": _spikes(5, 23)}, *_TEXTS)
    for what, p in (("silent", 0.0), ("always", 1.0)):
        yield _case(edition, name, what, {"spikes": _spikes(6, 3, p=p)}, *_TEXTS)
    for what, rates in (
        ("bright", (1, 0.7, "0x1.6666666666665p-1", 0)),
        ("equal", (0.5, 0.5)),
        ("below", (-1, -0.5)),
        ("nan", (1, "nan", 0.2)),
    ):
        yield _case(edition, name, what, {"spikes": _values([1, len(rates)], *rates)}, *_TEXTS)
    yield _case(edition, name, "graded", {"spikes": _values([2, 3], 1, 2, 0.5, -1, 1, 0)}, *_TEXTS)
    for dtype in ("float32", "int64", "bool"):
        yield _case(edition, name, "typed", {"spikes": _spikes(9, 5, dtype=dtype)}, *_TEXTS)
    yield _case(edition, name, "tensor", x, *_TEXTS, kind="tensor")
    yield _case(edition, name, "none", {"spikes": _spikes(4, 0)}, *_TEXTS)
    yield _case(edition, name, "3d", {"spikes": _spikes(2, 2, 2)}, *_TEXTS)


def _maps(edition: str) -> Iterator[Case]:
    name = "plot_2d_feature_map" if edition == _LATEST else "plot_2d_spiking_feature_map"
    x = {"x3d": _uniform(6, 5, 4)}
    for (rows, columns), space in itertools.product(((2, 3), (6, 1)), (0, 1, 2, 5)):
        yield _case(edition, name, f"{rows}x{columns}/{space}", x, rows, columns, space, "a title")
    yield _case(edition, name, "default", x, 2, 3, 2, "a title", kwargs={})
    for dtype in ("float32", "int64", "bool"):
        typed = {"x3d": _spikes(4, 3, 3, dtype=dtype)}
        yield _case(edition, name, "typed", typed, 2, 2, 1, "a title")
    yield _case(edition, name, "negative", {"x3d": _uniform(2, 3, 3, low=-2, high=-1)}, 1, 2, 2, "a title")
    yield _case(edition, name, "tensor", x, 2, 3, 1, "a title", kind="tensor")
    refused: tuple[tuple[str, int, float, dict[str, Any]], ...] = (
        ("few", 4, 1, _uniform(6, 5, 4)),
        ("space", 2, -1, _uniform(6, 5, 4)),
        ("half", 2, 0.5, _uniform(6, 5, 4)),
        ("2d", 2, 1, _uniform(6, 5)),
        ("nothing", 2, 1, _uniform(6, 0, 4)),
    )
    for what, rows, gap, recipe in refused:
        yield _case(edition, name, f"refused/{what}", {"x3d": recipe}, rows, 3, gap, "a title")


def _neurons(edition: str) -> Iterator[Case]:
    name = "plot_one_neuron_v_s"
    both = {"v": _uniform(40, low=-0.2, high=1.1), "s": _spikes(40, p=0.2)}
    yield _case(edition, name, "default", both, kwargs={})
    for threshold, reset in itertools.product((1.0, 0.5), (0.0, None, -0.5)):
        yield _case(edition, name, f"{threshold:g}/{reset}", both, threshold, reset)
    yield _case(edition, name, "title", both, 1.0, 0.0, "$V[t]$ and $S[t]$ of the neuron")
    yield _case(edition, name, "cycle", both, rc={"axes.prop_cycle": "cycler('color', ['k', 'm'])"})
    yield _case(edition, name, "legend", both, rc={"legend.frameon": False, "legend.loc": "lower left"})
    yield _case(edition, name, "silent", {**both, "s": _spikes(40, p=0.0)})
    yield _case(edition, name, "graded", {"v": _uniform(3), "s": _values([3], 1, 2, 0.5)})
    for dtype in ("float32", "int64"):
        yield _case(edition, name, "typed", {"v": _spikes(20, dtype=dtype), "s": _spikes(20, dtype=dtype)})
    yield _case(edition, name, "tensor", both, kind="tensor")
    yield _case(edition, name, "list", both, kind="list")
    yield _case(edition, name, "lengths", {**both, "s": _spikes(30)})


def cases() -> Iterator[Case]:
    """Yield the cases of both editions that draw."""
    for edition in (_LATEST, _EARLIER):
        for group in (_heatmaps, _bars, _trains, _maps, _neurons):
            yield from group(edition)
    positions = (*_TEXTS, True, True, True, "magnitude", None)
    for edition, size in ((_LATEST, ([4, 3], 30)), (_EARLIER, (30,))):
        x = {"array": _uniform(9, 6)}
        yield _case(edition, "plot_2d_heatmap", "positions", x, *positions, *size, kwargs={})
