"""Synapses as pure functions: a filtered current, a trace over channels, dropped connections.

Shapes and dtypes: everything broadcasts and promotes as torch does; nothing is checked and nothing is changed
in place. Random numbers come from torch's global generator, in the order in which upstream draws them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional as _nn_functional

__all__ = ["channel_trace", "drop_connect_mean", "drop_connections", "filtered_current"]

_Value: TypeAlias = Tensor | float


def filtered_current(current: _Value, spike: Tensor, decay: _Value) -> Tensor:
    """Let a synaptic current decay where no spike comes and jump by 1 where one does.

    Equation::

        I[t] = I[t-1] - (1 - s[t])*I[t-1]*decay + s[t]           decay = 1/tau

    Args:
        current: current after the last step.
        spike: spikes of this step.
        decay: share that is lost in a step without a spike, a number or a 0-dim tensor.

    Source: ``SynapseFilter``, SpikingJelly; Diehl and Cook, "Unsupervised Learning of Digit Recognition
        using Spike-Timing-Dependent Plasticity", 2015.
    """
    return current - (1 - spike) * current * decay + spike


def channel_trace(trace: _Value, spike: Tensor, kept: float, gain: float) -> Tensor:
    """Move the trace of the spikes of all channels by one step.

    Equation::

        x[t] = kept*x[t-1] + gain*sum over channels of s[t]

    Args:
        trace: trace after the last step, ``[N, 1, H, W]`` or a number.
        spike: spikes of this step, ``[N, C, H, W]``.
        kept: momentum of the trace.
        gain: weight of a spike.

    Source: ``NeuNorm``, SpikingJelly; Wu et al., "Direct Training for Spiking Neural Networks: Faster,
        Larger, Better", AAAI 2019.
    """
    return kept * trace + gain * spike.sum(dim=1, keepdim=True)


def drop_connections(weight: Tensor, batch_size: int, p: float) -> Tensor:
    """Return, for each sample, the weights that are left when each is dropped with probability ``p``.

    Equation::

        y[n] = weight * (u[n] > p)       u uniform from 0 to 1, one draw for each sample and weight

    Args:
        weight: any shape.
        batch_size: samples ``N``.
        p: probability that a weight is dropped.

    Shape: ``[N, *weight.shape]``.

    Source: ``DropConnectLinear``, SpikingJelly; Wan et al., "Regularization of Neural Networks using
        DropConnect", ICML 2013.
    """
    spread = weight.detach().unsqueeze(0).repeat(batch_size, *(1,) * weight.dim())
    return weight * (torch.rand_like(spread) > p)


def drop_connect_mean(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    p: float,
    samples: int,
    activation: Callable[[Tensor], Tensor] | None,
) -> Tensor:
    """Return the mean output of a linear layer over dropped connections, drawn from a normal distribution.

    Equation::

        y = mean over samples of activation(n),  n ~ N((1 - p)*(W x + b), p*(1 - p)*(W^2 x^2 + b^2))

    Args:
        x: shape ``[N, in]``.
        weight: shape ``[out, in]``.
        bias: shape ``[out]``, or ``None``.
        p: probability that a connection is dropped.
        samples: how many are drawn.
        activation: applied to each sample; ``None`` for the identity.

    Shape: ``[N, out]``.

    Raises:
        ValueError: a variance is not positive.

    Source: ``DropConnectLinear`` in eval, SpikingJelly; Wan et al., ICML 2013.
    """
    squared = None if bias is None else bias.square()
    mean = (1 - p) * _nn_functional.linear(x, weight, bias)
    variance = p * (1 - p) * _nn_functional.linear(x.square(), weight.square(), squared)
    drawn = torch.distributions.Normal(mean, variance.sqrt()).sample(torch.Size([samples]))
    return (drawn if activation is None else activation(drawn)).mean(dim=0)
