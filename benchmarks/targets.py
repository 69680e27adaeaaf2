"""What unisnn set out to reach, beside what a run measured.

The ratios are to SpikingJelly 2.0.0, the slowest of IF, LIF and PLIF with ATan and Sigmoid, hard and soft
reset; the peak is the highest of them, in both modes. Nothing is rounded before it is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.subjects import EDITIONS, SMALL

__all__ = ["TARGETS", "checks", "neurons_table", "others_table"]

_Row = Mapping[str, Any]

TARGETS: dict[tuple[str, str], tuple[float, float, float]] = {
    ("native", "mid"): (0.07, 0.13, 3.1),
    ("native", "long"): (0.07, 0.13, 3.1),
    ("native", "big"): (0.30, 0.35, 3.1),
    ("fused", "mid"): (0.20, 0.40, 3.5),
    ("fused", "long"): (0.20, 0.40, 3.5),
    ("fused", "big"): (0.25, 0.50, 4.5),
}
"""By engine and size: inference and forward+backward over upstream's, peak memory over the input's."""

_NETWORK = {"native": 0.60, "fused": 0.80}
_IMPORT = 0.10
_IMPORTS = ("unisnn.spikingjelly", "unisnn.spikingjelly.activation_based.neuron")


def neurons_table(rows: Iterable[_Row]) -> str:
    """Return the table of the neurons' targets."""
    rows = [row for row in rows if row["edition"] == EDITIONS[0]]
    lines = [
        "| engine | size | inference | forward+backward | peak memory / input |",
        "|---|---|---|---|---|",
    ]
    for (engine, size), (infer, train, peak) in TARGETS.items():
        mine = [row for row in rows if (row["engine"], row["size"]) == (engine, size)]
        cells = [
            _cell([row["ratio"] for row in mine if row["mode"] == "infer"], infer),
            _cell([row["ratio"] for row in mine if row["mode"] == "train"], train),
            _cell([row["peak"] for row in mine if row.get("peak") is not None], peak),
        ]
        lines.append(f"| {engine} | {size} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: list[float], target: float) -> str:
    if not values:
        return f"not measured (target {target:.2f})"
    return f"{max(values):.3f} (target {target:.2f}: {_verdict(max(values), target)})"


def _verdict(value: float, target: float) -> str:
    return "met" if value <= target else "**missed**"


def others_table(result: Mapping[str, Any]) -> str:
    """Return the table of the other targets: the network, the import, and never slower than upstream."""
    lines = ["| what | measured | target | |", "|---|---:|---:|---|"]
    for what, value, target in checks(result):
        shown = "not measured" if value is None else f"{value:.3f}"
        verdict = "" if value is None else _verdict(value, target)
        lines.append(f"| {what} | {shown} | {target:.2f} | {verdict} |")
    return "\n".join(lines)


def checks(result: Mapping[str, Any]) -> list[tuple[str, float | None, float]]:
    """Return what the other targets speak of, what was measured (``None``: nothing) and the target."""
    found: list[tuple[str, float | None, float]] = []
    for engine, target in _NETWORK.items():
        steps = [
            row["ratio"]
            for row in result.get("networks", [])
            if (row["edition"], row["engine"]) == (EDITIONS[0], engine)
        ]
        found.append(
            (f"training step of the small network, {engine}, over {EDITIONS[0]}", _worst(steps), target)
        )
    for module in _IMPORTS:
        imports = [row["unisnn_s"] for row in result.get("imports", []) if row["module"] == module]
        found.append((f"`import {module}` on top of `import torch`, CPU seconds", _worst(imports), _IMPORT))
    for edition in EDITIONS:
        rows = [row for row in result.get("neurons", []) if row["edition"] == edition and _users(row)]
        if not rows:
            found.append((f"slowest against {edition}", None, 1.0))
            continue
        slowest = max(rows, key=lambda row: row["ratio"])
        name = " ".join(slowest[key] for key in ("engine", "neuron", "surrogate", "reset", "size", "mode"))
        found.append((f"slowest against {edition}: {name}", slowest["ratio"], 1.0))
    return found


def _users(row: _Row) -> bool:
    """Say whether users run this engine at this size: ``auto`` where it was timed, else both fast ones."""
    return row["engine"] == "auto" if row["size"] in SMALL else row["engine"] in ("native", "fused")


def _worst(values: list[float]) -> float | None:
    return max(values, default=None)
