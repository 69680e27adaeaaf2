"""Meters and logging of torchvision's reference training: not reproduced, its names say why."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = (
    "a copy of torchvision's reference training code; take it from torchvision (references/classification "
    "and torchvision.transforms.v2)"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "ExponentialMovingAverage": _REASON,
        "MetricLogger": _REASON,
        "SmoothedValue": _REASON,
        "accuracy": _REASON,
        "average_checkpoints": _REASON,
        "get_rank": _REASON,
        "get_world_size": _REASON,
        "init_distributed_mode": _REASON,
        "is_dist_avail_and_initialized": _REASON,
        "is_main_process": _REASON,
        "mkdir": _REASON,
        "reduce_across_processes": _REASON,
        "save_on_master": _REASON,
        "setup_for_distributed": _REASON,
        "store_model_weights": _REASON,
    },
)
