"""Linear layers for sparse inputs, computed as dense ones."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from unisnn.spikingjelly.cext import functional as _sparse

__all__ = ["AutoSparseLinear", "SparseLinear"]


class SparseLinear(nn.Linear):
    """A linear layer whose input may hold many zeros.

    Equation::

        y = x @ weight.T + bias

    Args:
        in_features: features of the input.
        out_features: features of the output.
        bias: whether there is a bias (default True).
        device: of the parameters.
        dtype: of the parameters.

    Shape: ``[N, in_features] -> [N, out_features]``.

    Raises:
        AssertionError: the input is no matrix.

    Source: ``cext.layer.SparseLinear``, SpikingJelly 0.0.0.0.14 (there the compiled extension and a CUDA
        device are needed).
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(in_features, out_features, bias, device, dtype)

    def forward(self, sparse: Tensor) -> Tensor:
        """Return ``sparse @ weight.T + bias``."""
        y = _sparse.sparse_mm_dense(sparse, self.weight.t())
        return y if self.bias is None else y + self.bias


class AutoSparseLinear(nn.Linear):
    """A linear layer that multiplies densely below a critical sparsity of its input; here always.

    Equation::

        y = x @ weight.T + bias

    Args:
        in_features: features of the input.
        out_features: features of the output.
        bias: whether there is a bias (default True).
        in_spikes: whether inputs are 0 and 1 alone (default False); kept as an attribute.

    Shape: ``[*, in_features] -> [*, out_features]``.

    ``critical_sparsity`` maps batch sizes to the sparsity above which a sparse product is faster: ``None``
    for every size that :meth:`benchmark` was asked about.

    Source: ``cext.layer.AutoSparseLinear``, SpikingJelly 0.0.0.0.14, on the CPU.
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, in_spikes: bool = False
    ) -> None:
        super().__init__(in_features, out_features, bias)
        self.critical_sparsity: dict[int, float | None] = {}
        self.in_spikes = in_spikes

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x @ weight.T + bias``."""
        return super().forward(x)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return super().extra_repr() + f", critical_sparsity={self.critical_sparsity}"

    def benchmark(
        self,
        batch_size: int,
        device: Any = None,
        run_times: int = 1024,
        precision: float = 1e-4,
        verbose: bool = True,
    ) -> None:
        """Note that dense products are the fastest for ``batch_size``: there are no sparse ones here.

        Args:
            batch_size: samples of an input.
            device: not used.
            run_times: not used.
            precision: not used.
            verbose: whether the result is printed (default True).
        """
        self.critical_sparsity[batch_size] = None
        if verbose:
            print(f"{self._get_name()}: batch_size={batch_size}: dense products are used at every sparsity")
