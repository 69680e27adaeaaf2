"""Wrong pictures: an axis cut short by a step, a number in the wrong colour, a frame on the wrong side."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch

__all__: list[str] = []

_MODULE = "unisnn.spikingjelly.visualizing"


@contextlib.contextmanager
def _with(module: str, **names: Any) -> Iterator[None]:
    owner = importlib.import_module(module)
    before = {name: getattr(owner, name) for name in names}
    vars(owner).update(names)
    try:
        yield
    finally:
        vars(owner).update(before)


@patch("picture/half")
def _half() -> contextlib.AbstractContextManager[None]:
    return _with(_MODULE, _BRIGHT=0.5)


@patch("picture/colours")
def _colours() -> contextlib.AbstractContextManager[None]:
    return _with(f"{_MODULE}._draw", colour=lambda owner, neuron: f"C{9 - neuron % 10}")


@patch("picture/ticks")
def _ticks() -> contextlib.AbstractContextManager[None]:
    return _with(f"{_MODULE}._draw", ticks=lambda owner, axes, **whole: None)


@patch("picture/late")
def _late() -> contextlib.AbstractContextManager[None]:
    import numpy

    class Late:
        def __getattr__(self, name: str) -> Any:
            return getattr(numpy, name)

        @staticmethod
        def flatnonzero(where: Any) -> Any:
            return numpy.flatnonzero(where) + 1

    return _with(_MODULE, numpy=Late())


def _mutant(name: str, symbol: str, text: str, case: str = "*") -> None:
    edition = "spikingjelly==0.0.0.0.14"
    name = f"picture/{name}"
    add(Mutant(name, "picture", edition, text, f"visualizing.{symbol}", case, name, limit=3))


_mutant("half", "plot_1d_spikes", "a white number below half the greatest rate for 0.7 of it", "*/bright/*")
_mutant("colours", "plot_2d_bar_in_3d", "another neuron's colour")
_mutant("ticks", "plot_2d_heatmap", "matplotlib's own ticks for whole numbers")
_mutant("late", "plot_one_neuron_v_s", "each spike a time step late")
