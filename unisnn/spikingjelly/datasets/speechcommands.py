"""The Speech Commands recordings: the names import, and raise on use."""

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
        "EXCEPT_FOLDER": _READER,
        "FOLDER_IN_ARCHIVE": _READER,
        "HASH_DIVIDER": _READER,
        "SPEECHCOMMANDS": _READER,
        "TEST_RECORD": _READER,
        "TRAIN_RECORD": _READER,
        "URL": _READER,
        "VAL_RECORD": _READER,
        "load_speechcommands_item": _READER,
    },
)
