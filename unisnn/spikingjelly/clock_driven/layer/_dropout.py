"""Dropout whose mask stays the same over time, and dropped connections."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core.layers import dropout as _layers
from unisnn.core.layers import synapse as _synapse
from unisnn.spikingjelly.clock_driven import base

__all__ = ["DropConnectLinear", "Dropout", "Dropout2d", "MultiStepDropout", "MultiStepDropout2d"]


class Dropout(_layers.KeptDropout, base.MemoryModule):
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

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self._make(p)

    def forward(self, x: Tensor) -> Tensor:
        """Drop elements of one time step."""
        return self._drop_step(x)


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

    _draw = staticmethod(_nn_functional.dropout2d)

    def __init__(self, p: float = 0.2) -> None:
        super().__init__(p)


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
        return self._drop_sequence(x_seq)


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


class DropConnectLinear(_synapse.DropConnect, base.MemoryModule):
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
        self._make(in_features, out_features, bias, p, samples_num, invariant, activation)

    def forward(self, input: Tensor) -> Tensor:
        """Take one time step."""
        return self._take_step(input)
