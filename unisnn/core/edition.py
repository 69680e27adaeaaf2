"""Which upstream edition's numbers a namespace gives where editions of one library differ.

A namespace follows the documented edition. The drop-in door and the parity runner select another
one for the process (or for a ``with`` block); only symbols whose numbers changed between editions
ask, and they ask when an object is constructed or a pure function is called, never at import.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["DOCUMENTED", "KNOWN", "current", "use", "using"]

DOCUMENTED: dict[str, str] = {
    "spikingjelly": "3756e2f8",
    "braincog": "0.2.7.19",
    "snngrow": "git",
    "qualia_plugin_snn": "2.6.0",
}
"""The edition that each namespace follows by itself: the one of its reference documentation."""

KNOWN: dict[str, tuple[str, ...]] = {
    "spikingjelly": ("3756e2f8", "0.0.0.0.14", "0.0.0.0.12"),
    "braincog": ("0.2.7.19",),
    "snngrow": ("git", "0.1.1a1"),
    "qualia_plugin_snn": ("2.6.0",),
}
"""The editions that can be selected, the documented one first."""

_selected: dict[str, str] = {}


def current(library: str) -> str:
    """Return the edition selected for ``library``: the documented one unless :func:`use` chose another."""
    return _selected.get(library, DOCUMENTED[library])


def use(library: str, version: str) -> None:
    """Select the edition of ``library`` for this process.

    Raises ``ValueError`` for a library or version that unisnn does not reproduce.
    """
    if library not in KNOWN:
        raise ValueError(f"edition.use: library={library!r} is not accepted; expected one of {sorted(KNOWN)}")
    if version not in KNOWN[library]:
        raise ValueError(
            f"edition.use: version={version!r} of {library} is not reproduced; "
            f"expected one of {KNOWN[library]}"
        )
    _selected[library] = version


@contextmanager
def using(library: str, version: str) -> Iterator[None]:
    """Select an edition inside a ``with`` block and restore the previous selection afterwards."""
    before = _selected.get(library)
    use(library, version)
    try:
        yield
    finally:
        if before is None:
            _selected.pop(library, None)
        else:
            _selected[library] = before
