"""Inputs and small helpers that the neuron cases share. No torch here: recipes are data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unisnn.parity.case import Case

__all__ = [
    "EXTREMES",
    "INPUTS",
    "SETTINGS",
    "both_or_one",
    "drawn",
    "made",
    "new",
    "options",
    "recipe",
    "text",
    "word",
]

SHAPE = (8, 4, 3)

INPUTS: dict[str, dict[str, Any]] = {
    "uni": {"kind": "uniform", "seed": 11, "shape": list(SHAPE), "low": -0.5, "high": 2},
    "grid": {"kind": "steps", "seed": 12, "shape": list(SHAPE), "low": -0.5, "high": 2, "step": 0.25},
    "nrm": {"kind": "normal", "seed": 13, "shape": list(SHAPE), "std": 2},
    "silent": {"kind": "full", "shape": list(SHAPE), "value": 0},
    "loud": {"kind": "full", "shape": list(SHAPE), "value": 10},
    "negative": {"kind": "uniform", "seed": 14, "shape": list(SHAPE), "low": -3, "high": -0.1},
    "tiny": {"kind": "uniform", "seed": 15, "shape": list(SHAPE), "low": -1e-38, "high": 1e-38},
    "huge": {"kind": "uniform", "seed": 16, "shape": list(SHAPE), "low": -1e37, "high": 1e38},
    "one": {"kind": "uniform", "seed": 17, "shape": [1, 4, 3], "low": -0.5, "high": 2},
    "odd": {"kind": "uniform", "seed": 18, "shape": [5, 3, 2], "low": -0.5, "high": 2},
    "image": {"kind": "uniform", "seed": 19, "shape": [4, 2, 3, 2, 2], "low": -0.5, "high": 2},
    "vector": {"kind": "uniform", "seed": 20, "shape": [6, 5], "low": -0.5, "high": 2},
    "scalar": {"kind": "uniform", "seed": 21, "shape": [6], "low": -0.5, "high": 2},
    "empty": {"kind": "full", "shape": [4, 0, 3], "value": 0},
    "wild": {
        "kind": "values",
        "values": [
            "nan",
            "inf",
            "-inf",
            0.5,
            1.0,
            "-0.0",
            "inf",
            0.5,
            0.5,
            0.5,
            1.0,
            2.0,
            0.5,
            "nan",
            1.0,
            1.0,
            0.0,
            0.0,
        ],
        "shape": [3, 2, 3],
    },
    "again": {"kind": "uniform", "seed": 22, "shape": list(SHAPE), "low": -0.5, "high": 2},
    "wide": {"kind": "uniform", "seed": 23, "shape": [3, 2, 3], "low": -0.5, "high": 2},
    "row": {"kind": "uniform", "seed": 24, "shape": [3, 1, 3], "low": -0.5, "high": 2},
    "count": {
        "kind": "steps",
        "seed": 25,
        "shape": list(SHAPE),
        "low": -1,
        "high": 3,
        "step": 1,
        "dtype": "int64",
    },
    "ramp": {
        "kind": "values",
        "values": [round(0.055 * (i % 25) - 0.2 * (i // 25 % 2), 4) for i in range(100)],
        "shape": [100, 1],
    },
}
"""Every named input of the neuron cases; ``[T, N, *]``."""

EXTREMES = ("silent", "loud", "negative", "tiny", "huge", "one", "odd", "image", "vector", "empty", "wild")
"""The inputs that are unusual in value or shape."""


SETTINGS: tuple[dict[str, Any], ...] = (
    {"v_reset": 0.0},
    {"v_reset": None, "v_threshold": 0.9},
    {"v_reset": 0.2, "detach_reset": True},
)
"""Arguments with which dtypes are tried."""


def recipe(name: str, dtype: str | None = None, layout: str | None = None) -> dict[str, Any]:
    """Return a named input, in another dtype or memory layout where asked."""
    made = {"dtype": "float32", **INPUTS[name]}
    if dtype is not None:
        made["dtype"] = dtype
    if layout is not None:
        made["layout"] = layout
    return made


def both_or_one(v_reset: object, turn: int) -> tuple[str, ...]:
    """Return both main inputs for the common resets, one of them by turns for the others."""
    return ("uni", "grid") if v_reset in (0.0, None) else (("uni", "grid")[turn % 2],)


def options(**values: Any) -> dict[str, Any]:
    """Return keyword arguments for :func:`made`."""
    return values


def new(path: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Return the JSON value that builds an object of the library under test."""
    return {"$new": path, "args": list(args), "kwargs": kwargs}


def text(values: Mapping[str, Any]) -> str:
    """Return arguments as a short, stable part of an id."""
    return ",".join(f"{name}={word(value)}" for name, value in values.items()) or "default"


def word(value: Any) -> str:
    """Return one argument as a short, stable part of an id."""
    if isinstance(value, Mapping):
        if "$new" in value:
            given = [
                *map(word, value.get("args", ())),
                *(f"{k}={word(v)}" for k, v in value.get("kwargs", {}).items()),
            ]
            return value["$new"].rpartition(".")[2] + (f"({','.join(given)})" if given else "")
        return str(next(iter(value.values()))).rpartition(".")[2]
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def made(
    edition: str,
    family: str,
    symbol: str,
    what: str,
    *,
    protocol: str = "neuron",
    kwargs: Mapping[str, Any] | None = None,
    args: tuple[Any, ...] = (),
    inputs: Mapping[str, Any] | None = None,
    dtype: str = "float32",
    evidence: tuple[str, ...] = (),
    **calls: Any,
) -> Case:
    """Return a case whose id is made from its parts; ``calls`` that are ``None`` are left out."""
    return Case(
        id=f"{edition}/{family}/{symbol.rpartition('.')[2]}/{what}/{dtype}",
        edition=edition,
        family=family,
        symbol=symbol,
        protocol=protocol,
        args=args,
        kwargs=dict(kwargs or {}),
        inputs=dict(inputs or {}),
        calls={name: value for name, value in calls.items() if value is not None},
        evidence=evidence,
    )


def drawn(name: str, dtype: str | None = None, layout: str | None = None) -> dict[str, Any]:
    """Return ``{"x": recipe}`` for a named input."""
    return {"x": recipe(name, dtype, layout)}
