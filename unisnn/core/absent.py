"""The one marker for upstream names that unisnn does not provide.

A namespace module that lacks names of its upstream twin ends with::

    __getattr__ = serve(__name__, {"QIFNode": "not reproduced yet"})

Importing such a name works, so a script that merely lists it at its top still runs; calling it,
subclassing it or reading an attribute raises :class:`AbsentError`, which points to the row of the
compatibility matrix. The matrix finds the names through :func:`absent_names`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import NoReturn

__all__ = ["Absent", "AbsentError", "absent_names", "serve"]


class AbsentError(NotImplementedError, AttributeError):
    """An upstream name that unisnn does not provide was used."""


class Absent:
    """A public upstream name that unisnn does not provide, and why."""

    def __init__(self, module: str, name: str, reason: str) -> None:
        self.__dict__.update(module=module, name=name, reason=reason)

    def _refuse(self) -> NoReturn:
        module, name, reason = (self.__dict__[key] for key in ("module", "name", "reason"))
        raise AbsentError(
            f"{module}.{name} is absent from unisnn: {reason} (see its row in compat_matrix/MATRIX.md)"
        )

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        self._refuse()

    def __mro_entries__(self, bases: tuple[object, ...]) -> NoReturn:
        self._refuse()

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("__") and attribute.endswith("__"):
            raise AttributeError(attribute)
        self._refuse()

    def __repr__(self) -> str:
        return f"<absent {self.__dict__['module']}.{self.__dict__['name']}: {self.__dict__['reason']}>"


_served: dict[str, dict[str, Absent]] = {}


def serve(module: str, reasons: Mapping[str, str]) -> Callable[[str], Absent]:
    """Return a module-level ``__getattr__`` that serves a marker for each name of ``reasons``."""
    markers = _served[module] = {name: Absent(module, name, reason) for name, reason in reasons.items()}

    def __getattr__(name: str) -> Absent:
        if name in markers:
            return markers[name]
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__


def absent_names(module: str) -> dict[str, str]:
    """Return the absent names of an imported namespace module, each with its reason."""
    if module not in sys.modules:
        raise ValueError(f"absent_names: module={module!r} is not imported")
    return {name: marker.__dict__["reason"] for name, marker in _served.get(module, {}).items()}
