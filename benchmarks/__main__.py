"""``python -m benchmarks``: unisnn's time over upstream's, neuron by neuron, in one run.

Every library lives in a process of its own and they take turns, so that what else the machine does falls on
all. A ratio below 1 means that unisnn is faster. The median over the turns is given with its extremes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

import unisnn
from benchmarks import others, report, worker
from benchmarks.sides import Side, import_seconds, ratio
from benchmarks.subjects import EDITIONS, SIZES, Subject, growth, networks, neurons
from unisnn.core import engines
from unisnn.parity import oracle

__all__ = ["available_engines", "compare", "main"]

_WALL = ("mid", "long", "big")
_PEAK = ("mid", "long", "big")


def available_engines() -> tuple[str, ...]:
    """Return the engines of unisnn that this machine can time."""
    missing = engines.status()["engines"]
    return tuple(name for name in ("native", "fused", "reference") if missing[name] is None)


def compare(
    chosen: Iterable[Subject], names: tuple[str, ...], rounds: int, seconds: float, what: str = "time"
) -> list[dict[str, Any]]:
    """Measure every subject upstream and with every engine, in turns, and return a row for each engine."""
    rows: list[dict[str, Any]] = []
    for edition, group in itertools.groupby(chosen, key=lambda subject: subject.edition):
        mine = list(group)
        oracle.install(edition, lambda text: print(text, file=sys.stderr))
        upstream, ours = Side(edition, None), [Side(edition, name) for name in names]
        for number, subject in enumerate(mine, 1):
            _show(f"{edition}: {number} of {len(mine)}: {subject.label}")
            rows += _rows(subject, upstream, ours, rounds, seconds, what)
        for side in (upstream, *ours):
            side.close()
    _show("")
    return rows


def _rows(
    subject: Subject, upstream: Side, ours: list[Side], rounds: int, seconds: float, what: str
) -> list[dict[str, Any]]:
    times: dict[Side, list[float]] = {side: [] for side in (upstream, *ours)}
    for turn in range(rounds):
        order = list(times)
        for side in reversed(order) if turn % 2 else order:
            times[side].append(side.measure(what, subject, seconds))
    floor, peaks = None, {}
    if what == "time" and subject.kind == "neuron" and subject.size in _PEAK:
        floor = ours[0].measure("floor", subject, seconds)
        peaks = {side: side.measure("peak", subject, seconds) for side in times}
    given = subject.to_dict()
    told = {
        name: given[name] for name in ("edition", "neuron", "surrogate", "reset", "size", "shape", "mode")
    }
    rows = []
    for side in ours:
        row = {**told, "engine": side.engine, **ratio(times[side], times[upstream])}
        if floor is not None:
            row["floors"] = row["unisnn_ms"] / 1000 / floor
            row["peak"], row["upstream_peak"] = peaks[side], peaks[upstream]
        rows.append(row)
    return rows


def _show(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\033[K{text}", end="\r", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


def _imports(editions: Iterable[str], rounds: int) -> list[dict[str, Any]]:
    rows = []
    modules = {
        "spikingjelly": "activation_based.neuron",
        "snngrow": "base.neuron",
        "braincog": "base.node.node",
    }
    for edition in editions:
        library = edition.partition("==")[0]
        for name, genuine in ((f"unisnn.{library}", False), (library, True)):
            seconds = import_seconds(f"import {name}.{modules[library]}", edition, genuine, rounds)
            rows.append(
                {"name": f"{edition} (genuine)" if genuine else f"{name} as {edition}", "seconds": seconds}
            )
    return rows


def _others(rounds: int, seconds: float) -> list[dict[str, Any]]:
    rows = []
    torch.set_num_threads(1)
    for name, size, mode in itertools.product(
        others.installed(), ("tiny", "mid", "long"), ("infer", "train")
    ):
        x = torch.randn(*SIZES[size]) + 0.8
        ours = next(s for s in neurons(EDITIONS[1:2], (size,), ("LIF",)) if s.mode == mode)
        call = others.multi_step(name)

        def run(call: Any = call, x: Any = x, mode: str = mode) -> None:
            with torch.set_grad_enabled(mode == "train"):
                y = call(x.detach().requires_grad_(mode == "train"))
                if mode == "train":
                    y.sum().backward()

        run()
        side = Side(ours.edition, "fused")
        times = [worker.time_calls(run, seconds) for _ in range(rounds)]
        mine = [side.measure("time", ours, seconds) for _ in range(rounds)]
        side.close()
        row = {"library": name, "size": size, "mode": mode, "ms": 1000 * min(times)}
        rows.append({**row, "unisnn_ms": 1000 * min(mine)})
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line, measure, write JSON, Markdown and plots, print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="unisnn's time over upstream's."
    )
    parser.add_argument("editions", nargs="*", help="for example braincog==0.2.7.19 (default: all)")
    parser.add_argument(
        "--size", action="append", default=[], help=f"one of {', '.join(SIZES)} (default: all)"
    )
    parser.add_argument("--neuron", action="append", default=[], help="IF, LIF or PLIF (default: all)")
    parser.add_argument(
        "--engine", action="append", default=[], help="fused, native, reference (default: all)"
    )
    parser.add_argument("--only-neurons", action="store_true", help="leave out growth, networks and imports")
    parser.add_argument("--rounds", type=int, default=3, help="turns per neuron (default: 3)")
    parser.add_argument("--seconds", type=float, default=0.1, help="length of a turn (default: 0.1)")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder of the results")
    options = parser.parse_args(arguments)
    given, sizes = tuple(options.editions), tuple(options.size)
    try:
        chosen = list(neurons(given, sizes, tuple(options.neuron)))
    except ValueError as error:
        parser.error(str(error))
    names = tuple(options.engine) or available_engines()
    turns = {"names": names, "rounds": options.rounds, "seconds": options.seconds}
    result: dict[str, Any] = {"environment": _environment(), "neurons": compare(chosen, **turns)}
    if not options.only_neurons:
        editions = given or EDITIONS
        wall = [s for s in chosen if s.neuron == "LIF" and s.surrogate == "ATan" and s.size in _WALL]
        result["wall"] = compare([s for s in wall if s.reset == "hard"], **turns, what="wall")
        result["growth"] = compare(growth(editions[0]), **turns)
        result["networks"] = compare(networks(given), **turns)
        result["imports"] = _imports(editions, options.rounds)
        result["others"] = _others(options.rounds, options.seconds)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "benchmark.json").write_text(json.dumps(result, indent=1) + "\n")
    text = report.markdown(result)
    (options.out / "benchmark.md").write_text(text)
    report.draw(result.get("growth", []), options.out)
    print(text, end="")


def _environment() -> dict[str, Any]:
    return {
        "unisnn": unisnn.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
    }


if __name__ == "__main__":
    main()
