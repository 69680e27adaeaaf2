"""A fused or native engine as one differentiable operation over time."""

from __future__ import annotations

from typing import Any, NoReturn

import torch
from torch import Tensor

from unisnn.core.engines import _charge, _more, _spent, fused
from unisnn.core.engines.plan import Plan

__all__ = ["multi_step"]


def multi_step(
    plan: Plan,
    x: Tensor,
    v: Tensor | float,
    w: Tensor | None,
    engine: Any = fused,
    more: tuple[Tensor, ...] = (),
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return the spikes, the last membrane potential and, where the plan asks for it, every one.

    Args:
        plan: the neuron.
        x: inputs, contiguous ``[T, N, *]``, ``T >= 1``.
        v: membrane potential before the first step: ``[N, *]``, or one number where the engine takes it.
        w: the learned parameter of the charge equation, or ``None``.
        engine: what computes: has ``forward`` and ``backward`` as :mod:`unisnn.core.engines.fused`.
        more: the tensors that ``plan.more`` names, of shape ``[]``.

    Raises:
        RuntimeError: in the backward pass, where a second derivative is asked for.
    """
    given = more if w is None else (w, *more)
    if torch.is_grad_enabled() and any(isinstance(value, Tensor) and value.requires_grad for value in (x, v, *given)):
        names = plan.more if w is None else ("w", *plan.more)
        counts = tuple(
            x.shape[0] * _more.hands(plan, name) if tensor.requires_grad else 1
            for name, tensor in zip(names, given, strict=True)
        )
        each = (tensor for tensor, count in zip(given, counts, strict=True) for _ in range(count))
        s, last, v_seq, _ = _MultiStep.apply(plan, engine, names, counts, x, v, *each)
        return s, last, v_seq
    q = _charge.value_of_w(plan.charge, w)
    s, last, v_seq, _ = engine.forward(plan, x, v, q, False, *_called(_more.values(plan, more)))
    return s, last, v_seq


def _called(values: dict[str, Tensor], gradients: dict[str, list[Tensor]] | None = None) -> tuple[Any, ...]:
    """Return the argument that an engine gets more where the plan names tensors."""
    return (_more.More(values, gradients or {}),) if values else ()


class _MultiStep(torch.autograd.Function):
    """Keeps the charged potential for the backward pass; inputs only where they are needed again.

    A learned tensor comes once for every time that the steps use it, so that autograd adds its gradients to
    whatever else it gets one by one, as it does for the loop. ``h`` is an output, so that a second derivative
    finds its way here and is refused, instead of taking the first for a constant.
    """

    @staticmethod
    def forward(
        ctx: Any, plan: Plan, engine: Any, names: Any, counts: Any, x: Tensor, v: Any, *each: Tensor
    ) -> Any:
        starts = [sum(counts[:index]) for index in range(len(counts))]
        learns = tuple(name for name, at in zip(names, starts, strict=True) if ctx.needs_input_grad[6 + at])
        given = dict(zip(names, (each[at] for at in starts), strict=True))
        q = _charge.value_of_w(plan.charge, given.get("w"))
        values = _more.values(plan, tuple(given[name] for name in plan.more))
        s, last, v_seq, h = engine.forward(plan, x, v, q, True, *_called(values))
        ctx.set_materialize_grads(False)
        state = "w" in learns or plan.charge in _charge.NEED_STATE
        first, number = (v, None) if isinstance(v, Tensor) else (None, v)
        ctx.save_for_backward(h, x if "w" in learns else None, first if state else None, q, *values.values())
        ctx.call = plan, engine, dict(zip(names, counts, strict=True)), learns, tuple(values), number
        ctx.watched = _spent.is_watched()
        fixed = [s] if plan.family is None else []
        if not any(ctx.needs_input_grad[4:6]) and not any(_more.reaches_state(plan, name) for name in learns):
            fixed += [last] if v_seq is None else [last, v_seq]
        if fixed:
            ctx.mark_non_differentiable(*fixed)
        return s, last, v_seq, h

    @staticmethod
    def backward(ctx: Any, gs: Tensor | None, gv: Tensor | None, gv_seq: Tensor | None, _: None) -> Any:
        if gs is None and gv is None and gv_seq is None:
            return (None,) * len(ctx.needs_input_grad)
        for_x, for_v = ctx.needs_input_grad[4:6]
        run, saved = _Once.apply if torch.is_grad_enabled() else _backward, ctx.saved_tensors
        spent = not ctx.watched and _spent.is_spent(saved[0])
        gx, gv0, *learned = run(ctx.call, for_v, spent, gs, gv, gv_seq, *saved)
        return None, None, None, None, gx if for_x else None, gv0 if for_v else None, *learned


def _backward(
    call: Any, needs_v0: bool, spent: bool, gs: Any, gv: Any, gv_seq: Any, *saved: Any
) -> tuple[Any, ...]:
    (plan, engine, counts, learns, kept, number), (h, x, v, q, *tensors) = call, saved
    v = v if number is None else number
    values = dict(zip(kept, tensors, strict=True))
    gradients: dict[str, list[Tensor]] = {_more.value_name(name): [] for name in learns if name != "w"}
    called = _called(values, gradients)
    gx, gv0, gw = engine.backward(plan, (gs, gv, gv_seq), h, x, v, q, needs_v0, spent, *called)
    learned: list[Tensor | None] = []
    for name, count in counts.items():
        given = gw if name == "w" else _more.passed_back(name, values, gradients)
        learned += [*given, *(None,) * (count - len(given))]
    return gx, gv0, *learned


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
