"""What a module offers: its public names with signatures and methods, read by introspection.

The same function reads upstream (inside the oracle's own subprocess) and unisnn, so that two
modules are described in the same words. A name counts as defined in a module when its
``__module__`` says so: re-exports do not count twice. A signature is a list of strings, one a
parameter, without annotations::

    (x, *, alpha=2.0, **kwargs)     ->     ["x", "*", "alpha=2.0", "**kwargs"]

Only the standard library is imported here; nothing is imported by name from the modules described.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

__all__ = ["describe", "describe_module", "signature_of"]

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_CONSTANTS = (str, int, float, bool, tuple, list, Mapping, set, frozenset)


def signature_of(function: Callable[..., Any], *, skip_first: bool = False) -> list[str] | None:
    """Return the parameters of ``function`` as strings, ``None`` where it has no signature.

    Args:
        function: a function, a class or a method.
        skip_first: leave out the first parameter (``self`` of a function read from its class).
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    texts: list[str] = []
    starred = False
    for index, parameter in enumerate(parameters):
        if skip_first and index == 0:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            texts.append("*")
            starred = True
        if parameter.kind is parameter.VAR_POSITIONAL:
            starred = True
            texts.append(f"*{parameter.name}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            texts.append(f"**{parameter.name}")
        elif parameter.default is parameter.empty:
            texts.append(parameter.name)
        else:
            texts.append(f"{parameter.name}={_text_of(parameter.default)}")
    return texts


def describe_module(module: ModuleType, library: str) -> dict[str, Any]:
    """Return the public names that ``module`` itself defines.

    Args:
        module: an imported module.
        library: the import root; methods inherited from classes outside it (torch's) are left out.

    Returns:
        name -> ``{"kind": "class" | "function" | "constant", "signature": [...], "methods": {...}}``;
        a method is ``{"kind": "method" | "static" | "class" | "property", "signature": [...]}``.
    """
    return {
        name: described
        for name, value in sorted(vars(module).items())
        if not name.startswith("_") and not hasattr(typing, name) and _defined_in(module.__name__, value)
        for described in (describe(value, library),)
        if described is not None
    }


def describe(value: object, library: str) -> dict[str, Any] | None:
    """Return the description of one public object, ``None`` for what is not part of an API.

    Args:
        value: a class, a function or a constant.
        library: the import root whose methods count (``""``: inherited ones from anywhere as well).
    """
    if inspect.isclass(value):
        return {"kind": "class", "signature": signature_of(value), "methods": _methods(value, library)}
    if inspect.isroutine(value) or (callable(value) and hasattr(value, "__name__")):
        return {"kind": "function", "signature": signature_of(value)}
    if isinstance(value, _CONSTANTS):
        return {"kind": "constant"}
    return None


def _defined_in(module: str, value: object) -> bool:
    """Tell whether ``value`` is defined in ``module`` or, where that is a package, below it."""
    if isinstance(value, _CONSTANTS):
        return True
    home = getattr(value, "__module__", None)
    return isinstance(home, str) and (home == module or home.startswith(f"{module}."))


def _methods(owner: type, library: str) -> dict[str, Any]:
    """Return the public methods and properties of a class that its own library defines (``""``: any)."""
    found: dict[str, Any] = {}
    for base in owner.__mro__:
        if library and not f"{base.__module__}.".startswith(f"{library}."):
            continue
        for name, raw in vars(base).items():
            if not name.startswith("_") and name not in found:
                described = _method(raw)
                if described is not None:
                    found[name] = described
    return dict(sorted(found.items()))


def _method(raw: object) -> dict[str, Any] | None:
    if isinstance(raw, property):
        return {"kind": "property"}
    if isinstance(raw, staticmethod):
        return {"kind": "static", "signature": signature_of(raw.__func__)}
    if isinstance(raw, classmethod):
        return {"kind": "class", "signature": signature_of(raw.__func__, skip_first=True)}
    if inspect.isroutine(raw):
        return {"kind": "method", "signature": signature_of(raw, skip_first=True)}
    return None


def _text_of(default: object) -> str:
    """Return a default value as text that is the same in every process."""
    if inspect.isclass(default) or inspect.isroutine(default):
        return default.__qualname__
    text = " ".join(repr(default).split())
    return _ADDRESS.sub("", text)
