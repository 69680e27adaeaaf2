"""The fused engine for neurons with an adaptation current, a second state beside the membrane potential.

Forward, ``t = 0...T-1``::

    h[t] = charge(v[t-1], x[t], c[t-1]);  s[t] = fire(h[t])
    c[t] = adapt(c[t-1], h[t], s[t]);     v[t] = reset(h[t], s[t])

Backward, ``t = T-1...0``, everything from ``h``; the equations are linear in ``c``, which is not kept::

    dL/ds[t] = given + through the jump + through reset
    dL/dh[t] = through reset + surrogate(dL/ds[t], h[t] - threshold) + through the adaptation
    dL/dx[t], dL/dv[t-1], dL/dc[t-1] = charge's and the adaptation's

As in :mod:`unisnn.core.engines.fused`, operations, their order and buffers are such that the bits are those
of the reference loop under autograd.
"""

from __future__ import annotations

import torch
from torch import Tensor

from unisnn.core.engines import _adapt, _kept
from unisnn.core.engines._blocks import block, blocks
from unisnn.core.engines._fire import Fire, fire
from unisnn.core.engines._more import NONE, More
from unisnn.core.engines.plan import Plan

__all__ = ["backward", "forward"]


def forward(
    plan: Plan, x: Tensor, v0: Tensor, q: None, keep: bool, more: More
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None, Tensor]:
    """Run every time step of ``x``.

    Args:
        plan: the neuron, with constants of its adaptation.
        x: inputs, contiguous ``[T, N, *]``.
        v0: membrane potential before the first step, contiguous ``[N, *]``, of the dtype of ``x``.
        q: ``None``; no charge equation with an adaptation current learns.
        keep: whether the charged potential of every step is kept, as :func:`backward` needs it.
        more: the tensors of the call, ``"current"`` among them, as ``v0``.

    Returns:
        ``(s, v, v_seq, h, c)``: as :func:`unisnn.core.engines.fused.forward`, and the last adaptation
        current ``[N, *]``.
    """
    charge, adaptation = _adapt.CHARGES[plan.charge](plan.constants, x), _adapt.Adaptation(plan.adapt, x)
    fires = fire(plan, x, None, more)
    s, v, c = _kept.empty_like(x), torch.empty_like(v0), torch.empty_like(v0)
    h = _kept.empty_like(x) if keep else None
    v_seq = _kept.empty_like(x) if plan.states else None
    start = v0, more.values["current"]
    size = block(plan, v0, learns=False)
    for x_, v0_, c0_, *outputs in blocks(size, v0, x, *start, s, v, c, h, v_seq):
        _forward(charge, adaptation, fires, x_, v0_, c0_, *outputs)
    return s, v, v_seq, h, c


def _forward(
    charge: _adapt.Charge,
    adaptation: _adapt.Adaptation,
    fires: Fire,
    x: Tensor,
    v: Tensor,
    c: Tensor,
    s: Tensor,
    last: Tensor,
    current: Tensor,
    h_seq: Tensor | None,
    v_seq: Tensor | None,
) -> None:
    charged = (torch.empty_like(v),) * x.shape[0] if h_seq is None else h_seq.unbind(0)
    a = torch.empty_like(v)
    for t, (x_t, s_t, h) in enumerate(zip(x.unbind(0), s.unbind(0), charged, strict=True)):
        charge.forward(v, x_t, c, h, a)
        fires.spike(h, s_t)
        adaptation.forward(c, h, s_t, current, a)
        fires.reset(h, s_t, last)
        v, c = last, current
        if v_seq is not None:
            v_seq[t].copy_(v)


def backward(
    plan: Plan,
    gradients: tuple[Tensor | None, Tensor | None, Tensor | None, Tensor | None],
    h: Tensor,
    x: None,
    v0: Tensor,
    q: None,
    needs_v0: bool = True,
    spent: bool = False,
    more: More = NONE,
) -> tuple[Tensor, Tensor | None, list[Tensor]]:
    """Return the gradients of ``x`` and of the first membrane potential, and no more.

    Args:
        plan: the neuron.
        gradients: of the spikes, of the last membrane potential, of the membrane potential of every step and
            of the last current; ``None`` where the loss does not depend on it.
        h: the charged membrane potential that :func:`forward` kept.
        x: ``None``.
        v0: the first membrane potential.
        q: ``None``.
        needs_v0: whether the gradient of the first membrane potential is asked for.
        spent: as :func:`unisnn.core.engines.fused.backward`.
        more: the constants that are tensors; their gradients are put into it, and that of the first current.
    """
    charge, adaptation = _adapt.CHARGES[plan.charge](plan.constants, h), _adapt.Adaptation(plan.adapt, h)
    fires = fire(plan, h, None, more)
    gx, found = h.data if spent else _kept.empty_like(h), more.gradients.get("current")
    gv0 = torch.empty_like(h[0]) if needs_v0 else None
    gc0 = None if found is None else torch.empty_like(h[0])
    learns = any(name != "current" for name in more.gradients)
    size = block(plan, gx[0], learns=learns)
    for views in blocks(size, gx[0], *gradients, h, v0, gx, gv0, gc0):
        _backward(plan, charge, adaptation, fires, *views)
    if found is not None and gc0 is not None:
        found.append(gc0)
    return gx, gv0, []


def _backward(
    plan: Plan,
    charge: _adapt.Charge,
    adaptation: _adapt.Adaptation,
    fires: Fire,
    gs_seq: Tensor | None,
    gv: Tensor | None,
    gv_seq: Tensor | None,
    last: Tensor | None,
    h_seq: Tensor,
    v0: Tensor,
    gx_seq: Tensor,
    gv0: Tensor | None,
    gc0: Tensor | None,
) -> None:
    steps = h_seq.shape[0]
    a, b, c, d, gc, ahead, spare = (torch.empty_like(v0) for _ in range(7))
    charged, outputs = h_seq.unbind(0), gx_seq.unbind(0)
    given = (None,) * steps if gs_seq is None else gs_seq.unbind(0)
    states = (None,) * steps if gv_seq is None else gv_seq.unbind(0)
    if states[-1] is not None:
        gv = states[-1] if gv is None else gv + states[-1]
    adapts = last is not None
    if last is not None:
        gc.copy_(last)
    for t in range(steps - 1, -1, -1):
        h, gx, gs = charged[t], outputs[t], given[t]
        if adapts and plan.family is not None:
            gs = adaptation.jumped(gc, gs, d)
        gh = fires.backward(gv, gs, h, ahead, (a, b, c))
        if adapts:
            adaptation.backward(gc, gh, gv is None and plan.family is None, a)
        base = states[t - 1] if t > 0 else None
        if t > 0:
            fires.state(charged[t - 1], b, c)
        charge.backward(gh, gx, gc, adapts, base if plan.states == "first" else None, c if t else v0, a)
        if base is not None and plan.states == "last":
            gh.add_(base)
        if steps > 1:
            gx.add_(0.0)
        gv, adapts, ahead, spare = gh, True, spare, gh
    if gv0 is not None:
        gv0.copy_(gh)
    if gc0 is not None:
        gc0.copy_(gc)
