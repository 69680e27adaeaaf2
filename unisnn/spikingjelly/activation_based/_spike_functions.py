"""Linear and convolution of spikes whose backward pass needs a bit a spike.

Equation::

    y = s W^T + b;     dL/ds = dL/dy W;     dL/dW = (dL/dy)^T s;     dL/db = sum of dL/dy

The spikes wait for the backward pass as bits, so they take 1/32 of what they take as ``float32``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, autograd
from torch.nn import functional as _nn_functional

from unisnn.core import bits as _bits

__all__ = ["spikeConvolution", "spikeLinear"]

_CONVOLUTIONS = {3: _nn_functional.conv1d, 4: _nn_functional.conv2d, 5: _nn_functional.conv3d}


def _keep(ctx: Any, spike: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    """Save what the gradients asked for need."""
    packed = _bits.pack(spike) if ctx.needs_input_grad[1] else None
    ctx.save_for_backward(packed, weight)
    ctx.spike = (spike.dtype, spike.shape)
    ctx.bias = None if bias is None else bias.dtype


def _kept(ctx: Any, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return the spikes (empty memory where only their shape counts) and the weight, in ``dtype``."""
    packed, weight = ctx.saved_tensors
    shape = ctx.spike[1]
    spike = weight.new_empty(shape, dtype=dtype) if packed is None else _bits.unpack(packed, dtype, shape)
    return spike, weight.to(dtype)


class spikeLinear(autograd.Function):
    """``torch.nn.functional.linear`` of spikes, which are kept as bits for the backward pass.

    Equation::

        y = s W^T + b

    Called as ``spikeLinear.apply(spike, weight, bias)``.

    Shape: ``[*, I], [O, I], [O] -> [*, O]``; ``bias`` may be ``None``.

    Source: ``spike_op.spikeLinear``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def forward(ctx: Any, spike: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        """Return ``s W^T + b``."""
        _keep(ctx, spike, weight, bias)
        return _nn_functional.linear(spike, weight, bias)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of spikes, weight and bias."""
        spike, weight = _kept(ctx, grad_output.dtype)
        grad_spike = grad_weight = grad_bias = None
        rows = grad_output.reshape(-1, grad_output.shape[-1])
        if ctx.needs_input_grad[0]:
            grad_spike = (grad_output @ weight).to(ctx.spike[0])
        if ctx.needs_input_grad[1]:
            grad_weight = (rows.t() @ spike.reshape(-1, spike.shape[-1])).to(ctx.saved_tensors[1].dtype)
        if ctx.bias is not None and ctx.needs_input_grad[2]:
            grad_bias = rows.sum(0).to(ctx.bias)
        return grad_spike, grad_weight, grad_bias


class spikeConvolution(autograd.Function):
    """``torch.nn.functional.conv1d`` ... ``conv3d`` of spikes, which are kept as bits for the backward pass.

    Equation::

        y = s * W + b

    Called as ``spikeConvolution.apply(spike, weight, bias, stride, padding, dilation, groups)``; the rank of
    ``weight`` says which convolution.

    Shape: as for ``torch.nn.functional.conv2d``; ``bias`` may be ``None``.

    Raises:
        ValueError: ``weight`` has not 3 to 5 dimensions, or ``padding`` is a word other than ``'valid'``.

    Source: ``spike_op.spikeConvolution``, SpikingJelly 0.0.0.0.14 (its backward pass needs cuDNN).
    """

    @staticmethod
    def forward(
        ctx: Any,
        spike: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: int | tuple[int, ...],
        padding: str | int | tuple[int, ...],
        dilation: int | tuple[int, ...],
        groups: int,
    ) -> Tensor:
        """Return the convolution."""
        if weight.dim() not in _CONVOLUTIONS:
            raise ValueError(
                f"spikeConvolution: a weight of shape {tuple(weight.shape)} is not accepted; expected 3 to 5 "
                "dimensions"
            )
        size = weight.dim() - 2
        each = _each(dilation, size)
        ctx.how = (_each(stride, size), _sides(padding, size), each, groups)
        _keep(ctx, spike, weight, bias)
        return _CONVOLUTIONS[weight.dim()](spike, weight, bias, stride, padding, dilation, groups)  # type: ignore[arg-type]

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of spikes, weight and bias."""
        spike, weight = _kept(ctx, grad_output.dtype)
        stride, padding, dilation, groups = ctx.how
        batched = spike.dim() == weight.dim()
        wanted = [*ctx.needs_input_grad[:2], ctx.bias is not None and ctx.needs_input_grad[2]]
        grads = torch.ops.aten.convolution_backward(
            grad_output if batched else grad_output[None],
            spike if batched else spike[None],
            weight,
            [weight.shape[0]],
            stride,
            padding,
            dilation,
            False,
            [0] * len(stride),
            groups,
            wanted,
        )
        grad_spike = None if grads[0] is None else grads[0].reshape(ctx.spike[1]).to(ctx.spike[0])
        grad_weight = None if grads[1] is None else grads[1].to(ctx.saved_tensors[1].dtype)
        grad_bias = None if grads[2] is None else grads[2].to(ctx.bias)
        return grad_spike, grad_weight, grad_bias, None, None, None, None


def _each(value: int | tuple[int, ...], size: int) -> list[int]:
    return [value] * size if isinstance(value, int) else list(value)


def _sides(padding: str | int | tuple[int, ...], size: int) -> list[int]:
    """Return how many zeros are on each side."""
    if padding == "valid":
        return [0] * size
    if isinstance(padding, str):
        raise ValueError(
            f"spikeConvolution: padding={padding!r} is not accepted; expected 'valid' or how many zeros"
        )
    return _each(padding, size)
