"""Synapses with memory: a norm over channels, a filtered current, dropped connections."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.core import memory as _memory
from unisnn.core import synapse as _equations

__all__ = ["ChannelNorm", "CurrentFilter", "DropConnect"]


class ChannelNorm(_memory.MemoryModule):
    """Subtract ``w`` times :func:`unisnn.core.synapse.channel_trace`, the memory ``x``, from the spikes.

    Source: ``NeuNorm``, SpikingJelly.
    """

    x: Any

    def _make(
        self, in_channels: int, height: int, width: int, k: float, shared_across_channels: bool
    ) -> None:
        self.register_memory("x", 0.0)
        self.k0 = k
        self.k1 = (1.0 - self.k0) / in_channels**2
        self.w = nn.Parameter(torch.empty(1 if shared_across_channels else in_channels, height, width))
        nn.init.kaiming_uniform_(self.w, a=math.sqrt(5))

    def _take_step(self, in_spikes: Tensor) -> Tensor:
        self.x = _equations.channel_trace(self.x, in_spikes, self.k0, self.k1)
        return in_spikes - self.w * self.x

    def extra_repr(self) -> str:
        """Return the shape of ``w``."""
        return f"shape={self.w.shape}"


class CurrentFilter(_memory.MemoryModule):
    """The memory ``out_i``, a synaptic current, with its ``tau`` or the ``w`` that learns it.

    Equation::

        1/tau = sigmoid(w)               learnable, w = -log(tau - 1) at first

    A subclass takes the step by :func:`unisnn.core.synapse.filtered_current`.

    Source: ``SynapseFilter``, SpikingJelly.
    """

    out_i: Any

    def _make(self, tau: float, learnable: bool) -> None:
        self.learnable = learnable
        _check.require(tau > 1, self._get_name(), "tau", tau, "a number greater than 1")
        if learnable:
            self.w = nn.Parameter(torch.as_tensor(-math.log(tau - 1)))
        else:
            self.tau = tau
        self.register_memory("out_i", 0.0)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording, with the present ``tau = 1/sigmoid(w)``."""
        tau: Any = None if self.learnable else self.tau
        if self.learnable:
            with torch.no_grad():
                tau = 1.0 / self.w.sigmoid()
        return f"tau={tau}, learnable={self.learnable}"


class DropConnect(_memory.MemoryModule):
    """A linear layer that drops connections, each sample its own.

    In training by :func:`unisnn.core.synapse.drop_connections`, into the memories ``dropped_w`` and, with
    bias, ``dropped_b``; in eval by :func:`unisnn.core.synapse.drop_connect_mean`.

    Source: ``DropConnectLinear``, SpikingJelly.
    """

    dropped_w: Any
    dropped_b: Any
    bias: nn.Parameter | None

    def _make(
        self,
        in_features: int,
        out_features: int,
        bias: bool,
        p: float,
        samples_num: int,
        invariant: bool,
        activation: nn.Module | Callable[[Tensor], Tensor] | None,
    ) -> None:
        self.in_features = in_features
        self.out_features = out_features
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        if bias:
            self.bias = nn.Parameter(torch.empty(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()
        self.p = p
        self.register_memory("dropped_w", None)
        if bias:
            self.register_memory("dropped_b", None)
        self.samples_num = samples_num
        self.invariant = invariant
        self.activation = activation

    def reset_parameters(self) -> None:
        """Draw weight and bias as ``torch.nn.Linear`` does."""
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1.0 / math.sqrt(self.in_features)
            nn.init.uniform_(self.bias, -bound, bound)

    def drop(self, batch_size: int) -> None:
        """Draw the connections that are left for ``batch_size`` samples."""
        self.dropped_w = _equations.drop_connections(self.weight, batch_size, self.p)
        if self.bias is not None:
            self.dropped_b = _equations.drop_connections(self.bias, batch_size, self.p)

    def _take_step(self, input: Tensor) -> Tensor:
        if not self.training:
            return _equations.drop_connect_mean(
                input, self.weight, self.bias, self.p, self.samples_num, self.activation
            )
        if not self.invariant or self.dropped_w is None:
            self.drop(input.shape[0])
        y = torch.bmm(self.dropped_w, input.unsqueeze(-1)).squeeze(-1)
        if self.bias is not None:
            y = y + self.dropped_b
        return y if self.activation is None else self.activation(y)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}, p={self.p}, invariant={self.invariant}"
        )
