"""Upstream's signature beside ours: parameter names, order and defaults.

A call form that upstream accepts must be accepted here and mean the same. What differs is said per
parameter, in words that end up in the row::

    {"backend": "accepted here, unknown upstream", "leak": "position 1 here, 0 upstream"}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["compare", "compare_methods", "kept", "lost"]

_MISSING = "missing here"
_EXTRA = "accepted here, unknown upstream"


def compare(upstream: Sequence[str] | None, ours: Sequence[str] | None) -> dict[str, str]:
    """Return what differs between two signatures, parameter by parameter (empty: nothing).

    Args:
        upstream: parameters as :func:`unisnn.matrix.introspect.signature_of` gives them.
        ours: the same of the unisnn symbol. ``None`` on either side compares equal to anything.

    A parameter that upstream takes by ``*args`` or ``**kwargs`` may be named here and the other way
    round: then nothing is lost, and nothing is reported.
    """
    if upstream is None or ours is None:
        return {}
    theirs, mine = _parameters(upstream), _parameters(ours)
    differences: dict[str, str] = {}
    swallow_here = {text for text in ours if text.startswith("*") and text != "*"}
    swallow_there = {text for text in upstream if text.startswith("*") and text != "*"}
    for name, (position, default) in theirs.items():
        if name not in mine:
            if not swallow_here:
                differences[name] = _MISSING
            continue
        here, our_default = mine[name]
        said = []
        if here != position:
            said.append(f"{_place(here)} here, {_place(position)} upstream")
        if our_default != default and not (_nameless(our_default) and _nameless(default)):
            said.append(f"default {_value(our_default)} here, {_value(default)} upstream")
        if said:
            differences[name] = "; ".join(said)
    for name in mine:
        if name not in theirs and not swallow_there:
            differences[name] = _EXTRA
    for text in sorted(swallow_there - swallow_here):
        if not set(mine) - set(theirs):
            differences[text] = _MISSING
    return differences


def compare_methods(upstream: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, str]:
    """Return what differs between two method tables (of ``introspect.describe_module``)."""
    differences: dict[str, str] = {}
    for name, method in upstream.items():
        if name not in ours:
            differences[name] = _MISSING
            continue
        mine = ours[name]
        said = compare(method.get("signature"), mine.get("signature"))
        if method["kind"] != mine["kind"]:
            said["kind"] = f"{mine['kind']} here, {method['kind']} upstream"
        if said:
            differences[name] = "; ".join(f"{parameter}: {text}" for parameter, text in said.items())
    return differences


def lost(differences: Mapping[str, str]) -> list[str]:
    """Return the names that upstream has and unisnn lacks."""
    return [name for name, text in differences.items() if text == _MISSING]


def kept(differences: Mapping[str, str]) -> dict[str, str]:
    """Return the differences of what both sides have."""
    return {name: text for name, text in differences.items() if text != _MISSING}


def _parameters(texts: Sequence[str]) -> dict[str, tuple[int | None, str | None]]:
    """Return name -> (position, ``None`` if keyword-only; default as text, ``None`` if required)."""
    found: dict[str, tuple[int | None, str | None]] = {}
    keyword_only = False
    for position, text in enumerate(texts):
        if text.startswith("*"):
            keyword_only = True
            continue
        name, equals, default = text.partition("=")
        found[name] = (None if keyword_only else position, default if equals else None)
    return found


def _nameless(default: str | None) -> bool:
    """Whether a default is a lambda or a private function: its name says nothing about what it does."""
    last = (default or "").rpartition(".")[2]
    return last == "<lambda>" or (last.startswith("_") and last.isidentifier())


def _place(position: int | None) -> str:
    return "keyword only" if position is None else f"position {position}"


def _value(default: str | None) -> str:
    return "none" if default is None else default
