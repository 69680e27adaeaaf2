"""Sparse matrix products of the old CUDA extension; none of them is reproduced."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "needs the compiled CUDA extension; torch.matmul gives the same numbers"

__getattr__ = _absent.serve(
    __name__,
    {
        "sparse_mm_dense": _REASON,
        "sparse_mm_dense_atf": _REASON,
    },
)
