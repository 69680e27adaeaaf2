"""Plots of the results: how cost grows with the time steps, and with the batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.subjects import GROWTH

__all__ = ["PLOTS", "digest", "draw"]

_Row = Mapping[str, Any]

PLOTS = {
    "growth_T.png": "Cost of a call by the number of time steps, for inference and for training",
    "growth_N.png": "Cost of a call by the size of the batch, for inference and for training",
}
"""What is drawn, by file."""

_LOOKS = {
    "native": ("#0072B2", "o"),
    "fused": ("#56B4E9", "s"),
    "spikingjelly==2.0.0": ("#D55E00", "^"),
    "spikingjelly==0.0.0.0.14": ("#CC79A7", "v"),
}


def digest(rows: Iterable[_Row]) -> str:
    """Return a name for the numbers that are drawn; every plot's file holds it."""
    return hashlib.sha256(json.dumps(list(rows), sort_keys=True).encode()).hexdigest()


def draw(rows: Sequence[_Row], folder: Path) -> list[Path]:
    """Draw how the cost grows; return the files, none where matplotlib is missing or nothing was measured."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return []
    if not rows:
        return []
    files = []
    for along, name in zip(("T", "N"), PLOTS, strict=True):
        figure = Figure(figsize=(9.5, 4), layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2, sharey=True)
        for axes, mode in ((left, "infer"), (right, "train")):
            mine = [row for row in rows if row["size"].startswith(f"{along}=") and row["mode"] == mode]
            _panel(axes, mine, along, "inference" if mode == "infer" else "training: forward and backward")
        left.set_ylabel("CPU time of a call, ms (log scale)")
        figure.suptitle(f"LIF, input {_shape(along)}, one thread", fontsize="medium")
        lines, labels = right.get_legend_handles_labels()
        figure.legend(lines, labels, loc="outside right center", frameon=False, fontsize="small")
        files.append(folder / name)
        folder.mkdir(parents=True, exist_ok=True)
        figure.savefig(files[-1], dpi=110, metadata={"Description": digest(rows)})
    return files


def _panel(axes: Any, rows: Sequence[_Row], along: str, title: str) -> None:
    curves = _curves(rows)
    for label, points in curves.items():
        colour, marker = _LOOKS.get(label, ("#444444", "d"))
        shown = f"unisnn, {label}" if label in ("native", "fused") else label
        axes.loglog(*zip(*points, strict=True), marker=marker, markersize=5, color=colour, label=shown)
    if curves:
        _guide(axes, list(curves.values()))
    numbers = sorted({number for points in curves.values() for number, _ in points})
    axes.set_xticks(numbers, [str(number) for number in numbers])
    axes.minorticks_off()
    axes.set_title(title, fontsize="medium")
    axes.set_xlabel(f"{'time steps T' if along == 'T' else 'batch size N'} (log scale)")
    axes.grid(True, which="major", alpha=0.25)


def _guide(axes: Any, curves: Sequence[Sequence[tuple[int, float]]]) -> None:
    """Draw a cost in proportion to the size, ending below the lowest curve."""
    lowest = min(curves, key=lambda points: points[-1][1])
    last, cost = lowest[-1]
    numbers = [number for number, _ in lowest]
    line = [0.6 * cost * number / last for number in numbers]
    axes.loglog(
        numbers, line, linestyle="--", color="#999999", linewidth=1.2, label="in proportion\nto the input"
    )


def _shape(along: str) -> str:
    steps, batch, features = GROWTH[along][0]
    return f"T x {batch} x {features}" if along == "T" else f"{steps} x N x {features}"


def _curves(rows: Iterable[_Row]) -> dict[str, list[tuple[int, float]]]:
    """Return the curves: unisnn's engines from the first edition's rows, and every edition."""
    rows = list(rows)
    curves: dict[str, dict[int, float]] = {}
    for row in rows:
        number = int(row["size"].partition("=")[2])
        if row["edition"] == rows[0]["edition"]:
            curves.setdefault(row["engine"], {})[number] = row["unisnn_ms"]
    for row in rows:
        number = int(row["size"].partition("=")[2])
        curves.setdefault(row["edition"], {})[number] = row["upstream_ms"]
    return {label: sorted(points.items()) for label, points in curves.items()}
