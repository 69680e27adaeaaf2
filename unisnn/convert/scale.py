"""The layer that stands for an output scaled by the threshold: what ATIF does itself, and no other neuron."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["SCALED", "Scale"]

SCALED = "threshold_scaled"
"""``NeuronSpec.output`` of a neuron whose output is the spike times the threshold."""


class Scale(nn.Module):
    """Multiply by a constant.

    Equation::

        y = x * factor

    Args:
        factor: a number.

    Shape: any, any floating dtype; the output is like the input.

    Source: the output of ``ATIF``, qualia-plugin-snn.
    """

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = float(factor)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x * factor``."""
        return x * self.factor

    def extra_repr(self) -> str:
        """Return the factor."""
        return f"factor={self.factor}"
