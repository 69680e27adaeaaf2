"""Surrogates that are sums or joints of other functions: squarewave Fourier series and S2NN."""

from __future__ import annotations

from typing import Any

from torch import Tensor, autograd

from unisnn.core import check as _check
from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.spikingjelly.activation_based.surrogate import _base

__all__ = ["S2NN", "SquarewaveFourierSeries", "s2nn", "squarewave_fourier_series"]


class squarewave_fourier_series(autograd.Function):
    """Heaviside step with a cosine series as gradient: ``squarewave_fourier_series.apply(x, n, T_period)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = 4/T sum_{i=1}^{n-1} cos((2i-1) 2pi x / T)

    Args:
        x: tensor of any shape and floating dtype.
        n: one more than the number of cosines.
        T_period: period ``T`` of the squarewave.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        ZeroDivisionError: at the backward pass, if ``T_period`` is 0.

    Source: spikingjelly ``surrogate.squarewave_fourier_series``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, n: int, T_period: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, n, T_period)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None, None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.SQUAREWAVE_FOURIER_SERIES, 3)


class SquarewaveFourierSeries(_base.MultiArgsSurrogateFunctionBase):
    """Surrogate with the derivative of a squarewave's Fourier series.

    ::

        gradient:  g'(x) = 4/T sum_{i=1}^{n-1} cos((2i-1) 2pi x / T)
        primitive: g(x) = 1/2 + 2/pi sum_{i=1}^{n-1} sin((2i-1) 2pi x / T) / (2i-1)

    Args:
        n: one more than the number of terms, an int; default 2. With ``n = 1`` the gradient is 0 and
            the primitive is 1/2.
        T_period: period ``T``, positive; default 8.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        AssertionError: ``n`` is not an int, or ``T_period`` is not positive.
        TypeError: ``T_period`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: spikingjelly ``surrogate.SquarewaveFourierSeries``, edition 3756e2f8 (code; the
    documentation shows no formula).
    """

    n: int
    T_period: Any
    _family = _families.SQUAREWAVE_FOURIER_SERIES
    _parameter_names = ("n", "T_period")

    def __init__(self, n: int = 2, T_period: Any = 8, spiking: bool = True) -> None:
        super().__init__(spiking)
        _check.require_type(n, int, "SquarewaveFourierSeries", "n", "an int")
        self.n = n
        self.T_period = _base.number("SquarewaveFourierSeries", "T_period", T_period)
        _check.require(
            bool(T_period > 0), "SquarewaveFourierSeries", "T_period", T_period, "a number above 0"
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return spikes, or ``primitive_function(x, n, T_period)`` if not spiking."""
        function = self.spiking_function if self.spiking else self.primitive_function
        return function(x, self.n, self.T_period)

    @staticmethod
    def spiking_function(x: Tensor, w: Any, c: Any) -> Tensor:
        """Return ``squarewave_fourier_series.apply(x, w, c)``; ``w`` is ``n`` and ``c`` is ``T_period``."""
        return squarewave_fourier_series.apply(x, w, c)

    @staticmethod
    def primitive_function(x: Tensor, n: int, T_period: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.SQUAREWAVE_FOURIER_SERIES, x, n, T_period)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``squarewave_fourier_series``, fire rule ``>=``."""
        family = _families.SQUAREWAVE_FOURIER_SERIES
        return _base.described(self, SquarewaveFourierSeries, family, "n", "T_period")


class s2nn(autograd.Function):
    """Heaviside step with the S2NN gradient: ``s2nn.apply(x, alpha, beta)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = alpha (1 - sigmoid(alpha x)) sigmoid(alpha x) if x < 0 else beta / (x + 1)

    Args:
        x: tensor of any shape and floating dtype.
        alpha: steepness below the threshold.
        beta: height at the threshold and above.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.s2nn``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any, beta: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, alpha, beta)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None, None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.S2NN, 3)


class S2NN(_base.MultiArgsSurrogateFunctionBase):
    """Surrogate for single-step networks: a sigmoid's derivative below the threshold, a hyperbola above.

    ::

        gradient:  g'(x) = alpha (1 - sigmoid(alpha x)) sigmoid(alpha x) if x < 0 else beta / (x + 1)
        primitive: g(x) = sigmoid(alpha x) if x < 0 else beta log(|x + 1| + 1e-5) + 1/2

    Args:
        alpha: steepness below the threshold; default 4.0.
        beta: height at the threshold and above; default 1.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` or ``beta`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: Suetake et al. 2022 (S2NN); spikingjelly ``surrogate.S2NN``, edition 3756e2f8 (code; the
    documentation has ``beta log(x + 1) + 1``).
    """

    alpha: Any
    beta: Any
    _family = _families.S2NN
    _parameter_names = ("alpha", "beta")

    def __init__(self, alpha: Any = 4.0, beta: Any = 1.0, spiking: bool = True) -> None:
        super().__init__(spiking)
        self.alpha = _base.number("S2NN", "alpha", alpha)
        self.beta = _base.number("S2NN", "beta", beta)

    def forward(self, x: Tensor) -> Tensor:
        """Return spikes, or ``primitive_function(x, alpha, beta)`` if not spiking."""
        function = self.spiking_function if self.spiking else self.primitive_function
        return function(x, self.alpha, self.beta)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any, beta: Any) -> Tensor:
        """Return ``s2nn.apply(x, alpha, beta)``: spikes with the surrogate gradient."""
        return s2nn.apply(x, alpha, beta)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any, beta: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.S2NN, x, alpha, beta)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``s2nn``, fire rule ``>=``."""
        return _base.described(self, S2NN, _families.S2NN, "alpha", "beta")
