"""The processes of a comparison, and turns between them."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.measures import PROMPT
from benchmarks.subjects import EDITIONS, SIZES, SMALL, Subject, engines_of, is_weighed
from unisnn.parity import oracle

__all__ = ["Failed", "Side", "Sides", "compare", "ratio"]

_ROOT = Path(__file__).resolve().parents[1]
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTORCH_JIT")


class Failed(RuntimeError):
    """A library cannot be imported, or cannot run a subject; the message is what it raised."""


class Side:
    """A worker process.

    Args:
        name: an edition, or another library.
        kind: ``unisnn``, ``genuine`` or ``other``.
        prompt: start it so that freed memory goes back to the system at once, to measure memory in it.
    """

    def __init__(self, name: str, kind: str, prompt: bool = False) -> None:
        environment = oracle.environment(EDITIONS[0] if kind == "other" else name, kind == "genuine")
        for variable in _THREADS:  # threads are the worker's business; upstream runs as it is shipped
            environment.pop(variable, None)
        environment.update({"OMP_WAIT_POLICY": "passive", **(PROMPT if prompt else {})})
        self._name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", name, kind],
            env=environment,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def measure(self, what: str, subject: Subject, seconds: float, engine: str = "reference") -> Any:
        """Return ``time``, ``wall``, ``peak`` or ``floor`` of a subject.

        Raises:
            Failed: the library, or its process.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"what": what, "subject": subject.to_dict(), "seconds": seconds, "engine": engine}
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise Failed(f"{self._name}: the process ended with status {self._process.wait()}")
        told = json.loads(answer)
        if "error" in told:
            raise Failed(f"{self._name}: {told['error']}")
        return told["value"]

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class Sides:
    """The processes that one library is compared in, each started when it is first needed.

    Args:
        edition: the edition of unisnn that is timed.
        upstream: the library it is compared with: the edition itself, or another one.
    """

    def __init__(self, edition: str, upstream: str | None = None) -> None:
        self.edition, self._other = edition, upstream
        self._sides: dict[tuple[str, bool], Side] = {}

    def __enter__(self) -> Sides:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for side in self._sides.values():
            side.close()

    def measure(self, engine: str | None, what: str, subject: Subject, seconds: float) -> Any:
        """Measure a subject with an engine of unisnn, or upstream (``None``); memory in a process apart."""
        prompt = what == "peak"
        role = "upstream" if engine is None else ("unisnn" if prompt else engine)
        if (role, prompt) not in self._sides:
            if engine is not None:
                side = Side(self.edition, "unisnn", prompt)
            elif self._other is not None:
                side = Side(self._other, "other", prompt)
            else:
                side = Side(self.edition, "genuine", prompt)
            self._sides[role, prompt] = side
        return self._sides[role, prompt].measure(what, subject, seconds, engine or "reference")


def compare(
    sides: Sides, subject: Subject, there: Sequence[str], rounds: int, seconds: float, what: str = "time"
) -> list[dict[str, Any]]:
    """Measure a subject upstream and with its engines, in turns, and return a row for each engine.

    Args:
        sides: the processes.
        subject: what is timed.
        there: the engines to choose from (:func:`benchmarks.subjects.engines_of`).
        rounds: turns.
        seconds: length of a turn.
        what: ``time`` or ``wall``.

    Raises:
        Failed: a library or its process.
    """
    names = engines_of(subject, there)
    if not names:
        return []
    turns: list[str | None] = [None, *names]
    times: dict[str | None, list[float]] = {side: [] for side in turns}
    floors: list[float] = []
    floored = what == "time" and subject.kind == "neuron" and subject.size in SIZES
    floored = floored and subject.size not in SMALL
    for turn in range(rounds):
        for side in reversed(turns) if turn % 2 else turns:
            times[side].append(sides.measure(side, what, subject, seconds))
        if floored:
            floors.append(sides.measure(names[0], "floor", subject, seconds / 4))
    weighed = floored and is_weighed(subject)
    peaks = {side: sides.measure(side, "peak", subject, seconds) for side in turns} if weighed else {}
    given = subject.to_dict()
    told = {key: given[key] for key in ("edition", "neuron", "surrogate", "reset", "size", "shape", "mode")}
    rows = []
    for name in names:
        row = {**told, "engine": name, **ratio(times[name], times[None])}
        if floored:
            row["floor_ms"] = 1000 * statistics.median(floors)
        if weighed:
            row["peak"], row["upstream_peak"] = peaks[name], peaks[None]
        rows.append(row)
    return rows


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
