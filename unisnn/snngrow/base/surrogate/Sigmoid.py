"""The sigmoid surrogate gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.core import edition as _edition
from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _surrogate
from unisnn.core.spike_tensor import to_dense as _to_dense
from unisnn.snngrow.base import _describe, _faces
from unisnn.snngrow.base.surrogate import BaseFunction as _base

__all__ = ["Sigmoid", "sigmoid", "sigmoid_backward"]


def sigmoid_backward(grad_output: Tensor, x: Tensor, alpha: Any) -> tuple[Tensor | None, ...]:
    """Return the gradient for each argument of :class:`sigmoid`: the one for ``x``, then None.

    Equation::

        dL/dx = dL/ds * alpha*(1 - sigmoid(alpha*x))*sigmoid(alpha*x)

    Args:
        grad_output: ``dL/ds``, the shape of ``x``.
        x: argument of the forward pass, any shape, floating dtype.
        alpha: steepness.

    Three entries for ``(x, alpha, spike_out)``; two under edition 0.1.1a1, which has no ``spike_out``.

    Source: ``snngrow.base.surrogate.Sigmoid.sigmoid_backward``, git edition.
    """
    gradient = _surrogate.SIGMOID.gradient(grad_output, x, alpha)
    return (gradient, None) if _edition.current("snngrow") == "0.1.1a1" else (gradient, None, None)


class sigmoid(torch.autograd.Function):
    """Spikes forward, the sigmoid derivative backward: ``sigmoid.apply(x, alpha, spike_out)``.

    Equation::

        s = 1 if x >= 0 else 0
        dL/dx = dL/ds * alpha*(1 - sigmoid(alpha*x))*sigmoid(alpha*x)

    Args:
        x: any shape, any real dtype.
        alpha: steepness; it gets no gradient.
        spike_out: return a SpikeTensor; may be left out.

    Source: ``snngrow.base.surrogate.Sigmoid.sigmoid``, git edition.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any, spike_out: bool = False) -> Tensor:
        """Return the spikes."""
        return _spike.fire(ctx, x, alpha, rule=lambda x: _base.heaviside(x, spike_out))

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradient for ``x`` and None for the others."""
        return _spike.surrogate_gradient(ctx, _to_dense(grad_output), _surrogate.SIGMOID, 3)


class Sigmoid(_base.SurrogateFunctionBase):
    """The sigmoid surrogate gradient.

    Equation::

        g(x)  = sigmoid(alpha*x)
        g'(x) = alpha*(1 - sigmoid(alpha*x))*sigmoid(alpha*x)

    Args:
        alpha: steepness (default 4.0).
        spike_out: return spikes as a SpikeTensor (default False).
        spiking: spikes with ``g'`` as gradient (default), or ``g`` itself.

    Shape:
        ``x``: any shape; the output has the same shape and dtype.

    Raises:
        TypeError: ``alpha`` is not a number or a tensor.

    Source: ``snngrow.base.surrogate.Sigmoid.Sigmoid``, git edition.
    """

    _family = _surrogate.SIGMOID

    @_faces.flag_by_edition
    def __init__(self, alpha: Any = 4.0, spike_out: bool = False, spiking: bool = True) -> None:
        _describe.require_steepness(alpha, "Sigmoid")
        super().__init__(alpha, spike_out=spike_out, spiking=spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any, spike_out: bool = False) -> Tensor:
        """Return spikes whose gradient is ``g'``."""
        return sigmoid.apply(x, alpha, spike_out)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _surrogate.SIGMOID.primitive(x, alpha)  # type: ignore[misc]

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return the gradient for ``x``: ``grad_output * g'(x)``."""
        return _surrogate.SIGMOID.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _describe.surrogate(self, "sigmoid")


_faces.serve_as_module(Sigmoid, sigmoid=sigmoid, sigmoid_backward=sigmoid_backward)
