"""Mixup and Cutmix of torchvision's reference training: not reproduced, its names say why."""

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
        "RandomCutmix": _REASON,
        "RandomMixup": _REASON,
    },
)
