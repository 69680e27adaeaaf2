"""Deliberate departures and stated bounds: data that must match a difference that really occurs.

A *deviation* says that unisnn does something else on purpose, where upstream crashes or contradicts its
documentation; a *bound* says by how much gradients (or values recorded on another machine) may differ, and
why. Both live in JSON files in ``unisnn/parity/data``. In a complete run an entry that matches nothing is
an error, so the list never outlives its reasons.

Entry::

    {"id": "unique-id", "edition": "spikingjelly==0.0.0.0.14", "symbol": "activation_based.surrogate.X",
     "case": "*", "family": "*", "outputs": ["grad*"], "kinds": ["value"], "where": "upstream_nan",
     "max_abs": 1e-7, "max_ulp": 2, "max_rel": 1e-6, "upstream": "message part", "reason": "..."}

``edition``, ``symbol``, ``case``, ``family`` and ``outputs`` are globs, several separated by ``|``.
``where`` limits the entry to elements of a kind: ``upstream_nan``, ``upstream_nonfinite``, ``zeros``
(both zero, signs differ); every differing element must satisfy it (or the gradient rule). ``max_*``
limit the size: ``max_eps`` in units of ``eps*max(1, |a|, |b|)``. ``upstream`` must occur in the message
of an exception that upstream raised. ``optional`` (bounds only) marks a difference that not every
machine shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import torch
from torch import Tensor

from unisnn.parity.case import Case, matches
from unisnn.parity.compare import Difference, ulp_distance, within_rule
from unisnn.parity.editions import EDITIONS

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
    max_eps: float | None = None
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
            matches(case.edition, self.edition)
            and matches(case.symbol, self.symbol)
            and matches(case.family, self.family)
            and matches(case.id, self.case)
        )

    def covers(self, difference: Difference) -> bool:
        """Whether the entry accounts for the whole of ``difference``."""
        if difference.kind != "value":
            return self.speaks_of(difference) and not (self.where or self._bounded())
        return self.speaks_of(difference) and bool(self.elements(difference).all())

    def speaks_of(self, difference: Difference) -> bool:
        """Whether the entry is about this output and this kind of difference."""
        return (
            any(matches(difference.output, pattern) for pattern in self.outputs)
            and (not self.kinds or difference.kind in self.kinds)
            and self.upstream in str(difference.first.get("upstream", ""))
        )

    def _bounded(self) -> bool:
        return any(limit is not None for limit in (self.max_abs, self.max_rel, self.max_ulp, self.max_eps))

    def elements(self, difference: Difference) -> Tensor:
        """Return, for each differing element, whether the entry accounts for it."""
        mask = difference.mask
        a, b = difference.upstream[mask], difference.unisnn[mask]
        wide_a, wide_b = a.to(torch.float64), b.to(torch.float64)
        gap, size = (wide_a - wide_b).abs(), torch.maximum(wide_a.abs(), wide_b.abs())
        covered = torch.ones_like(a, dtype=torch.bool)
        if self.where == "upstream_nan":
            covered &= torch.isnan(wide_a)
        elif self.where == "upstream_nonfinite":
            covered &= ~torch.isfinite(wide_a)
        elif self.where == "zeros":
            covered &= (wide_a == 0) & (wide_b == 0)
        if self.max_ulp is not None:
            covered &= ulp_distance(a, b) <= self.max_ulp
        if self.max_abs is not None:
            covered &= gap <= self.max_abs
        if self.max_eps is not None:
            eps = torch.finfo(a.dtype).eps if a.dtype.is_floating_point else 0.0
            covered &= gap <= self.max_eps * eps * size.clamp_min(1.0)
        if self.max_rel is not None:
            covered &= gap <= self.max_rel * size
        return covered


def _share(fitting: list[Entry], difference: Difference) -> list[Entry]:
    """Return the entries that together account for ``difference`` (one if one is enough), or none."""
    whole = next((entry for entry in fitting if entry.covers(difference)), None)
    if whole is not None or difference.kind != "value" or not fitting:
        return [whole] if whole is not None else []
    remaining = ~within_rule(difference)
    used = []
    for entry in fitting:
        share = entry.elements(difference) & remaining
        if bool(share.any()):
            used.append(entry)
            remaining &= ~share
    return [] if bool(remaining.any()) else used


@dataclass
class Ledger:
    """The entries of one run, and which cases each of them accounted for."""

    entries: tuple[Entry, ...]
    used: dict[str, list[tuple[str, Difference]]] = field(default_factory=dict)

    def explain(self, case: Case, found: Iterable[Difference]) -> None:
        """Mark every difference that the entries cover, alone or element by element together."""
        concerned = [entry for entry in self.entries if entry.concerns(case)]
        for difference in found:
            if difference.explained:
                continue
            fitting = [entry for entry in concerned if entry.speaks_of(difference)]
            used = _share(fitting, difference)
            difference.explained = "+".join(f"{entry.kind}:{entry.id}" for entry in used)
            for entry in used:
                self.used.setdefault(entry.id, []).append((case.id, difference))

    def unmatched(self, editions: Iterable[str]) -> list[Entry]:
        """Return the entries that matched nothing in ``editions``.

        An entry for several editions has to match in one of them: a run of some of them says nothing of it.
        """
        names = set(editions)
        return [
            entry
            for entry in self.entries
            if entry.id not in self.used
            and not entry.optional
            and any(matches(name, entry.edition) for name in names)
            and {name for name in EDITIONS if matches(name, entry.edition)} <= names
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
