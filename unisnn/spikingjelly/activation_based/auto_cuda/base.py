"""The frame of generated CUDA kernels: the names import, and raise on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = (
    "it writes the text of CUDA kernels for cupy; "
    "the neurons and surrogates of unisnn run on any device without it"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "CKernel": _REASON,
        "CKernel1D": _REASON,
        "CKernel2D": _REASON,
        "CodeBlock": _REASON,
        "CodeTyper": _REASON,
        "startswiths": _REASON,
        "wrap_with_comment": _REASON,
    },
)
