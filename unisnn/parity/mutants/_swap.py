"""Helpers of code mutants: put something else in the place of a function, method or attribute."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["replaced"]


@contextlib.contextmanager
def replaced(module: str, path: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """Put ``make(original)`` where ``path`` (``Class.method`` or ``function``) of ``module`` is.

    Static and class methods stay what they are: ``make`` sees and returns plain functions. A method
    that ``Class`` inherits is replaced in ``Class`` alone.
    """
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    inherited = name not in vars(owner)
    before = getattr(owner, name) if inherited else vars(owner)[name]
    kind = type(before) if isinstance(before, (staticmethod, classmethod)) else None
    made = make(before.__func__ if kind is not None else before)
    setattr(owner, name, made if kind is None else kind(made))
    try:
        yield
    finally:
        if inherited:
            delattr(owner, name)
        else:
            setattr(owner, name, before)
