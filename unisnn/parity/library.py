"""The library under test, inside a worker: dotted paths become objects, JSON values become arguments."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy
import torch

from unisnn.parity import recipes
from unisnn.parity.case import Case

__all__ = ["Library"]


class Library:
    """One import root, the upstream one or its namespace in unisnn.

    Both sides of a comparison hand the very same case to the very same protocol; only ``root``
    differs.
    """

    def __init__(self, root: str, edition: str = "") -> None:
        self.root = root
        self.edition = edition

    @property
    def genuine(self) -> bool:
        """Whether this is the upstream library."""
        return not self.root.startswith("unisnn.")

    def resolve(self, path: str) -> Any:
        """Return the object at ``path`` below the root: the longest importable module, then attributes.

        Raises:
            ModuleNotFoundError: no module of the path can be imported.
            AttributeError: the module has no such name.
        """
        parts = [part for part in f"{self.root}.{path}".split(".") if part]
        for cut in range(len(parts), 0, -1):
            name = ".".join(parts[:cut])
            try:
                found: Any = importlib.import_module(name)
            except ModuleNotFoundError as error:
                if cut == 1 or not error.name or not f"{name}.".startswith(f"{error.name}."):
                    raise
                continue
            for attribute in parts[cut:]:
                found = getattr(found, attribute)
            return found
        raise ModuleNotFoundError(f"{self.root}.{path}")

    def value(self, data: Any) -> Any:
        """Return the argument that a JSON value stands for (see :mod:`unisnn.parity.case`)."""
        if isinstance(data, (list, tuple)):
            return [self.value(item) for item in data]
        if not isinstance(data, Mapping):
            return data
        if "$tuple" in data:
            return tuple(self.value(item) for item in data["$tuple"])
        for key, build in self._words().items():
            if key in data:
                return build(data)
        return {name: self.value(item) for name, item in data.items()}

    def _words(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        return {
            "$new": lambda data: self.new(data["$new"], data.get("args", ()), data.get("kwargs", {})),
            "$symbol": lambda data: self.resolve(data["$symbol"]),
            "$torch": lambda data: _torch(
                data["$torch"], self.value(list(data.get("args", ()))), data.get("kwargs", {})
            ),
            "$tensor": lambda data: recipes.make(data["$tensor"]),
            "$parameter": lambda data: torch.nn.Parameter(recipes.make(data["$parameter"])),
            "$float": lambda data: recipes.number(data["$float"]),
            "$numpy": lambda data: numpy.dtype(data["$numpy"][0]).type(recipes.number(data["$numpy"][1])),
        }

    def new(self, path: str, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        """Call the object at ``path`` with arguments given as JSON values."""
        keywords = {name: self.value(item) for name, item in (kwargs or {}).items()}
        return self.resolve(path)(*(self.value(item) for item in args), **keywords)

    def build(self, case: Case) -> Any:
        """Call the case's symbol with the case's arguments."""
        return self.new(case.symbol, case.args, case.kwargs)

    def input(self, case: Case, name: str) -> torch.Tensor:
        """Return a fresh tensor for the case's input ``name``."""
        return recipes.make(case.inputs[name])


def _torch(path: str, args: list[Any], kwargs: Mapping[str, Any]) -> Any:
    """Build a plain torch.nn module, seeded so that both sides get the same weights."""
    torch.manual_seed(0)
    if not path.startswith("nn."):
        raise ValueError(
            f"case: $torch={path!r} is not accepted; expected a name below torch.nn, such as nn.Linear"
        )
    return getattr(torch.nn, path[3:])(*args, **kwargs)
