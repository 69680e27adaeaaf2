"""Two things that keep one set of classes true to SNNGrow's two editions.

A class that is a module too
    In one edition ``snngrow.base.neuron.LIFNode`` is the module, in the other the class inside it.
    Here the package's attribute is the class, :data:`sys.modules` holds the module, and the class
    carries the module's public names, itself included: ``LIFNode.LIFNode is LIFNode``.

A flag that one edition does not have
    0.1.1a1 knows no ``spike_out``: the second positional argument of its surrogates is ``spiking``,
    and its static methods take one argument less. A subclass written for it overrides them so.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

from unisnn.core import edition

__all__ = ["flag_by_edition", "serve_as_module", "spike_out_argument"]

_WITHOUT_SPIKE_OUT = "0.1.1a1"


def serve_as_module(cls: type, **members: Any) -> None:
    """Give ``cls`` the public names of the module that holds it: its own and ``members``."""
    setattr(cls, cls.__name__, cls)
    for name, member in members.items():
        setattr(cls, name, staticmethod(member) if isinstance(member, types.FunctionType) else member)


def flag_by_edition(init: Callable[..., None]) -> Callable[..., None]:
    """Read ``(alpha, flag)`` as ``spiking=flag`` under 0.1.1a1, as ``spike_out=flag`` otherwise."""

    @functools.wraps(init)
    def by_edition(self: Any, *args: Any, **kwargs: Any) -> None:
        if len(args) == 2 and edition.current("snngrow") == _WITHOUT_SPIKE_OUT:
            alpha, spiking = args
            init(self, alpha, spiking=spiking, **kwargs)
        else:
            init(self, *args, **kwargs)

    return by_edition


def spike_out_argument(spike_out: bool) -> tuple[bool, ...]:
    """Return the ``spike_out`` argument for a static method: nothing under 0.1.1a1 unless it is on."""
    return () if not spike_out and edition.current("snngrow") == _WITHOUT_SPIKE_OUT else (spike_out,)
