"""The engines as operators of torch, for what traces a program instead of running it.

``torch.compile`` and ``torch.export`` see all time steps of a neuron as one call::

    unisnn::multi_step(x, v, w, more[], plan..., engine) -> (s, v, v_seq, c)

Its autograd keeps the charged potential ``h`` and calls the engine by two more operators, so that a traced
backward pass is one call too::

    unisnn::multi_step_forward(x, v, q, values[], plan..., engine) -> (s, v, v_seq, h, c)
    unisnn::multi_step_backward(
        gs, gv, gv_seq, gc, h, x, v, q, values[], learns[], needs_v0, plan..., engine
    ) -> (gx, gv0, gradients[])

``plan...`` are the fields of a :class:`Plan`, the surrogate family by name (``""``: the spike carries no
gradient). ``c`` is the adaptation current after the last step; that before the first is the last of ``more``.
A tensor that a call does not have comes back empty. ``gradients`` are those of ``w`` and of the ``values``
that learn, as often as the steps use each; where the loss does not depend on a use, ``-0.0``, which changes
no sum. ``engine`` is a name of :data:`unisnn.core.engines.ENGINES` other than ``reference``:
which engine runs is decided when the call runs, so that a traced program holds nothing of the machine that
traced it. A program that is loaded from a file finds the operators once this module is imported, which every
module of neurons does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from unisnn.core.engines import _charge, _more, fused, fused_adaptive, native, operator, triton
from unisnn.core.engines.plan import Plan
from unisnn.core.surrogate import FAMILIES

__all__ = ["covers", "multi_step", "pick"]

_PLAN = (
    "str charge, float[] constants, str reset, float v_reset, bool detached, float threshold, bool strict, "
    "str family, Scalar[] parameters, str states, str[] names, float[] adapt, str engine"
)
_SCHEMAS = {
    "multi_step": (
        f"(Tensor x, Tensor v, Tensor? w, Tensor[] more, {_PLAN}) -> (Tensor, Tensor, Tensor, Tensor)"
    ),
    "multi_step_forward": (
        f"(Tensor x, Tensor v, Tensor? q, Tensor[] values, {_PLAN}) "
        "-> (Tensor, Tensor, Tensor, Tensor, Tensor)"
    ),
    "multi_step_backward": (
        "(Tensor? gs, Tensor? gv, Tensor? gv_seq, Tensor? gc, Tensor h, Tensor? x, Tensor? v, Tensor? q, "
        f"Tensor[] values, str[] learns, bool needs_v0, {_PLAN}) -> (Tensor, Tensor, Tensor[])"
    ),
}


def pick(name: str, plan: Plan, x: Tensor) -> Any:
    """Return the engine that runs ``plan`` on ``x`` where ``name`` is asked for."""
    if plan.adapt:
        return fused_adaptive
    if name == "fused":
        return fused
    if (x.is_cuda or name == "triton") and triton.covers(plan, x):
        return triton
    return native if native.covers(plan, x) else fused


def covers(plan: Plan) -> bool:
    """Say whether the operator's names and numbers can express ``plan``."""
    numbers = all(isinstance(value, (int, float)) for value in plan.parameters)
    return numbers and (plan.family is None or FAMILIES.get(plan.family.name) is plan.family)


def multi_step(
    plan: Plan, x: Tensor, v: Tensor, w: Tensor | None, engine: str, more: tuple[Tensor, ...] = ()
) -> tuple[Any, ...]:
    """Call the operator: arguments and result as :func:`unisnn.core.engines.operator.multi_step`.

    Args:
        plan: a neuron that the operator :func:`covers`.
        x: inputs ``[T, N, *]``, ``T >= 1``, any strides.
        v: membrane potential before the first step, ``[N, *]``, any strides.
        w: the learned parameter of the charge equation, or ``None``.
        engine: name of the engine.
        more: the tensors that ``plan.more`` names, of shape ``[]``; an adaptation current ``[N, *]``.

    Raises:
        RuntimeError: in the backward pass, where a second derivative is asked for.
    """
    found = torch.ops.unisnn.multi_step.default(x, v, w, list(more), *_flat(plan), engine)
    return _present(plan, *found)


def _flat(plan: Plan) -> tuple[Any, ...]:
    """Return the arguments that stand for a plan."""
    family = "" if plan.family is None else plan.family.name
    return tuple(plan._replace(family=family))  # type: ignore[arg-type]


def _plan(given: tuple[Any, ...]) -> Plan:
    """Return the plan that arguments stand for."""
    plan = Plan(*given)
    names = ("constants", "parameters", "more", "adapt")
    lists: dict[str, Any] = {name: tuple(getattr(plan, name)) for name in names}
    return plan._replace(family=FAMILIES.get(given[Plan._fields.index("family")]), **lists)


def _values(plan: Plan, given: list[Tensor]) -> dict[str, Tensor]:
    return dict(zip((_more.value_name(name) for name in plan.more), given, strict=True))


def _constants(plan: Plan, given: list[Tensor]) -> dict[str, Tensor]:
    return dict(zip(_more.kept(plan), given, strict=True))


def _uses(plan: Plan, steps: int, learned: str) -> int:
    """Return how many gradients there are for ``"w"`` or for a value."""
    names = ("w", *plan.more)
    return next(_more.uses(plan, name, steps) for name in names if _more.value_name(name) == learned)


def _filled(like: Tensor, *tensors: Tensor | None) -> tuple[Tensor, ...]:
    return tuple(like.new_empty(0) if tensor is None else tensor for tensor in tensors)


def _padded(like: Tensor, found: tuple[Any, ...], count: int) -> tuple[Tensor, ...]:
    """Return an engine's tensors as an operator does, an empty one for each that is missing."""
    return _filled(like, *found, *(None,) * (count - len(found)))


def _present(plan: Plan, s: Tensor, last: Tensor, v_seq: Tensor, *rest: Tensor) -> tuple[Any, ...]:
    """Return an operator's tensors as an engine does."""
    *kept, current = rest
    return s, last, v_seq if plan.states else None, *kept, *([current] if plan.adapt else [])


class _Traced(NamedTuple):
    """An engine whose two halves are calls of the operators."""

    name: str

    def forward(
        self,
        plan: Plan,
        x: Tensor,
        v: Tensor,
        q: Tensor | None,
        keep: bool,
        more: _more.More = _more.NONE,
    ) -> tuple[Any, ...]:
        """Call the forward operator, which keeps ``h`` always."""
        given = (*_flat(plan), self.name)
        values = list(more.values.values())
        return _present(plan, *torch.ops.unisnn.multi_step_forward.default(x, v, q, values, *given))

    def backward(
        self,
        plan: Plan,
        gradients: tuple[Tensor | None, ...],
        h: Tensor,
        x: Tensor | None,
        v: Tensor | None,
        q: Tensor | None,
        needs_v0: bool,
        spent: bool,
        more: _more.More = _more.NONE,
    ) -> tuple[Any, ...]:
        """Call the backward operator, which leaves ``h`` alone, and hand its gradients round."""
        learns = list(more.gradients)
        given = (list(more.values.values()), learns, needs_v0, *_flat(plan), self.name)
        gradients = gradients if plan.adapt else (*gradients, None)
        gx, gv0, found = torch.ops.unisnn.multi_step_backward.default(*gradients, h, x, v, q, *given)
        split = 0 if x is None else _uses(plan, h.shape[0], "w")
        gw, rest = found[:split], found[split:]
        for name in learns:
            count = _uses(plan, h.shape[0], name)
            more.gradients[name].extend(rest[:count])
            rest = rest[count:]
        return gx, gv0 if needs_v0 else None, gw


def _with_gradient(
    x: Tensor, v: Tensor, w: Tensor | None, more: list[Tensor], *given: Any
) -> tuple[Tensor, ...]:
    inputs = (x, v, *more) if w is None else (x, v, w, *more)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs):
        plan, traced = _plan(given[:-1]), _Traced(given[-1])
        return _padded(x, operator.multi_step(plan, x, v, w, traced, tuple(more)), 4)
    with torch._C._AutoDispatchBelowAutograd():
        result: tuple[Tensor, ...] = torch.ops.unisnn.multi_step.default(x, v, w, more, *given)
    return result


def _run(x: Tensor, v: Tensor, w: Tensor | None, more: list[Tensor], *given: Any) -> tuple[Tensor, ...]:
    plan = _plan(given[:-1])
    values = list(_more.values(plan, tuple(more)).values())
    ran = _called(plan, x, v, _charge.value_of_w(plan.charge, w), values, given[-1], keep=False)
    return (*ran[:3], ran[4])


def _run_forward(
    x: Tensor, v: Tensor, q: Tensor | None, values: list[Tensor], *given: Any
) -> tuple[Tensor, ...]:
    return _called(_plan(given[:-1]), x, v, q, values, given[-1], keep=True)


def _called(
    plan: Plan, x: Tensor, v: Tensor, q: Tensor | None, values: list[Tensor], name: str, *, keep: bool
) -> tuple[Tensor, ...]:
    x, v = x.contiguous(), v.contiguous()
    more = (_more.More(_values(plan, values), {}),) if values else ()
    return _padded(x, pick(name, plan, x).forward(plan, x, v, q, keep, *more), 5)


def _run_backward(
    gs: Tensor | None,
    gv: Tensor | None,
    gv_seq: Tensor | None,
    gc: Tensor | None,
    h: Tensor,
    x: Tensor | None,
    v: Tensor | None,
    q: Tensor | None,
    values: list[Tensor],
    learns: list[str],
    needs_v0: bool,
    *given: Any,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    h, plan = h.contiguous(), _plan(given[:-1])
    x, v = (None if kept is None else kept.contiguous() for kept in (x, v))
    named = _constants(plan, values)
    found: dict[str, list[Tensor]] = {name: [] for name in learns}
    more = (_more.More(named, found),) if values or learns else ()
    engine = pick(given[-1], plan, h)
    outputs = (gs, gv, gv_seq, gc) if plan.adapt else (gs, gv, gv_seq)
    gx, gv0, gw = engine.backward(plan, outputs, h, x, v, q, needs_v0, False, *more)
    gradients = [] if x is None or q is None else _each(plan, "w", gw, h.shape[0], q)
    for name in learns:
        gradients += _each(plan, name, found[name], h.shape[0], named.get(name, h[0]))
    return gx, *_filled(h, gv0 if needs_v0 else None), gradients


def _each(plan: Plan, name: str, found: list[Tensor], steps: int, like: Tensor) -> list[Tensor]:
    """Return as many gradients as there are uses, of the dtype that autograd would turn them into.

    Copies: what an operator returns has memory of its own, and an engine's gradients may share theirs.
    """
    missing = _uses(plan, steps, name) - len(found)
    return [g.to(like, copy=True) for g in found] + [torch.full_like(like, -0.0) for _ in range(missing)]


def _fake(x: Tensor, v: Tensor, w: Tensor | None, more: list[Tensor], *given: Any) -> tuple[Tensor, ...]:
    plan = _plan(given[:-1])
    last = [v.new_empty(v.shape if there else 0) for there in (True, plan.adapt)]
    return x.new_empty(x.shape), last[0], x.new_empty(x.shape if plan.states else 0), last[1]


def _fake_forward(
    x: Tensor, v: Tensor, q: Tensor | None, values: list[Tensor], *given: Any
) -> tuple[Tensor, ...]:
    *states, current = _fake(x, v, q, values, *given)
    return *states, x.new_empty(x.shape), current


def _fake_backward(
    gs: Any,
    gv: Any,
    gv_seq: Any,
    gc: Any,
    h: Tensor,
    x: Any,
    v: Any,
    q: Any,
    values: list[Tensor],
    learns: list[str],
    needs_v0: bool,
    *given: Any,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    plan, steps = _plan(given[:-1]), h.shape[0]
    named = {**_constants(plan, values), "w": q, "current": h.new_empty(h.shape[1:])}
    learned = learns if x is None else ["w", *learns]
    gradients = [torch.empty_like(named[name]) for name in learned for _ in range(_uses(plan, steps, name))]
    return h.new_empty(h.shape), h.new_empty(h.shape[1:] if needs_v0 else 0), gradients


def _register() -> torch.library.Library:
    """Define the operators; they last as long as what is returned."""
    library = torch.library.Library("unisnn", "FRAGMENT")
    halves: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "multi_step": (_run, _fake),
        "multi_step_forward": (_run_forward, _fake_forward),
        "multi_step_backward": (_run_backward, _fake_backward),
    }
    for name, (run, fake) in halves.items():
        library.define(name + _SCHEMAS[name])
        library.impl(name, run, "CompositeExplicitAutograd")
        torch.library.register_fake(f"unisnn::{name}", fake, lib=library)
    library.impl("multi_step", _with_gradient, "Autograd")
    return library


_LIBRARY = _register()
