"""Wrong datasets: a segment that is closed on the wrong side, a class split down, a mask one too long."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch

__all__: list[str] = []

_EDITION = "spikingjelly==0.0.0.0.14"
_PACKAGE = "unisnn.spikingjelly.datasets"


class _Changed:
    """A module with some names replaced."""

    def __init__(self, genuine: Any, **names: Any) -> None:
        self.__dict__.update(names)
        self._genuine = genuine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._genuine, name)


@contextlib.contextmanager
def _with(module: str, attribute: str, **names: Any) -> Iterator[None]:
    owner: Any = importlib.import_module(f"{_PACKAGE}.{module}")
    before = getattr(owner, attribute)
    setattr(owner, attribute, _Changed(before, **names))
    try:
        yield
    finally:
        setattr(owner, attribute, before)


@patch("datasets/open-duration")
def _open_duration() -> contextlib.AbstractContextManager[None]:
    import numpy

    def searchsorted(a: Any, v: Any, side: str) -> Any:
        return numpy.searchsorted(a, v, side="left")

    return _with("_frames", "numpy", searchsorted=searchsorted)


@patch("datasets/first-index")
def _first_index() -> contextlib.AbstractContextManager[None]:
    import numpy

    return _with("_frames", "numpy", arange=lambda count: numpy.arange(1, count + 1))


@patch("datasets/late-window")
def _late_window() -> contextlib.AbstractContextManager[None]:
    import numpy

    return _with("_slices", "numpy", searchsorted=lambda a, v: numpy.searchsorted(a, v, side="right"))


@patch("datasets/low-bit-first")
def _low_bit_first() -> contextlib.AbstractContextManager[None]:
    import numpy

    return _with("to_x_rep", "numpy", arange=lambda a, b, c, dtype: numpy.arange(a + 1, dtype=dtype))


@patch("datasets/nearest-bin")
def _nearest_bin() -> contextlib.AbstractContextManager[None]:
    import numpy

    class Grid:
        @staticmethod
        def at(frame: Any, where: Any, values: Any) -> None:
            numpy.add.at(frame, where, numpy.round(values))

    return _with("to_x_rep", "numpy", add=Grid)


@patch("datasets/polarity")
def _polarity() -> contextlib.AbstractContextManager[None]:
    import numpy

    def bincount(pixels: Any, minlength: int) -> Any:
        return numpy.bincount(pixels, minlength=minlength) > 0

    return _with("_frames", "numpy", bincount=bincount)


@patch("datasets/floor")
def _floor() -> contextlib.AbstractContextManager[None]:
    import math

    return _with("_batches", "math", ceil=math.floor)


@patch("datasets/unsorted")
def _unsorted() -> contextlib.AbstractContextManager[None]:
    return _with("_batches", "numpy", sort=lambda drawn: drawn)


def _mutant(name: str, symbol: str, text: str, case: str = "*") -> None:
    add(
        Mutant(f"datasets/{name}", "datasets", _EDITION, text, f"datasets.{symbol}", case, f"datasets/{name}")
    )


_mutant("open-duration", "integrate_events_by_fixed_duration", "t < for t <=", "*/dense/10/*|*/dense/1/*")
_mutant("first-index", "cal_fixed_frames_number_segment_index", "segments one too late", "*/number/*")
_mutant("polarity", "integrate_events_segment_to_frame", "whether there is an event for how many")
_mutant("late-window", "to_x_rep.slice_events_by_time_bins", "t > start for t >= start", "*/dense/3/*")
_mutant("low-bit-first", "to_x_rep.bina_rep", "the first frame the lowest bit", "*/4/*")
_mutant("nearest-bin", "to_x_rep.to_voxel_grid_numpy", "an event whole in one bin", "*/dense/3/*")
_mutant("floor", "split_to_train_test_set", "floor(n*ratio) for ceil(n*ratio)")
_mutant("unsorted", "random_temporal_delete", "time steps in the order in which they were drawn")
