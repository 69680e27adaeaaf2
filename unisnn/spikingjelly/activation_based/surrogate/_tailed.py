"""Surrogates with special tails: SuperSpike, difference quotient, log-tailed ReLU, q-PseudoSpike."""

from __future__ import annotations

from typing import Any

from torch import Tensor, autograd

from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.spikingjelly.activation_based.surrogate import _base

__all__ = [
    "FakeNumericalGradient",
    "LogTailedReLU",
    "QPseudoSpike",
    "SuperSpike",
    "fake_numerical_gradient",
    "fake_numerical_gradient_backward",
    "log_tailed_relu",
    "log_tailed_relu_backward",
    "q_pseudo_spike",
    "super_spike",
    "super_spike_backward",
]


def super_spike_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the SuperSpike gradient as an autograd function's backward gives it.

    ::

        g'(x) = alpha / (1 + |x|)^2
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: height.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.super_spike_backward``, edition 3756e2f8.
    """
    return _families.SUPER_SPIKE.gradient(grad_output, x, alpha), None


class super_spike(autograd.Function):
    """Heaviside step with the SuperSpike gradient: ``super_spike.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = alpha / (1 + |x|)^2

    Args:
        x: tensor of any shape and floating dtype.
        alpha: height; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.super_spike``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.SUPER_SPIKE, 2)


class SuperSpike(_base.SurrogateFunctionBase):
    """Surrogate of SuperSpike learning.

    ::

        gradient:  g'(x) = alpha / (1 + |x|)^2
        primitive: none

    Args:
        alpha: height; default 1.0.
        spiking: True (default) for spikes; there is no primitive function to choose.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.
        NotImplementedError: at the call, if not spiking.

    Source: Zenke and Ganguli 2018 (SuperSpike); spikingjelly ``surrogate.SuperSpike``, edition 3756e2f8,
    whose module ran the arc tangent gradient instead; 2.0.0 and its functional forms run this one.
    """

    _family = _families.SUPER_SPIKE
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 1.0, spiking: bool = True) -> None:
        super().__init__(_base.number("SuperSpike", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``super_spike.apply(x, alpha)``: spikes with the surrogate gradient."""
        return super_spike.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Raise ``NotImplementedError``: there is no primitive function."""
        return _base.primitive(_families.SUPER_SPIKE, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.SUPER_SPIKE.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``super_spike``, fire rule ``>=``."""
        return _base.described(self, SuperSpike, _families.SUPER_SPIKE, "alpha")


def fake_numerical_gradient_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the fake numerical gradient as an autograd function's backward gives it.

    ::

        g'(x) = min(sign(x) / x, alpha)
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: largest gradient.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.fake_numerical_gradient_backward``, edition 3756e2f8.
    """
    return _families.FAKE_NUMERICAL_GRADIENT.gradient(grad_output, x, alpha), None


class fake_numerical_gradient(autograd.Function):
    """Heaviside step with the fake numerical gradient: ``fake_numerical_gradient.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = min(sign(x) / x, alpha)

    Args:
        x: tensor of any shape and floating dtype.
        alpha: largest gradient; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.fake_numerical_gradient``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.FAKE_NUMERICAL_GRADIENT, 2)


class FakeNumericalGradient(_base.SurrogateFunctionBase):
    """Surrogate with a capped difference quotient of the step.

    ::

        gradient:  g'(x) = min(sign(x) / x, alpha)
        primitive: none

    Args:
        alpha: largest gradient; default 0.3. The gradient at -0.0 is ``-inf``.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor.
        NotImplementedError: at the call, after ``set_spiking_mode(False)``.

    Source: a difference quotient of the step;
    spikingjelly ``surrogate.FakeNumericalGradient``, edition 3756e2f8.
    """

    _family = _families.FAKE_NUMERICAL_GRADIENT
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 0.3) -> None:
        super().__init__(_base.number("FakeNumericalGradient", "alpha", alpha))

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``fake_numerical_gradient.apply(x, alpha)``: spikes with the surrogate gradient."""
        return fake_numerical_gradient.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Raise ``NotImplementedError``: there is no primitive function."""
        return _base.primitive(_families.FAKE_NUMERICAL_GRADIENT, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.FAKE_NUMERICAL_GRADIENT.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``fake_numerical_gradient``, fire rule ``>=``."""
        return _base.described(self, FakeNumericalGradient, _families.FAKE_NUMERICAL_GRADIENT, "alpha")


def log_tailed_relu_backward(grad_output: Tensor, x: Tensor, alpha: float) -> tuple[Tensor, None]:
    """Return the log-tailed ReLU gradient as an autograd function's backward gives it.

    ::

        g'(x) = alpha if x <= 0, 1 if 0 < x <= 1, 1/x if x > 1
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: slope below the threshold.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.log_tailed_relu_backward``, edition 3756e2f8.
    """
    return _families.LOG_TAILED_RELU.gradient(grad_output, x, alpha), None


class log_tailed_relu(autograd.Function):
    """Heaviside step with the log-tailed ReLU gradient: ``log_tailed_relu.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = alpha if x <= 0, 1 if 0 < x <= 1, 1/x if x > 1

    Args:
        x: tensor of any shape and floating dtype.
        alpha: slope below the threshold; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.log_tailed_relu``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.LOG_TAILED_RELU, 2)


class LogTailedReLU(_base.SurrogateFunctionBase):
    """Surrogate with the derivative of a ReLU with a logarithmic tail.

    ::

        gradient:  g'(x) = alpha if x <= 0, 1 if 0 < x <= 1, 1/x if x > 1
        primitive: g(x) = alpha x, x, log(x) + 1 on the same pieces

    Args:
        alpha: slope below the threshold; default 0.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: Cai et al. 2017 (Half-wave Gaussian Quantization);
    spikingjelly ``surrogate.LogTailedReLU``, edition 3756e2f8.
    """

    _family = _families.LOG_TAILED_RELU
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 0.0, spiking: bool = True) -> None:
        super().__init__(_base.number("LogTailedReLU", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``log_tailed_relu.apply(x, alpha)``: spikes with the surrogate gradient."""
        return log_tailed_relu.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.LOG_TAILED_RELU, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.LOG_TAILED_RELU.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``log_tailed_relu``, fire rule ``>=``."""
        return _base.described(self, LogTailedReLU, _families.LOG_TAILED_RELU, "alpha")


class q_pseudo_spike(autograd.Function):
    """Heaviside step with the q-PseudoSpike gradient: ``q_pseudo_spike.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = (1 + 2|x| / (alpha - 1))^(-alpha)

    Args:
        x: tensor of any shape and floating dtype.
        alpha: tail fatness, above 1; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        ZeroDivisionError: ``alpha`` is 1.

    Source: spikingjelly ``surrogate.q_pseudo_spike``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.Q_PSEUDO_SPIKE, 2)


class QPseudoSpike(_base.SurrogateFunctionBase):
    """Surrogate with a tail of adjustable fatness.

    ::

        gradient:  g'(x) = (1 + 2|x| / (alpha - 1))^(-alpha)
        primitive: g(x) = H(x) - (2H(x) - 1)/2 (1 + 2|x| / (alpha - 1))^(1 - alpha)

    Args:
        alpha: tail fatness, above 1; default 2.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        ZeroDivisionError: at the backward pass, if ``alpha`` is 1.
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: Herranz-Celotti and Rouat 2022 (Surrogate Gradients Design);
    spikingjelly ``surrogate.QPseudoSpike``, edition 3756e2f8.
    """

    _family = _families.Q_PSEUDO_SPIKE
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 2.0, spiking: bool = True) -> None:
        super().__init__(_base.number("QPseudoSpike", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``q_pseudo_spike.apply(x, alpha)``: spikes with the surrogate gradient."""
        return q_pseudo_spike.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.Q_PSEUDO_SPIKE, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``q_pseudo_spike``, fire rule ``>=``."""
        return _base.described(self, QPseudoSpike, _families.Q_PSEUDO_SPIKE, "alpha")
