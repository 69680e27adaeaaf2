"""Event recordings as datasets: frames, splits, batches and files, with numpy and torch alone.

The readers of the recordings themselves (``DVS128Gesture``, ``CIFAR10DVS`` and the others) are named
in the modules where upstream has them, import, and raise on use.
"""

from __future__ import annotations

from unisnn.core import absent as _absent
from unisnn.spikingjelly.datasets._batches import (
    RandomTemporalDelete,
    pad_sequence_collate,
    padded_sequence_mask,
    random_temporal_delete,
    split_to_train_test_set,
)
from unisnn.spikingjelly.datasets._files import (
    create_same_directory_structure,
    create_sub_dataset,
    integrate_events_file_to_frames_file_by_fixed_duration,
    integrate_events_file_to_frames_file_by_fixed_frames_number,
    load_aedat_v3,
    load_ATIS_bin,
    load_npz_frames,
    save_frames_to_npz_and_print,
)
from unisnn.spikingjelly.datasets._frames import (
    cal_fixed_frames_number_segment_index,
    integrate_events_by_fixed_duration,
    integrate_events_by_fixed_frames_number,
    integrate_events_segment_to_frame,
)
from unisnn.spikingjelly.datasets._play import play_frame

__all__ = [
    "RandomTemporalDelete",
    "cal_fixed_frames_number_segment_index",
    "create_same_directory_structure",
    "create_sub_dataset",
    "integrate_events_by_fixed_duration",
    "integrate_events_by_fixed_frames_number",
    "integrate_events_file_to_frames_file_by_fixed_duration",
    "integrate_events_file_to_frames_file_by_fixed_frames_number",
    "integrate_events_segment_to_frame",
    "load_ATIS_bin",
    "load_aedat_v3",
    "load_npz_frames",
    "pad_sequence_collate",
    "padded_sequence_mask",
    "play_frame",
    "random_temporal_delete",
    "save_frames_to_npz_and_print",
    "split_to_train_test_set",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too

__getattr__ = _absent.serve(
    __name__,
    {
        "NeuromorphicDatasetFolder": "the readers of recordings are not reproduced yet; the functions of "
        "this module make frames from events that are read otherwise",
        "load_matlab_mat": "0.0.0.0.12 alone has it; scipy.io.loadmat reads such a file",
        "padded_sequence_mask_kernel_code": "the text of a CUDA kernel; padded_sequence_mask needs none",
    },
)
