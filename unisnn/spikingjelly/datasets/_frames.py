"""Events to frames: a frame counts the events of each polarity in each pixel.

Equation (``(t, x, y, p)[i]`` is event ``i``, ``[l, r)`` the segment of the frame)::

    F[c, y, x] = number of i in [l, r) with x[i] == x, y[i] == y, (p[i] != 0) == c

The numbers are those of SpikingJelly 0.0.0.0.14.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy

__all__ = [
    "cal_fixed_frames_number_segment_index",
    "ends_by_duration",
    "integrate_events_by_fixed_duration",
    "integrate_events_by_fixed_frames_number",
    "integrate_events_segment_to_frame",
    "segments",
]

_Array = numpy.ndarray[Any, Any]
_Events = Mapping[str, _Array]


def integrate_events_segment_to_frame(
    x: _Array, y: _Array, p: _Array, H: int, W: int, j_l: int = 0, j_r: int = -1
) -> _Array:
    """Count the events ``j_l`` to ``j_r - 1`` in one frame.

    Equation::

        F[c, y, x] = number of i in [j_l, j_r) at (x, y) with polarity c,  c = 0 where p[i] == 0, else 1

    Args:
        x, y: pixel of each event, whole numbers from 0 on, of any dtype.
        p: polarity of each event, 0 or not.
        H, W: height and width of the frame. A column from ``W`` on counts in the rows below, as
            upstream has it.
        j_l: first event (default 0).
        j_r: end of the segment, which is not part of it (default -1: all but the last event).

    Shape: events ``[N]``; the frame ``[2, H, W]``, float64.

    Raises:
        IndexError: an event lies beyond the last pixel.
        ValueError: a coordinate is negative.

    Source: ``datasets.integrate_events_segment_to_frame``, SpikingJelly 0.0.0.0.14.
    """
    x, y, p = (each[j_l:j_r] for each in (x, y, p))
    pixel = y.astype(int) * W + x.astype(int)
    if pixel.size and not 0 <= pixel.min() <= pixel.max() < H * W:
        error = ValueError if pixel.min() < 0 else IndexError
        raise error(
            f"integrate_events_segment_to_frame: events at x={x.min()}...{x.max()}, y={y.min()}...{y.max()} "
            f"are not accepted; expected 0 <= x < W={W} and 0 <= y < H={H}"
        )
    frame = numpy.zeros((2, H * W))
    off = p == 0
    for channel, chosen in enumerate((off, ~off)):
        frame[channel] = numpy.bincount(pixel[chosen], minlength=H * W)
    return frame.reshape(2, H, W)


def cal_fixed_frames_number_segment_index(
    events_t: _Array, split_by: str, frames_num: int
) -> tuple[_Array, _Array]:
    """Return the first and the end index of each of ``frames_num`` segments.

    Equation (``M`` is ``frames_num``, ``N`` the number of events, ``j = 0...M-1``)::

        d = (t[N-1] - t[0]) // M;  b[j] = t[0] + d*j                 split_by 'time'
        l[j] = first k with b[j] <= t[k] < b[j+1]
        r[j] = last such k, plus 1;  r[M-1] = N

        l[j] = (N // M)*j;  r[j] = (N // M)*(j + 1);  r[M-1] = N     split_by 'number'

    A span of time without events is an empty segment, ``l[j] == r[j]``; upstream raises ``IndexError``.

    Args:
        events_t: time of each event, in rising order, at least one of them for ``'time'``.
        split_by: ``'time'`` or ``'number'``.
        frames_num: number of segments, from 1 on.

    Shape: ``[N]``; both results ``[frames_num]``, of numpy's default integer dtype.

    Raises:
        NotImplementedError: ``split_by`` is something else.
        IndexError: no events, with ``split_by='time'``.
        ZeroDivisionError: ``frames_num`` is 0.

    Source: ``datasets.cal_fixed_frames_number_segment_index``, SpikingJelly 0.0.0.0.14.
    """
    whole = (events_t[-1] - events_t[0]) // max(frames_num, 1) if events_t.size else None
    return segments("cal_fixed_frames_number_segment_index", events_t, split_by, frames_num, whole)


def segments(owner: str, t: _Array, split_by: str, frames_num: int, step: Any) -> tuple[_Array, _Array]:
    """Return the first and the end index of each segment; by time each is ``step`` long."""
    n = t.size
    if split_by not in ("time", "number"):
        raise NotImplementedError(
            f"{owner}: split_by={split_by!r} is not accepted; expected 'time' or 'number'"
        )
    if frames_num < 1:
        raise ZeroDivisionError(f"{owner}: frames_num={frames_num!r} is not accepted; expected 1 or more")
    if split_by == "number":
        first = n // frames_num * numpy.arange(frames_num)
        end = first + n // frames_num
        end[-1] = n
        return first, end
    if n == 0:
        raise IndexError(f"{owner}: events_t holds no event; expected one or more for split_by='time'")
    return _segments_by_time(t, frames_num, step)


def _segments_by_time(t: _Array, frames_num: int, step: Any) -> tuple[_Array, _Array]:
    first, end = numpy.zeros(frames_num, dtype=int), numpy.zeros(frames_num, dtype=int)
    for j in range(frames_num):
        start = t[0] + step * j
        inside = numpy.flatnonzero((t >= start) & (t < start + step))
        if inside.size:
            first[j], end[j] = inside[0], inside[-1] + 1
        else:
            first[j] = end[j] = min(int(numpy.count_nonzero(t < start)), t.size)
    end[-1] = t.size
    return first, end


def integrate_events_by_fixed_frames_number(
    events: _Events, split_by: str, frames_num: int, H: int, W: int
) -> _Array:
    """Split a recording into ``frames_num`` segments and count the events of each.

    Equation::

        F[j] = integrate_events_segment_to_frame(x, y, p, H, W, l[j], r[j])
        l, r = cal_fixed_frames_number_segment_index(t, split_by, frames_num)

    Args:
        events: arrays of one length under ``'t'``, ``'x'``, ``'y'`` and ``'p'``.
        split_by: ``'time'`` or ``'number'``.
        frames_num: number of frames.
        H, W: height and width.

    Shape: ``[frames_num, 2, H, W]``, float64.

    Raises: as the two functions of the equation.

    Source: ``datasets.integrate_events_by_fixed_frames_number``, SpikingJelly 0.0.0.0.14.
    """
    t, x, y, p = (events[key] for key in ("t", "x", "y", "p"))
    segments = zip(*cal_fixed_frames_number_segment_index(t, split_by, frames_num), strict=True)
    return numpy.stack([integrate_events_segment_to_frame(x, y, p, H, W, *segment) for segment in segments])


def integrate_events_by_fixed_duration(events: _Events, duration: int, H: int, W: int) -> _Array:
    """Cut a recording into segments no longer than ``duration`` and count the events of each.

    Equation::

        l[0] = 0;  r[j] = first k with t[k] - t[l[j]] > duration, else N;  l[j+1] = r[j]
        F[j] = integrate_events_segment_to_frame(x, y, p, H, W, l[j], r[j])

    A segment begins with an event, so a silence makes no empty frame.

    Args:
        events: arrays of one length under ``'t'``, ``'x'``, ``'y'`` and ``'p'``.
        duration: longest time from the first to the last event of a frame, in units of ``t``.
        H, W: height and width.

    Shape: ``[frames, 2, H, W]``, float64.

    Raises:
        IndexError: there is no event.

    Source: ``datasets.integrate_events_by_fixed_duration``, SpikingJelly 0.0.0.0.14.
    """
    t, x, y, p = (events[key] for key in ("t", "x", "y", "p"))
    if t.size == 0:
        raise IndexError("integrate_events_by_fixed_duration: events hold no event; expected one or more")
    ends = ends_by_duration(t, duration)
    starts = [0, *ends[:-1]]
    return numpy.stack(
        [integrate_events_segment_to_frame(x, y, p, H, W, l, r) for l, r in zip(starts, ends, strict=True)]
    )


def ends_by_duration(t: _Array, duration: float) -> list[int]:
    """Return the end index of each segment that is no longer than ``duration``."""
    ends = [0]
    wide = t.astype(numpy.int64) if numpy.issubdtype(t.dtype, numpy.integer) else None
    if wide is not None and bool((wide[1:] >= wide[:-1]).all()) and math.isfinite(duration):
        longest = math.floor(duration)
        while ends[-1] < t.size:
            last = int(wide[ends[-1]]) + longest
            ends.append(max(int(numpy.searchsorted(wide, last, side="right")), ends[-1] + 1))
        return ends[1:]
    while ends[-1] < t.size:
        late = numpy.flatnonzero(t[ends[-1] :] - t[ends[-1]] > duration)
        ends.append(ends[-1] + max(int(late[0]), 1) if late.size else t.size)
    return ends[1:]
