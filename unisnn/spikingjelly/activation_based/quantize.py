"""Quantisers with straight-through gradients: what is rounded passes its gradient on as it is.

Equation::

    y = q(x);  dL/dx = dL/dy                     clamp: 0 outside of the range
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = [
    "ceil",
    "ceil_atgf",
    "clamp",
    "clamp_atgf",
    "clamp_backward",
    "clamp_by_linear",
    "floor",
    "floor_atgf",
    "k_bit_quantize",
    "k_bit_quantize_atgf",
    "k_bit_quantize_forward",
    "round",
    "round_atgf",
    "step_quantize",
    "step_quantize_atgf",
    "step_quantize_forward",
]


def clamp_backward(grad_output: Tensor, x: Tensor, min_value: float, max_value: float) -> Tensor:
    """Return the gradient of :func:`clamp`.

    Equation::

        dL/dx = dL/dy * (min_value <= x <= max_value)

    Args:
        grad_output: ``dL/dy``.
        x: the input of the forward pass.
        min_value, max_value: the range, its ends included.

    Shape: that of ``x``.

    Source: ``quantize.clamp_backward``, SpikingJelly 0.0.0.0.14.
    """
    return grad_output * ((x >= min_value) & (x <= max_value)).to(x)


def step_quantize_forward(x: Tensor, step: float) -> Tensor:
    """Return the nearest multiple of ``step``.

    Equation::

        y = round(x/step)*step

    Args:
        x: any floating tensor.
        step: the distance of two values.

    Shape: that of ``x``.

    Source: ``quantize.step_quantize_forward``, SpikingJelly 0.0.0.0.14.
    """
    return torch.round(x / step) * step


def k_bit_quantize_forward(x: Tensor, k: int) -> Tensor:
    """Return the nearest of ``2^k`` values from 0 to 1.

    Equation::

        y = round((2^k - 1)*x)/(2^k - 1)

    Args:
        x: a floating tensor, from 0 to 1 (others are rounded to the same grid).
        k: number of bits, from 1 on.

    Shape: that of ``x``.

    Raises:
        ValueError: ``k`` is less than 1.

    Source: ``quantize.k_bit_quantize_forward``, SpikingJelly 0.0.0.0.14; Zhou et al., "DoReFa-Net", 2016.
    """
    if k < 1:
        raise ValueError(f"k_bit_quantize: k={k!r} is not accepted; expected an int of at least 1")
    levels = 2**k - 1
    return torch.round(levels * x) / levels


def clamp_by_linear(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Move a tensor to the range from 0 to 1, linearly.

    Equation::

        y = (x - min(x))/(max(x) + eps - min(x))          in this order

    Args:
        x: any floating tensor with an element.
        eps: keeps the denominator above 0 (default 1e-5).

    Shape: that of ``x``.

    Source: ``quantize.clamp_by_linear``, SpikingJelly 0.0.0.0.14.
    """
    low, high = torch.min(x), torch.max(x)
    return (x - low) / (high + eps - low)


class round_atgf(torch.autograd.Function):
    """The autograd function of :func:`round`.

    Equation::

        y = round(x);  dL/dx = dL/dy

    Args:
        x: any floating tensor.

    Shape: that of ``x``.

    Source: ``quantize.round_atgf``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return ``round(x)``."""
        return torch.round(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Return the gradient as it is."""
        return grad_output


def round(x: Tensor) -> Tensor:
    """Return ``torch.round(x)`` with the gradient of the identity.

    Equation::

        y = round(x);  dL/dx = dL/dy

    Args:
        x: any floating tensor.

    Shape: that of ``x``.

    Source: ``quantize.round``, SpikingJelly 0.0.0.0.14.
    """
    return round_atgf.apply(x)


class ceil_atgf(torch.autograd.Function):
    """The autograd function of :func:`ceil`.

    Equation::

        y = ceil(x);  dL/dx = dL/dy

    Args:
        x: any floating tensor.

    Shape: that of ``x``.

    Source: ``quantize.ceil_atgf``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return ``ceil(x)``."""
        return torch.ceil(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Return the gradient as it is."""
        return grad_output


def ceil(x: Tensor) -> Tensor:
    """Return ``torch.ceil(x)`` with the gradient of the identity.

    Equation::

        y = ceil(x);  dL/dx = dL/dy

    Args:
        x: any floating tensor.

    Shape: that of ``x``.

    Source: ``quantize.ceil``, SpikingJelly 0.0.0.0.14.
    """
    return ceil_atgf.apply(x)


class floor_atgf(torch.autograd.Function):
    """The autograd function of :func:`floor`.

    Equation::

        y = floor(x);  dL/dx = dL/dy

    Args:
        x: any floating tensor.

    Shape: that of ``x``.

    Source: ``quantize.floor_atgf``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return ``floor(x)``."""
        return torch.floor(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Return the gradient as it is."""
        return grad_output


def floor(x: Tensor) -> Tensor:
    """Return ``torch.floor(x)`` with the gradient of the identity.

    Equation::

        y = floor(x);  dL/dx = dL/dy

    Args:
        x: any floating tensor.

    Shape: that of ``x``.

    Source: ``quantize.floor``, SpikingJelly 0.0.0.0.14.
    """
    return floor_atgf.apply(x)


class clamp_atgf(torch.autograd.Function):
    """The autograd function of :func:`clamp`.

    Equation::

        y = min(max(x, min_value), max_value);  dL/dx = dL/dy * (min_value <= x <= max_value)

    Args:
        x: any floating tensor.
        min_value, max_value: the range.

    Shape: that of ``x``.

    Source: ``quantize.clamp_atgf``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, min_value: float, max_value: float) -> Tensor:
        """Return ``x`` within the range."""
        if x.requires_grad:
            ctx.save_for_backward(x)
            ctx.range = (min_value, max_value)
        return torch.clamp(x, min_value, max_value)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, None, None]:
        """Return the gradient within the range, 0 outside."""
        (x,) = ctx.saved_tensors
        return clamp_backward(grad_output, x, *ctx.range), None, None


def clamp(x: Tensor, min_value: float, max_value: float) -> Tensor:
    """Return ``torch.clamp(x, min_value, max_value)``, with a gradient at the ends of the range too.

    Equation::

        y = min(max(x, min_value), max_value);  dL/dx = dL/dy * (min_value <= x <= max_value)

    Args:
        x: any floating tensor.
        min_value, max_value: the range.

    Shape: that of ``x``.

    Source: ``quantize.clamp``, SpikingJelly 0.0.0.0.14.
    """
    return clamp_atgf.apply(x, min_value, max_value)


class step_quantize_atgf(torch.autograd.Function):
    """The autograd function of :func:`step_quantize`.

    Equation::

        y = round(x/step)*step;  dL/dx = dL/dy

    Args:
        x: any floating tensor.
        step: the distance of two values.

    Shape: that of ``x``.

    Source: ``quantize.step_quantize_atgf``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, step: float) -> Tensor:
        """Return the quantised tensor."""
        return step_quantize_forward(x, step)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor, None]:
        """Return the gradient as it is."""
        return grad_output, None


def step_quantize(x: Tensor, step: float) -> Tensor:
    """Quantise with the gradient of the identity.

    Equation::

        y = round(x/step)*step;  dL/dx = dL/dy

    Args:
        x: any floating tensor.
        step: the distance of two values.

    Shape: that of ``x``.

    Source: ``quantize.step_quantize``, SpikingJelly 0.0.0.0.14.
    """
    return step_quantize_atgf.apply(x, step)


class k_bit_quantize_atgf(torch.autograd.Function):
    """The autograd function of :func:`k_bit_quantize`.

    Equation::

        y = round((2^k - 1)*x)/(2^k - 1);  dL/dx = dL/dy

    Args:
        x: any floating tensor.
        k: number of bits, from 1 on.

    Shape: that of ``x``.

    Raises:
        ValueError: ``k`` is less than 1.

    Source: ``quantize.k_bit_quantize_atgf``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, k: int) -> Tensor:
        """Return the quantised tensor."""
        return k_bit_quantize_forward(x, k)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor, None]:
        """Return the gradient as it is."""
        return grad_output, None


def k_bit_quantize(x: Tensor, k: int) -> Tensor:
    """Quantise with the gradient of the identity.

    Equation::

        y = round((2^k - 1)*x)/(2^k - 1);  dL/dx = dL/dy

    Args:
        x: any floating tensor.
        k: number of bits, from 1 on.

    Shape: that of ``x``.

    Raises:
        ValueError: ``k`` is less than 1.

    Source: ``quantize.k_bit_quantize``, SpikingJelly 0.0.0.0.14.
    """
    return k_bit_quantize_atgf.apply(x, k)
