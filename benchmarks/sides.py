"""The two processes of a comparison, and turns between them."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.subjects import Subject
from unisnn.parity import oracle

__all__ = ["Side", "import_seconds", "ratio"]

_ROOT = Path(__file__).resolve().parents[1]


class Side:
    """A worker process for one edition: the genuine library (engine ``None``), or unisnn with an engine."""

    def __init__(self, edition: str, engine: str | None) -> None:
        self.engine = engine
        side = "genuine" if engine is None else "unisnn"
        environment = {**oracle.environment(edition, engine is None), "OMP_WAIT_POLICY": "passive"}
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTORCH_JIT"):
            environment.pop(name, None)  # threads are the worker's business; upstream runs as it is shipped
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", edition, side],
            env=environment,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def measure(self, what: str, subject: Subject, seconds: float) -> Any:
        """Return ``time``, ``wall``, ``peak`` or ``floor`` of a subject.

        Raises:
            RuntimeError: the process has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {
            "what": what,
            "subject": subject.to_dict(),
            "seconds": seconds,
            "engine": self.engine or "reference",
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(
                f"the process that measures {subject} ended with status {self._process.wait()}"
            )
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """Return the median over the turns of ours/theirs, its extremes, and both medians in milliseconds."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return {
        "ratio": statistics.median(ratios),
        "low": min(ratios),
        "high": max(ratios),
        "unisnn_ms": 1000 * statistics.median(ours),
        "upstream_ms": 1000 * statistics.median(theirs),
    }


def import_seconds(code: str, edition: str, genuine: bool, rounds: int) -> float:
    """Return the median CPU seconds that ``code`` takes in a new process after ``import torch``."""
    program = (
        "import time, torch\n"
        "from unisnn.parity import stubs\n"
        "from unisnn.parity.editions import edition\n"
        f"entry = edition({edition!r})\n"
        f"{'stubs.install(entry.stubs, entry.bare_packages)' if genuine else ''}\n"
        "began = time.process_time()\n"
        f"{code}\n"
        "print(time.process_time() - began)\n"
    )
    environment = oracle.environment(edition, genuine)
    times = []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        times.append(float(done.stdout.split()[-1]))
    return statistics.median(times)
