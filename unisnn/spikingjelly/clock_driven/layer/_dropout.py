"""Dropout whose mask stays the same over time, and dropped connections."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core import check as _check
from unisnn.core import synapse as _equations
from unisnn.spikingjelly.clock_driven import base

__all__ = ["DropConnectLinear", "Dropout", "Dropout2d", "MultiStepDropout", "MultiStepDropout2d"]


def _first_step(owner: str, x_seq: Tensor) -> Tensor:
    if x_seq.dim() == 0 or x_seq.shape[0] == 0:
        raise ValueError(
            f"{owner}: an input of shape {list(x_seq.shape)} is not accepted; "
            "expected [T, N, *] with at least one time step (T >= 1)"
        )
    return x_seq[0]


class Dropout(base.MemoryModule):
    """Drop the same elements in every time step, until ``reset``.

    Equation::

        m    = dropout(1, p)             0 with probability p, else 1/(1 - p); drawn once
        y[t] = x[t]*m                    train
        y[t] = x[t]                      eval

    Args:
        p: probability that an element is dropped, from 0 to below 1 (default 0.5).

    Shape: ``[N, *] -> [N, *]``, one time step. Any floating dtype. The memory ``mask`` is drawn at the first
    step in training, by one call of torch's dropout on ones; ``reset`` sets it to ``None``.

    Raises:
        AssertionError: ``p`` is not from 0 to below 1.

    Source: ``clock_driven.layer.Dropout``, SpikingJelly 0.0.0.0.14; Lee et al., "Enabling Spike-Based
        Backpropagation for Training Deep Neural Network Architectures", 2020.
    """

    mask: Any

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        _check.require(0 <= p < 1, self._get_name(), "p", p, "a number from 0 to below 1")
        self.register_memory("mask", None)
        self.p = p

    def extra_repr(self) -> str:
        """Return ``p``."""
        return f"p={self.p}"

    def create_mask(self, x: Tensor) -> None:
        """Draw ``mask`` for one time step of the shape and dtype of ``x``."""
        self.mask = _nn_functional.dropout(torch.ones_like(x.detach()), self.p, training=True)

    def forward(self, x: Tensor) -> Tensor:
        """Drop elements of one time step."""
        if not self.training:
            return x
        if self.mask is None:
            self.create_mask(x)
        return x * self.mask


class Dropout2d(Dropout):
    """Drop the same channels in every time step, until ``reset``.

    Equation::

        m    = dropout2d(1, p)           one draw a sample and channel, kept over time
        y[t] = x[t]*m                    train
        y[t] = x[t]                      eval

    Args:
        p: probability that a channel is dropped, from 0 to below 1 (default 0.2).

    Shape: ``[N, C, H, W] -> [N, C, H, W]``, one time step. Any floating dtype.

    Raises: as :class:`Dropout`.

    Source: ``clock_driven.layer.Dropout2d``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, p: float = 0.2) -> None:
        super().__init__(p)

    def create_mask(self, x: Tensor) -> None:
        """Draw ``mask`` for one time step of the shape and dtype of ``x``, whole channels at once."""
        self.mask = _nn_functional.dropout2d(torch.ones_like(x.detach()), self.p, training=True)


class MultiStepDropout(Dropout):
    """Drop the same elements of every time step, until ``reset``; all steps in one call.

    Equation::

        m    = dropout(1, p)             drawn once, for one time step
        y[t] = x[t]*m                    train, t = 0...T-1
        y[t] = x[t]                      eval

    Args:
        p: probability that an element is dropped, from 0 to below 1 (default 0.5).

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1`` in training. Any floating dtype.

    Raises:
        ValueError: an input without time steps in training; the rest as :class:`Dropout`.

    Source: ``clock_driven.layer.MultiStepDropout``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p)

    def forward(self, x_seq: Tensor) -> Tensor:
        """Drop the same elements of every time step."""
        if not self.training:
            return x_seq
        if self.mask is None:
            self.create_mask(_first_step(self._get_name(), x_seq))
        return x_seq * self.mask


class MultiStepDropout2d(Dropout2d):
    """Drop the same channels of every time step, until ``reset``; all steps in one call.

    Equation::

        m    = dropout2d(1, p)           one draw a sample and channel, for one time step
        y[t] = x[t]*m                    train, t = 0...T-1
        y[t] = x[t]                      eval

    Args:
        p: probability that a channel is dropped, from 0 to below 1 (default 0.5).

    Shape: ``[T, N, C, H, W] -> [T, N, C, H, W]``, ``T >= 1`` in training. Any floating dtype.

    Raises: as :class:`MultiStepDropout`.

    Source: ``clock_driven.layer.MultiStepDropout2d``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p)

    forward = MultiStepDropout.forward  # type: ignore[assignment]


class DropConnectLinear(base.MemoryModule):
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

    Shape: ``[N, in_features] -> [N, out_features]``. The memories ``dropped_w`` and, with bias,
    ``dropped_b`` hold the connections that are left, ``[N, out_features, in_features]``.

    Raises:
        ValueError: in eval, a variance is not positive.

    Source: ``clock_driven.layer.DropConnectLinear``, SpikingJelly 0.0.0.0.14; Wan et al., "Regularization of
        Neural Networks using DropConnect", ICML 2013.
    """

    dropped_w: Any
    dropped_b: Any
    bias: nn.Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        p: float = 0.5,
        samples_num: int = 1024,
        invariant: bool = False,
        activation: nn.Module | Callable[[Tensor], Tensor] | None = nn.ReLU(),  # noqa: B008
    ) -> None:
        super().__init__()
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

    def reset(self) -> None:
        """Forget which connections are dropped."""
        super().reset()

    def drop(self, batch_size: int) -> None:
        """Draw the connections that are left for ``batch_size`` samples."""
        self.dropped_w = _equations.drop_connections(self.weight, batch_size, self.p)
        if self.bias is not None:
            self.dropped_b = _equations.drop_connections(self.bias, batch_size, self.p)

    def forward(self, input: Tensor) -> Tensor:
        """Take one time step."""
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
