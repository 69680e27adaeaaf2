"""The ASL-DVS recordings (American sign language): the names import, and raise on use."""

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
        "ASLDVS": _READER,
    },
)
