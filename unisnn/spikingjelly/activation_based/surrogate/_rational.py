"""Surrogates with rational tails: soft sign, arc tangent, signed logarithm."""

from __future__ import annotations

from typing import Any

from torch import Tensor, autograd

from unisnn.core import check as _check
from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.spikingjelly.activation_based.surrogate import _base

__all__ = [
    "ATan",
    "NonzeroSignLogAbs",
    "SoftSign",
    "atan",
    "atan_backward",
    "nonzero_sign_log_abs",
    "nonzero_sign_log_abs_backward",
    "soft_sign",
    "soft_sign_backward",
]


def soft_sign_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the soft sign gradient as an autograd function's backward gives it.

    ::

        g'(x) = 1 / (2 alpha (1/alpha + |x|)^2)
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: steepness, positive.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        ZeroDivisionError: ``alpha`` is 0.

    Source: spikingjelly ``surrogate.soft_sign_backward``, edition 3756e2f8.
    """
    return _families.SOFT_SIGN.gradient(grad_output, x, alpha), None


class soft_sign(autograd.Function):
    """Heaviside step with the soft sign gradient: ``soft_sign.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = 1 / (2 alpha (1/alpha + |x|)^2)

    Args:
        x: tensor of any shape and floating dtype.
        alpha: steepness, positive; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        ZeroDivisionError: ``alpha`` is 0.

    Source: spikingjelly ``surrogate.soft_sign``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.SOFT_SIGN, 2)


class SoftSign(_base.SurrogateFunctionBase):
    """Surrogate with the derivative of the soft sign function.

    ::

        gradient:  g'(x) = 1 / (2 alpha (1/alpha + |x|)^2)
        primitive: g(x) = (alpha x / (1 + |alpha x|) + 1)/2

    Args:
        alpha: steepness, positive; default 2.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        AssertionError: ``alpha`` is not positive.
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: derivative of the soft sign function; spikingjelly ``surrogate.SoftSign``, edition 3756e2f8.
    """

    _family = _families.SOFT_SIGN
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 2.0, spiking: bool = True) -> None:
        super().__init__(_base.number("SoftSign", "alpha", alpha), spiking)
        _check.require(bool(alpha > 0), "SoftSign", "alpha", alpha, "a number above 0")

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``soft_sign.apply(x, alpha)``: spikes with the surrogate gradient."""
        return soft_sign.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.SOFT_SIGN, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.SOFT_SIGN.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``soft_sign``, fire rule ``>=``."""
        return _base.described(self, SoftSign, _families.SOFT_SIGN, "alpha")


def atan_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the arc tangent gradient as an autograd function's backward gives it.

    ::

        g'(x) = alpha / (2 (1 + (pi/2 alpha x)^2))
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: steepness.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.atan_backward``, edition 3756e2f8.
    """
    return _families.ATAN.gradient(grad_output, x, alpha), None


class atan(autograd.Function):
    """Heaviside step with the arc tangent gradient: ``atan.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = alpha / (2 (1 + (pi/2 alpha x)^2))

    Args:
        x: tensor of any shape and floating dtype.
        alpha: steepness; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.atan``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.ATAN, 2)


class ATan(_base.SurrogateFunctionBase):
    """Surrogate with the derivative of the arc tangent.

    ::

        gradient:  g'(x) = alpha / (2 (1 + (pi/2 alpha x)^2))
        primitive: g(x) = atan(pi/2 alpha x)/pi + 1/2

    Args:
        alpha: steepness; default 2.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: derivative of the arc tangent; spikingjelly ``surrogate.ATan``, edition 3756e2f8.
    """

    _family = _families.ATAN
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 2.0, spiking: bool = True) -> None:
        super().__init__(_base.number("ATan", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``atan.apply(x, alpha)``: spikes with the surrogate gradient."""
        return atan.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.ATAN, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.ATAN.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``atan``, fire rule ``>=``."""
        return _base.described(self, ATan, _families.ATAN, "alpha")


def nonzero_sign_log_abs_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the signed logarithm gradient as an autograd function's backward gives it.

    ::

        g'(x) = 1 / (1/alpha + |x|)
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: steepness.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor. A zero ``alpha`` gives a zero gradient, no error.

    Source: spikingjelly ``surrogate.nonzero_sign_log_abs_backward``, edition 3756e2f8.
    """
    return _families.NONZERO_SIGN_LOG_ABS.gradient(grad_output, x, alpha), None


class nonzero_sign_log_abs(autograd.Function):
    """Heaviside step with the signed logarithm gradient: ``nonzero_sign_log_abs.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = 1 / (1/alpha + |x|)

    Args:
        x: tensor of any shape and floating dtype.
        alpha: steepness; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor. A zero ``alpha`` gives a zero gradient, no error.

    Source: spikingjelly ``surrogate.nonzero_sign_log_abs``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.NONZERO_SIGN_LOG_ABS, 2)


class NonzeroSignLogAbs(_base.SurrogateFunctionBase):
    """Surrogate with the derivative of a signed logarithm; its primitive is not confined to (0, 1).

    ::

        gradient:  g'(x) = 1 / (1/alpha + |x|)
        primitive: g(x) = (1 if x >= 0 else -1) log(|alpha x| + 1)

    Args:
        alpha: steepness; default 1.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: derivative of a signed logarithm; spikingjelly ``surrogate.NonzeroSignLogAbs``, edition 3756e2f8.
    """

    _family = _families.NONZERO_SIGN_LOG_ABS
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 1.0, spiking: bool = True) -> None:
        super().__init__(_base.number("NonzeroSignLogAbs", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``nonzero_sign_log_abs.apply(x, alpha)``: spikes with the surrogate gradient."""
        return nonzero_sign_log_abs.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.NONZERO_SIGN_LOG_ABS, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.NONZERO_SIGN_LOG_ABS.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``nonzero_sign_log_abs``, fire rule ``>=``."""
        return _base.described(self, NonzeroSignLogAbs, _families.NONZERO_SIGN_LOG_ABS, "alpha")
