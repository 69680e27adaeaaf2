"""The NavGesture recordings: the ATIS ``.dat`` format; the readers of the whole datasets raise on use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy

from unisnn.core import absent as _absent

__all__ = ["peek", "readATIS_tddat"]

_Array = numpy.ndarray[Any, Any]
_SIZE = 8  # bytes of an event


def peek(f: BinaryIO, length: int = 1) -> bytes:
    """Return the next bytes of a file, which stays where it is.

    Equation::

        y = f.read(length), then back

    Args:
        f: a file that can be sought.
        length: number of bytes (default 1); fewer at the end of the file.

    Source: ``datasets.nav_gesture.peek``, SpikingJelly 0.0.0.0.14.
    """
    position = f.tell()
    found = f.read(length)
    f.seek(position)
    return found


def readATIS_tddat(
    file_name: str,
    orig_at_zero: bool = True,
    drop_negative_dt: bool = True,
    verbose: bool = True,
    events_restriction: Sequence[float] = [0, numpy.inf],
) -> tuple[_Array, _Array, _Array, int]:
    """Read a recording of an ATIS camera: eight bytes an event, behind a header of lines with ``%``.

    Equation (little-endian words ``t`` and ``a``)::

        x = a & 511;  y = (a >> 9) & 255;  p = (a >> 17) & 1

    A header is followed by two bytes, the type and the size of the events. Where upstream meets an event
    that is earlier than the one before it, it loses the last event of the file too;
    ``events_restriction``, which it compares with something else than the time stamps, holds here.

    Args:
        file_name: path of the file.
        orig_at_zero: whether the time of the first event is subtracted (default True).
        drop_negative_dt: whether an event that is earlier than one before it is left out (default True).
        verbose: whether a line is printed that says what was read (default True).
        events_restriction: least and greatest time stamp, before the subtraction (default all).

    Shape: ``t`` ``[N]``, pixels ``[N, 2]`` (columns x and y), ``p`` ``[N]``, all int64; and how many events
        were left out because they are early, -1 without ``drop_negative_dt``.

    Raises:
        ValueError: the size of the events is not 8.

    Source: ``datasets.nav_gesture.readATIS_tddat``, SpikingJelly 0.0.0.0.14.
    """
    raw = Path(file_name).read_bytes()
    start = 0
    while raw[start : start + 1] == b"%":
        end = raw.find(b"\n", start)
        start = len(raw) if end < 0 else end + 1
    if start:
        size = raw[start + 1] if start + 1 < len(raw) else None
        if size != _SIZE:
            raise ValueError(
                f"readATIS_tddat: file_name={file_name!r} has events of {size!r} bytes; expected {_SIZE}"
            )
        start += 2
    words = numpy.frombuffer(raw, dtype="<u4", count=(len(raw) - start) // _SIZE * 2, offset=start)
    times, addresses = words.astype(numpy.int64).reshape(-1, 2).T
    least, greatest = events_restriction
    kept = (times >= least) & (times <= greatest)
    removed = -1
    if drop_negative_dt:
        inside = times[kept]
        early = inside < numpy.maximum.accumulate(inside) if inside.size else inside > 0
        kept[numpy.flatnonzero(kept)[early]] = False
        removed = int(early.sum())
    times, addresses = times[kept], addresses[kept]
    if orig_at_zero and times.size:
        times = times - times[0]
    if verbose:
        print(f"{file_name}: {times.size} events, {max(removed, 0)} left out because they are early")
    pixels = numpy.stack([addresses & 511, (addresses >> 9) & 255], axis=1)
    return times, pixels, (addresses >> 17) & 1, removed


_READER = (
    "the reader of these recordings is not reproduced yet; readATIS_tddat reads one of its files, and "
    "unisnn.spikingjelly.datasets has frames, splits and batches for its events"
)

__getattr__ = _absent.serve(__name__, {"NAVGestureSit": _READER, "NAVGestureWalk": _READER})
