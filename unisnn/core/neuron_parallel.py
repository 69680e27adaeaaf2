"""Parallel spiking neurons: no state and no reset, the membrane potential is a learned sum over time.

All time steps at once, and one time step from a queue of the last inputs::

    h = W x + b                          x of shape [T, N], W of shape [T, T]
    h[t] = w[0]*x[t-k+1] + ... + w[k-1]*x[t] + b[t]

Shapes: ``x`` is ``[T, N, *]``; everything after the first dimension is one row of a matrix product.
Dtypes are those of torch's ``addmm``: one for weight, bias and input.

Source: Fang et al., "Parallel Spiking Neurons with High Efficiency and Ability to Learn Long-term
Dependencies", NeurIPS 2023.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["band", "charge_from_queue", "charge_in_parallel", "masked", "sliding"]


def charge_in_parallel(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Charge a parallel spiking neuron over all time steps.

    Equation::

        h = weight x + bias              as one addmm

    Args:
        x: inputs, ``[T, N, *]``.
        weight: ``[T, T]``, row t holds what step t takes of each step.
        bias: ``[T, 1]`` or 0-dim, the negative threshold.

    Source: ``PSN``, SpikingJelly 2.0.0.
    """
    return torch.addmm(bias, weight, x.flatten(1)).view(x.shape)


def charge_from_queue(queue: Sequence[Tensor], weight: Tensor, bias: Tensor) -> Tensor:
    """Charge a parallel spiking neuron over one time step.

    Equation::

        h = sum over i of weight[i]*queue[i], + bias

    Args:
        queue: the last inputs, oldest first, each ``[M]``.
        weight: as many numbers, ``[len(queue)]``.
        bias: ``[1]`` or 0-dim, the negative threshold.

    Source: ``MaskedPSN`` and ``SlidingPSN``, SpikingJelly 2.0.0, step mode ``'s'``.
    """
    return (weight.unsqueeze(-1) * torch.stack(tuple(queue))).sum(0) + bias


def band(time_steps: int, k: int) -> Tensor:
    """Return the mask that lets a step take itself and the ``k - 1`` steps before it.

    Equation::

        M[i, j] = 1 where j <= i <= j + k - 1, else 0

    Args:
        time_steps: T.
        k: order.

    Shape: ``[T, T]``, float32.

    Source: ``MaskedPSN``, SpikingJelly 2.0.0.
    """
    ones = torch.ones([time_steps, time_steps])
    return torch.triu(torch.tril(ones), -(k - 1))


def masked(weight: Tensor, share: Tensor, mask: Tensor, everything: Tensor) -> Tensor:
    """Mask a weight by a share of the way from no mask to ``mask``.

    Equation::

        W' = (share*mask + (1 - share)*everything)*W

    Args:
        weight: ``[T, T]``.
        share: lambda, 0-dim.
        mask: :func:`band`.
        everything: ones, ``[T, T]``.

    Source: ``MaskedPSN.gen_masked_weight``, SpikingJelly 2.0.0.
    """
    return (share * mask + (1.0 - share) * everything) * weight


def sliding(weight: Tensor, time_steps: int) -> Tensor:
    """Return the matrix that slides ``weight`` over the time steps.

    Equation::

        W[i, j] = weight[k - 1 - (i - j)] where 0 <= i - j < k, else 0

    Args:
        weight: ``[k]``, the last one is for the present step.
        time_steps: T.

    Shape: ``[T, T]``, dtype and device of ``weight``. The gradient of ``weight`` adds up the rows from the
    last to the first.

    Source: ``SlidingPSN.gen_gemm_weight``, SpikingJelly 2.0.0.
    """
    k = weight.numel()
    made = torch.zeros([time_steps, time_steps], dtype=weight.dtype, device=weight.device)
    for i in range(time_steps):
        length = min(i + 1, k)
        made[i, i + 1 - length : i + 1] = weight[k - length :]
    return made
