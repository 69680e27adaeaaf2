"""The converter's helpers; not reproduced yet."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "not reproduced yet; activation_based.ann2snn has its successor"

__getattr__ = _absent.serve(
    __name__,
    {
        "download_url": _REASON,
    },
)
