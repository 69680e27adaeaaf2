"""The training program for ImageNet: not reproduced, its names say why."""

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
        "load_data": _REASON,
        "main": _REASON,
        "parse_args": _REASON,
    },
)
