"""A parity case is data: what to build, how to drive it, and on which inputs.

A case can be written as JSON and read back, so the same case runs on both sides without sharing any
object. Three kinds of JSON objects stand for values that JSON has no word for::

    {"$new": "path.of.Class", "args": [...], "kwargs": {...}}    an object of the library under test
    {"$symbol": "path.of.name"}                                  a class or function of that library
    {"$tensor": recipe}   {"$parameter": recipe}                 a tensor, a torch.nn.Parameter
    {"$float": "inf"}     {"$numpy": ["float32", 0.5]}           a float JSON cannot write, a numpy scalar

Recipes are described in :mod:`unisnn.parity.recipes`. This module imports nothing but the standard
library.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["Case", "case_seed", "jsonable", "matches"]


@dataclass(frozen=True)
class Case:
    """One comparison between upstream and unisnn.

    ``id`` is unique, stable and readable; ``edition`` names the upstream (a key of
    :data:`unisnn.parity.editions.EDITIONS`); ``family`` groups cases for sampling, mutants and
    reports; ``symbol`` is the dotted path below the library root; ``protocol`` names the function
    that executes the case (:mod:`unisnn.parity.protocols`); ``args`` and ``kwargs`` go to the
    constructor or function; ``inputs`` are named tensor recipes; ``calls`` are options that the
    protocol understands; ``evidence`` lists further symbols that the case exercises.
    """

    id: str
    edition: str
    family: str
    symbol: str
    protocol: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    calls: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the case as JSON-ready data."""
        return {
            "id": self.id,
            "edition": self.edition,
            "family": self.family,
            "symbol": self.symbol,
            "protocol": self.protocol,
            "args": list(self.args),
            "kwargs": dict(self.kwargs),
            "inputs": dict(self.inputs),
            "calls": dict(self.calls),
            "evidence": list(self.evidence),
        }

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Case:
        """Rebuild a case from :meth:`to_dict`'s data."""
        fields = dict(data)
        fields["args"] = tuple(fields.get("args", ()))
        fields["evidence"] = tuple(fields.get("evidence", ()))
        return Case(**fields)

    def with_(self, **changes: Any) -> Case:
        """Return a copy with some fields replaced."""
        return replace(self, **changes)

    @property
    def dtype(self) -> str:
        """The dtype of the case's first input, ``""`` where it has none."""
        for recipe in self.inputs.values():
            if isinstance(recipe, Mapping) and "dtype" in recipe:
                return str(recipe["dtype"])
        return ""

    @property
    def seed(self) -> int:
        """A seed that belongs to the case's id; the worker seeds torch with it before the case."""
        return case_seed(self.id)


def case_seed(text: str) -> int:
    """Return a 31-bit seed made from ``text``, the same on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") & 0x7FFFFFFF


def matches(text: str, patterns: str) -> bool:
    """Tell whether ``text`` matches one of the globs in ``patterns``, which are separated by ``|``."""
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns.split("|"))


def jsonable(case: Case) -> bool:
    """Tell whether ``case`` survives a round trip through strict JSON (no NaN or infinity literals)."""
    try:
        text = json.dumps(case.to_dict(), allow_nan=False)
    except (TypeError, ValueError):
        return False
    return Case.from_dict(json.loads(text)) == case
