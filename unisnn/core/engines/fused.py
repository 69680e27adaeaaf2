"""All time steps in one pass each way, keeping the charged membrane potential alone.

Forward, ``t = 0...T-1``::

    h[t] = charge(v[t-1], x[t]);  s[t] = fire(h[t]);  v[t] = reset(h[t], s[t])

Backward, ``t = T-1...0``, everything from ``h``::

    dL/ds[t] = given + through reset;  dL/dh[t] = through reset + surrogate(dL/ds[t], h[t] - threshold)
    dL/dx[t], dL/dv[t-1] = charge's

Operations, their order and the order of sums are those of the reference loop under autograd, so the bits
are too. torch does the arithmetic, on any device, in buffers of one step's size that are used again; large
steps are taken in blocks that stay in a CPU's cache over all of time, or over each step where ``w`` learns.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from unisnn.core.engines import _charge as _charges
from unisnn.core.engines import _kept
from unisnn.core.engines._blocks import block, blocks
from unisnn.core.engines._charge_parts import Charge
from unisnn.core.engines._fire import Fire, fire
from unisnn.core.engines._more import NONE, More
from unisnn.core.engines.plan import Plan

__all__ = ["backward", "forward"]


def forward(
    plan: Plan, x: Tensor, v0: Tensor | float, q: Tensor | None, keep: bool, more: More = NONE
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """Run every time step of ``x``.

    Args:
        plan: the neuron.
        x: inputs, contiguous ``[T, N, *]``.
        v0: membrane potential before the first step: contiguous ``[N, *]``, of the dtype of ``x``, and kept;
            or one number.
        q: the learned reciprocal time constant or scale, shape ``[]``, or ``None``.
        keep: whether the charged potential of every step is kept, as :func:`backward` needs it.
        more: the constants that are tensors.

    Returns:
        ``(s, v, v_seq, h)``: spikes ``[T, N, *]``, the last membrane potential, the membrane potential of
        every step (``None`` unless the plan asks for it), and ``h`` (``None`` unless kept).
    """
    charge = _charges.CHARGES[plan.charge](plan.constants, q, x, False)
    fires = fire(plan, x, q, more)
    s, v = _kept.empty_like(x), _kept.empty_like(x[0])
    h = _kept.empty_like(x) if keep else None
    v_seq = _kept.empty_like(x) if plan.states else None
    first = v0 if isinstance(v0, Tensor) else None
    short = fires.short_reset if x.shape[0] > 1 else None
    for part in blocks(block(plan, v, learns=False), v, x, first, s, v, h, v_seq):
        if short is None or math.isnan(_forward(charge, fires, short, v0, *part).sum().item()):
            _forward(charge, fires, fires.reset, v0, *part)
    return s, v, v_seq, h


def _forward(
    charge: Charge,
    fires: Fire,
    reset: Callable[[Tensor, Tensor, Tensor], Any],
    v0: Any,
    x: Tensor,
    first: Tensor | None,
    s: Tensor,
    last: Tensor,
    h_seq: Tensor | None,
    v_seq: Tensor | None,
) -> Tensor:
    """Take a part of the neurons through all steps; return their last membrane potential."""
    v = last.fill_(v0) if first is None else first
    a = torch.empty_like(v)
    charged = (a,) * x.shape[0] if h_seq is None else h_seq.unbind(0)
    for t, (x_t, s_t, h) in enumerate(zip(x.unbind(0), s.unbind(0), charged, strict=True)):
        charge.forward(v, x_t, h, a)
        fires.spike(h, s_t)
        reset(h, s_t, last)
        v = last
        if v_seq is not None:
            v_seq[t].copy_(v)
    return last


def backward(
    plan: Plan,
    gradients: tuple[Tensor | None, Tensor | None, Tensor | None],
    h: Tensor,
    x: Tensor | None,
    v0: Tensor | float | None,
    q: Tensor | None,
    needs_v0: bool = True,
    spent: bool = False,
    more: More = NONE,
) -> tuple[Tensor, Tensor | None, list[Tensor]]:
    """Return the gradients of ``x``, of the first membrane potential, and of ``w`` at every step, last first.

    Args:
        plan: the neuron.
        gradients: of the spikes, of the last membrane potential and of the membrane potential of every step;
            ``None`` where the loss does not depend on it.
        h: the charged membrane potential that :func:`forward` kept.
        x: the inputs, only where ``w`` gets a gradient, else ``None``.
        v0: the first membrane potential, where ``w`` gets a gradient or the charge equation needs it.
        q: as :func:`forward`.
        needs_v0: whether the gradient of the first membrane potential is asked for.
        spent: whether ``h`` is not needed any more, so that the gradient of ``x`` may take its memory.
        more: the constants that are tensors; their gradients are put into it.
    """
    charge = _charges.CHARGES[plan.charge](plan.constants, q, h, h.shape[0] > 1 and not needs_v0)
    v0 = torch.full_like(h[0], v0) if isinstance(v0, float) else v0
    gx = h.data if spent else _kept.empty_like(h)
    gv0 = torch.empty_like(h[0]) if needs_v0 else None
    whole = bool(more.gradients) or (x is not None and plan.reset.endswith("scaled"))
    gw: list[Tensor] = []
    if x is not None:
        more = More(more.values, {**more.gradients, "w": gw})
    fires = fire(plan, h, q, more)
    terms = None if x is None else torch.empty_like(h[0])
    size = block(plan, gx[0], learns=whole)
    parts = list(blocks(size, gx[0], h, x, v0, *gradients, gx, gv0, terms))
    scratch = tuple(torch.empty_like(parts[0][0][0]) for _ in range(3))
    runs = [_backward(plan, charge, fires, scratch, *part) for part in parts]
    if terms is None:
        for run in runs:
            deque(run, maxlen=0)
        return gx, gv0, []
    for _ in range(h.shape[0]):  # each step of all parts, for a sum over all of it
        for run in runs:
            next(run)
        gw.append(terms.sum())
    return gx, gv0, _charges.gradients_of_w(plan.charge, torch.stack(gw), q)


def _backward(
    plan: Plan,
    charge: Charge,
    fires: Fire,
    scratch: tuple[Tensor, ...],
    h_seq: Tensor,
    x: Tensor | None,
    v0: Tensor | None,
    gs_seq: Tensor | None,
    gv: Tensor | None,
    gv_seq: Tensor | None,
    gx_seq: Tensor,
    gv0: Tensor | None,
    term: Tensor | None,
) -> Iterator[None]:
    """Take a part of the neurons back, the last step first; stop after each, with its terms for ``w``."""
    steps = h_seq.shape[0]
    ahead, spare = torch.empty_like(h_seq[0]), torch.empty_like(h_seq[0])
    a, b, c = scratch if scratch[0].shape == ahead.shape else (room[: ahead.numel()] for room in scratch)
    b = b if term is None else term  # what is left there at the end of a step
    n = torch.empty_like(ahead) if v0 is not None else a
    unfired = None
    charged, outputs = h_seq.unbind(0), gx_seq.unbind(0)
    given = None if gs_seq is None else gs_seq.unbind(0)
    states = None if gv_seq is None else gv_seq.unbind(0)
    if states is not None:
        gv = states[-1] if gv is None else gv + states[-1]
    for t in range(steps - 1, -1, -1):
        h, gx = charged[t], outputs[t]
        gh = fires.backward(gv, None if given is None else given[t], h, ahead, (a, b, c), unfired)
        base = None if states is None or t == 0 else states[t - 1]
        first = base if plan.states == "first" else None
        if v0 is None:
            charge.backward(gh, gx, first, None, None, a, h)
        else:
            unfired = None if t == 0 else fires.state(charged[t - 1], n, c)
            charge.backward(gh, gx, first, None if x is None else x[t], c if t else v0, a, h, term)
        if base is not None and plan.states == "last":
            gh.add_(base)
        if steps > 1 and gv0 is not None:
            gx.add_(0.0)
        if t == 0 and gv0 is not None:
            gv0.copy_(gh)
        gv, ahead, spare = gh, spare, gh
        yield
