"""Events as frames, images, voxel grids and bina-rep frames.

Events are a structured array ``[N]`` with the fields ``'x'``, ``'y'`` (optional for frames), ``'t'`` and
``'p'``, sorted by ``'t'``. The numbers are those of SpikingJelly 0.0.0.0.14; what that edition documents and
fails to do works here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from unisnn.spikingjelly.datasets import _slices
from unisnn.spikingjelly.datasets._slices import (
    SliceByEventCount,
    SliceByTimeBins,
    slice_events_by_count,
    slice_events_by_time_bins,
)

__all__ = [
    "Compose",
    "SliceByEventCount",
    "SliceByTimeBins",
    "ToBinaRep",
    "ToFrame",
    "ToImage",
    "ToVoxelGrid",
    "bina_rep",
    "slice_events_by_count",
    "slice_events_by_time_bins",
    "to_bina_rep_numpy",
    "to_frame_numpy",
    "to_voxel_grid_numpy",
]

for _name in ("SliceByEventCount", "SliceByTimeBins", "slice_events_by_count", "slice_events_by_time_bins"):
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too

_Array = numpy.ndarray[Any, Any]


class Compose:
    """Transforms one after the other.

    Equation::

        y = transforms[-1](...transforms[1](transforms[0](events)))

    Args:
        transforms: a sequence of callables.

    Source: ``datasets.to_x_rep.Compose``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, events: Any) -> Any:
        """Return the events after every transform."""
        for transform in self.transforms:
            events = transform(events)
        return events

    def __repr__(self) -> str:
        inside = "".join(f"\n    {transform}" for transform in self.transforms)
        return f"{type(self).__name__}({inside}\n)"


def to_frame_numpy(
    events: _Array,
    sensor_size: Sequence[int] | None,
    time_window: float | None = None,
    event_count: int | None = None,
    n_time_bins: int | None = None,
    n_event_bins: int | None = None,
    overlap: float = 0.0,
    include_incomplete: bool = False,
) -> _Array:
    """Count the events of each slice of a recording in a frame.

    Equation::

        F[j, p, y, x] = number of events of slice j at (x, y) with polarity p

    Exactly one of four arguments says how the recording is cut::

        time_window    slice j: t[0] + j*(time_window - overlap) <= t < that + time_window
        event_count    as SliceByEventCount
        n_time_bins    as SliceByTimeBins
        n_event_bins   slice j: n = int(N // n_event_bins*(1 + overlap)) events from j*int(n*(1 - overlap)) on

    Args:
        events: fields ``'x'``, ``'t'``, ``'p'`` and, for a sensor of two dimensions, ``'y'``.
        sensor_size: ``(W, H, P)``; None: one more than the greatest ``x`` and ``y``, and the number of
            polarities that occur. With ``P == 1`` all polarities count in one channel.
        time_window, event_count, n_time_bins, n_event_bins: see above (default None).
        overlap: in units of time, events, or as a share of a slice (default 0.0).
        include_incomplete: whether what is left over makes a frame, by time and by count (default False).

    Shape: ``[T, P, H, W]``, or ``[T, P, W]`` without ``'y'``; int16.

    Raises:
        AssertionError: the field ``'p'`` is missing.
        ValueError: not exactly one way to cut is given, the overlap is too large for it, or another field is
            missing.
        IndexError: ``sensor_size`` is not of three numbers, an event lies outside the sensor, or there is
            no event where the time says how to cut.

    Source: ``datasets.to_x_rep.to_frame_numpy``, SpikingJelly 0.0.0.0.14, whose ``time_window`` and
        ``n_event_bins`` raise ``NameError``.
    """
    names = events.dtype.names or ()
    if "p" not in names:
        raise AssertionError(
            f"to_frame_numpy: events with the fields {names!r} are not accepted; expected 'x', 't' and 'p'"
        )
    ways = (time_window, event_count, n_time_bins, n_event_bins)
    if sum(way is not None for way in ways) != 1:
        raise ValueError(
            f"to_frame_numpy: time_window, event_count, n_time_bins, n_event_bins = {ways!r} are not "
            "accepted; expected exactly one that is not None"
        )
    if time_window is not None:
        slices = _slices.by_time(events, time_window, overlap, include_incomplete)
    elif event_count is not None:
        slices = slice_events_by_count(events, event_count, overlap, include_incomplete)  # type: ignore[arg-type]
    elif n_time_bins is not None:
        slices = slice_events_by_time_bins(events, n_time_bins, overlap)
    else:
        slices = _slices.by_event_bins(events, n_event_bins, overlap)  # type: ignore[arg-type]
    width, height, channels = _sensor("to_frame_numpy", events, sensor_size)
    plane = (height, width) if "y" in names else (width,)
    frames = numpy.zeros((len(slices), channels, *plane), dtype=numpy.int16)
    for frame, part in zip(frames, slices, strict=True):
        channel = part["p"].astype(int) if channels != 1 else numpy.zeros(len(part), dtype=int)
        where = (part["y"], part["x"]) if "y" in names else (part["x"],)
        numpy.add.at(frame, (channel, *where), 1)
    return frames


def _sensor(owner: str, events: _Array, sensor_size: Sequence[int] | None) -> tuple[int, int, int]:
    if sensor_size is not None:
        if len(sensor_size) != 3:
            raise IndexError(f"{owner}: sensor_size={sensor_size!r} is not accepted; expected (W, H, P)")
        return sensor_size[0], sensor_size[1], sensor_size[2]
    height = int(events["y"].max()) + 1 if "y" in (events.dtype.names or ()) else 1
    return int(events["x"].max()) + 1, height, len(numpy.unique(events["p"]))


@dataclass(frozen=True)
class ToFrame:
    """:func:`to_frame_numpy` as a transform.

    Equation::

        y = to_frame_numpy(events, sensor_size, time_window, event_count, n_time_bins, n_event_bins,
                           overlap, include_incomplete)

    Args: as there.

    Source: ``datasets.to_x_rep.ToFrame``, SpikingJelly 0.0.0.0.14.
    """

    sensor_size: tuple[int, int, int] | None
    time_window: float | None = None
    event_count: int | None = None
    n_time_bins: int | None = None
    n_event_bins: int | None = None
    overlap: float = 0
    include_incomplete: bool = False

    def __call__(self, events: _Array) -> _Array:
        """Return the frames of a recording."""
        return to_frame_numpy(
            events,
            self.sensor_size,
            self.time_window,
            self.event_count,
            self.n_time_bins,
            self.n_event_bins,
            self.overlap,
            self.include_incomplete,
        )


@dataclass(frozen=True)
class ToImage:
    """Count all events of a recording in one image.

    Equation::

        y[p, y, x] = number of events at (x, y) with polarity p

    Args:
        sensor_size: ``(W, H, P)``.

    Shape: events ``[N]``; the image ``[P, H, W]``, int16.

    Raises:
        IndexError: an event lies outside the sensor.

    Source: ``datasets.to_x_rep.ToImage``, SpikingJelly 0.0.0.0.14, which raises without events.
    """

    sensor_size: tuple[int, int, int]

    def __call__(self, events: _Array) -> _Array:
        """Return the image of a recording."""
        return to_frame_numpy(events, self.sensor_size, event_count=max(len(events), 1))[0]


def to_bina_rep_numpy(event_frames: _Array, n_frames: int = 1, n_bits: int = 8) -> _Array:
    """Turn each group of ``n_bits`` event frames into one frame of ``n_bits``-bit numbers.

    Equation::

        y[t] = bina_rep(event_frames[t*n_bits:(t + 1)*n_bits] > 0)

    Args:
        event_frames: counts of events.
        n_frames: number of frames that are made, 1 or more (default 1).
        n_bits: number of frames that make one, 1 or more (default 8).

    Shape: ``[n_frames*n_bits, P, H, W] -> [n_frames, P, H, W]``, float32, from 0 to 1.

    Raises:
        AssertionError: ``n_frames`` or ``n_bits`` is less than 1, or the number of frames is another one.

    Source: ``datasets.to_x_rep.to_bina_rep_numpy``, SpikingJelly 0.0.0.0.14, which raises ``NameError``;
        Barchid et al., "Bina-Rep Event Frames: a Simple and Effective Representation for Event-based
        Cameras", ICIP 2022.
    """
    if n_frames < 1 or n_bits < 1 or event_frames.shape[0] != n_frames * n_bits:
        raise AssertionError(
            f"to_bina_rep_numpy: n_frames={n_frames!r} and n_bits={n_bits!r} are not accepted for "
            f"{event_frames.shape[0]} event_frames; expected n_frames*n_bits of them, both 1 or more"
        )
    groups = (event_frames > 0).reshape(n_frames, n_bits, *event_frames.shape[1:])
    return numpy.stack([bina_rep(group) for group in groups])


def bina_rep(frames: _Array) -> _Array:
    """Turn binary event frames into one frame of ``N``-bit numbers, the first frame the highest bit.

    Equation::

        y = (sum_n 2**(N - 1 - n)*frames[n])/(2**N - 1)

    Args:
        frames: binary event frames.

    Shape: ``[N, P, H, W] -> [P, H, W]``; float32, float64 for float64 and wide integers.

    Source: ``datasets.to_x_rep.bina_rep``, SpikingJelly 0.0.0.0.14; Barchid et al., ICIP 2022.
    """
    bits = frames.shape[0]
    weights = 2 ** numpy.arange(bits - 1, -1, -1, dtype=numpy.float32).reshape(bits, *[1] * (frames.ndim - 1))
    with numpy.errstate(invalid="ignore"):
        return numpy.sum(weights * frames, 0) / (2**bits - 1)


@dataclass(frozen=True)
class ToBinaRep:
    """:func:`to_bina_rep_numpy` as a transform.

    Equation::

        y = to_bina_rep_numpy(event_frames, n_frames, n_bits)

    Args: as there.

    Source: ``datasets.to_x_rep.ToBinaRep``, SpikingJelly 0.0.0.0.14.
    """

    n_frames: int = 1
    n_bits: int = 8

    def __call__(self, event_frames: _Array) -> _Array:
        """Return the bina-rep frames."""
        return to_bina_rep_numpy(event_frames, self.n_frames, self.n_bits)


def to_voxel_grid_numpy(events: _Array, sensor_size: Sequence[int], n_time_bins: int = 10) -> _Array:
    """Share each event between the two time bins beside it, and add the polarities up.

    Equation (``B`` is ``n_time_bins``; ``s = 1`` where ``p > 0``, ``-1`` where ``p == 0``, else ``p``)::

        u = B*(t - t[0])/(t[N-1] - t[0]);  k = floor(u)
        V[k, y, x] += s*(1 - (u - k))
        V[k + 1, y, x] += s*(u - k)             bins from B on are left out

    Args:
        events: fields ``'x'``, ``'y'``, ``'t'``, ``'p'``; one time alone is bin 0.
        sensor_size: ``(W, H, 2)``.
        n_time_bins: number of bins (default 10).

    Shape: events ``[N]``; the grid ``[n_time_bins, 1, H, W]``, float64.

    Raises:
        AssertionError: ``sensor_size[2]`` is not 2.
        IndexError: there is no event, or an event lies outside the grid.

    Source: ``datasets.to_x_rep.to_voxel_grid_numpy``, SpikingJelly 0.0.0.0.14; Zhu et al., "Unsupervised
        Event-Based Learning of Optical Flow, Depth, and Egomotion", CVPR 2019.
    """
    width, height, polarities = _sensor("to_voxel_grid_numpy", events, sensor_size)
    if polarities != 2:
        raise AssertionError(
            f"to_voxel_grid_numpy: sensor_size={sensor_size!r} is not accepted; expected two polarities"
        )
    times, signs = events["t"], events["p"].astype(float)
    signs[signs == 0] = -1
    span = (times[-1] - times[0]) or 1
    steps = n_time_bins * (times.astype(float) - float(times[0])) / span
    bins = steps.astype(int)
    later = steps - bins
    pixels = events["x"].astype(int) + events["y"].astype(int) * width + bins * width * height
    grid = numpy.zeros((n_time_bins, height, width)).ravel()
    for shift, shares in ((0, signs * (1 - later)), (1, signs * later)):
        kept = bins < n_time_bins - shift
        numpy.add.at(grid, pixels[kept] + shift * width * height, shares[kept])
    return grid.reshape(n_time_bins, 1, height, width)


@dataclass(frozen=True)
class ToVoxelGrid:
    """:func:`to_voxel_grid_numpy` as a transform.

    Equation::

        y = to_voxel_grid_numpy(events, sensor_size, n_time_bins)

    Args: as there.

    Source: ``datasets.to_x_rep.ToVoxelGrid``, SpikingJelly 0.0.0.0.14.
    """

    sensor_size: tuple[int, int, int]
    n_time_bins: int

    def __call__(self, events: _Array) -> _Array:
        """Return the voxel grid of a recording."""
        return to_voxel_grid_numpy(events, self.sensor_size, self.n_time_bins)
