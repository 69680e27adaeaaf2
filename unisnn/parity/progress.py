"""Where a run shows its progress: nowhere, or a bar on standard error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

__all__ = ["Progress", "bar", "silent"]


class Progress(Protocol):
    """What the runner tells: a sentence, and per edition a meter that counts executed cases."""

    def say(self, text: str) -> None:
        """Show one line of text."""

    def edition(
        self, name: str, cases: int, executions: int
    ) -> contextlib.AbstractContextManager[Callable[[int], None]]:
        """Open the meter of an edition: ``cases`` to compare, ``executions`` in all (both sides, mutants)."""


class _Silent:
    def say(self, text: str) -> None:
        pass

    @contextlib.contextmanager
    def edition(self, name: str, cases: int, executions: int) -> Iterator[Callable[[int], None]]:
        yield lambda done: None


class _Bar:
    def __init__(self, live: Any) -> None:
        self._live = live

    def say(self, text: str) -> None:
        self._live.console.print(text, highlight=False, markup=False)

    @contextlib.contextmanager
    def edition(self, name: str, cases: int, executions: int) -> Iterator[Callable[[int], None]]:
        task = self._live.add_task(name, total=executions, note=f"{cases} cases")
        yield lambda done: self._live.update(task, completed=done)
        self._live.update(task, completed=executions)


def silent() -> Progress:
    """Return a progress that shows nothing."""
    return _Silent()


@contextlib.contextmanager
def bar() -> Iterator[Progress]:
    """Show a progress bar per edition on standard error (with :mod:`rich`) while the block runs."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<26}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as live:
        yield _Bar(live)
