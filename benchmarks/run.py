"""A run: the parts, edition by edition, each in turns between processes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import imports, others, results
from benchmarks.progress import Progress
from benchmarks.sides import Failed, Sides, compare
from benchmarks.subjects import EDITIONS, Subject, anchors, growth, networks, neurons, wall
from unisnn.core import engines
from unisnn.parity import oracle

__all__ = ["Run", "available_engines"]


def available_engines() -> tuple[str, ...]:
    """Return the engines of unisnn that this machine can time."""
    missing = engines.status()["engines"]
    return ("auto", *(name for name in ("native", "fused", "reference") if missing[name] is None))


@dataclass(frozen=True)
class Run:
    """What is asked of a run.

    Args:
        parts: of :data:`benchmarks.results.PARTS`.
        editions: what unisnn is compared with; the other libraries come with the first of all editions.
        sizes: sizes of the neurons; empty: all.
        kinds: neurons; empty: all.
        there: the engines to choose from.
        rounds: turns.
        seconds: length of a turn.
    """

    parts: tuple[str, ...]
    editions: tuple[str, ...]
    sizes: tuple[str, ...]
    kinds: tuple[str, ...]
    there: tuple[str, ...]
    rounds: int
    seconds: float

    def subjects(self, edition: str) -> list[tuple[str, Subject]]:
        """Return what is compared with an edition: the part, and the subject.

        Raises:
            ValueError: the edition, a size or a neuron is unknown.
        """
        asked = list(neurons(edition, self.sizes, self.kinds))
        chosen = {
            "neurons": lambda: iter(asked),
            "wall": lambda: wall(edition),
            "networks": lambda: networks(edition),
            "growth": lambda: growth(edition) if edition in EDITIONS[:2] else iter(()),
        }
        return [(part, each) for part in self.parts if part in chosen for each in chosen[part]()]

    def measure(self, result: dict[str, Any], save: Callable[[], None]) -> None:
        """Measure everything into ``result``, and save it after every library.

        Raises:
            Failed: an edition, or unisnn.
        """
        libraries = [name for name in others.NAMES if self._asks("others") and EDITIONS[0] in self.editions]
        work = {edition: self.subjects(edition) for edition in self.editions}
        weights = [_weight(subject) for mine in work.values() for _, subject in mine]
        imported = 8.0 * len(self.editions) * self._asks("imports")
        total = sum(weights) + imported + sum(map(_weight, anchors())) * len(libraries)
        progress = Progress(max(total, 1.0))
        for edition, mine in work.items():
            oracle.install(edition, progress.show)
            with Sides(edition) as sides:
                for part, subject in mine:
                    progress.show(f"{edition}: {part}: {subject.label}")
                    results.add(result, part, compare(sides, subject, *self._turns(part)))
                    progress.add(_weight(subject))
            save()
        if imported:
            self._imports(result, progress)
        for library in libraries:
            results.add(result, "others", self._other(library, progress))
            save()
        save()
        progress.end()

    def _imports(self, result: dict[str, Any], progress: Progress) -> None:
        seen: set[str] = set()
        with tempfile.TemporaryDirectory() as bytecode:
            for edition in self.editions:
                library = edition.partition("==")[0]
                progress.show(f"{edition}: imports")
                rows = imports.measure(edition, library not in seen, self.rounds, bytecode)
                results.add(result, "imports", rows)
                progress.add(8.0)
                seen.add(library)

    def _asks(self, part: str) -> bool:
        return part in self.parts

    def _turns(self, part: str) -> tuple[Sequence[str], int, float, str]:
        return self.there, self.rounds, self.seconds, "wall" if part == "wall" else "time"

    def _other(self, library: str, progress: Progress) -> list[dict[str, Any]]:
        """Return the rows of another library, or the row that says why there are none."""
        version = others.version(library)
        told = {"library": library, "version": version or library}
        if version is None:
            return [{**told, "failed": "not installed"}]
        try:
            return list(self._anchors(library, told, progress))
        except Failed as error:
            return [{**told, "failed": str(error)}]

    def _anchors(self, library: str, told: dict[str, str], progress: Progress) -> Iterator[dict[str, Any]]:
        with Sides(EDITIONS[0], library) as sides:
            for subject in anchors():
                progress.show(f"{told['version']}: {subject.label}")
                for row in compare(sides, subject, *self._turns("others")):
                    yield {**told, **row}
                progress.add(_weight(subject))


def _weight(subject: Subject) -> float:
    """Return about how long a subject takes, in the time of a small one."""
    steps, batch, features = subject.shape
    return 1.0 + steps * batch * features / 2**21 + 2.0 * (subject.kind == "network")
