"""Surrogates with constant slopes: leaky rectangle and leaky half-lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, autograd

from unisnn.core import check as _check
from unisnn.core import edition as _edition
from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.spikingjelly.activation_based.surrogate import _base

__all__ = [
    "LeakyKReLU",
    "PiecewiseLeakyReLU",
    "leaky_k_relu",
    "leaky_k_relu_backward",
    "piecewise_leaky_relu",
    "piecewise_leaky_relu_backward",
]


def _current_window() -> _families.Family:
    # 0.0.0.0.14 has the window 1/w high, twice the slope of the primitive function; later editions 1/(2w).
    if _edition.current("spikingjelly") in ("0.0.0.0.14", "0.0.0.0.12"):
        return _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT
    return _families.PIECEWISE_LEAKY_RELU


def piecewise_leaky_relu_backward(
    grad_output: Tensor, x: Tensor, w: float, c: float
) -> tuple[Tensor, None, None]:
    """Return the leaky rectangular gradient as an autograd function's backward gives it.

    ::

        g'(x) = 1/(2w) if |x| < w else c
        returns (grad_output * g'(x), None, None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        w: half width of the window.
        c: slope outside the window.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        ZeroDivisionError: ``w`` is 0.

    Source: spikingjelly ``surrogate.piecewise_leaky_relu_backward``, edition 3756e2f8. The window is
    ``1/w`` high while edition 0.0.0.0.14 is selected.
    """
    return _current_window().gradient(grad_output, x, w, c), None, None


class piecewise_leaky_relu(autograd.Function):
    """Heaviside step with the leaky rectangular gradient: ``piecewise_leaky_relu.apply(x, w, c)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = 1/(2w) if |x| < w else c

    Args:
        x: tensor of any shape and floating dtype.
        w: half width of the window; default 1.
        c: slope outside the window; default 0.01.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        ZeroDivisionError: at the backward pass, if ``w`` is 0.

    Source: spikingjelly ``surrogate.piecewise_leaky_relu``, edition 3756e2f8. The window is ``1/w``
    high where edition 0.0.0.0.14 was selected at the forward pass.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Any = 1, c: Any = 0.01) -> Tensor:
        """Return ``H(x)``."""
        ctx.family = _current_window()
        return _spike.fire(ctx, x, w, c)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None, None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, ctx.family, 3)


class _half_height(piecewise_leaky_relu):
    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        return _spike.surrogate_gradient(ctx, grad_output, _families.PIECEWISE_LEAKY_RELU, 3)


class _full_height(piecewise_leaky_relu):
    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        return _spike.surrogate_gradient(ctx, grad_output, _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT, 3)


class PiecewiseLeakyReLU(_base.MultiArgsSurrogateFunctionBase):
    """Surrogate with a rectangle around the threshold and a slope outside it.

    ::

        gradient:  g'(x) = 1/(2w) if |x| < w else c
        primitive: g(x) = c x + c w, x/(2w) + 1/2, c x - c w + 1 for x < -w, |x| <= w, x > w

    An object made while edition 0.0.0.0.14 is selected keeps that edition's window height, ``1/w``.

    Args:
        w: half width of the window, positive; default 1.0.
        c: slope outside the window, at ``|x| = w`` too; default 0.01.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        AssertionError: ``w`` is not positive.
        TypeError: ``w`` or ``c`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: Yin et al. 2017, Huh and Sejnowski 2018, Wu et al. 2018; spikingjelly
    ``surrogate.PiecewiseLeakyReLU``, edition 3756e2f8 (the documented formula shows ``1/w``; argument
    text, primitive and code of 3756e2f8 and 2.0.0 have ``1/(2w)``).
    """

    w: Any
    c: Any
    _parameter_names = ("w", "c")

    def __init__(self, w: Any = 1.0, c: Any = 0.01, spiking: bool = True) -> None:
        super().__init__(spiking)
        self.w = _base.number("PiecewiseLeakyReLU", "w", w)
        self.c = _base.number("PiecewiseLeakyReLU", "c", c)
        _check.require(bool(w > 0), "PiecewiseLeakyReLU", "w", w, "a number above 0")
        self._full_height = _current_window() is _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT

    @property
    def _family(self) -> _families.Family:  # type: ignore[override]
        if self.__dict__.get("_full_height", False):
            return _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT
        return _families.PIECEWISE_LEAKY_RELU

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A pickle of the genuine class has no height: it takes the selected edition's.
        super().__setstate__(state)
        self.__dict__.setdefault(
            "_full_height", _current_window() is _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return spikes, or ``primitive_function(x, w, c)`` if not spiking."""
        if not self.spiking:
            return self.primitive_function(x, self.w, self.c)
        if type(self).spiking_function is not PiecewiseLeakyReLU.spiking_function:
            return self.spiking_function(x, self.w, self.c)
        function = _full_height if self._full_height else _half_height
        return function.apply(x, self.w, self.c)

    @staticmethod
    def spiking_function(x: Tensor, w: Any, c: Any) -> Tensor:
        """Return ``piecewise_leaky_relu.apply(x, w, c)``: spikes with the surrogate gradient."""
        return piecewise_leaky_relu.apply(x, w, c)

    @staticmethod
    def primitive_function(x: Tensor, w: Any, c: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.PIECEWISE_LEAKY_RELU, x, w, c)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, w: Any, c: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _current_window().gradient(grad_output, x, w, c)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``piecewise_leaky_relu`` or ``..._full_height``, fire rule ``>=``.

        A genuine upstream object does not say which height it has: its gradient at 0 is measured.
        """
        if isinstance(self, PiecewiseLeakyReLU):
            family = self._family
        else:
            family = _measured_window(self)
        return _base.described(self, PiecewiseLeakyReLU, family, "w", "c")


def _measured_window(module: Any) -> _families.Family:
    w = float(_base.plain(module.w))
    with torch.enable_grad():
        x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(module.spiking_function(x, w, float(_base.plain(module.c))), x)
    if slope.item() * w < 0.75:
        return _families.PIECEWISE_LEAKY_RELU
    return _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT


def leaky_k_relu_backward(grad_output: Tensor, x: Tensor, leak: float, k: float) -> tuple[Tensor, None, None]:
    """Return the leaky-k-ReLU gradient as an autograd function's backward gives it.

    ::

        g'(x) = k if x >= 0 else leak
        returns (grad_output * g'(x), None, None)

    Args:
        grad_output: gradient of the loss with respect to the spikes.
        x: what the spikes were computed from.
        leak: slope below the threshold.
        k: slope at the threshold and above.

    Shape: ``grad_output``, ``x`` and the gradient have one shape and dtype.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.leaky_k_relu_backward``, edition 3756e2f8.
    """
    return _families.LEAKY_K_RELU.gradient(grad_output, x, leak, k), None, None


class leaky_k_relu(autograd.Function):
    """Heaviside step with the leaky-k-ReLU gradient: ``leaky_k_relu.apply(x, leak, k)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = k if x >= 0 else leak

    Args:
        x: tensor of any shape and floating dtype.
        leak: slope below the threshold.
        k: slope at the threshold and above.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.leaky_k_relu``, edition 3756e2f8.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, leak: Any, k: Any) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, leak, k)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None, None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.LEAKY_K_RELU, 3)


class LeakyKReLU(_base.MultiArgsSurrogateFunctionBase):
    """Surrogate with the derivative of a leaky ReLU of slope ``k``.

    ::

        gradient:  g'(x) = k if x >= 0 else leak
        primitive: g(x) = k x if x >= 0 else leak x

    Args:
        spiking: True (default) for spikes, False for the primitive function. It comes first.
        leak: slope below the threshold; default 0.0.
        k: slope at the threshold and above; default 1.0.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``spiking`` is not a bool (edition 2.0.0 has the order ``leak, k, spiking``; a number in
            first place is refused rather than taken for a truth value), or ``leak`` or ``k`` is not a
            number or tensor.

    Source: spikingjelly ``surrogate.LeakyKReLU``, edition 3756e2f8.
    """

    leak: Any
    k: Any
    _family = _families.LEAKY_K_RELU
    _parameter_names = ("leak", "k")

    def __init__(self, spiking: bool = True, leak: Any = 0.0, k: Any = 1.0) -> None:
        if not isinstance(spiking, (bool, np.bool_)):
            raise TypeError(
                f"LeakyKReLU: spiking={spiking!r} is not accepted; expected True or False. "
                "The order of the arguments is (spiking, leak, k); pass leak and k by name"
            )
        super().__init__(spiking)
        self.leak = _base.number("LeakyKReLU", "leak", leak)
        self.k = _base.number("LeakyKReLU", "k", k)

    def forward(self, x: Tensor) -> Tensor:
        """Return spikes, or ``primitive_function(x, leak, k)`` if not spiking."""
        function = self.spiking_function if self.spiking else self.primitive_function
        return function(x, self.leak, self.k)

    @staticmethod
    def spiking_function(x: Tensor, leak: Any, k: Any) -> Tensor:
        """Return ``leaky_k_relu.apply(x, leak, k)``: spikes with the surrogate gradient."""
        return leaky_k_relu.apply(x, leak, k)

    @staticmethod
    def primitive_function(x: Tensor, leak: Any, k: Any) -> Tensor:
        """Return ``g(x)``."""
        return _base.primitive(_families.LEAKY_K_RELU, x, leak, k)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, leak: Any, k: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.LEAKY_K_RELU.gradient(grad_output, x, leak, k)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec: family ``leaky_k_relu``, fire rule ``>=``."""
        return _base.described(self, LeakyKReLU, _families.LEAKY_K_RELU, "leak", "k")
