"""Counts of spikes as binary spikes in more, shorter time steps, and back."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["expand", "sum_bins"]


def expand(count: Tensor, slots: int) -> Tensor:
    """Spread each count of a sequence over ``slots`` binary events.

    Equation::

        y[t*D + d] = 1 where d < count[t], else 0        d = 0...D-1, D = slots
        dL/dcount[t] = sum over d of dL/dy[t*D + d]/D

    Args:
        count: ``[T, *]``; counts above ``slots`` give ``slots`` events.
        slots: D.

    Shape: ``[T, *] -> [T*D, *]``, the dtype of ``count/D``.

    Source: ``layer.SpikeCountToBinary``, SpikingJelly 2.0.0; Luo et al., "Integer-Valued Training and
        Spike-Driven Inference Spiking Neural Network", ECCV 2024.
    """
    lifted = count.unsqueeze(1)
    order = torch.arange(slots, device=count.device).view(1, slots, *[1] * (count.dim() - 1))
    events = (order < lifted).to(count.dtype)
    share = lifted / slots
    return (events + (share - share.detach())).flatten(0, 1)


def sum_bins(x: Tensor, slots: int) -> Tensor:
    """Add up each ``slots`` consecutive time steps; what is missing at the end counts as 0.

    Equation::

        y[t] = x[t*D] + ... + x[t*D + D - 1]             D = slots

    Args:
        x: ``[T, *]``.
        slots: D.

    Shape: ``[T, *] -> [ceil(T/D), *]``.

    Source: ``layer.TemporalBinSum``, SpikingJelly 2.0.0.
    """
    missing = -x.shape[0] % slots
    if missing:
        x = torch.cat([x, x.new_zeros([missing, *x.shape[1:]])])
    return x.view(-1, slots, *x.shape[1:]).sum(1)
