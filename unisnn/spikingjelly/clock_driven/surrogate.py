"""Surrogate gradients as ``clock_driven`` has them.

::

    forward:   y = H(x) = 1 if x >= 0 else 0        x = membrane potential - threshold
    backward:  dL/dx = dL/dy * g'(x)

The numbers are those of ``activation_based``, so the classes are the very same, but for
:class:`PiecewiseLeakyReLU`, whose window is ``1/w`` high here whatever edition is selected.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, autograd

from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.spikingjelly.activation_based.surrogate import (
    S2NN,
    ATan,
    Erf,
    MultiArgsSurrogateFunctionBase,
    NonzeroSignLogAbs,
    PiecewiseExp,
    PiecewiseQuadratic,
    QPseudoSpike,
    Sigmoid,
    SoftSign,
    SquarewaveFourierSeries,
    SurrogateFunctionBase,
    atan,
    check_cuda_grad,
    check_manual_grad,
    curly_bracket_l,
    curly_bracket_r,
    erf,
    heaviside,
    nonzero_sign_log_abs,
    piecewise_exp,
    piecewise_quadratic,
    q_pseudo_spike,
    s2nn,
    sigmoid,
    soft_sign,
    squarewave_fourier_series,
    tab4_str,
)
from unisnn.spikingjelly.activation_based.surrogate import PiecewiseLeakyReLU as _DocumentedPiecewiseLeakyReLU
from unisnn.spikingjelly.activation_based.surrogate import _base as _surrogate_base

__all__ = [
    "S2NN",
    "ATan",
    "Erf",
    "MultiArgsSurrogateFunctionBase",
    "NonzeroSignLogAbs",
    "PiecewiseExp",
    "PiecewiseLeakyReLU",
    "PiecewiseQuadratic",
    "QPseudoSpike",
    "Sigmoid",
    "SoftSign",
    "SquarewaveFourierSeries",
    "SurrogateFunctionBase",
    "atan",
    "check_cuda_grad",
    "check_manual_grad",
    "curly_bracket_l",
    "curly_bracket_r",
    "erf",
    "heaviside",
    "nonzero_sign_log_abs",
    "piecewise_exp",
    "piecewise_leaky_relu",
    "piecewise_quadratic",
    "q_pseudo_spike",
    "s2nn",
    "sigmoid",
    "soft_sign",
    "squarewave_fourier_series",
    "tab4_str",
]


class piecewise_leaky_relu(autograd.Function):
    """Heaviside step with the leaky rectangular gradient: ``piecewise_leaky_relu.apply(x, w, c)``.

    ::

        forward:  H(x) = 1 if x >= 0 else 0
        backward: g'(x) = 1/w if |x| < w else c

    Args:
        x: tensor of any shape and floating dtype.
        w: half width of the window; default 1.
        c: slope outside the window; default 0.01.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        ZeroDivisionError: at the backward pass, if ``w`` is 0.

    Source: ``clock_driven.surrogate.piecewise_leaky_relu``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Any = 1, c: Any = 0.01) -> Tensor:
        """Return ``H(x)``."""
        return _spike.fire(ctx, x, w, c)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return ``(grad_output * g'(x), None, None)``."""
        return _spike.surrogate_gradient(ctx, grad_output, _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT, 3)


class PiecewiseLeakyReLU(_DocumentedPiecewiseLeakyReLU):
    """Surrogate with a rectangle around the threshold and a slope outside it.

    ::

        gradient:  g'(x) = 1/w if |x| < w else c
        primitive: g(x) = c x + c w, x/(2w) + 1/2, c x - c w + 1 for x < -w, |x| <= w, x > w

    The window is twice as high as the slope of the primitive, as upstream has it; the class of that name in
    ``activation_based`` asks the selected edition.

    Args:
        w: half width of the window, positive; default 1.0.
        c: slope outside the window, at ``|x| = w`` too; default 0.01.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        AssertionError: ``w`` is not positive.
        TypeError: ``w`` or ``c`` is not a number or tensor, or ``spiking`` is not a truth value.

    Source: ``clock_driven.surrogate.PiecewiseLeakyReLU``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, w: Any = 1.0, c: Any = 0.01, spiking: bool = True) -> None:
        super().__init__(w, c, spiking)
        self._full_height = True

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "_full_height": True})

    @staticmethod
    def spiking_function(x: Tensor, w: Any, c: Any) -> Tensor:
        """Return ``piecewise_leaky_relu.apply(x, w, c)``: spikes with the surrogate gradient."""
        return piecewise_leaky_relu.apply(x, w, c)

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, w: Any, c: Any) -> Tensor:
        """Return ``grad_output * g'(x)``."""
        return _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT.gradient(grad_output, x, w, c)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the spec, also of a genuine object given as ``self``: family ``..._full_height``."""
        family = _families.PIECEWISE_LEAKY_RELU_FULL_HEIGHT
        return _surrogate_base.described(self, PiecewiseLeakyReLU, family, "w", "c")
