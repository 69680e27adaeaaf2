"""The cases: one module a subject, each with a function ``cases()`` that yields them.

Generating cases imports neither torch nor any library. Ids are unique and stable:
``<edition>/<family>/<symbol>/<what>/<dtype>``.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import Iterable, Sequence

from unisnn.parity.case import Case

__all__ = ["all_cases", "sample_cases"]


def all_cases(editions: Iterable[str] | None = None) -> list[Case]:
    """Return every case of ``editions`` (all of them for ``None``).

    Editions that no index serves consist of recorded goldens. The goldens of the others are not listed
    here; they stand in when an oracle cannot be had.

    Raises:
        ValueError: two cases share an id.
    """
    from unisnn.parity import goldens
    from unisnn.parity.editions import EDITIONS

    wanted = None if editions is None else set(editions)
    found: dict[str, Case] = {}
    sources = [
        importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
    ]
    generated = [case for module in sources if hasattr(module, "cases") for case in module.cases()]
    recorded = [case for name, entry in EDITIONS.items() if entry.recorded for case in goldens.cases(name)]
    for case in [*generated, *recorded]:
        if case.id in found:
            raise ValueError(f"cases: two cases share the id {case.id!r}")
        found[case.id] = case
    return [case for case in found.values() if wanted is None or case.edition in wanted]


def sample_cases(cases: Sequence[Case], count: int, seed: int = 0) -> list[Case]:
    """Return a seeded sample of about ``count`` cases that leaves no symbol and no family out.

    Every (edition, symbol) and every (edition, family) is drawn at least once, even where that makes
    more than ``count`` cases, and so is every case whose curve the report draws; the rest is drawn from
    all that remain. The order of ``cases`` is kept.
    """
    generator = random.Random(seed)
    shuffled = list(cases)
    generator.shuffle(shuffled)
    seen: set[tuple[str, str, str]] = set()
    chosen = {case.id for case in cases if "plot" in case.calls}
    for case in shuffled:
        strata = {(case.edition, "symbol", case.symbol), (case.edition, "family", case.family)}
        if not strata <= seen:
            seen |= strata
            chosen.add(case.id)
    for case in shuffled:
        if len(chosen) >= count:
            break
        chosen.add(case.id)
    return [case for case in cases if case.id in chosen]
