"""All time steps in one pass each way, keeping the charged membrane potential alone.

Forward, ``t = 0...T-1``::

    h[t] = charge(v[t-1], x[t]);  s[t] = fire(h[t]);  v[t] = reset(h[t], s[t])

Backward, ``t = T-1...0``, everything from ``h``::

    dL/ds[t] = given + through reset;  dL/dh[t] = through reset + surrogate(dL/ds[t], h[t] - threshold)
    dL/dx[t], dL/dv[t-1] = charge's

Operations, their order and the order of sums are those of the reference loop under autograd, so the bits
are too. Buffers of one step's size are reused; torch does the arithmetic, on any device.
"""

from __future__ import annotations

import torch
from torch import Tensor

from unisnn.core.engines._charge import CHARGES
from unisnn.core.engines._fire import fire
from unisnn.core.engines.plan import Plan

__all__ = ["backward", "forward"]


def forward(
    plan: Plan, x: Tensor, v0: Tensor, q: Tensor | None, keep: bool
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """Run every time step of ``x``.

    Args:
        plan: the neuron.
        x: inputs, contiguous ``[T, N, *]``.
        v0: membrane potential before the first step, ``[N, *]``, in the dtype of ``x``; not changed.
        q: the learned reciprocal time constant, shape ``[]``, or ``None``.
        keep: whether the charged potential of every step is kept, as :func:`backward` needs it.

    Returns:
        ``(s, v, v_seq, h)``: spikes ``[T, N, *]``, the last membrane potential, the membrane potential of
        every step (``None`` unless the plan asks for it), and ``h`` (``None`` unless kept).
    """
    charge = CHARGES[plan.charge](plan.constants, q, x, False)
    fires = fire(plan, x)
    s_seq = torch.empty_like(x)
    h_seq = torch.empty_like(x) if keep else None
    v_seq = torch.empty_like(x) if plan.states else None
    v = v0
    free, other = torch.empty_like(v), torch.empty_like(v)
    inputs, spikes = x.unbind(0), s_seq.unbind(0)
    charged = (torch.empty_like(v),) * len(inputs) if h_seq is None else h_seq.unbind(0)
    states = None if v_seq is None else v_seq.unbind(0)
    for t, (x_t, s, h) in enumerate(zip(inputs, spikes, charged, strict=True)):
        charge.forward(v, x_t, h, free)
        fires.spike(h, s)
        state = free if states is None else states[t]
        fires.reset(h, s, state)
        v, free = state, (other if v is v0 else v) if states is None else free
    return s_seq, v.clone() if v_seq is not None else v, v_seq, h_seq


def backward(
    plan: Plan,
    gradients: tuple[Tensor | None, Tensor | None, Tensor | None],
    h_seq: Tensor,
    x: Tensor | None,
    v0: Tensor | None,
    q: Tensor | None,
    needs_v0: bool = True,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Return the gradients of ``x``, of the first membrane potential, and of ``w`` at every step, last first.

    Args:
        plan: the neuron.
        gradients: of the spikes, of the last membrane potential and of the membrane potential of every step;
            ``None`` where the loss does not depend on it.
        h_seq: the charged membrane potential that :func:`forward` kept.
        x: the inputs, and
        v0: the first membrane potential, both only where ``w`` gets a gradient, else ``None``.
        q: ``sigmoid(w)``, or ``None``.
        needs_v0: whether the gradient of the first membrane potential is used; if not, its zeros may have
            either sign.
    """
    gs_seq, gv, gv_seq = gradients
    steps = h_seq.shape[0]
    lift = steps > 1 and not needs_v0
    charge = CHARGES[plan.charge](plan.constants, q, h_seq, lift)
    fires = fire(plan, h_seq)
    gx_seq = torch.empty_like(h_seq)
    a, b, c = (torch.empty_like(h_seq[0]) for _ in range(3))
    ahead, spare = torch.empty_like(a), torch.empty_like(a)
    gw: list[Tensor] = []
    charged, outputs = h_seq.unbind(0), gx_seq.unbind(0)
    given = None if gs_seq is None else gs_seq.unbind(0)
    states = None if gv_seq is None else gv_seq.unbind(0)
    if states is not None:
        gv = states[-1] if gv is None else gv + states[-1]
    for t in range(steps - 1, -1, -1):
        h, gx = charged[t], outputs[t]
        gh = fires.backward(gv, None if given is None else given[t], h, ahead, (a, b, c))
        base = None if states is None or t == 0 else states[t - 1]
        first = base if plan.states == "first" else None
        if x is None:
            charge.backward(gh, gx, first, None, None, a)
        else:
            v = v0 if t == 0 else fires.state(charged[t - 1], b, c)
            gq = charge.backward(gh, gx, first, x[t], v, a)
            gw.append(torch.ops.aten.sigmoid_backward(gq.to(q), q))
        if base is not None and plan.states == "last":
            gh.add_(base)
        if steps > 1 and not lift:
            gx.add_(0.0)
        gv, ahead, spare = gh, spare, gh
    assert gv is not None
    return gx_seq, gv, gw
