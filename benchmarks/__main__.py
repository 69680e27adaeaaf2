"""``python -m benchmarks``: unisnn's time over upstream's, in one run.

Every library lives in a process of its own and they take turns, so that what else the machine does falls on
all. The whole takes about a quarter of an hour on two cores; ``--part`` and editions take some of it, and
``--add`` puts the rows into a former run's results. snntorch, norse and sinabs are timed where they can be
imported: where a folder holds them, put it on ``PYTHONPATH``.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import plots, report, results
from benchmarks.run import Run, available_engines
from benchmarks.subjects import EDITIONS, SIZES

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="unisnn's time over upstream's.",
        epilog="snntorch, norse and sinabs are timed where they can be imported: put a folder that holds "
        "them on PYTHONPATH.",
    )
    several = {"action": "append", "default": []}
    parser.add_argument("editions", nargs="*", help="for example braincog==0.2.7.19 (default: all)")
    parser.add_argument("--part", **several, choices=results.PARTS, help="what to measure (default: all)")
    parser.add_argument("--size", **several, help=f"of the neurons: {', '.join(SIZES)} (default: all)")
    parser.add_argument("--neuron", **several, help="IF, LIF or PLIF (default: all)")
    parser.add_argument(
        "--engine", **several, choices=available_engines(), help="default: all, auto at the small sizes"
    )
    parser.add_argument("--rounds", type=int, default=3, help="turns (default: 3)")
    parser.add_argument("--seconds", type=float, default=0.06, help="length of a turn (default: 0.06)")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder of the results")
    parser.add_argument("--add", action="store_true", help="put the rows into the results that are in --out")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, measure, write JSON, Markdown and plots, print the tables."""
    parser = _parser()
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = parser.parse_args(words)
    run = Run(
        parts=tuple(options.part) or results.PARTS,
        editions=tuple(options.editions) or EDITIONS,
        sizes=tuple(options.size),
        kinds=tuple(options.neuron),
        there=tuple(options.engine) or available_engines(),
        rounds=options.rounds,
        seconds=options.seconds,
    )
    file = options.out / "benchmark.json"
    try:
        for edition in run.editions:
            run.subjects(edition)
        result = results.load(file) if options.add else results.new()
    except ValueError as error:
        parser.error(str(error))
    began = time.monotonic()
    run.measure(result, lambda: results.save(result, file))
    command = shlex.join(["python", "-m", "benchmarks", *_told(words)])
    result["runs"].append({"command": command, "seconds": round(time.monotonic() - began)})
    results.save(result, file)
    (options.out / "benchmark.md").write_text(report.markdown(result), encoding="utf-8")
    plots.draw(result.get("growth", []), options.out)
    print(report.printed(result), end="")


def _told(words: Sequence[str]) -> list[str]:
    """Return the words of a command line without the folder, which is this machine's business."""
    kept, words = [], list(words)
    while words:
        word = words.pop(0)
        if word == "--out":
            words.pop(0)
        elif not word.startswith("--out="):
            kept.append(word)
    return kept


if __name__ == "__main__":
    main()
