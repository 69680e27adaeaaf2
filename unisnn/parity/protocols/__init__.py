"""Protocols: how a case is executed, given the library under test.

A protocol is a function ``run(case, library, out)`` that builds what the case names through
``library`` and records outputs in ``out``. It sees neither which side it is on nor any expectation. An
exception that it does not catch is recorded as the output ``error``, after whatever was recorded before.

Register one with::

    @protocol("surrogate")
    def surrogate(case: Case, library: Library, out: Outputs) -> None: ...

Each module of this package is imported by :func:`load`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unisnn.parity.case import Case
    from unisnn.parity.library import Library
    from unisnn.parity.outputs import Outputs

__all__ = ["PROTOCOLS", "load", "protocol"]

PROTOCOLS: dict[str, Callable[[Case, Library, Outputs], None]] = {}
"""Every registered protocol by name; complete after :func:`load`."""


def protocol(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the decorated function as the protocol ``name``.

    Raises:
        ValueError: the name is taken.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        if name in PROTOCOLS:
            raise ValueError(f"protocol: name={name!r} is registered already")
        PROTOCOLS[name] = function
        return function

    return register


def load() -> dict[str, Callable[..., None]]:
    """Import every protocol module of this package and return :data:`PROTOCOLS`."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return PROTOCOLS
