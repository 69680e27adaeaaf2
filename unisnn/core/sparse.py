"""Linear layers of spikes: every weight times its spike, or the weights of those that fire alone.

Equation (``F(n)`` are the inputs that fire in row ``n``)::

    dense    y[n, o] = b[o] + sum over i of s[n, i] * w[o, i]
    gather   y[n, o] = b[o] + sum over i in F(n) of w[o, i]

Both sums have the same terms in another order. Their products are exact and adding zeros rounds nothing, so
with ``k`` firing inputs in a row they differ by ``k * eps * (|b| + sum of |w|)`` at the most. The dense sum
is what every library computes, and what is computed here unless :func:`tolerance` accepts that bound.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as _functional

from unisnn.core.spike_tensor import SpikeTensor

__all__ = ["accepted", "gathers", "linear", "tolerance"]

_bound: contextvars.ContextVar[float] = contextvars.ContextVar("unisnn_sparse_tolerance", default=0.0)


@contextlib.contextmanager
def tolerance(bound: float) -> Iterator[None]:
    """Accept another rounding of linear layers over spikes within the block, where that is quicker.

    Equation::

        |y - dense| <= bound * (|b| + sum over i of |s[i] * w[i]|)

    Gradients are the dense layer's, given the same gradient of the output. Which way is taken is decided
    call by call from the measured firing rate; convolutions are always dense.

    Args:
        bound: at least 0; 0 asks for the dense bits. float32 has ``eps = 1.2e-7``, so that 1e-5 admits rows
            with 81 firing inputs.

    Raises:
        ValueError: ``bound`` is not a number, or negative.
    """
    if not isinstance(bound, (int, float)) or isinstance(bound, bool) or not bound >= 0:
        raise ValueError(f"tolerance: bound={bound!r} is not accepted; expected a number of at least 0")
    token = _bound.set(float(bound))
    try:
        yield
    finally:
        _bound.reset(token)


def accepted() -> float:
    """Return the bound of the innermost :func:`tolerance`, 0 outside of any; 0 where torch compiles."""
    return 0.0 if torch.compiler.is_compiling() else _bound.get()


def gathers(fired: Tensor, weight: Tensor, bound: float) -> bool:
    """Return whether gathering is within the bound, and quicker by what has been measured on a CPU.

    Equation (``N`` rows, firing rate ``p``, ``k`` firing inputs in the fullest row, ``O`` outputs)::

        (k + 2) * eps <= bound   and   16 p + 64/N + 160/O < 1

    The second is the cost of the sums, of turning the weight and of finding the spikes, in dense layers:
    gathering is not tried above 6 % firing, nor for few rows or outputs.

    Args:
        fired: booleans, shape ``[N, I]``.
        weight: shape ``[O, I]``.
        bound: what is accepted, as in :func:`tolerance`.
    """
    rows, outputs = fired.shape[0], weight.shape[0]
    if not fired.numel() or not outputs:
        return False
    beside = 64 / rows + 160 / outputs
    if beside >= 1:
        return False
    counts = fired.sum(1)
    rate = counts.sum().item() / fired.numel()
    return 16 * rate + beside < 1 and (counts.max().item() + 2) * torch.finfo(weight.dtype).eps <= bound


def linear(spikes: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``torch.nn.functional.linear`` of spikes, or what :func:`tolerance` accepts for it.

    Equation::

        y = s W^T + b

    Args:
        spikes: shape ``[*, I]``, a SpikeTensor or a plain tensor; gathered only if every element is 0 or 1.
        weight: shape ``[O, I]``, gathered only in float32 and float64 on a CPU, and only if finite.
        bias: shape ``[O]`` (default: none).

    Shape: ``[*, I] -> [*, O]``.
    """
    bound = accepted()
    if bound > 0 and _can_gather(spikes, weight, bias):
        fired = _fired(spikes)
        if fired is not None and gathers(fired, weight, bound) and weight.detach().sum().isfinite():
            return _Gather.apply(spikes, weight, bias, fired)
    return _functional.linear(spikes, weight, bias)


def _can_gather(spikes: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    if weight.dim() != 2 or spikes.dim() < 2 or spikes.shape[-1] != weight.shape[1]:
        return False  # torch's own errors, too
    if weight.dtype not in (torch.float32, torch.float64) or weight.device.type != "cpu":
        return False
    given = (spikes, weight) if bias is None else (spikes, weight, bias)
    alike = all(x.dtype == weight.dtype and x.device == weight.device for x in given)
    return alike and not torch.is_autocast_enabled("cpu")


def _fired(spikes: Tensor) -> Tensor | None:
    """Return where ``spikes`` are 1, as rows; ``None`` where an element is neither 0 nor 1."""
    rows = spikes.detach().reshape(-1, spikes.shape[-1])
    if isinstance(rows, SpikeTensor):
        return rows.elem
    fired = rows.to(torch.bool)
    return fired if torch.equal(fired.to(rows.dtype), rows) else None


class _Gather(torch.autograd.Function):
    """Gathers forward; backward is the dense layer's."""

    @staticmethod
    def forward(ctx: Any, spikes: Tensor, weight: Tensor, bias: Tensor | None, fired: Tensor) -> Tensor:
        ctx.save_for_backward(spikes, weight)
        indices = fired.nonzero()[:, 1]
        ends = fired.sum(1).cumsum(0)
        starts = torch.cat((ends.new_zeros(1), ends[:-1]))
        y = _functional.embedding_bag(indices, weight.t().contiguous(), starts, mode="sum")
        if bias is not None:
            y.add_(bias)
        return y.view(*spikes.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        spikes, weight = ctx.saved_tensors
        rows = grad_output.reshape(-1, weight.shape[0])
        needs = ctx.needs_input_grad
        grad_spikes = (rows @ weight).view(spikes.shape) if needs[0] else None
        grad_weight = rows.t() @ spikes.reshape(-1, spikes.shape[-1]) if needs[1] else None
        return grad_spikes, grad_weight, rows.sum(0) if needs[2] else None, None
