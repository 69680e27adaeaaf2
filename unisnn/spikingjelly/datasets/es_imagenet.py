"""The ES-ImageNet recordings: one file; the reader of the whole dataset raises on use."""

from __future__ import annotations

from typing import Any

import numpy

from unisnn.core import absent as _absent

__all__ = ["load_events"]


def load_events(fname: str) -> dict[str, numpy.ndarray[Any, Any]]:
    """Read a recording: an npz archive with the events of each polarity.

    Equation (rows of ``pos`` and ``neg`` are ``(y, x, t)``)::

        events = rows of pos with p = 1 and of neg with p = 0, sorted by t

    Args:
        fname: path of the archive.

    Shape: ``pos`` is ``[N_1, 3]`` and ``neg`` ``[N_0, 3]``; four arrays ``[N_1 + N_0]`` under
        ``'x'``, ``'y'``, ``'t'`` and ``'p'``, float64.

    Raises:
        KeyError: the archive lacks ``pos`` or ``neg``.

    Source: ``datasets.es_imagenet.load_events``, SpikingJelly 0.0.0.0.14.
    """
    with numpy.load(fname, allow_pickle=False) as archive:
        on, off = archive["pos"], archive["neg"]
    parts = (numpy.hstack([on, numpy.ones((len(on), 1))]), numpy.hstack([off, numpy.zeros((len(off), 1))]))
    events = numpy.vstack(parts)
    events = events[numpy.argsort(events[:, 2])]
    return {"x": events[:, 1], "y": events[:, 0], "t": events[:, 2], "p": events[:, 3]}


__getattr__ = _absent.serve(
    __name__,
    {
        "ESImageNet": "the reader of these recordings is not reproduced yet; load_events reads one of its "
        "files, and unisnn.spikingjelly.datasets has frames, splits and batches for its events",
    },
)
