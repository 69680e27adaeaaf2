"""A line that says what is being measured, how far the run is and about how long it still takes."""

from __future__ import annotations

import sys
import time
from typing import TextIO

__all__ = ["Progress"]


class Progress:
    """Progress of a run, of known weight.

    Args:
        total: the weight of all that is to be done, in any unit that goes with time.
        stream: where the line goes; on a terminal it is overwritten.
    """

    def __init__(self, total: float, stream: TextIO | None = None) -> None:
        self._total, self._done = total, 0.0
        self._stream = sys.stderr if stream is None else stream
        self._began = time.monotonic()

    def show(self, text: str) -> None:
        """Say what comes now."""
        line = f"{self._done / self._total:4.0%}{self._left()}  {text}"
        if self._stream.isatty():
            print(f"\033[K{line}", end="\r", file=self._stream, flush=True)
        else:
            print(line, file=self._stream, flush=True)

    def add(self, weight: float) -> None:
        """Count something as done."""
        self._done += weight

    def end(self) -> None:
        """Clear the line of a terminal."""
        if self._stream.isatty():
            print("\033[K", end="", file=self._stream, flush=True)

    def _left(self) -> str:
        if not self._done:
            return ""
        seconds = (time.monotonic() - self._began) * (self._total - self._done) / self._done
        return f"  {seconds / 60:.0f} min left" if seconds > 90 else f"  {seconds:.0f} s left"
