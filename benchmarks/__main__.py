"""``python -m benchmarks``: unisnn's time over upstream's, neuron by neuron, in one run.

Both libraries live in processes of their own and take turns, so that what else the machine does falls on
both. A ratio below 1 means that unisnn is faster. The median over the rounds is given with its extremes.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

import unisnn
from benchmarks.subjects import SIZES, Subject, subjects
from unisnn.parity import oracle

__all__ = ["main", "measure", "table"]


class _Side:
    """A worker process that times subjects of one edition."""

    def __init__(self, edition: str, genuine: bool) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", edition, "genuine" if genuine else "unisnn"]
        environment = {**oracle.environment(edition, genuine), "OMP_WAIT_POLICY": "passive"}
        root = str(Path(__file__).resolve().parents[1])
        self._process = subprocess.Popen(
            command, env=environment, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def time(self, subject: Subject, seconds: float) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = json.dumps({"subject": subject.to_dict(), "seconds": seconds})
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process that times {subject} ended with status {self._process.wait()}")
        return float(answer)

    def close(self) -> None:
        self._process.communicate()


def measure(chosen: Iterable[Subject], rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Time every subject on both sides, in turns, and return one row each."""
    rows: list[dict[str, Any]] = []
    by_edition: dict[str, list[Subject]] = {}
    for subject in chosen:
        by_edition.setdefault(subject.edition, []).append(subject)
    for edition, mine in by_edition.items():
        oracle.install(edition, lambda text: print(text, file=sys.stderr))
        sides = {"unisnn": _Side(edition, False), "upstream": _Side(edition, True)}
        for number, subject in enumerate(mine, 1):
            if sys.stderr.isatty():
                print(f"\033[K{edition}: {number} of {len(mine)}", end="\r", file=sys.stderr, flush=True)
            times: dict[str, list[float]] = {"unisnn": [], "upstream": []}
            for turn in range(rounds):
                for name in sorted(sides, reverse=bool(turn % 2)):
                    times[name].append(sides[name].time(subject, seconds))
            ratios = [ours / theirs for ours, theirs in zip(times["unisnn"], times["upstream"], strict=True)]
            rows.append(
                {
                    "edition": edition,
                    "neuron": subject.neuron,
                    "size": subject.size,
                    "shape": list(SIZES[subject.size]),
                    "mode": subject.mode,
                    "ratio": statistics.median(ratios),
                    "low": min(ratios),
                    "high": max(ratios),
                    "unisnn_ms": 1000 * statistics.median(times["unisnn"]),
                    "upstream_ms": 1000 * statistics.median(times["upstream"]),
                }
            )
        for side in sides.values():
            side.close()
    return rows


def table(rows: Iterable[dict[str, Any]]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| against | neuron | size | mode | ratio | lowest to highest | unisnn ms | upstream ms |",
        "|---|---|---|---|---:|---|---:|---:|",
    ]
    lines += [
        f"| {row['edition']} | {row['neuron']} | {row['size']} | {row['mode']} | {row['ratio']:.2f} "
        f"| {row['low']:.2f} to {row['high']:.2f} | {row['unisnn_ms']:.3f} | {row['upstream_ms']:.3f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line, time, write ``benchmark.json`` and ``benchmark.md``, print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="unisnn's time over upstream's."
    )
    parser.add_argument("editions", nargs="*", help="for example braincog==0.2.7.19 (default: all)")
    parser.add_argument(
        "--size", action="append", default=[], help=f"one of {', '.join(SIZES)} (default: all)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns per neuron (default: 5)")
    parser.add_argument("--seconds", type=float, default=0.1, help="length of a turn (default: 0.1)")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder of the results")
    options = parser.parse_args(arguments)
    try:
        chosen = list(subjects(tuple(options.editions), tuple(options.size)))
    except ValueError as error:
        parser.error(str(error))
    rows = measure(chosen, options.rounds, options.seconds)
    versions = {"unisnn": unisnn.__version__, "torch": torch.__version__, "python": platform.python_version()}
    result = {"environment": {**versions, "machine": platform.machine(), "threads": 1}, "rows": rows}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "benchmark.json").write_text(json.dumps(result, indent=1) + "\n")
    (options.out / "benchmark.md").write_text(table(rows) + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
