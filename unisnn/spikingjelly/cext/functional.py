"""Products of a sparse and a dense matrix, computed as products of dense ones."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.core import check as _check

__all__ = ["sparse_mm_dense", "sparse_mm_dense_atf"]


class sparse_mm_dense_atf(torch.autograd.Function):
    """Product of two matrices, the first with many zeros: ``sparse_mm_dense_atf.apply(sparse, dense)``.

    Equation::

        y             = sparse @ dense
        dL/d(sparse)  = dL/dy @ dense.T
        dL/d(dense)   = sparse.T @ dL/dy

    Args:
        sparse: ``[M, N]``.
        dense: ``[N, P]``, of the same dtype and device.

    Shape: ``[M, P]``.

    Raises:
        AssertionError: an argument is no matrix.
        RuntimeError: shapes or dtypes do not fit.

    Source: ``cext.functional.sparse_mm_dense_atf``, SpikingJelly 0.0.0.0.14 (there the compiled extension and
        a CUDA device are needed).
    """

    @staticmethod
    def forward(ctx: Any, sparse: Tensor, dense: Tensor) -> Tensor:
        """Return the product."""
        for name, value in (("sparse", sparse), ("dense", dense)):
            _check.require(value.dim() == 2, "sparse_mm_dense", name, list(value.shape), "a matrix")
        ctx.save_for_backward(sparse, dense)
        return sparse.mm(dense)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Return the gradients of both matrices, as far as they are asked for."""
        sparse, dense = ctx.saved_tensors
        return (
            grad_output.mm(dense.t()) if ctx.needs_input_grad[0] else None,
            sparse.t().mm(grad_output) if ctx.needs_input_grad[1] else None,
        )


def sparse_mm_dense(sparse: Tensor, dense: Tensor) -> Tensor:
    """Return the product of two matrices whose first one may hold many zeros.

    Equation::

        y = sparse @ dense

    Args:
        sparse: ``[M, N]``.
        dense: ``[N, P]``, of the same dtype and device.

    Shape: ``[M, P]``.

    Raises: as :class:`sparse_mm_dense_atf`.

    Source: ``cext.functional.sparse_mm_dense``, SpikingJelly 0.0.0.0.14 (there the compiled extension and a
        CUDA device are needed, and the sum is formed from the non-zero terms alone).
    """
    return sparse_mm_dense_atf.apply(sparse, dense)
