"""Pictures of membrane potentials, spikes and feature maps, drawn with matplotlib.

Each function makes one new figure, which becomes pyplot's current one, so that ``plt.show()`` shows it
and ``figure.savefig(path)`` writes it. matplotlib is imported by the function that draws::

    pip install 'unisnn[plots]'

An argument that holds numbers is an array, a tensor on any device (with or without a gradient), or a list
of numbers, arrays or tensors. The pictures are those of SpikingJelly 0.0.0.0.14, pixel for pixel. With
0.0.0.0.12 selected they have that edition's size, the one of ``rcParams['figure.figsize']``, and titles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from unisnn.core import optional as _optional
from unisnn.spikingjelly.visualizing import _draw

__all__ = [
    "plot_1d_spikes",
    "plot_2d_bar_in_3d",
    "plot_2d_feature_map",
    "plot_2d_heatmap",
    "plot_2d_spiking_feature_map",
    "plot_one_neuron_v_s",
]

_Array = numpy.ndarray[Any, Any]
_BRIGHT = 0.7  # share of the greatest firing rate from which on the number on it is black


def plot_2d_heatmap(
    array: Any,
    title: str,
    xlabel: str,
    ylabel: str,
    int_x_ticks: bool = True,
    int_y_ticks: bool = True,
    plot_colorbar: bool = True,
    colorbar_y_label: str = "magnitude",
    x_max: float | None = None,
    figsize: Sequence[float] = (12, 8),
    dpi: float = 200,
) -> Any:
    """Draw the values of ``N`` neurons over ``T`` time steps as colours.

    Equation::

        colour at (t, n) = rcParams['image.cmap'] of array[t, n],  t to the right, n downwards

    Args:
        array: for example membrane potentials.
        title, xlabel, ylabel: texts.
        int_x_ticks, int_y_ticks: whether the ticks are whole numbers only (default True).
        plot_colorbar: whether the scale of the colours is drawn (default True).
        colorbar_y_label: its label (default ``'magnitude'``).
        x_max: where the last time step ends on the axis (default None: at ``T - 0.5``).
        figsize: width and height in inches (default 12 by 8).
        dpi: pixels per inch (default 200).

    Shape: ``array`` is ``[T, N]``; returns the ``matplotlib.figure.Figure``.

    Raises:
        ValueError: ``array`` does not have two dimensions.
        ModuleNotFoundError: matplotlib is not installed.

    Source: ``visualizing.plot_2d_heatmap``, SpikingJelly 0.0.0.0.14.
    """
    owner = "plot_2d_heatmap"
    values = _draw.array(owner, "array", array, "T", "N")
    figure, (axes,) = _draw.figure(owner, figsize, dpi, (111,))
    picture = axes.imshow(values.T, aspect="auto")
    if x_max is not None:
        left, _, bottom, top = picture.get_extent()
        picture.set_extent((left, x_max, bottom, top))
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    _draw.ticks(owner, axes, x=int_x_ticks, y=int_y_ticks)
    if plot_colorbar:
        figure.colorbar(picture, ax=axes).ax.set_ylabel(colorbar_y_label)
    return figure


def plot_2d_bar_in_3d(
    array: Any,
    title: str,
    xlabel: str,
    ylabel: str,
    zlabel: str,
    int_x_ticks: bool = True,
    int_y_ticks: bool = True,
    int_z_ticks: bool = False,
    dpi: float = 200,
) -> Any:
    """Draw the values of ``N`` neurons over ``T`` time steps as rows of bars in space.

    Equation::

        bar at x = n, y = t of height array[t, n], in the colour of neuron n

    Args:
        array: for example firing rates.
        title, xlabel, ylabel, zlabel: texts.
        int_x_ticks, int_y_ticks: whether the ticks are whole numbers only (default True).
        int_z_ticks: the same of the heights (default False).
        dpi: pixels per inch (default 200).

    Shape: ``array`` is ``[T, N]``; returns the ``matplotlib.figure.Figure``.

    Raises:
        ValueError: ``array`` does not have two dimensions.
        ModuleNotFoundError: matplotlib is not installed.

    Source: ``visualizing.plot_2d_bar_in_3d``, SpikingJelly 0.0.0.0.14.
    """
    owner = "plot_2d_bar_in_3d"
    values = _draw.array(owner, "array", array, "T", "N")
    figure, (axes,) = _draw.figure(owner, None, dpi, (111,), projection="3d")
    times = numpy.arange(values.shape[0])
    for neuron, heights in enumerate(values.T):
        axes.bar(times, heights, zs=neuron, zdir="x", color=_draw.colour(owner, neuron), alpha=0.8)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel, zlabel=zlabel)
    _draw.ticks(owner, axes, x=int_x_ticks, y=int_y_ticks, z=int_z_ticks)
    return figure


def plot_1d_spikes(
    spikes: Any,
    title: str,
    xlabel: str,
    ylabel: str,
    int_x_ticks: bool = True,
    int_y_ticks: bool = True,
    plot_firing_rate: bool = True,
    firing_rate_map_title: str = _draw.Title("firing rate"),
    figsize: Sequence[float] = (12, 8),
    dpi: float = 200,
) -> Any:
    """Draw the spikes of ``N`` neurons over ``T`` time steps as strokes, and their firing rates beside them.

    Equation::

        stroke of neuron n at t where spikes[t, n] == 1
        rate[n] = sum_t spikes[t, n]/T

    The number on a rate is white where ``rate[n] < 0.7*max(rate)`` or all rates are equal, else black.
    Upstream ignores ``figsize`` and ``dpi`` without the firing rates; here they hold.

    Args:
        spikes: zeros and ones.
        title, xlabel, ylabel: texts.
        int_x_ticks, int_y_ticks: whether the ticks are whole numbers only (default True).
        plot_firing_rate: whether the firing rates are drawn (default True).
        firing_rate_map_title: their title (default ``'firing rate'``).
        figsize: width and height in inches (default 12 by 8).
        dpi: pixels per inch (default 200).

    Shape: ``spikes`` is ``[T, N]``; returns the ``matplotlib.figure.Figure``.

    Raises:
        ValueError: ``spikes`` does not have two dimensions, or holds no neuron.
        ModuleNotFoundError: matplotlib is not installed.

    Source: ``visualizing.plot_1d_spikes``, SpikingJelly 0.0.0.0.14.
    """
    owner = "plot_1d_spikes"
    values = _draw.array(owner, "spikes", spikes, "T", "N").T
    neurons, steps = values.shape
    if not neurons:
        raise ValueError(f"{owner}: spikes of shape (T={steps}, N=0) are not accepted; expected N >= 1")
    grid: Any = (111,)
    if plot_firing_rate:
        cells = _optional.module("matplotlib.gridspec", owner, "plots").GridSpec(1, 5)
        grid = (cells[:4], cells[4])
    figure, (axes, *beside) = _draw.figure(
        owner, figsize, dpi, grid, layout="tight" if plot_firing_rate else None
    )
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    _draw.ticks(owner, axes, x=int_x_ticks, y=int_y_ticks)
    axes.set(xlim=(-0.5, steps - 0.5), ylim=(neurons - 0.5, -0.5))
    for neuron, train in enumerate(values):
        axes.eventplot(numpy.flatnonzero(train == 1), lineoffsets=neuron, colors=_draw.colour(owner, neuron))
    if plot_firing_rate:
        _draw_rates(owner, beside[0], values.mean(axis=1, keepdims=True), firing_rate_map_title)
    return figure


def _draw_rates(owner: str, axes: Any, rates: _Array, title: str) -> None:
    axes.imshow(rates, cmap="magma", aspect="auto")
    axes.get_xaxis().set_visible(False)
    axes.set_title(_draw.said(title))
    _draw.ticks(owner, axes, y=True)
    least, greatest = rates.min(), rates.max()
    for neuron, rate in enumerate(rates[:, 0]):
        dark = rate < _BRIGHT * greatest or least == greatest
        axes.text(0, neuron, f"{rate:.2f}", ha="center", va="center", color="w" if dark else "black")


def plot_2d_feature_map(
    x3d: Any,
    nrows: int,
    ncols: int,
    space: int,
    title: str,
    figsize: Sequence[float] = (12, 8),
    dpi: float = 200,
) -> tuple[Any, Any]:
    """Draw the ``C`` channels of a feature map in ``nrows`` rows of ``ncols`` grey pictures.

    Equation::

        picture of channel c in row c // ncols, column c % ncols
        around it, as bright as max(x3d): space//2 rows and columns above and left,
                                          space - space//2 below and right

    Args:
        x3d: for example spikes of a convolutional layer.
        nrows, ncols: ``nrows*ncols == C``.
        space: pixels between two pictures, 0 or more.
        title: text.
        figsize: width and height in inches (default 12 by 8).
        dpi: pixels per inch (default 200).

    Shape: ``x3d`` is ``[C, W, H]``; returns the figure and its axes.

    Raises:
        ValueError: ``x3d`` does not have three dimensions, holds nothing, or ``space`` is negative.
        TypeError: ``space`` is no integer.
        AssertionError: ``nrows*ncols`` is not ``C``.
        ModuleNotFoundError: matplotlib is not installed.

    Source: ``visualizing.plot_2d_feature_map``, SpikingJelly 0.0.0.0.14.
    """
    return _draw_maps("plot_2d_feature_map", "x3d", x3d, (nrows, ncols, space), title, figsize, dpi)


def plot_2d_spiking_feature_map(
    spikes: Any, nrows: int, ncols: int, space: int, title: str, dpi: float = 200
) -> tuple[Any, Any]:
    """Draw feature maps as :func:`plot_2d_feature_map`, under the name that SpikingJelly 0.0.0.0.12 has.

    Equation::

        plot_2d_feature_map(spikes, nrows, ncols, space, title, rcParams['figure.figsize'], dpi)

    Args:
        spikes, nrows, ncols, space, title, dpi: as there.

    Shape: ``spikes`` is ``[C, W, H]``; returns the figure and its axes.

    Raises: as there.

    Source: ``visualizing.plot_2d_spiking_feature_map``, SpikingJelly 0.0.0.0.12.
    """
    return _draw_maps(
        "plot_2d_spiking_feature_map", "spikes", spikes, (nrows, ncols, space), title, None, dpi
    )


def _draw_maps(
    owner: str, argument: str, x: Any, grid: tuple[int, int, int], title: str, figsize: Any, dpi: float
) -> tuple[Any, Any]:
    values, (nrows, ncols, space) = _draw.array(owner, argument, x, "C", "W", "H"), grid
    C, height, width = values.shape
    if nrows * ncols != C:
        raise AssertionError(
            f"{owner}: nrows={nrows!r} and ncols={ncols!r} are not accepted; expected nrows*ncols == C={C}"
        )
    if not values.size:
        raise ValueError(f"{owner}: {argument} of shape {values.shape} holds nothing to draw")
    if not isinstance(space, (int, numpy.integer)):
        raise TypeError(f"{owner}: space={space!r} is not accepted; expected an integer, 0 or more")
    if space < 0:
        raise ValueError(f"{owner}: space={space!r} is not accepted; expected 0 or more")
    before = space // 2
    framed = numpy.full((nrows, height + space, ncols, width + space), values.max(), dtype=float)
    inside = framed[:, before : before + height, :, before : before + width]
    inside[...] = values.reshape(nrows, ncols, height, width).swapaxes(1, 2)
    figure, (axes,) = _draw.figure(owner, figsize, dpi, (111,))
    axes.imshow(framed.reshape(nrows * (height + space), -1), cmap="gray")
    axes.get_xaxis().set_visible(False)
    axes.get_yaxis().set_visible(False)
    axes.set_title(title)
    return figure, axes


def plot_one_neuron_v_s(
    v: Any,
    s: Any,
    v_threshold: float = 1.0,
    v_reset: float | None = 0.0,
    title: str = _draw.Title("$V[t]$ and $S[t]$ of the neuron"),
    figsize: Sequence[float] = (12, 8),
    dpi: float = 200,
) -> tuple[Any, Any, Any]:
    """Draw the membrane potential and the spikes of one neuron over ``T`` time steps.

    Equation::

        above: the line v[t], with lines at v_threshold and v_reset;  below: a stroke at t where s[t] == 1

    Args:
        v: membrane potential of each time step.
        s: spike of each time step, 0 or 1.
        v_threshold: threshold (default 1.0).
        v_reset: reset potential (default 0.0); None draws no line.
        title: text.
        figsize: width and height in inches (default 12 by 8).
        dpi: pixels per inch (default 200).

    Shape: ``v`` and ``s`` are ``[T]`` or ``[T, 1]``; returns the figure and both its axes.

    Raises:
        ValueError: ``v`` or ``s`` is of more than one neuron, or their lengths differ.
        ModuleNotFoundError: matplotlib is not installed.

    Source: ``visualizing.plot_one_neuron_v_s``, SpikingJelly 0.0.0.0.14.
    """
    owner = "plot_one_neuron_v_s"
    potentials, train = _draw.of_one_neuron(owner, "v", v), _draw.of_one_neuron(owner, "s", s)
    steps = train.shape[0]
    if potentials.shape[0] != steps:
        raise ValueError(
            f"{owner}: v of {potentials.shape[0]} and s of {steps} time steps are not accepted; "
            "expected the same number"
        )
    cells = _optional.module("matplotlib.gridspec", owner, "plots").GridSpec(3, 1)
    figure, (above, below) = _draw.figure(owner, figsize, dpi, (cells[:2], cells[2]))
    above.plot(numpy.arange(steps), potentials)
    above.axhline(v_threshold, label="$V_{threshold}$", linestyle="-.", color="r")
    if v_reset is not None:
        above.axhline(v_reset, label="$V_{reset}$", linestyle="-.", color="g")
    above.set(title=_draw.said(title), ylabel="voltage", xlim=(-0.5, steps - 0.5))
    above.legend(frameon=None if _draw.earlier() else True)
    below.eventplot(numpy.flatnonzero(train == 1), lineoffsets=0, colors="r")
    below.set(xlabel="simulating step", ylabel="spike", xlim=(-0.5, steps - 0.5), yticks=[])
    _draw.ticks(owner, below, x=True)
    return figure, above, below
