"""Online training through time: gradients that use a trace where the forward pass used a spike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["ReplaceForGrad", "with_trace"]


class ReplaceForGrad(torch.autograd.Function):
    """The value of one tensor with the graph of two.

    Equation::

        y = x_r;  dL/dx = dL/dx_r = dL/dy

    Args:
        x: the tensor that the gradient goes to.
        x_r: the tensor that the value comes from.

    Source: ``layer.ReplaceforGrad``, SpikingJelly 2.0.0.
    """

    @staticmethod
    def forward(x: Tensor, x_r: Tensor) -> Tensor:
        """Return ``x_r``."""
        return x_r

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        """Keep nothing."""

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradient, twice."""
        return gradient, gradient


def with_trace(module: Callable[[Tensor], Tensor], spike: Tensor, trace: Tensor) -> Tensor:
    """Apply ``module`` to spikes, and differentiate it as if it had been applied to their trace.

    Equation::

        y = module(spike);  dL/dW = dL/dy * trace^T      for a linear module

    Args:
        module: called twice, first without a graph.
        spike: spikes of this step.
        trace: their trace, of the same shape.

    Source: ``layer.GradwithTrace``, SpikingJelly 2.0.0; Xiao et al., "Online Training Through Time for
        Spiking Neural Networks", NeurIPS 2022.
    """
    with torch.no_grad():
        y = module(spike)
    return ReplaceForGrad.apply(module(ReplaceForGrad.apply(spike, trace)), y)
