"""What importing costs, in CPU seconds on top of ``import torch``, each time in a new process.

Both sides have their bytecode in a folder of this run, filled by an import that does not count, as after any
first import of an installed library. Upstream is helped: what its editions import and the neurons do not need
is replaced by nothing (:mod:`unisnn.parity.stubs`), so its true cost is higher.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unisnn.parity import oracle
from unisnn.parity.editions import edition

__all__ = ["measure"]

_ROOT = Path(__file__).resolve().parents[1]
_MODULES = {
    "spikingjelly": "activation_based.neuron",
    "snngrow": "base.neuron.LIFNode",
    "braincog": "base.node.node",
}


def measure(name: str, bare: bool, rounds: int, bytecode: str) -> list[dict[str, Any]]:
    """Return the rows of an edition: its neurons' module, ours beside upstream's, and our package alone.

    Args:
        name: the edition.
        bare: whether to measure the package alone, which several editions may share.
        rounds: turns; one more comes first and does not count.
        bytecode: the folder of the run's bytecode.
    """
    ours, module = edition(name).ours, _MODULES[name.partition("==")[0]]
    rows = [_row(name, ours, None, rounds, bytecode)] if bare else []
    return [*rows, _row(name, f"{ours}.{module}", f"{edition(name).root}.{module}", rounds, bytecode)]


def _row(name: str, ours: str, genuine: str | None, rounds: int, bytecode: str) -> dict[str, Any]:
    programs = {"unisnn": _program(ours)}
    if genuine is not None:
        programs["upstream"] = _program(genuine, name)
    row: dict[str, Any] = {"edition": name, "module": ours}
    times: dict[str, list[float]] = {side: [] for side in programs}
    for turn in range(rounds + 1):
        for side, program in programs.items():
            seconds = _seconds(program, name, side == "upstream", bytecode)
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


def _seconds(program: str, name: str, genuine: bool, bytecode: str) -> float:
    environment = {**oracle.environment(name, genuine), "PYTHONPYCACHEPREFIX": bytecode}
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
