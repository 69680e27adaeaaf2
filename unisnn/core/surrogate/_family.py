"""The gradient family: a surrogate derivative, its primitive, and the order of operations of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

__all__ = ["FAMILIES", "Family", "family", "register"]


@dataclass(frozen=True)
class Family:
    """A surrogate gradient family.

    ``gradient(grad_output, x, *parameters)`` is the product of the incoming gradient with the
    surrogate derivative at ``x``; ``primitive(x, *parameters)`` is the function whose derivative
    it is (``None`` where there is none). Both keep one exact order of operations, because a
    reordered product differs in the last bit. ``equation`` is the derivative as text, ``source``
    the paper or upstream symbol that it comes from.
    """

    name: str
    parameters: tuple[str, ...]
    gradient: Callable[..., Tensor]
    primitive: Callable[..., Tensor] | None
    equation: str
    source: str


FAMILIES: dict[str, Family] = {}
"""Every registered family by name."""


def register(family: Family) -> Family:
    """Add ``family`` to :data:`FAMILIES` and return it; a taken name raises ``ValueError``."""
    if family.name in FAMILIES:
        raise ValueError(f"register: family {family.name!r} is registered already")
    FAMILIES[family.name] = family
    return family


def family(name: str) -> Family:
    """Return the family called ``name``; ``ValueError`` lists the known ones."""
    if name not in FAMILIES:
        raise ValueError(f"family: name={name!r} is not accepted; expected one of {sorted(FAMILIES)}")
    return FAMILIES[name]
