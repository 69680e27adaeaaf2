"""Synapses with memory: a low-pass filter of spikes, a norm over neighbours, dropped connections."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from unisnn.core import memory as _memory
from unisnn.core import synapse as _equations
from unisnn.core.layers import synapse as _layers
from unisnn.spikingjelly.activation_based import base

__all__ = ["DropConnectLinear", "NeuNorm", "SynapseFilter"]


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
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``; the same out. The memory ``x`` is
    ``[N, 1, H, W]`` after the first step. ``w`` is drawn from Kaiming's uniform distribution with
    ``a = sqrt(5)``.

    Raises:
        RuntimeError: the input does not broadcast with ``w``.
        ValueError: ``step_mode`` is not supported; no time step in ``'m'``.

    Source: ``layer.NeuNorm``, SpikingJelly 0.0.0.0.14; Wu et al., "Direct Training for Spiking Neural
        Networks: Faster, Larger, Better", AAAI 2019.
    """

    def __init__(
        self,
        in_channels: int,
        height: int,
        width: int,
        k: float = 0.9,
        shared_across_channels: bool = False,
        step_mode: str = "s",
    ) -> None:
        super().__init__()
        self.step_mode = step_mode
        self._make(in_channels, height, width, k, shared_across_channels)

    def single_step_forward(self, in_spikes: Tensor) -> Tensor:
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
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, *]``; ``'m'``: ``[T, N, *]``; the same out. The memory ``out_i`` is the current, 0.0
    before the first step. ``w`` has shape ``[]``.

    Raises:
        AssertionError: ``tau`` is not greater than 1.
        ValueError: ``step_mode`` is not supported; no time step in ``'m'``.

    Source: ``layer.SynapseFilter``, SpikingJelly 0.0.0.0.14; Diehl and Cook, "Unsupervised Learning of
        Digit Recognition using Spike-Timing-Dependent Plasticity", 2015.
    """

    def __init__(self, tau: float = 100.0, learnable: bool = False, step_mode: str = "s") -> None:
        super().__init__()
        self.step_mode = step_mode
        self._make(tau, learnable)

    @staticmethod
    def js_single_step_forward_learnable(x: Tensor, w: Tensor, out_i: Tensor) -> Tensor:
        """Return ``out_i - (1 - x)*out_i*sigmoid(w) + x``."""
        return _equations.filtered_current(out_i, x, w.sigmoid())

    @staticmethod
    def js_single_step_forward(x: Tensor, tau: float, out_i: Tensor) -> Tensor:
        """Return ``out_i - (1 - x)*out_i*(1/tau) + x``."""
        return _equations.filtered_current(out_i, x, 1.0 / tau)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step."""
        self.out_i = _memory.fill_like(self.out_i, x)
        if self.learnable:
            self.out_i = self.js_single_step_forward_learnable(x, self.w, self.out_i)
        else:
            self.out_i = self.js_single_step_forward(x, self.tau, self.out_i)
        return self.out_i

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording, with the present ``tau = 1/sigmoid(w)``."""
        return f"{super().extra_repr()}, step_mode={self.step_mode}"


class DropConnectLinear(_layers.DropConnect, base.MemoryModule):
    """A linear layer that drops connections, each sample its own.

    Equation (``m`` is 1 with probability ``1 - p``, else 0)::

        y = activation((W*m) x + b*m)                                  train
        y = mean over samples of activation(n),                        eval
            n ~ N((1 - p)*(W x + b), p*(1 - p)*(W^2 x^2 + b^2))

    Args:
        in_features: features of the input.
        out_features: features of the output.
        bias: whether there is a ``b`` (default True).
        p: probability that a connection is dropped (default 0.5).
        samples_num: samples drawn in eval (default 1024).
        invariant: whether the same connections stay dropped until ``reset`` (default False).
        activation: default ``torch.nn.ReLU()``; ``None`` for the identity.
        state_mode: upstream's spelling of ``step_mode``, ``'s'`` or ``'m'`` (default ``'s'``).
        step_mode: the same; ``None`` (default) takes ``state_mode``'s.

    Shape: ``'s'``: ``[N, in_features] -> [N, out_features]``; ``'m'``: with ``T`` in front. The memories
    ``dropped_w`` and, with bias, ``dropped_b`` hold the connections that are left,
    ``[N, out_features, in_features]``.

    Raises:
        ValueError: ``step_mode`` is not supported; in eval, a variance is not positive.

    Source: ``layer.DropConnectLinear``, SpikingJelly 0.0.0.0.14 (there ``state_mode`` has no effect; 2.0.0
        calls it ``step_mode``); Wan et al., "Regularization of Neural Networks using DropConnect", ICML 2013.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        p: float = 0.5,
        samples_num: int = 1024,
        invariant: bool = False,
        activation: nn.Module | Callable[[Tensor], Tensor] | None = nn.ReLU(),  # noqa: B008
        state_mode: str = "s",
        step_mode: str | None = None,
    ) -> None:
        super().__init__()
        self.step_mode = self.state_mode = state_mode if step_mode is None else step_mode
        self._make(in_features, out_features, bias, p, samples_num, invariant, activation)

    def single_step_forward(self, input: Tensor) -> Tensor:
        """Take one time step."""
        return self._take_step(input)
