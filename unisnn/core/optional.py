"""Packages that only some functions need: imported where they are used, named where they are missing."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["module"]


def module(name: str, owner: str, extra: str) -> Any:
    """Import and return the module ``name`` for the function ``owner``.

    Raises:
        ModuleNotFoundError: the package is not installed; the message names the extra of unisnn that
            brings it.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise ModuleNotFoundError(
            f"{owner} needs {package}, which is not installed: pip install 'unisnn[{extra}]'",
            name=error.name,
        ) from error
