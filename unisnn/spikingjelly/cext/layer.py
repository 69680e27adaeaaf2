"""Sparse layers of the old CUDA extension; none of them is reproduced."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "needs the compiled CUDA extension; torch.nn.Linear gives the same numbers"

__getattr__ = _absent.serve(
    __name__,
    {
        "AutoSparseLinear": _REASON,
        "SparseLinear": _REASON,
    },
)
