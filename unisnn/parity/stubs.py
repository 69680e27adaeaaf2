"""Stand-ins inside an oracle subprocess: empty modules, and packages whose ``__init__`` is not run.

Upstream packages import at their top what the compared modules never use (image libraries, GPU
extensions, plotting). A *stub* is an empty module under such a name; a *bare package* is upstream's own
package folder with nothing executed, so that only the wanted files below it are imported.

Packages that a compared function really uses, such as matplotlib for pictures, are stubbed only where
they are not installed.

A stub's attributes are ``False``; one that is written with ``()`` is a class instead, which can be a base
class, and whose call hands back its first argument (a progress bar around an iterable).
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

__all__ = ["StandIns", "install"]

_GENUINE_WHERE_INSTALLED = frozenset({"matplotlib"})


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """A finder that serves the stubs and bare packages of one edition."""

    def __init__(self, stubs: Mapping[str, Sequence[str]], bare_packages: Sequence[str]) -> None:
        find = importlib.machinery.PathFinder.find_spec
        genuine = {name for name in _GENUINE_WHERE_INSTALLED if find(name) is not None}
        self.stubs = {name: kept for name, kept in stubs.items() if name.partition(".")[0] not in genuine}
        self.bare_packages = frozenset(bare_packages)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a stand-in; ``None`` lets the next finder look."""
        if fullname in self.stubs:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if fullname in self.bare_packages:
            genuine = importlib.machinery.PathFinder.find_spec(fullname, path)
            if genuine is None or genuine.submodule_search_locations is None:
                return None
            spec = importlib.machinery.ModuleSpec(fullname, self, origin=genuine.origin, is_package=True)
            spec.submodule_search_locations = list(genuine.submodule_search_locations)
            return spec
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Let Python make the empty module."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Give a stub its named attributes; nothing else is executed."""
        for attribute in self.stubs.get(module.__name__, ()):
            name = attribute.removesuffix("()")
            setattr(module, name, type(name, (_Handed,), {}) if attribute.endswith("()") else False)


class _Handed:
    """What a stubbed class is: called, it returns its first argument."""

    def __new__(cls, first: Any = None, *args: Any, **kwargs: Any) -> Any:
        return first if cls.__base__ is _Handed else super().__new__(cls)


def install(stubs: Mapping[str, Sequence[str]], bare_packages: Sequence[str]) -> StandIns:
    """Put a :class:`StandIns` finder in front of ``sys.meta_path`` and return it."""
    finder = StandIns(stubs, bare_packages)
    sys.meta_path.insert(0, finder)
    return finder
