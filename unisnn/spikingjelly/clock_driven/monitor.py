"""The firing-rate monitor of ``clock_driven``; nothing of it is reproduced yet."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "not reproduced yet; register a forward hook on the neurons, or use activation_based.monitor"

__getattr__ = _absent.serve(
    __name__,
    {
        "Monitor": _REASON,
    },
)
