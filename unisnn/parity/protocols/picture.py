"""How a function that draws is driven: what it returns, and every pixel of the figure.

``case.inputs`` are the recipes of the arrays by name, handed over by position; ``case.args`` and
``case.kwargs`` follow. ``calls`` may hold ``kind`` (``array``, ``tensor`` or ``list``: what the arrays
become) and ``rc`` (settings of matplotlib). Both sides draw with the same matplotlib and its Agg renderer;
``RGBA`` is what ``figure.savefig`` would write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import torch

from unisnn.parity import recipes
from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol

__all__ = ["picture"]

_KINDS: dict[str, Callable[[torch.Tensor], Any]] = {
    "array": lambda x: x.numpy(),
    "tensor": lambda x: x,
    "list": lambda x: list(x.unbind()),
}


@protocol("picture")
def picture(case: Case, library: Library, out: Outputs) -> None:
    """A function that draws one figure with pyplot."""
    import matplotlib
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    matplotlib.use("Agg")
    draw, kind = library.resolve(case.symbol), _KINDS[case.calls.get("kind", "array")]
    arrays = [kind(recipes.make(recipe)) for recipe in case.inputs.values()]
    pyplot.close("all")
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **case.calls.get("rc", {}), "backend": "Agg"}):
        try:
            made = draw(*arrays, *case.args, **case.kwargs)
            figure, *axes = made if isinstance(made, tuple) else (made,)
            out.put("returned", [type(each).__name__ for each in (figure, *axes)])
            out.put("axes", [figure.axes.index(each) for each in axes])
            out.put("current", [pyplot.gcf() is figure, figure.axes.index(pyplot.gca())])
            out.put("figures", len(pyplot.get_fignums()))
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            out.put("RGBA", torch.from_numpy(numpy.array(canvas.buffer_rgba())))
            out.put("texts", [_texts(each) for each in figure.axes])
        finally:
            pyplot.close("all")


def _texts(axes: Any) -> list[str]:
    """Return the title, the labels of the axes, the texts in the picture and the legend's."""
    legend = axes.get_legend()
    inside = [*axes.texts, *(legend.get_texts() if legend is not None else ())]
    labels = [getattr(axes, f"get_{name}label")() for name in "xyz" if hasattr(axes, f"get_{name}label")]
    return [axes.get_title(), *labels, *(text.get_text() for text in inside)]
