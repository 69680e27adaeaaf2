"""Surrogates with exponential tails: sigmoid, piecewise exponential, Gaussian (erf)."""

from __future__ import annotations

from typing import Any

from torch import Tensor, autograd

from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.spikingjelly.activation_based.surrogate import _base

__all__ = [
    "Erf",
    "PiecewiseExp",
    "Sigmoid",
    "erf",
    "erf_backward",
    "piecewise_exp",
    "piecewise_exp_backward",
    "sigmoid",
    "sigmoid_backward",
]


def piecewise_exp_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the piecewise exponential gradient as an autograd function's backward gives it.

    ::

        g'(x) = alpha/2 exp(-alpha |x|)
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: steepness.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.piecewise_exp_backward``, edition 3756e2f8.
    """
    return _families.PIECEWISE_EXP.gradient(grad_output, x, alpha), None


class piecewise_exp(autograd.Function):
    """Heaviside step with the piecewise exponential gradient: ``piecewise_exp.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = alpha/2 exp(-alpha |x|)

    Args:
        x: tensor of any shape and floating dtype.
        alpha: steepness; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.piecewise_exp``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.PIECEWISE_EXP, 2)


class PiecewiseExp(_base.SurrogateFunctionBase):
    """Surrogate with an exponential on either side of the threshold.

    ::

        gradient:  g'(x) = alpha/2 exp(-alpha |x|)
        primitive: g(x) = exp(alpha x)/2 if x < 0 else 1 - exp(-alpha x)/2

    Args:
        alpha: steepness; default 1.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: Shrestha and Orchard 2018 (SLAYER); spikingjelly ``surrogate.PiecewiseExp``, edition 3756e2f8.
    """

    _family = _families.PIECEWISE_EXP
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 1.0, spiking: bool = True) -> None:
        super().__init__(_base.number("PiecewiseExp", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``piecewise_exp.apply(x, alpha)``: spikes with the surrogate gradient."""
        return piecewise_exp.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.PIECEWISE_EXP, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.PIECEWISE_EXP.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``piecewise_exp``, fire rule ``>=``."""
        return _base.described(self, PiecewiseExp, _families.PIECEWISE_EXP, "alpha")


def sigmoid_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the sigmoid gradient as an autograd function's backward gives it.

    ::

        g'(x) = alpha (1 - sigmoid(alpha x)) sigmoid(alpha x)
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: steepness.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.sigmoid_backward``, edition 3756e2f8.
    """
    return _families.SIGMOID.gradient(grad_output, x, alpha), None


class sigmoid(autograd.Function):
    """Heaviside step with the sigmoid gradient: ``sigmoid.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = alpha (1 - sigmoid(alpha x)) sigmoid(alpha x)

    Args:
        x: tensor of any shape and floating dtype.
        alpha: steepness; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.sigmoid``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.SIGMOID, 2)


class Sigmoid(_base.SurrogateFunctionBase):
    """Surrogate with the derivative of the logistic function.

    ::

        gradient:  g'(x) = alpha (1 - sigmoid(alpha x)) sigmoid(alpha x)
        primitive: g(x) = sigmoid(alpha x)

    Args:
        alpha: steepness; default 4.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: derivative of the logistic function; spikingjelly ``surrogate.Sigmoid``, edition 3756e2f8.
    """

    _family = _families.SIGMOID
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 4.0, spiking: bool = True) -> None:
        super().__init__(_base.number("Sigmoid", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``sigmoid.apply(x, alpha)``: spikes with the surrogate gradient."""
        return sigmoid.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.SIGMOID, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.SIGMOID.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``sigmoid``, fire rule ``>=``."""
        return _base.described(self, Sigmoid, _families.SIGMOID, "alpha")


def erf_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the Gaussian gradient as an autograd function's backward gives it.

    ::

        g'(x) = alpha/sqrt(pi) exp(-(alpha x)^2)
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: inverse width.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.erf_backward``, edition 3756e2f8.
    """
    return _families.ERF.gradient(grad_output, x, alpha), None


class erf(autograd.Function):
    """Heaviside step with the Gaussian gradient: ``erf.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = alpha/sqrt(pi) exp(-(alpha x)^2)

    Args:
        x: tensor of any shape and floating dtype.
        alpha: inverse width; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.erf``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.ERF, 2)


class Erf(_base.SurrogateFunctionBase):
    """Surrogate with a Gaussian, the derivative of the error function.

    ::

        gradient:  g'(x) = alpha/sqrt(pi) exp(-(alpha x)^2)
        primitive: g(x) = erfc(-alpha x)/2

    Args:
        alpha: inverse width; default 2.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: derivative of the Gaussian error function; spikingjelly ``surrogate.Erf``, edition 3756e2f8.
    """

    _family = _families.ERF
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 2.0, spiking: bool = True) -> None:
        super().__init__(_base.number("Erf", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``erf.apply(x, alpha)``: spikes with the surrogate gradient."""
        return erf.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.ERF, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.ERF.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``erf``, fire rule ``>=``."""
        return _base.described(self, Erf, _families.ERF, "alpha")
