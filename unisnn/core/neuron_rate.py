"""Neurons that are differentiated through their firing rates instead of through time.

Forward is a soft-reset integrate-and-fire neuron whose spikes have the height of the threshold; backward
takes the clamp that its rate comes to with many time steps::

    rate(y) = clamp(rate(x), 0, V)               V the threshold, scaled for a leaky neuron

Source: Meng et al., "Training High-Performance Low-Latency Spiking Neural Networks by Differentiation on
Spike Representation", CVPR 2022.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

__all__ = ["RateIF", "RateLIF", "weighted_rate"]


def weighted_rate(data: Tensor, tau: float, delta_t: float) -> Tensor:
    """Average a sequence with weights that decay into the past.

    Equation::

        r = (sum over t of w[t]*data[t])/(sum over t of w[t])    w[t] = exp(-(T - 1 - t)*delta_t/tau)

    Args:
        data: ``[T, N, *]``.
        tau: membrane time constant.
        delta_t: length of a step.

    Shape: ``[T, N, *] -> [N, *]``. The weights are float32.

    Source: ``DSRLIFNode.weight_rate_spikes``, SpikingJelly 2.0.0.
    """
    steps = data.shape[0]
    decays = [math.exp(-1 / tau * (delta_t * i)) for i in range(steps - 1, -1, -1)]
    weight = torch.tensor(decays, dtype=torch.float32, device=data.device)
    return (weight * data.movedim(0, -1)).sum(dim=-1) / weight.sum()


class RateIF(torch.autograd.Function):
    """An integrate-and-fire neuron with the gradient of its mean rate.

    Equation::

        v = v + x[t]; s = v >= alpha*V; v = v - s*V; y[t] = s*V            forward
        dL/dx[t] = g where 0 <= X <= V, else 0                             g = mean of dL/dy over t,
        dL/dV = scale*sum of g*T where X > V                               X = mean of x over t

    Args:
        x: ``[T, N, *]``.
        threshold: ``V``, a 0-dim tensor.
        alpha: share of the threshold at which the neuron fires.
        scale: factor of the threshold's gradient.

    The output is float32 (the dtype of the threshold where that is wider).

    Source: ``DSRIFNode``, SpikingJelly 2.0.0.
    """

    @staticmethod
    def forward(x: Tensor, threshold: Tensor, alpha: float, scale: float) -> Tensor:
        """Return spikes of the height of the threshold."""
        v = torch.zeros_like(x[0])
        spikes = []
        for step in x.unbind(0):
            v = v + step
            spike = (v >= threshold * alpha).float() * threshold
            v = v - spike
            spikes.append(spike)
        return torch.stack(spikes)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Keep what the rates are formed of."""
        x, threshold, _, ctx.scale = inputs
        ctx.save_for_backward(x, threshold)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None, None]:
        """Return the gradients of the rate."""
        x, threshold = ctx.saved_tensors
        steps = x.shape[0]
        rate, mean = x.mean(0), gradient.mean(0) * steps
        inside = mean.masked_fill((rate < 0) | (rate > threshold), 0.0)
        above = mean.masked_fill(rate <= threshold, 0.0)
        return torch.stack([inside] * steps) / steps, above.sum() * ctx.scale, None, None


class RateLIF(torch.autograd.Function):
    """A leaky integrate-and-fire neuron with the gradient of its weighted rate.

    Equation::

        v = v*e + x[t]*(1 - e); s = v >= alpha*V; v = v - s*V              e = exp(-delta_t/tau)
        y[t] = s*V/delta_t
        dL/dx[t] = g/tau where 0 < X < V/delta_t*tau, else 0               g, X: weighted rates of
        dL/dV = scale*delta_t*sum of g*T where X > V/delta_t*tau           dL/dy and x

    Args:
        x: ``[T, N, *]``.
        threshold: ``V``, a 0-dim tensor.
        tau: membrane time constant.
        delta_t: length of a step.
        alpha: share of the threshold at which the neuron fires.
        scale: factor of the threshold's gradient.

    The output is float32 (the dtype of the threshold where that is wider).

    Source: ``DSRLIFNode``, SpikingJelly 2.0.0.
    """

    @staticmethod
    def forward(
        x: Tensor, threshold: Tensor, tau: float, delta_t: float, alpha: float, scale: float
    ) -> Tensor:
        """Return spikes of the height of the threshold over the length of a step."""
        decay = math.exp(-delta_t / tau)
        v = torch.zeros_like(x[0])
        spikes = []
        for step in x.unbind(0):
            v = v * decay + step * (1 - decay)
            spike = (v >= threshold * alpha).float() * threshold
            v = v - spike
            spikes.append(spike / delta_t)
        return torch.stack(spikes)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Keep what the rates are formed of."""
        x, threshold, ctx.tau, ctx.delta_t, _, ctx.scale = inputs
        ctx.save_for_backward(x, threshold)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the weighted rate."""
        x, threshold = ctx.saved_tensors
        tau, delta_t, steps = ctx.tau, ctx.delta_t, x.shape[0]
        rate = weighted_rate(x, tau, delta_t)
        mean = weighted_rate(gradient, tau, delta_t) * steps
        highest = threshold / delta_t * tau
        inside = (mean / tau).masked_fill(~((rate > 0) & (rate < highest)), 0.0)
        above = mean.masked_fill(rate <= highest, 0.0)
        by_threshold = above.sum() * delta_t * ctx.scale
        return torch.stack([inside] * steps) / steps, by_threshold, None, None, None, None
