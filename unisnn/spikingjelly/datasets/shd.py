"""The Spiking Heidelberg Digits: events without rows; the reader of the whole dataset raises on use.

Equation (``(t, x)[i]`` is event ``i``, ``[l, r)`` the segment of the frame)::

    F[x] = number of i in [l, r) with x[i] == x

``h5_file`` is an open ``h5py.File``, or anything that holds the same under the same names: ``'spikes'`` with
``'times'`` and ``'units'``, and ``'labels'``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy

from unisnn.core import absent as _absent
from unisnn.spikingjelly.datasets import _files, _frames

__all__ = [
    "cal_fixed_frames_number_segment_index_shd",
    "custom_integrate_function_example",
    "integrate_events_by_fixed_duration_shd",
    "integrate_events_by_fixed_frames_number_shd",
    "integrate_events_file_to_frames_file_by_fixed_duration_shd",
    "integrate_events_file_to_frames_file_by_fixed_frames_number_shd",
    "integrate_events_segment_to_frame_shd",
]

_Array = numpy.ndarray[Any, Any]


def cal_fixed_frames_number_segment_index_shd(
    events_t: _Array, split_by: str, frames_num: int
) -> tuple[_Array, _Array]:
    """Return the first and the end index of each of ``frames_num`` segments; times are real numbers.

    Equation (``M`` is ``frames_num``, ``N`` the number of events, ``j = 0...M-1``)::

        d = (t[N-1] - t[0])/M;  b[j] = t[0] + d*j                    split_by 'time'
        l[j] = first k with b[j] <= t[k] < b[j] + d
        r[j] = last such k, plus 1;  r[M-1] = N

        l[j] = (N // M)*j;  r[j] = (N // M)*(j + 1);  r[M-1] = N     split_by 'number'

    A span of time without events is an empty segment, ``l[j] == r[j]``; upstream raises ``IndexError``.

    Args:
        events_t: time of each event in seconds, in rising order, at least one of them for ``'time'``.
        split_by: ``'time'`` or ``'number'``.
        frames_num: number of segments, from 1 on.

    Shape: ``[N]``; both results ``[frames_num]``, of numpy's default integer dtype.

    Raises:
        NotImplementedError: ``split_by`` is something else.
        IndexError: no events, with ``split_by='time'``.
        ZeroDivisionError: ``frames_num`` is 0.

    Source: ``datasets.shd.cal_fixed_frames_number_segment_index_shd``, SpikingJelly 0.0.0.0.14.
    """
    step = (events_t[-1] - events_t[0]) / max(frames_num, 1) if events_t.size else None
    owner = "cal_fixed_frames_number_segment_index_shd"
    return _frames.segments(owner, events_t, split_by, frames_num, step)


def integrate_events_segment_to_frame_shd(x: _Array, W: int, j_l: int = 0, j_r: int = -1) -> _Array:
    """Count the events ``j_l`` to ``j_r - 1`` in one frame.

    Equation::

        F[x] = number of i in [j_l, j_r) with x[i] == x

    Args:
        x: unit of each event, whole numbers from 0 on, of any dtype.
        W: number of units.
        j_l: first event (default 0).
        j_r: end of the segment, which is not part of it (default -1: all but the last event).

    Shape: events ``[N]``; the frame ``[W]``, float64.

    Raises:
        IndexError: an event lies beyond the last unit.
        ValueError: a unit is negative.

    Source: ``datasets.shd.integrate_events_segment_to_frame_shd``, SpikingJelly 0.0.0.0.14.
    """
    units = x[j_l:j_r].astype(int)
    if units.size and not 0 <= units.min() <= units.max() < W:
        error = ValueError if units.min() < 0 else IndexError
        raise error(
            f"integrate_events_segment_to_frame_shd: events at x={units.min()}...{units.max()} are not "
            f"accepted; expected 0 <= x < W={W}"
        )
    return numpy.bincount(units, minlength=W).astype(float)


def integrate_events_by_fixed_frames_number_shd(
    events: Mapping[str, _Array], split_by: str, frames_num: int, W: int
) -> _Array:
    """Split a recording into ``frames_num`` segments and count the events of each.

    Equation::

        F[j] = integrate_events_segment_to_frame_shd(x, W, l[j], r[j])
        l, r = cal_fixed_frames_number_segment_index_shd(t, split_by, frames_num)

    Args:
        events: arrays of one length under ``'t'`` and ``'x'``.
        split_by: ``'time'`` or ``'number'``.
        frames_num: number of frames.
        W: number of units.

    Shape: ``[frames_num, W]``, float64.

    Raises: as the two functions of the equation.

    Source: ``datasets.shd.integrate_events_by_fixed_frames_number_shd``, SpikingJelly 0.0.0.0.14.
    """
    x, bounds = events["x"], cal_fixed_frames_number_segment_index_shd(events["t"], split_by, frames_num)
    return numpy.stack(
        [integrate_events_segment_to_frame_shd(x, W, l, r) for l, r in zip(*bounds, strict=True)]
    )


def integrate_events_by_fixed_duration_shd(events: Mapping[str, _Array], duration: float, W: int) -> _Array:
    """Cut a recording into segments no longer than ``duration`` and count the events of each.

    Equation::

        l[0] = 0;  r[j] = first k with t[k] - t[l[j]] > duration, else N;  l[j+1] = r[j]
        F[j] = integrate_events_segment_to_frame_shd(x, W, l[j], r[j])

    Args:
        events: arrays of one length under ``'t'`` and ``'x'``.
        duration: longest time from the first to the last event of a frame, in units of ``t``.
        W: number of units.

    Shape: ``[frames, W]``, float64.

    Raises:
        IndexError: there is no event.

    Source: ``datasets.shd.integrate_events_by_fixed_duration_shd``, SpikingJelly 0.0.0.0.14.
    """
    t, x = events["t"], events["x"]
    if t.size == 0:
        raise IndexError("integrate_events_by_fixed_duration_shd: events hold no event; expected one or more")
    ends = _frames.ends_by_duration(t, duration)
    bounds = zip([0, *ends[:-1]], ends, strict=True)
    return numpy.stack([integrate_events_segment_to_frame_shd(x, W, l, r) for l, r in bounds])


def _recording(h5_file: Any, i: int) -> dict[str, _Array]:
    spikes = h5_file["spikes"]
    return {"t": spikes["times"][i], "x": spikes["units"][i]}


def _save(h5_file: Any, i: int, output_dir: str, frames: _Array, print_save: bool) -> None:
    stem = os.path.join(output_dir, str(h5_file["labels"][i]), str(i))
    _files.save_frames(stem, frames, print_save)


def integrate_events_file_to_frames_file_by_fixed_frames_number_shd(
    h5_file: Any, i: int, output_dir: str, split_by: str, frames_num: int, W: int, print_save: bool = False
) -> None:
    """Write the frames of recording ``i`` to ``LABEL/i.npz`` in ``output_dir``.

    Equation::

        archive['frames'] = integrate_events_by_fixed_frames_number_shd(events, split_by, frames_num, W)

    Args:
        h5_file: all recordings.
        i: which of them.
        output_dir: folder of the frames; the folder ``LABEL`` in it must exist.
        split_by, frames_num, W: as for ``integrate_events_by_fixed_frames_number_shd``.
        print_save: whether the written path is printed (default False).

    Source: the same name in ``datasets.shd``, SpikingJelly 0.0.0.0.14.
    """
    frames = integrate_events_by_fixed_frames_number_shd(_recording(h5_file, i), split_by, frames_num, W)
    _save(h5_file, i, output_dir, frames, print_save)


def integrate_events_file_to_frames_file_by_fixed_duration_shd(
    h5_file: Any, i: int, output_dir: str, duration: float, W: int, print_save: bool = False
) -> int:
    """Write the frames of a fixed duration of recording ``i`` to ``LABEL/i.npz``; return how many there are.

    Equation::

        archive['frames'] = integrate_events_by_fixed_duration_shd(events, duration, W)

    Args:
        h5_file: all recordings.
        i: which of them.
        output_dir: folder of the frames; the folder ``LABEL`` in it must exist.
        duration, W: as for ``integrate_events_by_fixed_duration_shd``.
        print_save: whether the written path is printed (default False).

    Source: the same name in ``datasets.shd``, SpikingJelly 0.0.0.0.14.
    """
    frames = integrate_events_by_fixed_duration_shd(_recording(h5_file, i), duration, W)
    _save(h5_file, i, output_dir, frames, print_save)
    return int(frames.shape[0])


def custom_integrate_function_example(h5_file: Any, i: int, output_dir: str, W: int) -> None:
    """Cut recording ``i`` in two at a random event, and write both frames to ``LABEL/i.npz``.

    Equation::

        k = numpy.random.randint(0, N);  F[0] = events 0...k-1;  F[1] = events k...N-1

    Args:
        h5_file: all recordings.
        i: which of them.
        output_dir: folder of the frames; the folder ``LABEL`` in it must exist.
        W: number of units.

    Source: ``datasets.shd.custom_integrate_function_example``, SpikingJelly 0.0.0.0.14.
    """
    x = _recording(h5_file, i)["x"]
    k = int(numpy.random.randint(0, x.size))
    bounds = ((0, k), (k, x.size))
    frames = numpy.stack([integrate_events_segment_to_frame_shd(x, W, l, r) for l, r in bounds])
    _save(h5_file, i, output_dir, frames, print_save=False)


__getattr__ = _absent.serve(
    __name__,
    {
        "SpikingHeidelbergDigits": "the reader of these recordings is not reproduced yet; the functions of "
        "this module make frames from an open h5 file of them",
    },
)
