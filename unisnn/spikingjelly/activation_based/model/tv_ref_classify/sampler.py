"""The repeated-augmentation sampler of torchvision's reference training: not reproduced."""

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
        "RASampler": _REASON,
    },
)
