"""The file of results: rows by part, one row a line, so that runs of parts can be put together.

A row that is measured again replaces the old one; the others stay. Only rows of one environment go into one
file, for times of two machines or two releases of torch say nothing beside each other.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

import unisnn

__all__ = ["PARTS", "add", "environment", "load", "new", "save", "text"]

PARTS = ("neurons", "wall", "networks", "growth", "imports", "others")
"""The parts of a run, each a list of rows."""

_KEYS = {
    "imports": ("edition", "module"),
    "others": ("library",),
}
_KEY = ("edition", "neuron", "surrogate", "reset", "size", "mode", "engine")


def environment() -> dict[str, Any]:
    """Return what the times depend on."""
    return {
        "unisnn": unisnn.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
    }


def new() -> dict[str, Any]:
    """Return results without rows."""
    return {"environment": environment(), "runs": []}


def load(path: Path) -> dict[str, Any]:
    """Return the results of a file, to be added to; new ones where there is no file.

    Raises:
        ValueError: the file was measured in another environment.
    """
    if not path.exists():
        return new()
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name, value in environment().items():
        was = found["environment"][name]
        if was != value:
            raise ValueError(
                f"{path} was measured with {name} {was}, this is {value}; name another folder with --out, "
                "or leave out --add"
            )
    return found


def add(result: dict[str, Any], part: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put rows into a part; those of the same subject and engine are replaced."""
    keys = _KEYS.get(part, _KEY)

    def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in keys)

    rows = [_rounded(row) for row in rows]
    new = {key(row) for row in rows}
    result[part] = [row for row in result.get(part, []) if key(row) not in new] + rows


def text(result: Mapping[str, Any]) -> str:
    """Return the results as JSON, a row a line."""
    lines = []
    for name, value in result.items():
        if isinstance(value, list):
            rows = ",\n".join(f"  {json.dumps(row)}" for row in value)
            lines.append(f' "{name}": [\n{rows}\n ]')
        else:
            lines.append(f' "{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def save(result: Mapping[str, Any], path: Path) -> None:
    """Write the results."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(result), encoding="utf-8")


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with four digits of each time: the fifth is noise."""
    return {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in row.items()}
