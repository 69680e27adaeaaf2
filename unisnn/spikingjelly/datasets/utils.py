"""What 0.0.0.0.12 still has beside its ``datasets``: the names import, and raise on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_FRAMES = (
    "upstream left it with 0.0.0.0.14; unisnn.spikingjelly.datasets.integrate_events_by_fixed_frames_number "
    "makes the frames, without normalization"
)
_READER = "upstream left it with 0.0.0.0.14; the readers of recordings are not reproduced yet"

__getattr__ = _absent.serve(
    __name__,
    {
        "EventsFramesDatasetBase": _READER,
        "FunctionThread": "upstream left it with 0.0.0.0.14; threading.Thread(target=f) is the same",
        "convert_events_dir_to_frames_dir": _FRAMES,
        "extract_zip_in_dir": "upstream left it with 0.0.0.0.14; shutil.unpack_archive extracts an archive",
        "integrate_events_to_frames": _FRAMES,
        "normalize_frame": _FRAMES,
    },
)
