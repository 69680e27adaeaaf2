"""What a comparison of descriptions is made of: one difference a field, and the verdict that follows.

Fire rules are compared by the first float32 voltage that fires::

    first_firing_voltage = float32(threshold)                       for >=
                         = nextafter(float32(threshold), +inf)      for >
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy

__all__ = ["EPS", "Comparison", "Difference", "first_firing_voltage", "next_float32"]

EPS = float(numpy.finfo(numpy.float32).eps)
"""Distance from 1 to the next float32: one ulp of a number is at most ``EPS`` times it."""


@dataclass(frozen=True)
class Difference:
    """One field in which two specs differ.

    ``kind`` is ``"rounding"`` (the numbers differ by no more than the bounds), ``"edge"`` (gradients
    differ where a voltage lies exactly on an edge of the surrogate derivative, and nowhere else),
    ``"frozen"`` (a learned value stops learning; nothing else changes) or ``"other"`` (no bound is
    known, ``None``).
    """

    field: str
    left: Any
    right: Any
    kind: Literal["rounding", "edge", "frozen", "other"] = "other"
    voltage: float | None = None
    gradient: float | None = None
    why: str = ""

    def __str__(self) -> str:
        text = f"{self.field}: {self.left!r} against {self.right!r}"
        return f"{text} ({self.why})" if self.why else text


@dataclass(frozen=True)
class Comparison:
    """The outcome of a comparison: every difference, and the verdict that follows from them."""

    differences: tuple[Difference, ...] = ()

    @property
    def verdict(self) -> Literal["exact", "close", "different"]:
        """``exact``, ``close`` or ``different`` (see :mod:`unisnn.core.equivalence`)."""
        if any(item.kind == "other" for item in self.differences):
            return "different"
        close = any(item.kind in ("edge", "frozen") or item.voltage for item in self.differences)
        return "close" if close else "exact"

    @property
    def field(self) -> str:
        """The first field that decides the verdict; empty where the verdict is ``exact``."""
        wanted = {"different": ("other",), "close": ("rounding", "edge", "frozen"), "exact": ()}[self.verdict]
        return next((item.field for item in self.differences if item.kind in wanted), "")

    @property
    def bound(self) -> float:
        """The largest relative voltage bound."""
        return max((item.voltage or 0.0 for item in self.differences), default=0.0)

    @property
    def gradient_bound(self) -> float:
        """The largest relative gradient bound."""
        return max((item.gradient or 0.0 for item in self.differences), default=0.0)

    @property
    def why(self) -> str:
        """The reasons, one clause per difference."""
        return "; ".join(str(item) for item in self.differences)


def next_float32(value: float, direction: float) -> float:
    """Return the float32 next to ``float32(value)`` in the direction of ``direction``."""
    return float(numpy.nextafter(numpy.float32(value), numpy.float32(direction)))


def first_firing_voltage(threshold: float, rule: str) -> float:
    """Return the smallest float32 voltage that fires (rules ``">="`` and ``">"``)."""
    return next_float32(threshold, numpy.inf) if rule == ">" else float(numpy.float32(threshold))
