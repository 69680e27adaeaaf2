"""Surrogates with a window around the threshold: triangle and rectangle."""

from __future__ import annotations

from typing import Any

from torch import Tensor, autograd

from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.spikingjelly.activation_based.surrogate import _base

__all__ = [
    "PiecewiseQuadratic",
    "Rect",
    "piecewise_quadratic",
    "piecewise_quadratic_backward",
    "rect",
    "rect_backward",
]


def piecewise_quadratic_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the triangular gradient as an autograd function's backward gives it.

    ::

        g'(x) = 0 if |x| > 1/alpha else alpha - alpha^2 |x|
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: height and inverse half width.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor. A zero ``alpha`` gives a zero gradient, no error.

    Source: spikingjelly ``surrogate.piecewise_quadratic_backward``, edition 3756e2f8.
    """
    return _families.PIECEWISE_QUADRATIC.gradient(grad_output, x, alpha), None


class piecewise_quadratic(autograd.Function):
    """Heaviside step with the triangular gradient: ``piecewise_quadratic.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = 0 if |x| > 1/alpha else alpha - alpha^2 |x|

    Args:
        x: tensor of any shape and floating dtype.
        alpha: height and inverse half width; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor. A zero ``alpha`` gives a zero gradient, no error.

    Source: spikingjelly ``surrogate.piecewise_quadratic``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.PIECEWISE_QUADRATIC, 2)


class PiecewiseQuadratic(_base.SurrogateFunctionBase):
    """Surrogate with a triangle around the threshold.

    ::

        gradient:  g'(x) = 0 if |x| > 1/alpha else alpha - alpha^2 |x|
        primitive: g(x) = 0, -alpha^2/2 |x| x + alpha x + 1/2, 1 for x < -1/alpha, |x| <= 1/alpha, x > 1/alpha

    Args:
        alpha: height and inverse half width; default 1.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: Esser et al. 2016, Bellec et al. 2018;
    spikingjelly ``surrogate.PiecewiseQuadratic``, edition 3756e2f8.
    """

    _family = _families.PIECEWISE_QUADRATIC
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 1.0, spiking: bool = True) -> None:
        super().__init__(_base.number("PiecewiseQuadratic", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``piecewise_quadratic.apply(x, alpha)``: spikes with the surrogate gradient."""
        return piecewise_quadratic.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.PIECEWISE_QUADRATIC, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.PIECEWISE_QUADRATIC.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``piecewise_quadratic``, fire rule ``>=``."""
        return _base.described(self, PiecewiseQuadratic, _families.PIECEWISE_QUADRATIC, "alpha")


def rect_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the rectangular gradient as an autograd function's backward gives it.

    ::

        g'(x) = alpha if |x| < 1/(2 alpha) else 0
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: height and inverse width.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor. A zero ``alpha`` gives a zero gradient, no error.

    Source: spikingjelly ``surrogate.rect_backward``, edition 3756e2f8.
    """
    return _families.RECT.gradient(grad_output, x, alpha), None


class rect(autograd.Function):
    """Heaviside step with the rectangular gradient: ``rect.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = alpha if |x| < 1/(2 alpha) else 0

    Args:
        x: tensor of any shape and floating dtype.
        alpha: height and inverse width; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor. A zero ``alpha`` gives a zero gradient, no error.

    Source: spikingjelly ``surrogate.rect``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.RECT, 2)


class Rect(_base.SurrogateFunctionBase):
    """Surrogate with a rectangle around the threshold.

    ::

        gradient:  g'(x) = alpha if |x| < 1/(2 alpha) else 0
        primitive: g(x) = clip(alpha x + 1/2, 0, 1)

    Args:
        alpha: height and inverse width; default 1.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: Wu et al. 2018 (STBP); spikingjelly ``surrogate.Rect``, edition 3756e2f8.
    """

    _family = _families.RECT
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 1.0, spiking: bool = True) -> None:
        super().__init__(_base.number("Rect", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``rect.apply(x, alpha)``: spikes with the surrogate gradient."""
        return rect.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.RECT, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.RECT.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``rect``, fire rule ``>=``."""
        return _base.described(self, Rect, _families.RECT, "alpha")
