"""Plots as inline SVG, drawn with classes that the page's style colours.

Upstream is a wide pale band, unisnn a thin line over it: where both agree the line runs in the middle of
the band, and a difference is a line that leaves it. Every figure says in words what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

__all__ = ["agreement", "curves", "history", "numbers", "trace"]


def numbers(values: Iterable[Any]) -> list[float]:
    """Return floats for JSON values: numbers, ``"inf"``-like strings, ``None`` (as NaN)."""
    return [math.nan if value is None else float(value) for value in values]


def agreement(pairs: Mapping[str, Mapping[str, Sequence[Any]]]) -> str:
    """Say in words how well the two sides of every named pair of curves agree."""
    total, gap = 0, 0.0
    for sides in pairs.values():
        upstream, ours = numbers(sides["upstream"]), numbers(sides["unisnn"])
        if bool(upstream) != bool(ours):
            return "upstream raises, unisnn does not" if ours else "unisnn raises, upstream does not"
        if len(upstream) != len(ours):
            return f"{len(upstream)} points upstream, {len(ours)} in unisnn"
        for a, b in zip(upstream, ours, strict=True):
            total += 1
            if not (a == b or (math.isnan(a) and math.isnan(b))):
                gap = max(gap, abs(a - b)) if math.isfinite(a - b) else math.inf
    return f"equal at all {total} points" if gap == 0 else f"largest difference {gap:.3g}"


@dataclass(frozen=True)
class _Frame:
    """A plotting area: data coordinates to SVG coordinates, with ticks."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x_at(x), self.y_at(y)

    def x_at(self, x: float) -> float:
        low, high = self.x
        return self.left + self.width * (x - low) / (high - low)

    def y_at(self, y: float) -> float:
        low, high = self.y
        return self.top + self.height * (high - min(max(y, low), high)) / (high - low)

    def grid(self, x_ticks: Sequence[float], y_ticks: Sequence[float]) -> str:
        right, bottom = self.left + self.width, self.top + self.height
        parts = []
        for tick in y_ticks:
            y, kind = self.y_at(tick), "zero" if tick == 0 else "grid"
            parts.append(
                f'<line class="{kind}" x1="{self.left:g}" x2="{right:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
            )
            parts.append(
                f'<text class="tick end" x="{self.left - 5:g}" y="{y + 3:.1f}">{_label(tick)}</text>'
            )
        for tick in x_ticks:
            x, kind = self.x_at(tick), "zero" if tick == 0 else "grid"
            parts.append(
                f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{self.top:g}" y2="{bottom:g}"/>'
            )
            parts.append(f'<text class="tick middle" x="{x:.1f}" y="{bottom + 12:g}">{_label(tick)}</text>')
        return "".join(parts)

    def path(self, kind: str, xs: Sequence[float], ys: Sequence[float]) -> str:
        """A line that is interrupted where a value is not finite."""
        steps: list[str] = []
        pen = "M"
        for x, y in zip(xs, ys):  # noqa: B905  a side that raised has no values
            if not math.isfinite(y):
                pen = "M"
                continue
            px, py = self.at(x, y)
            steps.append(f"{pen}{px:.1f} {py:.1f}")
            pen = "L"
        return f'<path class="{kind}" d="{"".join(steps)}"/>'


def curves(x: Sequence[Any], sides: Mapping[str, Sequence[Any]], title: str) -> Markup:
    """Draw one function of ``x`` as both sides compute it.

    Args:
        x: positions on the horizontal axis.
        sides: values by side, ``upstream`` and ``unisnn``.
        title: what is drawn; the figure's caption for readers who cannot see it.
    """
    xs = numbers(x)
    upstream, ours = numbers(sides["upstream"]), numbers(sides["unisnn"])
    low, high = _range([*upstream, *ours])
    frame = _Frame(34, 8, 232, 112, (min(xs), max(xs)), (low, high))
    body = frame.grid(_ticks(*frame.x, 5), _ticks(low, high, 4))
    body += frame.path("upstream", xs, upstream) + frame.path("unisnn", xs, ours)
    return _svg(274, 138, f"{title} over x: upstream and unisnn", body)


def trace(data: Mapping[str, Any]) -> Markup:
    """Draw a neuron's input, membrane potential, threshold and spikes over time, as both sides compute them.

    ``data`` holds ``input``, ``threshold``, ``voltage`` and ``spikes``, the last two by side.
    """
    upstream, ours = (numbers(data["voltage"][side]) for side in ("upstream", "unisnn"))
    drive = numbers(data["input"])
    steps = max(len(upstream), len(ours))
    threshold = numbers([data["threshold"]])[0]
    low, high = _range([*upstream, *ours, threshold])
    frame = _Frame(38, 34, 570, 120, (0, max(steps - 1, 1)), (low, high))
    body = frame.grid(_ticks(0, max(steps - 1, 1), 8), _ticks(low, high, 4))
    if math.isfinite(threshold):
        y = frame.y_at(threshold)
        body += f'<line class="threshold" x1="{frame.left:g}" x2="{frame.left + frame.width:g}"'
        body += (
            f' y1="{y:.1f}" y2="{y:.1f}"/><text class="tick threshold-label" x="612" y="{y + 3:.1f}">θ</text>'
        )
    body += frame.path("upstream", range(len(upstream)), upstream) + frame.path(
        "unisnn", range(len(ours)), ours
    )
    for side in ("upstream", "unisnn"):
        for t, spike in enumerate(numbers(data["spikes"][side])):
            if spike:
                x = frame.x_at(t)
                body += f'<line class="spike {side}" x1="{x:.1f}" x2="{x:.1f}" y1="8" y2="24"/>'
    body += '<text class="tick end" x="33" y="20">spikes</text>' + _drive(drive, frame)
    return _svg(626, 206, "membrane potential, threshold and spikes over time steps", body)


def _drive(drive: Sequence[float], frame: _Frame) -> str:
    """The input as bars below the trace."""
    top, height = frame.top + frame.height + 18, 24
    finite = [abs(value) for value in drive if math.isfinite(value)]
    largest = max(finite, default=0.0) or 1.0
    middle = top + height / 2
    bars = "".join(
        f'<line class="drive" x1="{frame.x_at(t):.1f}" x2="{frame.x_at(t):.1f}"'
        f' y1="{middle:g}" y2="{middle - value / largest * height / 2:.1f}"/>'
        for t, value in enumerate(drive)
        if math.isfinite(value)
    )
    return bars + f'<text class="tick end" x="33" y="{middle + 3:g}">input</text>'


def history(epochs: Iterable[Mapping[str, Any]]) -> Markup | None:
    """Draw the accuracy of a training over its epochs, ``None`` without any."""
    points = [(int(row["epoch"]), float(row["accuracy"])) for row in epochs]
    if len(points) < 2:
        return None
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    low = max(0.0, math.floor(min(ys) * 10) / 10)
    frame = _Frame(38, 8, 330, 120, (min(xs), max(xs)), (low, 1.0))
    body = frame.grid(_ticks(*frame.x, 6), _ticks(low, 1.0, 4)) + frame.path("unisnn", xs, ys)
    return _svg(380, 146, "accuracy on the held-out part over epochs", body)


def _svg(width: int, height: int, title: str, body: str) -> Markup:
    label = escape(title)
    head = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}"><title>{label}</title>'
    return Markup(head + body + "</svg>")  # the body is made of numbers and of the fixed words above


def _range(values: Iterable[float]) -> tuple[float, float]:
    """The range to draw: all finite values, short of a pole's neighbourhood."""
    finite = sorted(value for value in values if math.isfinite(value))
    if not finite:
        return 0.0, 1.0
    low, high = finite[0], finite[-1]
    usual = finite[int(0.03 * len(finite))], finite[int(0.97 * (len(finite) - 1))]
    spread = usual[1] - usual[0]
    if spread > 0:
        low = low if low >= usual[0] - 3 * spread else usual[0] - spread / 2
        high = high if high <= usual[1] + 3 * spread else usual[1] + spread / 2
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = low + 1.0
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def _ticks(low: float, high: float, wanted: int) -> list[float]:
    """Round numbers inside ``[low, high]``, about as many as wanted."""
    if not high > low:
        return [low]
    rough = (high - low) / wanted
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, math.floor(high / step + 1e-9) + 1)]


def _label(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
