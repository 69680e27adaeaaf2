"""Other representations of events: the names import, and raise on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_LATER = "not reproduced yet; unisnn.spikingjelly.datasets counts events in frames"

__getattr__ = _absent.serve(
    __name__,
    {
        "Compose": _LATER,
        "SliceByEventCount": _LATER,
        "SliceByTimeBins": _LATER,
        "ToBinaRep": _LATER,
        "ToFrame": _LATER,
        "ToImage": _LATER,
        "ToVoxelGrid": _LATER,
        "bina_rep": _LATER,
        "slice_events_by_count": _LATER,
        "slice_events_by_time_bins": _LATER,
        "to_bina_rep_numpy": _LATER,
        "to_frame_numpy": _LATER,
        "to_voxel_grid_numpy": _LATER,
    },
)
