"""The autograd functions of ``braincog.base.strategy.surrogate``: a fire rule and a family each.

Shapes: ``x`` has any shape and the spike has the shape of ``x``; ``alpha`` is a number or a tensor
that broadcasts with ``x`` (0-dim in the modules). The incoming gradient has the dtype of the spike,
the gradient for ``x`` the dtype of ``x``, the one for ``alpha`` alpha's shape and dtype.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.core.surrogate import tensor_alpha as _alpha_families

__all__ = [
    "atan",
    "backeigate",
    "ei",
    "gate",
    "heaviside",
    "quadratic_gate",
    "relu_like",
    "sigmoid",
    "stdp",
    "straight_through_estimator",
]


def heaviside(x: Tensor) -> Tensor:
    """Fire at or above zero.

    Equation::

        H(x) = 1 if x >= 0 else 0

    NaN does not fire, -0.0 does. Not differentiable.

    Args:
        x: membrane potential minus threshold, any shape; the result has its shape and dtype.

    Source: ``braincog.base.strategy.surrogate.heaviside``, braincog 0.2.7.19.
    """
    return _spike.at_or_above(x)


def _above_as_float32(x: Tensor) -> Tensor:
    return (x > 0).float()


class sigmoid(Function):
    """Fire at or above zero, with the derivative of a sigmoid as surrogate gradient.

    Equation::

        s     = 1 if x >= 0 else 0
        dL/dx = g * y * (1 - y) * alpha        y = sigmoid(alpha * x)

    ``apply(x, alpha)``: the spike has the dtype of ``x``; alpha gets no gradient.

    Raises:
        TypeError: ``alpha`` is None and a gradient is needed.

    Source: ``braincog.base.strategy.surrogate.sigmoid``, braincog 0.2.7.19.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return the spikes of ``x``."""
        _spike.keep_with_alpha(ctx, "sigmoid", x, alpha)
        return heaviside(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, None]:
        """Return the gradient for ``x``, and None for alpha."""
        if not ctx.needs_input_grad[0]:
            return None, None
        return _families.SIGMOID_TENSOR_ALPHA.gradient(grad_output, *_spike.kept_with_alpha(ctx)), None


class atan(Function):
    """Fire above zero, with the derivative of an arc tangent as surrogate gradient.

    Equation::

        s         = 1 if x > 0 else 0
        dL/dx     = alpha / 2 * g / (1 + (pi/2 * alpha * x)^2)
        dL/dalpha = sum of x / 2 * g / (1 + (pi/2 * alpha * x)^2)

    ``apply(inputs, alpha)``: the spike is float32 whatever the dtype of ``inputs``. Alpha of shape
    ``[C]`` gets its gradient per channel.

    Raises:
        TypeError: ``alpha`` is None and a gradient is needed.

    Source: ``braincog.base.strategy.surrogate.atan``, braincog 0.2.7.19; Fang et al., "Incorporating
        Learnable Membrane Time Constant to Enhance Learning of Spiking Neural Networks", ICCV 2021.
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, alpha: Any) -> Tensor:
        """Return the spikes of ``inputs``."""
        _spike.keep_with_alpha(ctx, "atan", inputs, alpha)
        return _above_as_float32(inputs)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Return the gradients for ``inputs`` and ``alpha``."""
        (x, alpha), (for_x, for_alpha) = _spike.kept_with_alpha(ctx), ctx.needs_input_grad
        if not for_alpha:
            return _families.ATAN_TENSOR_ALPHA.gradient(grad_output, x, alpha), None
        grad_x, grad_alpha = _alpha_families.atan_gradients(grad_output, x, alpha)
        return grad_x if for_x else None, grad_alpha


class gate(Function):
    """Fire above zero, with a rectangular window as surrogate gradient.

    Equation::

        s     = 1 if x > 0 else 0
        dL/dx = g if |x| < 1/alpha else 0

    ``apply(x, alpha)``: the spike is float32; alpha gets no gradient. Upstream's documentation shows
    another formula (``alpha / (1 + |alpha x|)``); its code is this window, and so is this class.

    Raises:
        TypeError: ``alpha`` is None and a gradient is needed.

    Source: ``braincog.base.strategy.surrogate.gate``, braincog 0.2.7.19.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return the spikes of ``x``."""
        if ctx.needs_input_grad[0]:
            _spike.require_alpha("gate", alpha)
            ctx.save_for_backward(_alpha_families.gate_slope(x, alpha))
        return _above_as_float32(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, None]:
        """Return the gradient for ``x``, and None for alpha."""
        return _times_saved(ctx, grad_output), None


class quadratic_gate(Function):
    """Fire above zero, with a triangular window as surrogate gradient.

    Equation::

        s     = 1 if x > 0 else 0
        dL/dx = g * (alpha - alpha^2 * |x|) if |x| <= 1/alpha else 0

    ``apply(x, alpha)``: the spike is float32; alpha gets no gradient. The derivative is evaluated in
    the forward pass, so there is no second derivative in ``x``.

    Raises:
        TypeError: ``alpha`` is None and a gradient is needed.

    Source: ``braincog.base.strategy.surrogate.quadratic_gate``, braincog 0.2.7.19.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return the spikes of ``x``."""
        if ctx.needs_input_grad[0]:
            _spike.require_alpha("quadratic_gate", alpha)
            ctx.save_for_backward(_alpha_families.quadratic_gate_slope(x, alpha))
        return _above_as_float32(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, None]:
        """Return the gradient for ``x``, and None for alpha."""
        return _times_saved(ctx, grad_output), None


class relu_like(Function):
    """Fire at or above zero, with the derivative of a scaled ReLU as surrogate gradient.

    Equation::

        s         = 1 if x >= 0 else 0
        dL/dx     = g * alpha if x > 0 else 0
        dL/dalpha = sum of g * max(x, 0)

    ``apply(x, alpha)``: the spike has the dtype of ``x``. Alpha learns whether or not ``x`` requires a
    gradient (upstream's backward raises where only alpha does); alpha of shape ``[C]`` learns per channel.

    Raises:
        TypeError: ``alpha`` is None and a gradient is needed.

    Source: ``braincog.base.strategy.surrogate.relu_like``, braincog 0.2.7.19.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Any) -> Tensor:
        """Return the spikes of ``x``."""
        _spike.keep_with_alpha(ctx, "relu_like", x, alpha)
        return heaviside(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Return the gradients for ``x`` and ``alpha``."""
        (x, alpha), (for_x, for_alpha) = _spike.kept_with_alpha(ctx), ctx.needs_input_grad
        grad_x = _families.RELU_LIKE.gradient(grad_output, x, alpha) if for_x else None
        return grad_x, _alpha_families.relu_like_alpha_gradient(grad_output, x, alpha) if for_alpha else None


class straight_through_estimator(Function):
    """Fire at or above zero and pass the gradient unchanged.

    Equation::

        s     = 1 if x >= 0 else 0
        dL/dx = g

    ``apply(inputs)``: the spike has the dtype of ``inputs``.

    Source: Bengio, Leonard, Courville, "Estimating or Propagating Gradients Through Stochastic
        Neurons", 2013, arXiv:1308.3432; ``braincog.base.strategy.surrogate``, braincog 0.2.7.19.
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor) -> Tensor:
        """Return the spikes of ``inputs``."""
        return heaviside(inputs)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Return the incoming gradient."""
        return grad_output


class stdp(Function):
    """Fire above zero; only what fired passes the gradient.

    Equation::

        s     = 1 if x > 0 else 0
        dL/dx = s * g

    ``apply(inputs)``: the spike is float32.

    Source: ``braincog.base.strategy.surrogate.stdp``, braincog 0.2.7.19.
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor) -> Tensor:
        """Return the spikes of ``inputs``."""
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(inputs > 0)
        return _above_as_float32(inputs)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor | None:
        """Return the gradient for ``inputs``."""
        return _times_saved(ctx, grad_output)


class backeigate(Function):
    """Fire above zero, with a rectangular window of half width 1/2 as surrogate gradient.

    Equation::

        s     = 1 if x > 0 else 0
        dL/dx = g if |x| < 0.5 else 0

    ``apply(input)``: the spike is float32.

    Source: ``braincog.base.strategy.surrogate.backeigate``, braincog 0.2.7.19.
    """

    @staticmethod
    def forward(ctx: Any, input: Tensor) -> Tensor:
        """Return the spikes of ``input``."""
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(_alpha_families.back_ei_slope(input))
        return _above_as_float32(input)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor | None:
        """Return the gradient for ``input``."""
        return _times_saved(ctx, grad_output)


class ei(Function):
    """Fire an excitatory or an inhibitory spike, with a rectangular window as surrogate gradient.

    Equation::

        s     = sign(x), one of -1, 0, 1; 0 at NaN
        dL/dx = g if |x| < 0.5 else 0

    ``apply(input)``: the spike is float32.

    Source: ``braincog.base.strategy.surrogate.ei``, braincog 0.2.7.19.
    """

    @staticmethod
    def forward(ctx: Any, input: Tensor) -> Tensor:
        """Return the signed spikes of ``input``."""
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(_alpha_families.back_ei_slope(input))
        return torch.sign(input).float()

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor | None:
        """Return the gradient for ``input``."""
        return _times_saved(ctx, grad_output)


def _times_saved(ctx: Any, grad_output: Tensor) -> Tensor | None:
    """Multiply the incoming gradient with the derivative that the forward pass left."""
    if not ctx.needs_input_grad[0]:
        return None
    (slope,) = ctx.saved_tensors
    return grad_output * slope
