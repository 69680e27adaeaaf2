"""Spike-timing-dependent plasticity: traces of spikes, and the change of a weight that they make.

Equation (``pre`` and ``post`` are the spikes of one time step, ``p`` and ``q`` their traces after it)::

    p <- p - p/tau + pre                     leaky trace
    p <- p*exp(-1/tau) + pre                 exponential trace
    dw[o, i] = -f_pre(w)*q[o]*pre[i] + f_post(w)*p[i]*post[o]

Products and sums are formed in this order; a sum over batch (and positions) is taken before the weight's
factor is multiplied.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

__all__ = [
    "decay_exponential",
    "decay_leaky",
    "eligibility",
    "eligibility_unbatched",
    "stdp_dense",
    "stdp_window",
]

_Factor = Callable[[Tensor], Tensor]


def decay_leaky(trace: Tensor | float, spike: Tensor, tau: float) -> Tensor:
    """Return ``trace - trace/tau + spike``.

    Equation::

        p - p/tau + s

    Args:
        trace: of any shape that goes with ``spike``.
        spike: of this time step.
        tau: time constant.

    Shape: that of ``spike``.

    Source: STDP with online traces, as in SpikingJelly's ``learning``.
    """
    return trace - trace / tau + spike


def decay_exponential(trace: Tensor | float, spike: Tensor, tau: float) -> Tensor:
    """Return ``trace*exp(-1/tau) + spike``.

    Equation::

        p*exp(-1/tau) + s

    Args:
        trace: of any shape that goes with ``spike``.
        spike: of this time step.
        tau: time constant.

    Shape: that of ``spike``.

    Source: reward-modulated STDP, as in SpikingJelly's ``learning``.
    """
    return trace * math.exp(-1 / tau) + spike


def stdp_dense(
    weight: Tensor,
    pre: Tensor,
    post: Tensor,
    trace_pre: Tensor,
    trace_post: Tensor,
    f_pre: _Factor,
    f_post: _Factor,
) -> Tensor:
    """Return the change of a dense weight, summed over the batch.

    Equation::

        -f_pre(w)*sum_n(q[n, o]*pre[n, i]) + f_post(w)*sum_n(p[n, i]*post[n, o])

    Args:
        weight: shape ``[O, I]``.
        pre, trace_pre: shape ``[N, I]``.
        post, trace_post: shape ``[N, O]``.
        f_pre, f_post: factors that depend on the weight.

    Shape: ``[O, I]``.

    Source: as :func:`decay_leaky`.
    """
    depression = -f_pre(weight) * (trace_post.unsqueeze(2) * pre.unsqueeze(1)).sum(0)
    potentiation = f_post(weight) * (trace_pre.unsqueeze(1) * post.unsqueeze(2)).sum(0)
    return depression + potentiation


def stdp_window(
    weight: Tensor,
    pre: Tensor,
    post: Tensor,
    trace_pre: Tensor,
    trace_post: Tensor,
    f_pre: _Factor,
    f_post: _Factor,
) -> Tensor:
    """Return the change of one position of a convolution's kernel, summed over batch and places.

    Equation::

        -f_pre(w)*sum_{n,l}(q[n, o, l]*pre[n, i, l]) + f_post(w)*sum_{n,l}(p[n, i, l]*post[n, o, l])

    Args:
        weight: shape ``[O, I]``, the kernel at this position.
        pre, trace_pre: shape ``[N, I, *]``, the input that this position meets.
        post, trace_post: shape ``[N, O, *]``.
        f_pre, f_post: factors that depend on the weight.

    Shape: ``[O, I]``.

    Source: as :func:`decay_leaky`.
    """
    places = (0, *range(3, pre.dim() + 1))
    depression = -f_pre(weight) * (trace_post.unsqueeze(2) * pre.unsqueeze(1)).sum(places)
    potentiation = f_post(weight) * (trace_pre.unsqueeze(1) * post.unsqueeze(2)).sum(places)
    return depression + potentiation


def eligibility(
    weight: Tensor,
    pre: Tensor,
    post: Tensor,
    trace_pre: Tensor,
    trace_post: Tensor,
    f_pre: _Factor,
    f_post: _Factor,
) -> Tensor:
    """Return the eligibility of a dense weight for a reward, one for each sample.

    Equation::

        -f_pre(w)*(q[n, o]*pre[n, i]) + f_post(w)*(p[n, i]*post[n, o])

    Args:
        weight: shape ``[O, I]``.
        pre, trace_pre: shape ``[N, I]``.
        post, trace_post: shape ``[N, O]``.
        f_pre, f_post: factors that depend on the weight.

    Shape: ``[N, O, I]``.

    Source: as :func:`decay_exponential`; Florian, "Reinforcement Learning Through Modulation of
        Spike-Timing-Dependent Synaptic Plasticity", Neural Computation 2007.
    """
    depression = -f_pre(weight) * (trace_post.unsqueeze(2) * pre.unsqueeze(1))
    potentiation = f_post(weight) * (trace_pre.unsqueeze(1) * post.unsqueeze(2))
    return depression + potentiation


def eligibility_unbatched(
    weight: Tensor,
    pre: Tensor,
    post: Tensor,
    trace_pre: Tensor,
    trace_post: Tensor,
    f_pre: _Factor,
    f_post: _Factor,
) -> Tensor:
    """Return the eligibility of a dense weight for a reward, for one sample without a batch dimension.

    Equation::

        -f_pre(w)*(q[o]*pre[i]) + f_post(w)*(post[o]*p[i])

    Args:
        weight: shape ``[O, I]``.
        pre, trace_pre: shape ``[I]``.
        post, trace_post: shape ``[O]``.
        f_pre, f_post: factors that depend on the weight.

    Shape: ``[O, I]``.

    Raises:
        RuntimeError: an input has a batch dimension.

    Source: as :func:`eligibility`.
    """
    return -f_pre(weight) * torch.outer(trace_post, pre) + f_post(weight) * torch.outer(post, trace_pre)
