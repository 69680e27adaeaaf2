"""Encoders: from values to spikes.

A stateless encoder draws or computes anew in each call; a stateful one encodes once and then gives one
step of the code a call, from the start again after the last::

    y = encoder(x)                   encodes x, and gives step 0
    y = encoder()                    step 1, 2, ..., T-1, 0, 1, ...
"""

from __future__ import annotations

from torch import Tensor, nn

from unisnn.core import encoding as _codes
from unisnn.core.layers import encoder as _layers
from unisnn.spikingjelly.clock_driven import base

__all__ = [
    "LatencyEncoder",
    "PeriodicEncoder",
    "PoissonEncoder",
    "StatefulEncoder",
    "StatelessEncoder",
    "WeightedPhaseEncoder",
]


class StatelessEncoder(nn.Module):
    """An encoder without memory; a subclass defines ``forward``.

    Equation::

        y = encode(x)                    in every call anew

    Shape: ``[*] -> [*]``, one time step.

    Source: ``clock_driven.encoding.StatelessEncoder``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """Encode ``x``; a subclass defines it."""
        raise NotImplementedError(f"{self._get_name()} does not define forward")


class StatefulEncoder(_layers.CodePlayer, base.MemoryModule):
    """An encoder that gives one step of its code a call; a subclass defines ``encode``.

    Equation::

        y = spike[t],  t = (t + 1) mod T

    Args:
        T: time steps of the code, an int from 1 on.

    Shape: ``[*] -> [*]``, one time step. The memories are ``spike``, the code ``[T, *]`` (``None`` until the
    first call), and ``t``, the next step; ``reset`` forgets the code.

    Raises:
        AssertionError: ``T`` is no int from 1 on.
        TypeError: the first call has no ``x``.

    Source: ``clock_driven.encoding.StatefulEncoder``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, T: int) -> None:
        super().__init__()
        self._make(T)

    def forward(self, x: Tensor | None = None) -> Tensor:
        """Give one step of the code, which the first call makes of ``x``."""
        return self._play(x, self.encode)

    def encode(self, x: Tensor) -> None:
        """Set ``self.spike`` to the code of ``x``; a subclass defines it."""
        raise NotImplementedError(f"{self._get_name()} does not define encode")


class PeriodicEncoder(StatefulEncoder):
    """Give the steps of a spike train over and over.

    Equation::

        y = spike[t],  t = (t + 1) mod T

    Args:
        spike: the train, shape ``[T, *]``.

    Shape: ``[*]``, one time step a call. ``reset`` forgets the train; the next call has to bring one.

    Raises:
        AssertionError: the train has no time step.
        TypeError: the first call after ``reset`` has no train.

    Source: ``clock_driven.encoding.PeriodicEncoder``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, spike: Tensor) -> None:
        super().__init__(spike.shape[0])
        self.encode(spike)

    def encode(self, spike: Tensor) -> None:
        """Take ``spike`` for the train."""
        self.spike = spike
        self.T = spike.shape[0]


class LatencyEncoder(_layers.LatencyCode, StatefulEncoder):
    """Give one spike a value, the earlier the larger the value is.

    Equation::

        t_f = round((T - 1)*(1 - x))                             'linear'
        t_f = round((T - 1) - log(alpha*x + 1))                  'log', alpha = exp(T - 1) - 1
        y[t] = 1 if t == t_f else 0

    Args:
        T: time steps of the code, an int from 1 on.
        enc_function: ``'linear'`` (default) or ``'log'``.

    Shape: ``[*] -> [*]``, one time step a call, in the dtype of the input. The input is from 0 to 1.

    Raises:
        NotImplementedError: no function has that name.
        RuntimeError: a value is outside of 0 to 1.
        AssertionError, TypeError: as :class:`StatefulEncoder`.

    Source: ``clock_driven.encoding.LatencyEncoder``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, T: int, enc_function: str = "linear") -> None:
        super().__init__(T)
        self._choose(enc_function)

    def encode(self, x: Tensor) -> None:
        """Set ``self.spike`` to the code of ``x``."""
        self._set_code(x)


class PoissonEncoder(StatelessEncoder):
    """Spike with the probability that the value says, in every step anew.

    Equation::

        y = 1 if u <= x else 0           u uniform from 0 to 1

    Shape: ``[*] -> [*]``, one time step, in the dtype of the input. The input is from 0 to 1; the draw is
        one call
    of ``torch.rand_like``.

    Source: ``clock_driven.encoding.PoissonEncoder``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """Draw one time step."""
        return _codes.bernoulli_spikes(x)


class WeightedPhaseEncoder(_layers.PhaseCode, StatefulEncoder):
    """Give the binary digits of a value, the most significant first.

    Equation::

        x = sum over t of y[t] * 2^-(t + 1),  t = 0...K-1

    Args:
        K: digits of the code, an int from 1 on.

    Shape: ``[*] -> [*]``, one time step a call, in torch's default dtype. The input is from 0 to ``1 -
        2^-K``.

    Raises:
        AssertionError: ``K`` is no int from 1 on, or a value is out of range.
        TypeError: the first call has no ``x``.

    Source: ``clock_driven.encoding.WeightedPhaseEncoder``, SpikingJelly 0.0.0.0.14; Kim et al., "Deep Neural
        Networks with Weighted Spikes", Neurocomputing 2018.
    """

    def __init__(self, K: int) -> None:
        super().__init__(K)

    def encode(self, x: Tensor) -> None:
        """Set ``self.spike`` to the digits of ``x``."""
        self._set_code(x)
