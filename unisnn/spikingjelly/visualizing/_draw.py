"""What the pictures share: arrays of what a caller hands in, figures, ticks, colours and titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
import torch

from unisnn.core import edition as _edition
from unisnn.core import optional as _optional

__all__ = ["Title", "array", "colour", "earlier", "figure", "of_one_neuron", "said", "ticks"]

_Array = numpy.ndarray[Any, Any]
_EARLIER_TITLES = {
    "firing rate": "Firing Rate",
    "$V[t]$ and $S[t]$ of the neuron": "$V_{t}$ and $S_{t}$ of the neuron",
}


class Title(str):
    """A title that the caller did not choose."""


def array(owner: str, argument: str, values: Any, *dimensions: str) -> _Array:
    """Return ``values`` as an array, which must have the named dimensions."""
    found = _plain(values)
    if dimensions and found.ndim != len(dimensions):
        raise ValueError(
            f"{owner}: {argument} of shape {found.shape} is not accepted; "
            f"expected {len(dimensions)} dimensions [{', '.join(dimensions)}]"
        )
    return found


def _plain(values: Any) -> _Array:
    if isinstance(values, torch.Tensor):
        plain = values.detach().cpu()
        return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
    if isinstance(values, (list, tuple)):
        return numpy.asarray([_plain(value) for value in values])
    return numpy.asarray(values)


def of_one_neuron(owner: str, argument: str, values: Any) -> _Array:
    """Return ``values`` as an array ``[T]``."""
    found = array(owner, argument, values)
    if found.ndim < 1 or found.shape[1:] not in ((), (1,)):
        raise ValueError(
            f"{owner}: {argument} of shape {found.shape} is not accepted; expected [T], of one neuron"
        )
    return found.reshape(-1)


def figure(
    owner: str, figsize: Any, dpi: float, cells: Sequence[Any], layout: str | None = None, **more: Any
) -> tuple[Any, list[Any]]:
    """Return pyplot's new current figure and its axes.

    0.0.0.0.12 has no ``figsize``: what stands in its place is ``dpi``.
    """
    pyplot = _optional.module("matplotlib.pyplot", owner, "plots")
    if earlier():
        figsize, dpi = None, figsize if isinstance(figsize, (int, float)) else dpi
    made = pyplot.figure(figsize=figsize, dpi=dpi, layout=layout)
    return made, [made.add_subplot(cell, **more) for cell in cells]


def ticks(owner: str, axes: Any, **whole: bool) -> None:
    """Put at most ten ticks on each named axis, at whole numbers only where that is asked for."""
    ticker = _optional.module("matplotlib.ticker", owner, "plots")
    for name, integers in whole.items():
        getattr(axes, f"{name}axis").set_major_locator(ticker.MaxNLocator(integer=integers))


def colour(owner: str, neuron: int) -> Any:
    """Return the colour of a neuron, one of ten."""
    palette = _optional.module("matplotlib", owner, "plots").colormaps["tab10"]
    return palette(neuron % palette.N)


def earlier() -> bool:
    """Tell whether 0.0.0.0.12 is selected."""
    return _edition.current("spikingjelly") == "0.0.0.0.12"


def said(title: str) -> str:
    """Return ``title``; one that the caller did not choose in the words of the selected edition."""
    return _EARLIER_TITLES[title] if isinstance(title, Title) and earlier() else title
