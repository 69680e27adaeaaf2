"""The tables of the results, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["by_neuron", "every", "imports", "limits", "networks", "others", "summary", "wall"]

_Row = Mapping[str, Any]


def summary(rows: Sequence[_Row]) -> str:
    """Return the slowest ratio of every edition, engine, size and mode."""
    return _crossed(rows, ("edition", "engine"), ("against", "engine"), spread=False)


def by_neuron(rows: Sequence[_Row]) -> str:
    """Return the slowest ratio of every engine, neuron, size and mode with its spread; one edition's rows."""
    return _crossed(rows, ("engine", "neuron"), ("engine", "neuron"), spread=True)


def _crossed(rows: Sequence[_Row], names: Sequence[str], heads: Sequence[str], spread: bool) -> str:
    columns = list(dict.fromkeys((row["size"], row["mode"]) for row in rows))
    cells: dict[tuple[str, ...], dict[tuple[str, str], list[_Row]]] = {}
    for row in rows:
        line = cells.setdefault(tuple(row[name] for name in names), {})
        line.setdefault((row["size"], row["mode"]), []).append(row)
    lines = [
        _line([*heads, *(f"{size} {mode}" for size, mode in columns)]),
        "|---" * len(heads) + "|---:" * len(columns) + "|",
    ]
    for name, found in cells.items():
        worst = [max(found.get(column, ()), key=_ratio, default=None) for column in columns]
        lines.append(_line([*name, *("" if row is None else _spread(row, spread) for row in worst)]))
    return "\n".join(lines)


def limits(rows: Iterable[_Row]) -> str:
    """Return multiples of the floor and of the input's memory: the highest of all neurons."""
    groups: dict[tuple[str, ...], list[_Row]] = {}
    for row in rows:
        if row.get("floor_ms") and row["engine"] != "reference":
            groups.setdefault(tuple(row[key] for key in ("edition", "engine", "size", "mode")), []).append(
                row
            )
    lines = [
        "| against | engine | size | mode | time / floor | upstream's | peak memory / input | upstream's |",
        "|---|---|---|---|---:|---:|---:|---:|",
    ]
    for name, found in groups.items():
        cells = [
            f"{max(row['unisnn_ms'] / row['floor_ms'] for row in found):.1f}",
            f"{max(row['upstream_ms'] / row['floor_ms'] for row in found):.1f}",
            _highest(found, "peak"),
            _highest(found, "upstream_peak"),
        ]
        lines.append(_line([*name, *cells]))
    return "\n".join(lines)


def every(rows: Iterable[_Row]) -> str:
    """Return a line for every row."""
    lines = [
        "| against | engine | neuron | size | mode | ratio | ms | upstream ms | time / floor "
        "| peak memory / input | upstream's |",
        "|---|---|---|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        floors = f"{row['unisnn_ms'] / row['floor_ms']:.1f}" if row.get("floor_ms") else ""
        cells = [
            f"{row['neuron']} {row['surrogate']} {row['reset']}",
            row["size"],
            row["mode"],
            *_times(row),
            floors,
            _highest([row], "peak"),
            _highest([row], "upstream_peak"),
        ]
        lines.append(_line([row["edition"], row["engine"], *cells]))
    return "\n".join(lines)


def wall(rows: Iterable[_Row]) -> str:
    """Return the times on the clock."""
    lines = [
        "| against | engine | size | mode | ratio | ms | upstream ms |",
        "|---|---|---|---|---:|---:|---:|",
    ]
    lines += [_line([row["edition"], row["engine"], row["size"], row["mode"], *_times(row)]) for row in rows]
    return "\n".join(lines)


def networks(rows: Iterable[_Row]) -> str:
    """Return the times of a training step."""
    lines = ["| against | engine | ratio | ms | upstream ms |", "|---|---|---:|---:|---:|"]
    lines += [_line([row["edition"], row["engine"], *_times(row)]) for row in rows]
    return "\n".join(lines)


def imports(rows: Iterable[_Row]) -> str:
    """Return the seconds of imports."""
    lines = ["| import | CPU seconds | as | upstream's |", "|---|---:|---|---:|"]
    for row in rows:
        theirs = _seconds(row, "upstream") if "upstream_s" in row else ""
        lines.append(_line([f"`{row['module']}`", _seconds(row, "unisnn"), row["edition"], theirs]))
    return "\n".join(lines)


def others(rows: Iterable[_Row]) -> str:
    """Return the times of other libraries' neurons, or why there are none."""
    lines = [
        "| library | engine | size | mode | ratio | unisnn ms | library ms |",
        "|---|---|---|---|---:|---:|---:|",
    ]
    for row in rows:
        if "failed" in row:
            lines.append(_line([row["version"], row["failed"].replace("|", "/"), "", "", "", "", ""]))
        else:
            lines.append(_line([row["version"], row["engine"], row["size"], row["mode"], *_times(row)]))
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ratio(row: _Row) -> float:
    value: float = row["ratio"]
    return value


def _spread(row: _Row, spread: bool = True) -> str:
    ratio = f"{row['ratio']:.2f}"
    return f"{ratio} [{row['low']:.2f}, {row['high']:.2f}]" if spread else ratio


def _times(row: _Row) -> tuple[str, str, str]:
    return _spread(row), f"{row['unisnn_ms']:.3f}", f"{row['upstream_ms']:.3f}"


def _seconds(row: _Row, side: str) -> str:
    return f"{row[f'{side}_s']:.3f} [{row[f'{side}_low']:.3f}, {row[f'{side}_high']:.3f}]"


def _highest(rows: Iterable[_Row], name: str) -> str:
    values = [row[name] for row in rows if row.get(name) is not None]
    return f"{max(values):.2f}" if values else ""
