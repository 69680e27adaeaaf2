"""The training loop of ``clock_driven``: not reproduced, its names say why."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = (
    "a training program around torchvision's data sets, not part of a network; train the networks of this "
    "package with a loop of your own, as examples/ do"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "default_cal_acc1_acc5": _REASON,
        "distributed_training_init": _REASON,
        "evaluate": _REASON,
        "on_master": _REASON,
        "setup_for_distributed": _REASON,
        "train_eval_loop": _REASON,
        "train_one_epoch": _REASON,
        "use_dist": _REASON,
    },
)
