"""Tensor recipes: small JSON objects that make the same tensor in every process.

A recipe has a ``kind`` and options; every value is made in float64 by a seeded generator of its own
and then rounded once to ``dtype``::

    {"kind": "values",  "values": [0.5, "nan", "-0x1p-3"], "shape": [3]}
    {"kind": "grid",    "edges": [0.5]}                 base points, edges with neighbours, nan, inf
    {"kind": "varied",  "shape": [8]}                   value i is (((7*i) mod 33) - 16)/8
    {"kind": "line",    "low": -2, "high": 2, "count": 129}
    {"kind": "uniform", "seed": 1, "shape": [4, 3], "low": -2, "high": 2}
    {"kind": "normal",  "seed": 1, "shape": [4, 3], "mean": 0, "std": 1}
    {"kind": "steps",   "seed": 1, "shape": [4, 3], "low": -2, "high": 2, "step": 0.25}
    {"kind": "binary",  "seed": 1, "shape": [4, 3], "p": 0.5}
    {"kind": "full",    "shape": [4, 3], "value": 1}
    {"kind": "stored",  "file": "name", "key": "b32@0-96:float32", "shape": [8, 4, 3]}   from the goldens

Common options: ``dtype`` (default float32) and ``layout``: ``contiguous`` (default), ``strided`` (every
second element of a wider buffer), ``transposed``, ``channels_last`` (4-d), ``expanded`` (a broadcast
along a new first dimension of 3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

__all__ = ["BASE_POINTS", "RECIPES", "grid_points", "make", "number"]

BASE_POINTS: tuple[float, ...] = (
    *(-0.0, 0.0, 1e-45, -1e-45, 1e-30, -1e-30, 1e-8, -1e-8, 1e-3, -1e-3, 0.1, -0.1, 0.25, -0.25, 0.4, -0.4),
    *(
        0.5,
        -0.5,
        0.75,
        -0.75,
        1.0,
        -1.0,
        1.25,
        -1.25,
        2.0,
        -2.0,
        3.5,
        -3.5,
        10.0,
        -10.0,
        100.0,
        -100.0,
        1e10,
        -1e10,
    ),
)
"""The 34 points at which every surrogate is looked at, both zeros included."""


def number(value: Any) -> float:
    """Return a JSON number as a float; a string may be ``nan``, ``inf``, ``-inf`` or a hexadecimal float."""
    if isinstance(value, str):
        return float.fromhex(value) if "x" in value else float(value)
    return float(value)


def _dtype(name: str) -> torch.dtype:
    dtype = getattr(torch, name, None)
    if not isinstance(dtype, torch.dtype):
        raise ValueError(f"recipe: dtype={name!r} is not accepted; expected a torch dtype's name")
    return dtype


def grid_points(edges: tuple[float, ...], dtype: torch.dtype) -> Tensor:
    """Return the base points, ``±b`` with both neighbours in ``dtype`` for each edge, nan, inf, -inf."""
    points = [torch.tensor(BASE_POINTS, dtype=torch.float64).to(dtype)]
    for edge in edges:
        for sign in (1.0, -1.0):
            middle = torch.tensor([sign * edge], dtype=torch.float64).to(dtype)
            points += [middle, _neighbour(middle, -sign), _neighbour(middle, sign)]
    points.append(torch.tensor([math.nan, math.inf, -math.inf], dtype=torch.float64).to(dtype))
    return torch.cat(points)


def _neighbour(value: Tensor, direction: float) -> Tensor:
    if value.dtype in (torch.float32, torch.float64):
        return torch.nextafter(value, torch.full_like(value, direction * math.inf))
    bits = value.view(torch.int16)
    away = (value > 0) == (direction > 0)
    return torch.where(away, bits + 1, bits - 1).to(torch.int16).view(value.dtype)


def _seeded(recipe: Mapping[str, Any]) -> torch.Generator:
    return torch.Generator().manual_seed(int(recipe.get("seed", 0)))


def _line(recipe: Mapping[str, Any]) -> Tensor:
    low, high, count = number(recipe["low"]), number(recipe["high"]), int(recipe["count"])
    return torch.arange(count, dtype=torch.float64) * ((high - low) / (count - 1)) + low


def _uniform(recipe: Mapping[str, Any]) -> Tensor:
    low, high = number(recipe.get("low", 0)), number(recipe.get("high", 1))
    drawn = torch.rand(tuple(recipe["shape"]), generator=_seeded(recipe), dtype=torch.float64)
    return drawn * (high - low) + low


def _normal(recipe: Mapping[str, Any]) -> Tensor:
    mean, std = number(recipe.get("mean", 0)), number(recipe.get("std", 1))
    return torch.randn(tuple(recipe["shape"]), generator=_seeded(recipe), dtype=torch.float64) * std + mean


def _steps(recipe: Mapping[str, Any]) -> Tensor:
    low, high, step = (number(recipe[key]) for key in ("low", "high", "step"))
    count = round((high - low) / step) + 1
    drawn = torch.randint(count, tuple(recipe["shape"]), generator=_seeded(recipe))
    return drawn.to(torch.float64) * step + low


def _binary(recipe: Mapping[str, Any]) -> Tensor:
    drawn = torch.rand(tuple(recipe["shape"]), generator=_seeded(recipe), dtype=torch.float64)
    return (drawn < number(recipe.get("p", 0.5))).to(torch.float64)


def _varied(recipe: Mapping[str, Any]) -> Tensor:
    shape = tuple(recipe["shape"])
    index = torch.arange(math.prod(shape), dtype=torch.float64)
    return (((7 * index) % 33 - 16) / 8).reshape(shape)


def _values(recipe: Mapping[str, Any]) -> Tensor:
    flat = torch.tensor([number(value) for value in recipe["values"]], dtype=torch.float64)
    return flat.reshape(tuple(recipe.get("shape", flat.shape)))


def _full(recipe: Mapping[str, Any]) -> Tensor:
    return torch.full(tuple(recipe["shape"]), number(recipe.get("value", 0)), dtype=torch.float64)


def _grid(recipe: Mapping[str, Any]) -> Tensor:
    edges = tuple(number(edge) for edge in recipe.get("edges", ()))
    return grid_points(edges, _dtype(recipe.get("dtype", "float32")))


def _stored(recipe: Mapping[str, Any]) -> Tensor:
    from unisnn.parity import goldens

    return goldens.array(recipe["file"], recipe["key"]).reshape(tuple(recipe["shape"]))


RECIPES: dict[str, Callable[[Mapping[str, Any]], Tensor]] = {
    "values": _values,
    "grid": _grid,
    "varied": _varied,
    "line": _line,
    "uniform": _uniform,
    "normal": _normal,
    "steps": _steps,
    "binary": _binary,
    "full": _full,
    "stored": _stored,
}
"""The maker of each kind of recipe."""


def make(recipe: Mapping[str, Any]) -> Tensor:
    """Return the tensor that ``recipe`` describes.

    Raises:
        ValueError: the kind, dtype or layout is unknown.
    """
    kind = recipe.get("kind")
    if kind not in RECIPES:
        raise ValueError(f"recipe: kind={kind!r} is not accepted; expected one of {', '.join(RECIPES)}")
    made = RECIPES[kind](recipe)
    if kind != "stored" or "dtype" in recipe:
        made = made.to(_dtype(recipe.get("dtype", "float32")))
    return _laid_out(made, recipe.get("layout", "contiguous"))


def _laid_out(x: Tensor, layout: str) -> Tensor:
    if layout == "contiguous":
        return x
    if layout == "strided":
        wide = torch.zeros((*x.shape[:-1], 2 * x.shape[-1]), dtype=x.dtype)
        wide[..., ::2] = x
        return wide[..., ::2]
    if layout == "transposed":
        return x.transpose(0, -1).contiguous().transpose(0, -1)
    if layout == "channels_last":
        return x.contiguous(memory_format=torch.channels_last)
    if layout == "expanded":
        return x.unsqueeze(0).expand(3, *x.shape)
    raise ValueError(
        f"recipe: layout={layout!r} is not accepted; expected contiguous, strided, "
        "transposed, channels_last or expanded"
    )
