"""The fused engine as one differentiable operation over time."""

from __future__ import annotations

from typing import Any, NoReturn

import torch
from torch import Tensor

from unisnn.core.engines import fused
from unisnn.core.engines.plan import Plan

__all__ = ["multi_step"]


def multi_step(plan: Plan, x: Tensor, v: Tensor, w: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return the spikes, the last membrane potential and, where the plan asks for it, every one.

    Args:
        plan: the neuron.
        x: inputs, contiguous ``[T, N, *]``, ``T >= 1``.
        v: membrane potential before the first step, ``[N, *]``.
        w: the learned parameter of the charge equation, or ``None``.

    Raises:
        RuntimeError: in the backward pass, where a second derivative is asked for.
    """
    inputs = (x, v) if w is None else (x, v, w)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs):
        each_step = () if w is None else (w,) * x.shape[0]
        s, last, v_seq, _ = _MultiStep.apply(plan, x, v, *each_step)
        return s, last, v_seq
    s, last, v_seq, _ = fused.forward(plan, x, v, None if w is None else w.sigmoid(), keep=False)
    return s, last, v_seq


class _MultiStep(torch.autograd.Function):
    """Keeps the charged potential for the backward pass; inputs only where ``w`` learns.

    ``w`` comes once for every step, so that autograd adds the steps' gradients to whatever else ``w`` gets
    one by one, as it does for the loop. ``h`` is an output, so that a second derivative finds its way here
    and is refused, instead of taking the first for a constant.
    """

    @staticmethod
    def forward(ctx: Any, plan: Plan, x: Tensor, v: Tensor, *w: Tensor) -> Any:
        q = w[0].sigmoid() if w else None
        s, last, v_seq, h = fused.forward(plan, x, v, q, keep=True)
        ctx.set_materialize_grads(False)
        learns = bool(w) and ctx.needs_input_grad[3]
        ctx.save_for_backward(h, x if learns else None, v if learns else None, q)
        ctx.plan = plan
        if plan.family is None:
            ctx.mark_non_differentiable(s)
        return s, last, v_seq, h

    @staticmethod
    def backward(ctx: Any, gs: Tensor | None, gv: Tensor | None, gv_seq: Tensor | None, _: None) -> Any:
        for_x, for_v, *for_w = ctx.needs_input_grad[1:]
        if gs is None and gv is None and gv_seq is None:
            return (None,) * len(ctx.needs_input_grad)
        run = _Once.apply if torch.is_grad_enabled() else _backward
        gx, gv0, *gw = run(ctx.plan, for_v, gs, gv, gv_seq, *ctx.saved_tensors)
        return None, gx if for_x else None, gv0 if for_v else None, *(gw or (None,) * len(for_w))


def _backward(plan: Plan, needs_v0: bool, gs: Any, gv: Any, gv_seq: Any, *saved: Any) -> tuple[Any, ...]:
    h, x, v, q = saved
    gx, gv0, gw = fused.backward(plan, (gs, gv, gv_seq), h, x, v, q, needs_v0)
    return gx, gv0, *gw


class _Once(torch.autograd.Function):
    """The backward pass under a graph of its own: it can be taken, not differentiated."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Any:
        return _backward(*arguments)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> NoReturn:
        raise RuntimeError(
            "unisnn: the fused engine has no second derivative. Run the forward pass under "
            "`with unisnn.engine('reference'):`, or with the environment variable UNISNN_ENGINE=reference"
        )
