"""Clusters of spikes."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["spike_cluster"]


@torch.no_grad()
def spike_cluster(v: Tensor, v_threshold: float | Tensor, T_in: int) -> tuple[Tensor, Tensor, Tensor]:
    """Count the clusters of each neuron's spikes, and find where one is easiest to add and to take away.

    Equation (``s[t] = v[t] >= v_threshold``)::

        two neighbouring spikes are of one cluster if they are at most T_in apart
        N_o        = number of clusters
        k_positive = the time of the largest v[t] without a spike within T_in of it
        k_negative = the time of the last spike of the smallest cluster (the earliest of equals)

    Args:
        v: membrane potentials, shape ``[T, N]``.
        v_threshold: a number, or shape ``[N]``.
        T_in: largest distance inside a cluster.

    Returns:
        ``(N_o, k_positive, k_negative)`` of shapes ``[N]`` (the dtype of ``v``), ``[T, N]`` and ``[T, N]``
            (bool, at
        most one True a neuron).

    Source: ``clock_driven.functional.spike_cluster``, SpikingJelly 0.0.0.0.14; Gu et al., "STCA:
        Spatio-Temporal Credit Assignment with Delayed Feedback in Deep Spiking Neural Networks", IJCAI 2019.
    """
    steps = v.shape[0]
    fired = v >= v_threshold
    times = torch.arange(steps, device=v.device).unsqueeze(1).expand(v.shape)
    count, position = torch.zeros_like(v[0]), torch.full_like(v[0], 2 * steps)
    size, smallest = position.clone(), position.clone()
    last, before = torch.full_like(v[0], -2 * T_in), []
    for t in range(steps):
        elapsed = t - last
        begins = (elapsed > T_in) & fired[t]
        smaller = begins & (smallest > size)
        position, smallest = torch.where(smaller, last, position), torch.where(smaller, size, smallest)
        size = torch.where(begins, torch.ones_like(size), size + (fired[t] & ~begins))
        count = count + begins
        before.append((elapsed <= T_in) & ~fired[t])
        last = torch.where(fired[t], torch.full_like(last, t), last)
    position = torch.where(size < smallest, last, position)
    later, after = torch.full_like(v[0], steps + 2 * T_in), []
    for t in range(steps - 1, -1, -1):
        after.append((later - t <= T_in) & ~fired[t])
        later = torch.where(fired[t], torch.full_like(later, t), later)
    lowest = v.min()
    free = torch.where(fired | torch.stack(before) | torch.stack(after[::-1]), lowest, v)
    found = (free.max(0).values != lowest) | (v.max(0).values == lowest)
    return count, (times == free.argmax(0)) & found, times == position.to(torch.int64)
