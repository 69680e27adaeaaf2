"""What importing costs, in CPU seconds on top of ``import torch``, each time in a new process.

Both sides have their bytecode in a folder of this run, filled by an import that does not count, as after any
first import of an installed library. Upstream is helped: what its editions import and the neurons do not need
is replaced by nothing (:mod:`unisnn.parity.stubs`), so its true cost is higher.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from unisnn.parity import oracle
from unisnn.parity.editions import edition

__all__ = ["measure"]

_ROOT = Path(__file__).resolve().parents[1]
_MODULES = {"spikingjelly": "activation_based.neuron", "snngrow": "base.neuron", "braincog": "base.node.node"}


def measure(editions: Iterable[str], rounds: int) -> list[dict[str, Any]]:
    """Return a row for every import: ours bare, and each edition's neurons, ours beside upstream's."""
    rows = []
    for name in editions:
        library = name.partition("==")[0]
        ours = edition(name).ours
        if ours not in [row["module"] for row in rows]:
            rows.append(_row(name, ours, None, rounds))
        module = _MODULES[library]
        rows.append(_row(name, f"{ours}.{module}", f"{library}.{module}", rounds))
    return rows


def _row(name: str, ours: str, genuine: str | None, rounds: int) -> dict[str, Any]:
    programs = {"unisnn": _program(ours)}
    if genuine is not None:
        programs["upstream"] = _program(genuine, name)
    row: dict[str, Any] = {"edition": name, "module": ours}
    with tempfile.TemporaryDirectory() as cache:
        times: dict[str, list[float]] = {side: [] for side in programs}
        for turn in range(rounds + 1):
            for side, program in programs.items():
                seconds = _seconds(program, name, side == "upstream", cache)
                if turn:  # the first fills the folder
                    times[side].append(seconds)
    for side, each in times.items():
        row[f"{side}_s"], row[f"{side}_low"] = statistics.median(each), min(each)
        row[f"{side}_high"] = max(each)
    return row


def _program(module: str, upstream: str | None = None) -> str:
    lines = ["import time, torch"]
    if upstream is not None:
        lines += [
            "from unisnn.parity import stubs",
            "from unisnn.parity.editions import edition",
            f"entry = edition({upstream!r})",
            "stubs.install(entry.stubs, entry.bare_packages)",
        ]
    return "\n".join(
        [*lines, "began = time.process_time()", f"import {module}", "print(time.process_time() - began)"]
    )


def _seconds(program: str, name: str, genuine: bool, cache: str) -> float:
    environment = {**oracle.environment(name, genuine), "PYTHONPYCACHEPREFIX": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done: Sequence[str] = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.split()
    return float(done[-1])
