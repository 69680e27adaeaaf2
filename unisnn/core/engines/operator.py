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
) -> tuple[Any, ...]:
    """Return ``(s, v, v_seq)``: the spikes, the last membrane potential and, where the plan asks, every one.

    Where the plan has an adaptation current, the last one follows.

    Args:
        plan: the neuron.
        x: inputs, contiguous ``[T, N, *]``, ``T >= 1``.
        v: membrane potential before the first step: ``[N, *]``, or one number where the engine takes it.
        w: the learned parameter of the charge equation, or ``None``.
        engine: what computes: has ``forward`` and ``backward`` as :mod:`unisnn.core.engines.fused`.
        more: the tensors that ``plan.more`` names, of shape ``[]``; an adaptation current ``[N, *]``.

    Raises:
        RuntimeError: in the backward pass, where a second derivative is asked for.
    """
    given = more if w is None else (w, *more)
    tensors = (x, *given) if isinstance(v, float) else (x, v, *given)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        names = plan.more if w is None else ("w", *plan.more)
        counts = tuple(
            _more.uses(plan, name, x.shape[0]) if tensor.requires_grad else 1
            for name, tensor in zip(names, given, strict=True)
        )
        each = (tensor for tensor, count in zip(given, counts, strict=True) for _ in range(count))
        s, last, v_seq, _, *end = _MultiStep.apply(plan, engine, names, counts, x, v, *each)
        return s, last, v_seq, *end
    q = _charge.value_of_w(plan.charge, w)
    s, last, v_seq, _, *end = engine.forward(plan, x, v, q, False, *_called(_more.values(plan, more)))
    return s, last, v_seq, *end


def _called(values: dict[str, Tensor], gradients: dict[str, list[Tensor]] | None = None) -> tuple[Any, ...]:
    """Return the argument that an engine gets more where the plan names tensors."""
    return (_more.More(values, gradients or {}),) if values or gradients else ()


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
        s, last, v_seq, h, *end = engine.forward(plan, x, v, q, True, *_called(values))
        ctx.set_materialize_grads(False)
        state = "w" in learns or plan.charge in _charge.NEED_STATE
        constants = [values[name] for name in _more.kept(plan)]
        first, number = (v, None) if isinstance(v, Tensor) else (None, v)
        if not state:
            first = number = None
        ctx.save_for_backward(h, x if "w" in learns else None, first, q, *constants)
        ctx.call = plan, engine, dict(zip(names, counts, strict=True)), learns, number
        ctx.watched, ctx.begun = _spent.is_watched(), False
        fixed = [s] if plan.family is None else []
        if not any(ctx.needs_input_grad[4:6]) and not any(_more.reaches_state(plan, name) for name in learns):
            fixed += [last, *end] if v_seq is None else [last, v_seq, *end]
        if fixed:
            ctx.mark_non_differentiable(*fixed)
        return s, last, v_seq, h, *end

    @staticmethod
    def backward(
        ctx: Any, gs: Tensor | None, gv: Tensor | None, gv_seq: Tensor | None, _: None, *end: Tensor | None
    ) -> Any:
        given = gs, gv, gv_seq, *end
        if all(gradient is None for gradient in given):
            return (None,) * len(ctx.needs_input_grad)
        for_x, for_v = ctx.needs_input_grad[4:6]
        run, saved = _Once.apply if torch.is_grad_enabled() else _backward, ctx.saved_tensors
        if ctx.begun:
            raise RuntimeError(
                "unisnn: a backward pass was broken off while it wrote over what it needs; "
                "run the forward pass again"
            )
        ctx.begun = spent = not ctx.watched and _spent.is_spent(saved[0])
        gx, gv0, *learned = run(ctx.call, for_v, spent, len(given), *given, *saved)
        return None, None, None, None, gx if for_x else None, gv0 if for_v else None, *learned


def _backward(call: Any, needs_v0: bool, spent: bool, outputs: int, *given: Any) -> tuple[Any, ...]:
    (plan, engine, counts, learns, number), (h, x, v, q, *constants) = call, given[outputs:]
    v = v if number is None else number
    values = dict(zip(_more.kept(plan), constants, strict=True))
    gradients: dict[str, list[Tensor]] = {_more.value_name(name): [] for name in learns if name != "w"}
    called = _called(values, gradients)
    gx, gv0, gw = engine.backward(plan, given[:outputs], h, x, v, q, needs_v0, spent, *called)
    learned: list[Tensor | None] = []
    for name, count in counts.items():
        found = gw if name == "w" else _more.passed_back(name, values, gradients)
        learned += [*found, *(None,) * (count - len(found))]
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
