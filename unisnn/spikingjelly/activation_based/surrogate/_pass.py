"""Passes: the gradient goes through unchanged, behind a step or a Bernoulli draw."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, autograd

from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.spikingjelly.activation_based.surrogate import _base

__all__ = ["DeterministicPass", "deterministic_pass", "deterministic_pass_backward", "poisson_pass"]


def deterministic_pass_backward(grad_output: Tensor, x: Tensor, alpha: float = 1.0) -> tuple[Tensor, None]:
    """Return the straight-through gradient as an autograd function's backward gives it.

    ::

        g'(x) = 1
        returns (grad_output * g'(x), None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        alpha: unused; it decides nothing.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        Nothing: ``x`` and ``alpha`` are not looked at.

    Source: spikingjelly ``surrogate.deterministic_pass_backward``, edition 3756e2f8.
    """
    return _families.DETERMINISTIC_PASS.gradient(grad_output, x, alpha), None


class deterministic_pass(autograd.Function):
    """Heaviside step with the straight-through gradient: ``deterministic_pass.apply(x, alpha)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = 1

    Args:
        x: tensor of any shape and floating dtype.
        alpha: unused; it decides nothing; it gets no gradient.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.deterministic_pass``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any = 1.0) -> Tensor:
        """Return ``H(x)``."""
        return _spike.at_or_above(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None)``."""
        return grad_output, None


class DeterministicPass(_base.SurrogateFunctionBase):
    """Step with the gradient passed straight through.

    ::

        gradient:  g'(x) = 1
        primitive: g(x) = x

    Args:
        alpha: unused; it decides nothing and may be left out; default 1.0.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``alpha`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: Bengio et al. 2013 (straight-through estimator);
    spikingjelly ``surrogate.DeterministicPass``, edition 3756e2f8.
    """

    _family = _families.DETERMINISTIC_PASS
    _parameter_names = ("alpha",)

    def __init__(self, alpha: Any = 1.0, spiking: bool = True) -> None:
        super().__init__(_base.number("DeterministicPass", "alpha", alpha), spiking)

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any = 1.0) -> Tensor:
        """Return ``deterministic_pass.apply(x, alpha)``: spikes with the surrogate gradient."""
        return deterministic_pass.apply(x, alpha)

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any = 1.0) -> Tensor:
        """Return ``x`` itself."""
        return _base.primitive(_families.DETERMINISTIC_PASS, x, alpha)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any = 1.0) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.DETERMINISTIC_PASS.gradient(grad_output, x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``deterministic_pass``, fire rule ``>=``."""
        return _base.described(self, DeterministicPass, _families.DETERMINISTIC_PASS)


class poisson_pass(autograd.Function):
    """Bernoulli spikes with the gradient passed straight through: ``poisson_pass.apply(x)``.

    ::

        forward:  y ~ Bernoulli(x)           drawn from torch's default generator
        backward: g'(x) = 1

    Args:
        x: spike probabilities in [0, 1], a tensor of any shape and floating dtype.

    Shape: the output has the shape of ``x``; its dtype is always float32.

    Raises:
        RuntimeError: a probability outside [0, 1], or NaN (raised by ``torch.bernoulli``).

    Source: spikingjelly ``surrogate.poisson_pass``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return ``Bernoulli(x)`` in float32."""
        return torch.bernoulli(x).float()

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Return ``grad_output``."""
        return grad_output
