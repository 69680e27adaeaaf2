"""The drop-in door: an upstream import name that reaches unisnn's own modules.

::

    from unisnn import dropin

    dropin.install("spikingjelly", "0.0.0.0.14")
    import spikingjelly.activation_based.neuron        # is unisnn.spikingjelly.activation_based.neuron

Nothing is copied and nothing is wrapped. A finder on :data:`sys.meta_path` answers for the upstream name;
what it "loads" is the module that already lives under ``unisnn``, entered into :data:`sys.modules` a second
time. A class therefore has one identity whatever name it was imported by, and ``isinstance``, pickle,
``importlib.reload`` and monkey-patching agree on it. The module keeps its own ``__name__`` and ``__spec__``.

This package needs the standard library alone (:mod:`unisnn.dropin.pytest`, pytest's plugin, needs pytest) and
imports neither torch nor a namespace before the upstream name is asked for.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import threading
from collections.abc import Sequence
from types import CodeType, ModuleType

from unisnn.dropin import survey as _survey

__all__ = ["LIBRARIES", "DropinError", "active", "claim", "genuine", "install", "uninstall"]

LIBRARIES: dict[str, str] = _survey.LIBRARIES
"""The import names that unisnn can serve, each with the distribution that brings the genuine library."""

_PREFIX = "unisnn."
_lock = threading.RLock()
_installed: dict[str, str] = {}
_before: dict[str, str] = {}


class DropinError(ImportError):
    """An upstream name cannot be served; the message says why and what to do."""


def install(library: str, version: str | None = None) -> None:
    """Serve ``import <library>`` from ``unisnn.<library>`` in this process.

    The edition is selected when the name is first imported, not before. A second call changes nothing.

    Args:
        library: import name (``"spikingjelly"``) or distribution name (``"qualia-plugin-snn"``).
        version: edition whose numbers are given where editions differ (``"0.0.0.0.14"``);
            by default the one that the namespace follows at present.

    Raises:
        ValueError: an unknown library, or a version that unisnn does not reproduce.
        DropinError: the genuine library is imported already or installed beside unisnn, or the
            name is already served with another version.
    """
    library, version = _known(library, version)
    with _lock:
        serving = _installed.get(library)
        if serving == version:
            return
        if serving is not None:
            raise DropinError(
                f"{library} is already served as {library}=={serving}, and a process has one edition of a "
                f"library. Call unisnn.dropin.uninstall({library!r}) first, or use a second process.",
                name=library,
            )
        _refuse_beside(library, "unisnn.dropin.install")
        _installed[library] = version
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)


def uninstall(library: str) -> None:
    """Stop serving ``library`` and forget its upstream names; modules under ``unisnn`` stay as they are.

    A library that is not served is left alone. The edition selected before is selected again.
    """
    library, _ = _known(library, None)
    with _lock:
        if _installed.pop(library, None) is None:
            return
        for alias in [name for name in sys.modules if _belongs(name, library)]:
            del sys.modules[alias]
        if library in _before:
            _edition().use(library, _before.pop(library))
        if not _installed and _finder in sys.meta_path:
            sys.meta_path.remove(_finder)


def active() -> dict[str, str]:
    """Return the served libraries, each with its edition: ``{"spikingjelly": "0.0.0.0.14"}``."""
    with _lock:
        return dict(_installed)


def claim(name: str) -> None:
    """Turn the module ``name``, an adapter package being imported, into ``unisnn.<name>``.

    An adapter's ``__init__.py`` is two lines: ``from unisnn.dropin import claim`` and ``claim(__name__)``.

    Args:
        name: the adapter's ``__name__``, an upstream import name.

    Raises:
        ValueError: a name that unisnn does not serve.
        DropinError: the genuine library is installed beside the adapter.
    """
    sys.modules.pop(name, None)  # the adapter itself; importlib hands out what stands here in the end
    install(name)
    importlib.import_module(name)


def genuine(library: str) -> str | None:
    """Return where the genuine ``library`` is installed or importable from, or ``None``.

    Nothing is imported: installed distributions and the import path are looked at. unisnn's own
    adapters, and its own package folder on the path, do not count.
    """
    library, _ = _known(library, None)
    return _survey.survey(library).genuine()


class _Finder(importlib.abc.MetaPathFinder):
    """Answers for the served upstream names, and for no others."""

    serves_unisnn = True

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        library = fullname.partition(".")[0]
        if library not in _installed:
            return None
        try:
            twin = importlib.util.find_spec(_PREFIX + fullname)
        except ValueError:  # already imported, without a spec of its own
            twin = importlib.machinery.ModuleSpec(_PREFIX + fullname, None)
        if twin is None:
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: unisnn serves {library}=={_installed[library]} and has no "
                f"{_PREFIX}{fullname}. compat_matrix/MATRIX.md lists what is reproduced.",
                name=fullname,
            )
        spec = importlib.machinery.ModuleSpec(fullname, _Loader(), origin=twin.origin)
        spec.submodule_search_locations = twin.submodule_search_locations
        return spec


class _Loader(importlib.abc.Loader):
    """Enters the twin under the upstream name in place of the empty module that importlib made.

    importlib writes ``__spec__`` into the module that it made; handing it the twin itself would
    overwrite the twin's own.
    """

    def exec_module(self, module: ModuleType) -> None:
        alias = module.__name__
        library = alias.partition(".")[0]
        _select_edition(library)
        twin = importlib.import_module(_PREFIX + alias)
        _register(library)
        sys.modules[alias] = twin

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the twin's code, which ``python -m`` runs."""
        twin = importlib.util.find_spec(_PREFIX + fullname)
        if twin is None or not isinstance(twin.loader, importlib.abc.InspectLoader):
            return None
        return twin.loader.get_code(_PREFIX + fullname)


_finder = _Finder()


def _register(library: str) -> None:
    """Enter every loaded module of ``unisnn.<library>`` under its upstream name too.

    Doing this for all of them at once keeps importlib from importing, and so from binding in its
    parent, a submodule that is loaded already: a parent may have bound that name to a class.
    """
    for name, module in list(sys.modules.items()):
        if name == _PREFIX + library or name.startswith(f"{_PREFIX}{library}."):
            spec = getattr(module, "__spec__", None)
            if not getattr(spec, "_initializing", False):
                sys.modules[name.removeprefix(_PREFIX)] = module


def _select_edition(library: str) -> None:
    with _lock:
        if library in _installed and library not in _before:
            edition = _edition()
            _before[library] = edition.current(library)
            edition.use(library, _installed[library])


def _edition() -> ModuleType:
    return importlib.import_module("unisnn.core.edition")


def _known(library: str, version: str | None) -> tuple[str, str]:
    """Return the import name and the edition, or say which ones there are."""
    name = library.replace("-", "_")
    edition = _edition()
    if name not in LIBRARIES:
        raise ValueError(f"dropin: library={library!r} is not known; expected one of {', '.join(LIBRARIES)}")
    if version is None:
        return name, _installed.get(name, edition.current(name))
    if version not in edition.KNOWN[name]:
        listed = ", ".join(edition.KNOWN[name])
        raise ValueError(f"dropin: version={version!r} of {name} is not reproduced; expected one of {listed}")
    return name, version


def _belongs(name: str, library: str) -> bool:
    return name == library or name.startswith(f"{library}.")


def _refuse_beside(library: str, caller: str) -> None:
    for name, module in list(sys.modules.items()):
        if _belongs(name, library) and module is not sys.modules.get(_PREFIX + name):
            where = getattr(module, "__file__", None) or "an unknown place"
            raise DropinError(
                f"{caller}: {name} is already imported from {where}. Call it before the first import of "
                f"{library}, in a process that has not imported the genuine library.",
                name=library,
            )
    found = genuine(library)
    if found is not None:
        raise DropinError(
            f"{caller}: the genuine {library} is installed beside unisnn ({found}), and one import name "
            f"cannot mean both. Uninstall it (pip uninstall {LIBRARIES[library]}), or use an environment "
            f"without it, or keep it and import unisnn's by its own name: from unisnn import {library}. "
            f"`unisnn doctor` tells which is where.",
            name=library,
        )
