"""The CIFAR10-DVS recordings: the names import, and raise on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_READER = (
    "the reader of these recordings is not reproduced yet; "
    "unisnn.spikingjelly.datasets has frames, splits and batches for events that are read otherwise"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "CIFAR10DVS": _READER,
        "EVT_APS": _READER,
        "EVT_DVS": _READER,
        "load_events": _READER,
        "load_raw_events": _READER,
        "parse_raw_address": _READER,
        "polarity_mask": _READER,
        "polarity_shift": _READER,
        "read_bits": _READER,
        "skip_header": _READER,
        "valid_mask": _READER,
        "valid_shift": _READER,
        "x_mask": _READER,
        "x_shift": _READER,
        "y_mask": _READER,
        "y_shift": _READER,
    },
)
