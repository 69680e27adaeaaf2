"""How a stateless layer takes a step mode: time folded into the batch.

Equation::

    y[t, n] = layer(x.flatten(0, 1))[t*N + n]            step_mode 'm'
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from unisnn.spikingjelly.activation_based import base, functional

__all__ = ["Folded"]


class Folded(base.StepModule):
    """A layer of ``torch.nn`` with a step mode; inherit from it before the layer.

    ``_layout`` is the shape that an input must have in ``'m'``; without one, any shape with time
    and batch in front will do.
    """

    _layout: str | None = None

    def forward(self, x: Tensor) -> Any:
        """Apply the layer to one time step (``'s'``) or to all of them (``'m'``)."""
        layer = super().forward  # type: ignore[misc]
        if self.step_mode == "s":
            return layer(x)
        if self._layout is not None and x.dim() != self._layout.count(",") + 1:
            raise ValueError(f"expected x with shape {self._layout}, but got x with shape {x.shape}!")
        return functional.seq_to_ann_forward(x, layer)

    def extra_repr(self) -> str:
        """Return the layer's arguments and the step mode."""
        arguments = super().extra_repr()  # type: ignore[misc]
        return f"{arguments}, step_mode={self.step_mode}"
