"""The results as Markdown, and as plots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["draw", "markdown"]

_Row = Mapping[str, Any]


def markdown(result: Mapping[str, Any]) -> str:
    """Return every table of a result."""
    machine = result["environment"]
    parts = [
        f"unisnn {machine['unisnn']}, torch {machine['torch']}, Python {machine['python']}, "
        f"{machine['cpus']} CPUs ({machine['machine']}). A ratio below 1 means that unisnn is faster; it is "
        "the median over the turns of one run, with the lowest and the highest. Times are CPU "
        "time on one thread."
    ]
    parts += [_summary(result["neurons"]), _neurons(result["neurons"])]
    if result.get("wall"):
        parts.append(f"### All threads, time on the clock\n\n{_neurons_table(result['wall'])}")
    if result.get("networks"):
        parts.append(f"### A training step of Conv-BN-LIF, pool, Conv-BN-LIF, Linear\n\n{_networks(result)}")
    if result.get("imports"):
        lines = ["| import | CPU seconds over `import torch` |", "|---|---:|"]
        lines += [f"| {row['name']} | {row['seconds']:.3f} |" for row in result["imports"]]
        parts.append("### Import\n\n" + "\n".join(lines))
    if result.get("others"):
        lines = ["| library | size | mode | ms | unisnn fused ms |", "|---|---|---|---:|---:|"]
        lines += [
            f"| {row['library']} | {row['size']} | {row['mode']} | {row['ms']:.3f} | {row['unisnn_ms']:.3f} |"
            for row in result["others"]
        ]
        parts.append("### What neurons of other libraries cost\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _summary(rows: Iterable[_Row]) -> str:
    """Return the worst ratio of every edition, engine, size and mode."""
    worst: dict[tuple[str, str], dict[tuple[str, str], list[_Row]]] = {}
    columns: list[tuple[str, str]] = []
    for row in rows:
        column = (row["size"], row["mode"])
        if column not in columns:
            columns.append(column)
        worst.setdefault((row["edition"], row["engine"]), {}).setdefault(column, []).append(row)
    lines = [
        "| against | engine | " + " | ".join(f"{size} {mode}" for size, mode in columns) + " |",
        "|---|---|" + "---:|" * len(columns),
    ]
    for (edition, engine), cells in worst.items():
        values = [
            f"{max(row['ratio'] for row in cells[column]):.2f}" if column in cells else ""
            for column in columns
        ]
        lines.append(f"| {edition} | {engine} | " + " | ".join(values) + " |")
    return "### The slowest of all neurons, surrogates and resets\n\n" + "\n".join(lines)


def _neurons(rows: list[_Row]) -> str:
    return f"### Every neuron\n\n{_neurons_table(rows)}"


def _neurons_table(rows: Iterable[_Row]) -> str:
    lines = [
        "| against | engine | neuron | size | mode | ratio | lowest to highest | ms | upstream ms | x floor "
        "| peak/input | upstream's |",
        "|---|---|---|---|---|---:|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        name = f"{row['neuron']} {row['surrogate']} {row['reset']}"
        lines.append(
            f"| {row['edition']} | {row['engine']} | {name} | {row['size']} | {row['mode']} "
            f"| {row['ratio']:.2f} | {row['low']:.2f} to {row['high']:.2f} | {row['unisnn_ms']:.3f} "
            f"| {row['upstream_ms']:.3f} | {_number(row.get('floors'))} | {_number(row.get('peak'))} "
            f"| {_number(row.get('upstream_peak'))} |"
        )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _networks(result: Mapping[str, Any]) -> str:
    lines = [
        "| against | engine | ratio | lowest to highest | ms | upstream ms |",
        "|---|---|---:|---|---:|---:|",
    ]
    lines += [
        f"| {row['edition']} | {row['engine']} | {row['ratio']:.2f} | {row['low']:.2f} to {row['high']:.2f} "
        f"| {row['unisnn_ms']:.1f} | {row['upstream_ms']:.1f} |"
        for row in result["networks"]
    ]
    return "\n".join(lines)


def draw(rows: list[_Row], folder: Path) -> list[Path]:
    """Draw how the cost grows with T and with N; return the files, none where matplotlib is missing."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return []
    files: list[Path] = []
    if not rows:
        return files
    for along in ("T", "N"):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        FigureCanvasAgg(figure)
        for axes, mode in zip(figure.subplots(1, 2), ("infer", "train"), strict=True):
            mine = [row for row in rows if row["size"].startswith(f"{along}=") and row["mode"] == mode]
            for label, points in _curves(mine).items():
                axes.loglog(*zip(*points, strict=True), marker="o", label=label)
            axes.set(title=mode, xlabel=f"{along} (log scale)", ylabel="CPU ms of a call (log scale)")
            axes.grid(True, which="both", alpha=0.2)
        axes.legend(fontsize="small")
        files.append(folder / f"growth_{along}.png")
        figure.savefig(files[-1], dpi=120)
    return files


def _curves(rows: Iterable[_Row]) -> dict[str, list[tuple[int, float]]]:
    curves: dict[str, dict[int, float]] = {}
    for row in rows:
        number = int(row["size"].partition("=")[2])
        curves.setdefault(f"unisnn, {row['engine']}", {})[number] = row["unisnn_ms"]
        curves.setdefault(row["edition"], {})[number] = row["upstream_ms"]
    return {label: sorted(points.items()) for label, points in curves.items()}
