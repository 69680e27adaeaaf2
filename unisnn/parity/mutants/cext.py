"""Wrong names of the old CUDA extension: a bias left out, another surrogate by default."""

from __future__ import annotations

import contextlib
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []


@patch("cext/no-bias")
def _no_bias() -> contextlib.AbstractContextManager[None]:
    def make(original: Any) -> Any:
        return lambda self, x: x.matmul(self.weight.t())

    return replaced("unisnn.spikingjelly.cext.layer", "AutoSparseLinear.forward", make)


@patch("cext/sigmoid")
def _sigmoid() -> contextlib.AbstractContextManager[None]:
    def make(original: Any) -> Any:
        return lambda name, alpha: original("Sigmoid" if name == "ATan" else name, alpha)

    return replaced("unisnn.spikingjelly.cext.neuron", "_function", make)


add(
    Mutant(
        "cext/no-bias",
        "cext",
        "spikingjelly==0*",
        "the bias is left out",
        "cext.layer.AutoSparseLinear",
        "*/matrix/*|*/sequence/*",
        "cext/no-bias",
    )
)
add(
    Mutant(
        "cext/sigmoid",
        "cext",
        "spikingjelly==0.0.0.0.12",
        "a sigmoid where the arc tangent is the default",
        "cext.neuron.*",
        patch="cext/sigmoid",
    )
)
