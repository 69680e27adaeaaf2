"""Synapses with memory: a low-pass filter of spikes, a norm over neighbours, plasticity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import synapse as _equations
from unisnn.core.layers import synapse as _layers
from unisnn.spikingjelly.clock_driven import base

__all__ = ["NeuNorm", "STDPLearner", "SynapseFilter"]


class NeuNorm(_layers.ChannelNorm, base.MemoryModule):
    """Subtract from each neuron a trace of the spikes of all channels at its place.

    Equation::

        x[t] = k*x[t-1] + (1 - k)/C^2 * sum over channels of s[t]      x[-1] = 0
        y[t] = s[t] - w*x[t]

    Args:
        in_channels: channels ``C``.
        height: height ``H``.
        width: width ``W``.
        k: momentum of the trace (default 0.9).
        shared_across_channels: whether ``w`` is ``[1, H, W]`` instead of ``[C, H, W]`` (default False).

    Shape: ``[N, C, H, W] -> [N, C, H, W]``; the memory ``x`` is ``[N, 1, H, W]`` after the first step. ``w``
    is drawn from Kaiming's uniform distribution with ``a = sqrt(5)``.

    Raises:
        RuntimeError: the input does not broadcast with ``w``.

    Source: ``clock_driven.layer.NeuNorm``, SpikingJelly 0.0.0.0.14; Wu et al., "Direct Training for Spiking
        Neural Networks: Faster, Larger, Better", AAAI 2019.
    """

    def __init__(
        self, in_channels: int, height: int, width: int, k: float = 0.9, shared_across_channels: bool = False
    ) -> None:
        super().__init__()
        self._make(in_channels, height, width, k, shared_across_channels)

    def forward(self, in_spikes: Tensor) -> Tensor:
        """Take one time step."""
        return self._take_step(in_spikes)


class SynapseFilter(_layers.CurrentFilter, base.MemoryModule):
    """A synapse whose current jumps with a spike and decays without.

    Equation::

        I[t] = I[t-1] - (1 - s[t])*I[t-1]/tau + s[t]     I[-1] = 0
        1/tau = sigmoid(w)                               learnable, w = -log(tau - 1) at first

    Args:
        tau: time constant of the decay, greater than 1 (default 100.0).
        learnable: whether ``w`` is a parameter (default False).

    Shape: ``[N, *] -> [N, *]``; the memory ``out_i`` is the current, 0.0 before the first step.

    Raises:
        AssertionError: ``tau`` is not greater than 1.

    Source: ``clock_driven.layer.SynapseFilter``, SpikingJelly 0.0.0.0.14; Diehl and Cook, "Unsupervised
        Learning of Digit Recognition using Spike-Timing-Dependent Plasticity", 2015.
    """

    def __init__(self, tau: float = 100.0, learnable: bool = False) -> None:
        super().__init__()
        self._make(tau, learnable)

    def forward(self, in_spikes: Tensor) -> Tensor:
        """Take one time step."""
        decay = self.w.sigmoid() if self.learnable else 1.0 / self.tau
        self.out_i = _equations.filtered_current(self.out_i, in_spikes, decay)
        return self.out_i


class STDPLearner(base.MemoryModule):
    """Change the weight of a linear layer by the spikes before and after it.

    Equation::

        trace_pre  = trace_pre - trace_pre/tau_pre + s_pre
        trace_post = trace_post - trace_post/tau_post + s_post
        W          = W + learning_rate*(f_pre(W)*s_pre + f_post(W)*s_post)

    The traces are kept and do not enter the weight, as upstream has it.

    Args:
        tau_pre: time constant of the trace before the layer.
        tau_post: time constant of the trace after the layer.
        f_pre: scale of the change by spikes before the layer, a function of the weight.
        f_post: scale of the change by spikes after the layer, a function of the weight.

    Shape: ``s_pre`` is ``[in_features]``, ``s_post`` is ``[out_features]``. The memories ``trace_pre`` and
    ``trace_post`` are 0.0 before the first step.

    Source: ``clock_driven.layer.STDPLearner``, SpikingJelly 0.0.0.0.14.
    """

    trace_pre: Any
    trace_post: Any

    def __init__(
        self,
        tau_pre: float,
        tau_post: float,
        f_pre: Callable[[Tensor], Any],
        f_post: Callable[[Tensor], Any],
    ) -> None:
        super().__init__()
        self.tau_pre = tau_pre
        self.tau_post = tau_post
        self.register_memory("trace_pre", 0.0)
        self.register_memory("trace_post", 0.0)
        self.f_pre = f_pre
        self.f_post = f_post

    @torch.no_grad()
    def stdp(self, s_pre: Tensor, s_post: Tensor, module: nn.Module, learning_rate: float) -> None:
        """Change ``module.weight`` in place; a module other than ``nn.Linear`` raises NotImplementedError."""
        if not isinstance(module, nn.Linear):
            raise NotImplementedError(
                f"STDPLearner.stdp: module={module!r} is not accepted; expected nn.Linear"
            )
        self.trace_pre += -self.trace_pre / self.tau_pre + s_pre
        self.trace_post += -self.trace_post / self.tau_post + s_post
        weight = module.weight.detach()
        change = self.f_pre(weight) * s_pre + self.f_post(weight) * s_post.unsqueeze(1)
        weight += learning_rate * change
