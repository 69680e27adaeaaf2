"""Recordings in slices: by time or by the number of events, with overlap.

Events are a structured array ``[N]`` with a field ``'t'``, sorted by it; a slice is a view of it. The
slices of the public functions are those of SpikingJelly 0.0.0.0.14.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

__all__ = [
    "SliceByEventCount",
    "SliceByTimeBins",
    "by_event_bins",
    "by_time",
    "slice_events_by_count",
    "slice_events_by_time_bins",
]

_Array = numpy.ndarray[Any, Any]
_Bounds = list[tuple[int, int]]


def _between(starts: _Array, ends: _Array) -> _Bounds:
    return list(zip(starts, ends, strict=True))


def _windows(times: _Array, starts: _Array, window: float) -> _Bounds:
    """Return where the windows ``[start, start + window)`` begin and end in ``times``."""
    return _between(numpy.searchsorted(times, starts), numpy.searchsorted(times, starts + window))


def _cut(events: _Array, bounds: _Bounds) -> list[_Array]:
    return [events[start:end] for start, end in bounds]


class _Slicer:
    """What both ways of slicing share; a subclass says where the slices begin and end."""

    def get_slice_metadata(self, data: _Array, targets: Any) -> _Bounds:
        """Return the first and the end index of each slice."""
        raise NotImplementedError

    def slice(self, data: _Array, targets: Any) -> tuple[list[_Array], Any]:
        """Return the slices of ``data``, and ``targets`` as they are."""
        return self.slice_with_metadata(data, targets, self.get_slice_metadata(data, targets))

    @staticmethod
    def slice_with_metadata(data: _Array, targets: Any, metadata: _Bounds) -> tuple[list[_Array], Any]:
        """Return the slices of ``data`` between the bounds, and ``targets`` as they are."""
        return _cut(data, metadata), targets


@dataclass(frozen=True)
class SliceByTimeBins(_Slicer):
    """A fixed number of slices of one length in time.

    Equation (``j = 0...bin_count-1``)::

        window = (t[N-1] - t[0]) // bin_count*(1 + overlap)
        slice j = events with a[j] <= t < a[j] + window,  a[j] = t[0] + j*window*(1 - overlap)

    Args:
        bin_count: number of slices.
        overlap: share of a slice, below 1 (default 0).

    Raises:
        AssertionError: at a call, ``overlap`` is 1 or more.
        IndexError: at a call, there is no event.

    Source: ``datasets.to_x_rep.SliceByTimeBins``, SpikingJelly 0.0.0.0.14.
    """

    bin_count: int
    overlap: float = 0

    def get_slice_metadata(self, data: _Array, targets: Any) -> _Bounds:
        """Return the first and the end index of each slice."""
        if not self.overlap < 1:
            raise AssertionError(
                f"SliceByTimeBins: overlap={self.overlap!r} is not accepted; expected overlap < 1"
            )
        times = data["t"]
        with numpy.errstate(divide="ignore", invalid="ignore"):
            window = (times[-1] - times[0]) // self.bin_count * (1 + self.overlap)
        stride = window * (1 - self.overlap)
        return _windows(times, numpy.arange(self.bin_count) * stride + times[0], window)


@dataclass(frozen=True)
class SliceByEventCount(_Slicer):
    """Slices of a fixed number of events.

    Equation (``N`` events)::

        n = min(event_count, N);  stride = event_count - overlap
        slice j = events a[j]...a[j] + n - 1,  a[j] = int(j*stride),  j = 0...floor((N - n)/stride)

    Args:
        event_count: events of a slice; all of them where there are fewer.
        overlap: events that a slice shares with the one before it (default 0).
        include_incomplete: whether the events that are left over make a slice: ``ceil`` for ``floor``
            (default False).

    Raises:
        ValueError: at a call, ``event_count - overlap`` is 0 or less.

    Source: ``datasets.to_x_rep.SliceByEventCount``, SpikingJelly 0.0.0.0.14.
    """

    event_count: int
    overlap: int = 0
    include_incomplete: bool = False

    def get_slice_metadata(self, data: _Array, targets: Any) -> _Bounds:
        """Return the first and the end index of each slice."""
        stride = self.event_count - self.overlap
        if stride <= 0:
            raise ValueError(
                f"SliceByEventCount: overlap={self.overlap!r} is not accepted; "
                f"expected less than event_count={self.event_count!r}"
            )
        length = min(self.event_count, len(data))
        last = (len(data) - length) / stride
        count = (math.ceil(last) if self.include_incomplete else math.floor(last)) + 1
        starts = (numpy.arange(count) * stride).astype(int)
        return _between(starts, starts + length)


def slice_events_by_time_bins(events: _Array, bin_count: int, overlap: float = 0.0) -> list[_Array]:
    """Cut a recording into ``bin_count`` slices of one length in time.

    Equation::

        y = SliceByTimeBins(bin_count, overlap).slice(events, None)[0]

    Args:
        events, bin_count, overlap: as for :class:`SliceByTimeBins`.

    Raises: as there.

    Source: ``datasets.to_x_rep.slice_events_by_time_bins``, SpikingJelly 0.0.0.0.14.
    """
    return _cut(events, SliceByTimeBins(bin_count, overlap).get_slice_metadata(events, None))


def slice_events_by_count(
    events: _Array, event_count: int, overlap: int = 0, include_incomplete: bool = False
) -> list[_Array]:
    """Cut a recording into slices of ``event_count`` events.

    Equation::

        y = SliceByEventCount(event_count, overlap, include_incomplete).slice(events, None)[0]

    Args:
        events, event_count, overlap, include_incomplete: as for :class:`SliceByEventCount`.

    Raises: as there.

    Source: ``datasets.to_x_rep.slice_events_by_count``, SpikingJelly 0.0.0.0.14.
    """
    return _cut(
        events, SliceByEventCount(event_count, overlap, include_incomplete).get_slice_metadata(events, None)
    )


def by_time(events: _Array, window: float, overlap: float, include_incomplete: bool) -> list[_Array]:
    """Cut a recording into slices of ``window`` units of time; each begins ``window - overlap`` later.

    At least one slice; what is left over at the end makes one where ``include_incomplete``.
    """
    stride = window - overlap
    if stride <= 0:
        raise ValueError(
            f"to_frame_numpy: overlap={overlap!r} is not accepted; expected less than time_window={window!r}"
        )
    times = events["t"].astype(float)
    last = (times[-1] - times[0] - window) / stride
    count = max((math.ceil(last) if include_incomplete else math.floor(last)) + 1, 1)
    return _cut(events, _windows(times, numpy.arange(count) * stride + times[0], window))


def by_event_bins(events: _Array, bins: int, overlap: float) -> list[_Array]:
    """Cut a recording into ``bins`` slices of ``int(N // bins*(1 + overlap))`` events."""
    if not overlap < 1:
        raise ValueError(f"to_frame_numpy: overlap={overlap!r} is not accepted; expected overlap < 1")
    length = int(len(events) // bins * (1 + overlap))
    starts = numpy.arange(bins) * int(length * (1 - overlap))
    return _cut(events, _between(starts, starts + length))
