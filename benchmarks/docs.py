"""``python -m benchmarks.docs [FOLDER]``: the page and the plots of the docs, from a run's results.

With a folder, the ``benchmark.json`` in it is taken over into ``benchmarks/results/`` first. The page is a
function of that file alone; ``tests/test_benchmarks.py`` checks that it is what the file gives.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks import plots, report, results

__all__ = ["PAGE", "PICTURES", "RESULTS", "main", "page"]

_ROOT = Path(__file__).resolve().parents[1]

RESULTS = _ROOT / "benchmarks" / "results" / "benchmark.json"
"""The results that the docs show."""

PAGE = _ROOT / "docs" / "benchmarks.md"
"""The page."""

PICTURES = _ROOT / "docs" / "pictures"
"""The folder of its plots."""


def page() -> str:
    """Return the page that the results give."""
    result = json.loads(RESULTS.read_text(encoding="utf-8"))
    shown = {f"{PICTURES.name}/{file}": text for file, text in plots.PLOTS.items()}
    source = Path(os.path.relpath(RESULTS, PAGE.parent)).as_posix()
    return report.page(result, shown if result.get("growth") else {}, source)


def main(arguments: Sequence[str] | None = None) -> None:
    """Take over the results of a folder, where one is named, and write the page and the plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.docs", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="a run's --out")
    given = parser.parse_args(arguments)
    if given.folder is not None:
        results.save(json.loads((given.folder / "benchmark.json").read_text(encoding="utf-8")), RESULTS)
    PAGE.write_text(page(), encoding="utf-8")
    growth = json.loads(RESULTS.read_text(encoding="utf-8")).get("growth", [])
    for file in (PAGE, *plots.draw(growth, PICTURES)):
        print(file.relative_to(_ROOT))


if __name__ == "__main__":
    main()
