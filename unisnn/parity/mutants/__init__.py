"""Mutants: deliberately wrong variants of unisnn that the comparison must reject.

A mutant either changes the *case* on unisnn's side only (another alpha), or patches unisnn's *code*
inside the worker (``>`` where ``>=`` belongs). It is run on a few cases against the untouched upstream
outputs. A mutant that no case tells from upstream is *not rejected*, and the run fails: the comparison
would not have noticed the very same mistake in the real code.

Each module of this package adds to the registry with :func:`mutant` and :func:`patch`.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from unisnn.core import engines as _engines
from unisnn.parity.case import Case, matches

__all__ = ["MUTANTS", "PATCHES", "Mutant", "add", "load", "patch", "patched", "swapped_code"]


@dataclass(frozen=True)
class Mutant:
    """A wrong variant: ``change`` rewrites the case for unisnn's side, ``patch`` names a code patch.

    ``edition``, ``symbol`` and ``case`` are globs (several separated by ``|``) that select the cases;
    at most ``limit`` of them are run.
    """

    id: str
    family: str
    edition: str
    text: str
    symbol: str = "*"
    case: str = "*"
    patch: str | None = None
    change: Callable[[Case], Case | None] | None = None
    limit: int = 6

    def select(self, cases: list[Case]) -> list[tuple[Case, Case]]:
        """Return pairs (genuine case, case for unisnn's side) that this mutant is run on."""
        pairs: list[tuple[Case, Case]] = []
        for case in cases:
            if len(pairs) >= self.limit:
                break
            if not (
                case.family == self.family
                and matches(case.edition, self.edition)
                and matches(case.symbol, self.symbol)
                and matches(case.id, self.case)
            ):
                continue
            changed = case if self.change is None else self.change(case)
            if changed is not None and (self.patch is not None or changed != case):
                pairs.append((case, changed))
        return pairs


MUTANTS: dict[str, Mutant] = {}
"""Every mutant by id; complete after :func:`load`."""

PATCHES: dict[str, Callable[[], contextlib.AbstractContextManager[Any]]] = {}
"""Every code patch by name: a function that returns a context manager."""


def add(mutant: Mutant) -> Mutant:
    """Register a mutant; a taken id raises ``ValueError``."""
    if mutant.id in MUTANTS:
        raise ValueError(f"mutant: id={mutant.id!r} is registered already")
    MUTANTS[mutant.id] = mutant
    return mutant


def patch(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register the decorated function as the code patch ``name``; it returns a context manager."""

    def register(function: Callable[[], Any]) -> Callable[[], Any]:
        if name in PATCHES:
            raise ValueError(f"patch: name={name!r} is registered already")
        PATCHES[name] = function
        return function

    return register


def load() -> dict[str, Mutant]:
    """Import every module of this package and return :data:`MUTANTS`."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return MUTANTS


def patched(name: str) -> contextlib.AbstractContextManager[Any]:
    """Return the context manager of the code patch ``name``.

    The patched code is what the reference loop runs, so the reference loop runs; a patch whose name begins
    with ``engine`` is one of the fused engine's.
    """
    load()
    if name not in PATCHES:
        raise ValueError(f"patched: name={name!r} is not the name of a registered patch")
    if name.startswith("engine"):
        return PATCHES[name]()
    stack = contextlib.ExitStack()
    stack.enter_context(_engines.engine("reference"))
    stack.enter_context(PATCHES[name]())
    return stack


@contextlib.contextmanager
def swapped_code(function: Any, wrong: Any) -> Iterator[None]:
    """Run ``function`` with the code of ``wrong``, wherever it was imported to, and restore it afterwards.

    Both must be plain functions with the same arguments and without closures.

    Raises:
        TypeError: one of them is not a plain function.
    """
    if not isinstance(function, FunctionType) or not isinstance(wrong, FunctionType):
        raise TypeError(f"swapped_code: expected plain functions, not {function!r} and {wrong!r}")
    before = function.__code__
    function.__code__ = wrong.__code__
    try:
        yield
    finally:
        function.__code__ = before
