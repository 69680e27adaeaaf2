"""Deliberate departures and stated bounds: data that must match a difference that really occurs.

A *deviation* says that unisnn does something else on purpose, where upstream crashes or contradicts its
documentation; a *bound* says by how much gradients (or values recorded on another machine) may differ, and
why. Both live in JSON files in ``unisnn/parity/data``. In a complete run an entry that matches nothing is
an error, so the list never outlives its reasons.

Entry::

    {"id": "unique-id", "edition": "spikingjelly==0.0.0.0.14", "symbol": "activation_based.surrogate.X",
     "case": "*", "family": "*", "outputs": ["grad*"], "kinds": ["value"], "where": "upstream_nan",
     "max_abs": 1e-7, "max_ulp": 2, "max_rel": 1e-6, "upstream": "message part", "reason": "..."}

``edition``, ``symbol``, ``case``, ``family`` and ``outputs`` are globs. ``where`` limits the entry to elements of a
kind: ``upstream_nan``, ``upstream_nonfinite``, ``zeros`` (both zero, signs differ); every differing element must
satisfy it (or the gradient rule). ``max_*`` limit the size. ``upstream`` must occur in the message of an
exception that upstream raised. ``optional`` (bounds only) marks a difference that not every machine shows.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import torch
from torch import Tensor

from unisnn.parity.case import Case
from unisnn.parity.compare import Difference

__all__ = ["Entry", "Ledger", "load"]

_WHERE = ("", "upstream_nan", "upstream_nonfinite", "zeros")


@dataclass(frozen=True)
class Entry:
    """One deviation or bound (see the module's text for the fields)."""

    id: str
    edition: str
    symbol: str
    reason: str
    kind: str = "deviation"
    case: str = "*"
    family: str = "*"
    outputs: tuple[str, ...] = ("*",)
    kinds: tuple[str, ...] = ()
    where: str = ""
    max_abs: float | None = None
    max_rel: float | None = None
    max_ulp: int | None = None
    upstream: str = ""
    optional: bool = False

    @staticmethod
    def from_dict(data: dict[str, Any], kind: str) -> Entry:
        """Read an entry; an unknown field, a missing reason or an unknown ``where`` raises ``ValueError``."""
        known = set(Entry.__dataclass_fields__) - {"kind"}
        unknown = set(data) - known
        if unknown or not str(data.get("reason", "")).strip():
            raise ValueError(
                f"deviations: entry {data.get('id')!r} has unknown fields {sorted(unknown)} or no reason"
            )
        fields = dict(data, kind=kind)
        for name in ("outputs", "kinds"):
            if name in fields:
                fields[name] = tuple(fields[name])
        entry = Entry(**fields)
        if entry.where not in _WHERE:
            raise ValueError(
                f"deviations: {entry.id}: where={entry.where!r} is not accepted; expected one of {_WHERE}"
            )
        if entry.optional and kind != "bound":
            raise ValueError(f"deviations: {entry.id}: only a bound may be optional")
        return entry

    def concerns(self, case: Case) -> bool:
        """Whether the entry speaks about ``case``."""
        return (
            fnmatch.fnmatchcase(case.edition, self.edition)
            and fnmatch.fnmatchcase(case.symbol, self.symbol)
            and fnmatch.fnmatchcase(case.family, self.family)
            and fnmatch.fnmatchcase(case.id, self.case)
        )

    def covers(self, difference: Difference) -> bool:
        """Whether the entry accounts for the whole of ``difference``."""
        if not any(fnmatch.fnmatchcase(difference.output, pattern) for pattern in self.outputs):
            return False
        if self.kinds and difference.kind not in self.kinds:
            return False
        if self.upstream and self.upstream not in str(difference.first.get("upstream", "")):
            return False
        if difference.kind != "value":
            return not (self.where or self._bounded())
        return self._covers_values(difference)

    def _bounded(self) -> bool:
        return any(limit is not None for limit in (self.max_abs, self.max_rel, self.max_ulp))

    def _covers_values(self, difference: Difference) -> bool:
        a, b, mask = (_flat(x) for x in (difference.upstream, difference.unisnn, difference.mask))
        a, b = a[mask], b[mask]
        if self.where == "upstream_nan" and not bool(torch.isnan(a).all()):
            return False
        if self.where == "upstream_nonfinite" and bool(torch.isfinite(a).any()):
            return False
        if self.where == "zeros" and not bool(((a == 0) & (b == 0)).all()):
            return False
        if self.max_ulp is not None and difference.max_ulp > self.max_ulp:
            return False
        gap, size = (a.double() - b.double()).abs(), torch.maximum(a.double().abs(), b.double().abs())
        if self.max_abs is not None and not bool((gap <= self.max_abs).all()):
            return False
        return self.max_rel is None or bool((gap <= self.max_rel * size).all())


def _flat(x: Tensor) -> Tensor:
    return x.reshape(-1)


@dataclass
class Ledger:
    """The entries of one run, and which cases each of them accounted for."""

    entries: tuple[Entry, ...]
    used: dict[str, list[tuple[str, Difference]]] = field(default_factory=dict)

    def explain(self, case: Case, found: Iterable[Difference]) -> None:
        """Mark every difference that an entry covers; the first entry that fits is named."""
        concerned = [entry for entry in self.entries if entry.concerns(case)]
        for difference in found:
            if difference.explained:
                continue
            for entry in concerned:
                if entry.covers(difference):
                    difference.explained = f"{entry.kind}:{entry.id}"
                    self.used.setdefault(entry.id, []).append((case.id, difference))
                    break

    def unmatched(self, editions: Iterable[str]) -> list[Entry]:
        """Return the entries for ``editions`` that matched nothing."""
        names = list(editions)
        return [
            entry
            for entry in self.entries
            if entry.id not in self.used and not entry.optional and any(fnmatch.fnmatchcase(name, entry.edition) for name in names)
        ]


def load() -> Ledger:
    """Read every data file.

    Raises:
        ValueError: an entry is malformed, or two entries share an id.
    """
    entries: list[Entry] = []
    folder = resources.files("unisnn.parity").joinpath("data")
    for item in sorted(folder.iterdir(), key=lambda path: path.name):
        kind = {"deviations": "deviation", "bounds": "bound"}.get(item.name.split("_")[0].split(".")[0])
        if kind and item.name.endswith(".json"):
            entries += [Entry.from_dict(data, kind) for data in json.loads(item.read_text("utf-8"))]
    ids = [entry.id for entry in entries]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"deviations: ids used twice: {twice}")
    return Ledger(tuple(entries))
