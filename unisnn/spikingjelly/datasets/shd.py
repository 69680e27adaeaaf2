"""The Spiking Heidelberg Digits: the names import, and raise on use."""

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
        "SpikingHeidelbergDigits": _READER,
        "cal_fixed_frames_number_segment_index_shd": _READER,
        "custom_integrate_function_example": _READER,
        "integrate_events_by_fixed_duration_shd": _READER,
        "integrate_events_by_fixed_frames_number_shd": _READER,
        "integrate_events_file_to_frames_file_by_fixed_duration_shd": _READER,
        "integrate_events_file_to_frames_file_by_fixed_frames_number_shd": _READER,
        "integrate_events_segment_to_frame_shd": _READER,
    },
)
