"""The Speech Commands recordings: names of folders and files; the reader raises on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__ = [
    "EXCEPT_FOLDER",
    "FOLDER_IN_ARCHIVE",
    "HASH_DIVIDER",
    "TEST_RECORD",
    "TRAIN_RECORD",
    "URL",
    "VAL_RECORD",
]

FOLDER_IN_ARCHIVE = "SpeechCommands"
"""The folder that the archive holds."""

URL = "speech_commands_v0.02"
"""The edition of the recordings."""

HASH_DIVIDER = "_nohash_"
"""What stands between the speaker and the number in a file's name."""

EXCEPT_FOLDER = "_background_noise_"
"""The folder that holds no commands."""

VAL_RECORD = "validation_list.txt"
"""The list of the recordings for validation."""

TEST_RECORD = "testing_list.txt"
"""The list of the recordings for tests."""

TRAIN_RECORD = "training_list.txt"
"""The list of the recordings for training."""

_READER = "the reader of these recordings is not reproduced yet; it needs torchaudio"

__getattr__ = _absent.serve(__name__, {"SPEECHCOMMANDS": _READER, "load_speechcommands_item": _READER})
