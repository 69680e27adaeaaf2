"""Surrogate cases of SNNGrow 0.1.1a1: Sigmoid and ATan, their functions and static methods."""

from __future__ import annotations

from collections.abc import Iterator

from unisnn.parity.case import Case
from unisnn.parity.cases._surrogate_kit import Subject, grid, random_input

__all__ = ["cases"]

_EDITION, _SHORT = "snngrow==0.1.1a1", "sg"


def _subject(name: str, low: str, first: float, *others: float) -> Subject:
    module = f"base.surrogate.{name}"
    return Subject(
        edition=_EDITION,
        short=_SHORT,
        name=name,
        symbol=f"{module}.{name}",
        variants=({}, *({"alpha": alpha} for alpha in others)),
        order=("alpha",),
        defaults={"alpha": first},
        backward=f"{module}.{low}_backward",
        function=f"{module}.{low}",
        static=("backward", "spiking_function", "primitive_function"),
    )


def _kinds(subject: Subject) -> Iterator[Case]:
    """alpha of other kinds, and the positional call of this edition: ``ATan(3.0, False)`` is not spiking."""
    kinds = {"int": 3, "numpy": {"$numpy": ["float64", 1.7]}, "tiny": 1e-6, "large": 1e6, "negative": -2.0}
    for kind, alpha in kinds.items():
        for spiking in (True, False):
            family = "surrogate" if spiking else "primitive"
            yield Case(
                id=f"{_SHORT}/{family}/{subject.name}/alpha-{kind}/grid/float32",
                edition=_EDITION,
                family=family,
                symbol=subject.symbol,
                protocol="surrogate",
                kwargs={"alpha": alpha, "spiking": spiking},
                inputs={"x": grid((), "float32")},
            )
    for spiking in (True, False):
        yield Case(
            id=f"{_SHORT}/positional/{subject.name}/3.0,{spiking}/float32",
            edition=_EDITION,
            family="positional",
            symbol=subject.symbol,
            protocol="surrogate",
            args=(3.0, spiking),
            inputs={"x": random_input(f"{subject.name}/positional", "float32")},
            calls={"facts": True},
        )


def cases() -> Iterator[Case]:
    """Yield every SNNGrow surrogate case."""
    for subject in (
        _subject("Sigmoid", "sigmoid", 4.0, 0.7, 1.0, 3.0),
        _subject("ATan", "atan", 2.0, 0.7, 1.0, 3.0),
    ):
        yield from subject.all()
        yield from _kinds(subject)
    for dtype in ("float32", "float64", "float16", "bfloat16"):
        yield Case(
            id=f"{_SHORT}/heaviside/heaviside/{dtype}",
            edition=_EDITION,
            family="heaviside",
            symbol="base.surrogate.BaseFunction.heaviside",
            protocol="call",
            inputs={"x": grid((), dtype)},
        )
