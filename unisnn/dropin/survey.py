"""What an import name is served by: places on the import path, and the distributions that own it.

::

    places  =  every file that `import <name>` could load, in the order in which Python would find it
    owners  =  every installed distribution that is the library, its adapter, or has files under the name

Nothing is imported: the import path and the installed metadata are looked at. :mod:`unisnn.dropin.doctor`
finds what is wrong in a survey.
"""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LIBRARIES", "Owner", "Place", "Survey", "normal", "survey"]

LIBRARIES: dict[str, str] = {
    "spikingjelly": "spikingjelly",
    "braincog": "braincog",
    "snngrow": "snngrow",
    "qualia_plugin_snn": "qualia-plugin-snn",
}
"""The import names that unisnn can serve, each with the distribution that brings the genuine library."""

_MARK = "unisnn.dropin"
_HOUSE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Place:
    """A file that the import name could be loaded from.

    ``kind`` is ``"genuine"``, ``"adapter"`` (ours, for the name), ``"house"`` (unisnn's own package folder
    is on the import path) or ``"empty"`` (a folder without ``__init__.py``, reached if nothing else is).
    ``entry`` is the part of the import path, ``None`` where an import hook answers.
    """

    kind: str
    origin: str
    entry: str | None = None

    @property
    def folder(self) -> str:
        """The folder that the module or package lies in."""
        path = Path(self.origin)
        return str(path.parent.parent if path.name == "__init__.py" else path.parent)


@dataclass(frozen=True)
class Owner:
    """An installed distribution that owns the import name.

    ``kind`` is ``"genuine"``, ``"adapter"`` or ``"other"`` (another distribution with files under the name);
    ``complete`` says whether the files that it lists for the name are there.
    """

    kind: str
    name: str
    version: str
    folder: str
    complete: bool = True


@dataclass(frozen=True)
class Survey:
    """One import name: its places in the order of the import, and its owners."""

    name: str
    places: tuple[Place, ...]
    owners: tuple[Owner, ...]

    @property
    def reached(self) -> Place | None:
        """The place that a plain import loads, ``None`` where the name is not importable."""
        solid = [place for place in self.places if place.kind != "empty"]
        return next(iter([*solid, *self.places]), None)

    def genuine(self) -> str | None:
        """Return where the genuine library is importable from or installed, or ``None``."""
        for place in self.places:
            if place.kind == "genuine":
                return place.origin
        for owner in self.owners:
            if owner.kind == "genuine":
                return f"{owner.name} {owner.version} in {owner.folder}"
        return None

    def owner_of(self, place: Place) -> Owner | None:
        """Return the distribution that ``place`` belongs to: of its kind, rather one in the same folder."""
        alike = [owner for owner in self.owners if owner.kind in (place.kind, "other")]
        alike.sort(key=lambda owner: (not _same(owner.folder, place.folder), owner.kind == "other"))
        return alike[0] if alike else None


def survey(name: str, path: Sequence[str] | None = None) -> Survey:
    """Look at the import path and the installed distributions for ``name``.

    Args:
        name: an import name, usually one of :data:`LIBRARIES`.
        path: the import path to look along; by default ``sys.path``.
    """
    entries = list(sys.path if path is None else path)
    return Survey(name, tuple(_places(name, entries)), tuple(_owners(name, entries)))


def normal(name: str) -> str:
    """Return a distribution's name in its normal form: lower case, one hyphen between words."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _places(name: str, entries: list[str]) -> Iterator[Place]:
    seen = set()
    for entry, spec in _specs(name, entries):
        if spec is None:
            continue
        empty = spec.origin is None and spec.submodule_search_locations is not None
        origins = list(spec.submodule_search_locations or ()) if empty else [spec.origin]
        for origin in origins:
            if origin is None or not (empty or spec.has_location) or os.path.realpath(origin) in seen:
                continue
            seen.add(os.path.realpath(origin))
            yield Place("empty" if empty else _kind(Path(origin)), origin, entry)


def _specs(
    name: str, entries: list[str]
) -> Iterator[tuple[str | None, importlib.machinery.ModuleSpec | None]]:
    """Yield what each finder says, entry by entry; unisnn's own alias does not count."""
    for finder in list(sys.meta_path):
        if getattr(finder, "serves_unisnn", False):
            continue
        if finder is importlib.machinery.PathFinder:
            for entry in entries:
                yield entry, finder.find_spec(name, [entry])
        elif hasattr(finder, "find_spec"):
            yield None, finder.find_spec(name, None)


def _kind(origin: Path) -> str:
    if _HOUSE in origin.resolve().parents:
        return "house"
    try:
        return "adapter" if _MARK in origin.read_text(encoding="utf-8") else "genuine"
    except (OSError, UnicodeDecodeError):
        return "genuine"


def _owners(name: str, entries: list[str]) -> Iterator[Owner]:
    genuine, adapter = normal(LIBRARIES.get(name, name)), f"unisnn-{normal(name)}"
    seen = set()
    for distribution in importlib.metadata.distributions(path=entries):
        called = distribution.metadata["Name"]
        if not called:  # broken metadata; pip warns of it
            continue
        files = _files(distribution, name)
        kind = {genuine: "genuine", adapter: "adapter"}.get(normal(called), "other" if files else None)
        folder = str(distribution.locate_file(""))
        key = (normal(called), distribution.version, os.path.realpath(folder))
        if kind is not None and key not in seen:
            seen.add(key)
            there = [os.path.exists(str(distribution.locate_file(file))) for file in files or ()]
            complete = files is None or any(there)
            yield Owner(kind, called, distribution.version, os.path.normpath(folder), complete)


def _files(distribution: importlib.metadata.Distribution, name: str) -> list[str] | None:
    """Return the modules that a distribution lists under ``name``; ``None`` where its list cannot tell."""
    record = distribution.read_text("RECORD") or distribution.read_text("SOURCES.txt")
    if record is None:
        return None
    under = re.escape(name)
    found = re.findall(rf'^"?((?:{under}/[^",\n]*|{under})\.(?:py|so|pyd))\b', record, re.MULTILINE)
    editable = re.search(r"^[^/\n]*(?:\.pth|\.egg-link|__editable__[^/\n]*\.py)\b", record, re.MULTILINE)
    return None if editable and not found else found


def _same(first: str, second: str) -> bool:
    return os.path.realpath(first) == os.path.realpath(second)
