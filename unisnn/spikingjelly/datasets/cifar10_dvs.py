"""The CIFAR10-DVS recordings: the AEDAT 2.0 format; the reader of the whole dataset raises on use.

An event is two big-endian words of 32 bits, an address and a time stamp in microseconds. The bits of the
address (31 is the highest)::

    31        what the event is: EVT_DVS, or EVT_APS for a sample of the image sensor
    30...22   y
    21...12   x
    11        polarity
"""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy

from unisnn.core import absent as _absent

__all__ = [
    "EVT_APS",
    "EVT_DVS",
    "load_events",
    "load_raw_events",
    "parse_raw_address",
    "polarity_mask",
    "polarity_shift",
    "read_bits",
    "skip_header",
    "valid_mask",
    "valid_shift",
    "x_mask",
    "x_shift",
    "y_mask",
    "y_shift",
]

_Array = numpy.ndarray[Any, Any]

EVT_DVS = 0
"""The highest bit of a pixel's event."""

EVT_APS = 1
"""The highest bit of a sample of the image sensor."""

valid_mask = 0x80000000
"""The bit that tells the two apart."""

valid_shift = 31
"""Its place."""

y_mask = 0x7FC00000
"""The bits of ``y``."""

y_shift = 22
"""Their place."""

x_mask = 0x003FF000
"""The bits of ``x``."""

x_shift = 12
"""Their place."""

polarity_mask = 0x00000800
"""The bit of the polarity."""

polarity_shift = 11
"""Its place."""


def read_bits(arr: _Array, mask: int | None = None, shift: int | None = None) -> _Array:
    """Return some bits of each word.

    Equation::

        y = (arr & mask) >> shift

    Args:
        arr: integers.
        mask: bits to keep (default None: all of them).
        shift: places to the right (default None: 0).

    Shape: any; the same.

    Source: ``datasets.cifar10_dvs.read_bits``, SpikingJelly 0.0.0.0.14.
    """
    kept = arr if mask is None else arr & mask
    return kept if shift is None else kept >> shift


def skip_header(fp: BinaryIO) -> int:
    """Return the length of the header: the bytes of the lines at the beginning that start with ``#``.

    Equation::

        y = sum of the lengths of the first lines, while a line without its white space begins with '#'

    Args:
        fp: a file, read from where it stands; the first line behind the header is read too.

    Source: ``datasets.cifar10_dvs.skip_header``, SpikingJelly 0.0.0.0.14, which raises where that line is
        no UTF-8.
    """
    length = 0
    for line in iter(fp.readline, b""):
        if not line.decode(errors="replace").strip().startswith("#"):
            break
        length += len(line)
    return length


def load_raw_events(
    fp: BinaryIO,
    bytes_skip: int = 0,
    bytes_trim: int = 0,
    filter_dvs: bool = False,
    times_first: bool = False,
) -> tuple[_Array, _Array]:
    """Return the time stamps and the addresses of a recording.

    Equation (``w`` are the words behind the header)::

        address[i] = w[2*i];  t[i] = w[2*i + 1]       the other way round where times_first

    Args:
        fp: a file that can be sought.
        bytes_skip: bytes before the first event (default 0).
        bytes_trim: bytes behind the last one (default 0).
        filter_dvs: whether events other than ``EVT_DVS`` are left out (default False).
        times_first: whether the time stamp comes before the address (default False).

    Shape: two arrays ``[N]`` of big-endian 32-bit words.

    Raises:
        ValueError: the bytes that are left are no whole number of events.

    Source: ``datasets.cifar10_dvs.load_raw_events``, SpikingJelly 0.0.0.0.14, which needs a
        numpy that still has the binary mode of ``fromstring``.
    """
    fp.seek(bytes_skip)
    raw = fp.read()
    raw = raw[:-bytes_trim] if bytes_trim > 0 else raw
    if len(raw) % 8:
        raise ValueError(
            f"load_raw_events: {len(raw)} bytes of events are not accepted; expected a multiple of 8 behind "
            f"bytes_skip={bytes_skip!r} and before bytes_trim={bytes_trim!r}"
        )
    words = numpy.frombuffer(raw, dtype=">u4").copy()
    addresses, times = (words[1::2], words[::2]) if times_first else (words[::2], words[1::2])
    if filter_dvs:
        kept = read_bits(addresses, valid_mask, valid_shift) == EVT_DVS
        addresses, times = addresses[kept], times[kept]
    return times, addresses


def parse_raw_address(
    addr: _Array,
    x_mask: int = x_mask,
    x_shift: int = x_shift,
    y_mask: int = y_mask,
    y_shift: int = y_shift,
    polarity_mask: int = polarity_mask,
    polarity_shift: int = polarity_shift,
) -> tuple[_Array, _Array, _Array]:
    """Return the pixels and the polarities of addresses.

    Equation::

        x = read_bits(addr, x_mask, x_shift);  y, p the same with their masks

    Args:
        addr: addresses, integers.
        x_mask, x_shift, y_mask, y_shift, polarity_mask, polarity_shift: bits and their places
            (default: those of this module).

    Shape: ``[N]``; three arrays ``[N]``, the polarities bool.

    Source: ``datasets.cifar10_dvs.parse_raw_address``, SpikingJelly 0.0.0.0.14.
    """
    x, y = read_bits(addr, x_mask, x_shift), read_bits(addr, y_mask, y_shift)
    return x, y, read_bits(addr, polarity_mask, polarity_shift).astype(bool)


def load_events(
    fp: BinaryIO, filter_dvs: bool = False, **kwargs: int
) -> tuple[_Array, _Array, _Array, _Array]:
    """Read a recording in the AEDAT 2.0 format.

    Equation::

        t, address = load_raw_events(fp, skip_header(fp), filter_dvs=filter_dvs)
        x, y, p = parse_raw_address(address, **kwargs)

    Args:
        fp: a file that can be sought, at its beginning.
        filter_dvs: whether events other than ``EVT_DVS`` are left out (default False).
        kwargs: masks and shifts, as for :func:`parse_raw_address`.

    Shape: four arrays ``[N]``: ``t``, ``x``, ``y``, ``p``.

    Raises: as :func:`load_raw_events`.

    Source: ``datasets.cifar10_dvs.load_events``, SpikingJelly 0.0.0.0.14.
    """
    times, addresses = load_raw_events(fp, bytes_skip=skip_header(fp), filter_dvs=filter_dvs)
    return (times, *parse_raw_address(addresses, **kwargs))


__getattr__ = _absent.serve(
    __name__,
    {
        "CIFAR10DVS": "the reader of these recordings is not reproduced yet; load_events reads one of its "
        "files, and unisnn.spikingjelly.datasets has frames, splits and batches for its events",
    },
)
