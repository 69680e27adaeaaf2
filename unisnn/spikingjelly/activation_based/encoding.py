"""Encoders: from values to spikes.

A stateless encoder draws or computes anew in each call; a stateful one encodes once and then gives one
step of the code a call, from the start again after the last::

    y = encoder(x)                   encodes x, and gives step 0
    y = encoder()                    step 1, 2, ..., T-1, 0, 1, ...

In step mode ``'m'`` a call takes as many steps as the sequence is long.
"""

from __future__ import annotations

from torch import Tensor, nn

from unisnn.core import encoding as _codes
from unisnn.core.layers import encoder as _layers
from unisnn.spikingjelly.activation_based import base

__all__ = [
    "LatencyEncoder",
    "PeriodicEncoder",
    "PoissonEncoder",
    "StatefulEncoder",
    "StatelessEncoder",
    "WeightedPhaseEncoder",
]


class StatelessEncoder(nn.Module, base.StepModule):
    """An encoder without memory; a subclass defines ``forward``.

    Equation::

        y = encode(x)                    in every call anew

    Args:
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``); both do the same.

    Shape: ``[*] -> [*]``.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``encoding.StatelessEncoder``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, step_mode: str = "s") -> None:
        super().__init__()
        self.step_mode = step_mode

    def forward(self, x: Tensor) -> Tensor:
        """Encode ``x``; a subclass defines it."""
        raise NotImplementedError(f"{self._get_name()} does not define forward")


class StatefulEncoder(_layers.CodePlayer, base.MemoryModule):
    """An encoder that gives one step of its code a call; a subclass defines ``single_step_encode``.

    Equation::

        y = spike[t],  t = (t + 1) mod T

    Args:
        T: time steps of the code, an int from 1 on.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[*] -> [*]``; ``'m'``: ``[S, *] -> [S, *]``, ``S`` steps of the code of the first input.
    The memories are ``spike``, the code ``[T, *]`` (``None`` until the first call), and ``t``, the next step;
    ``reset`` forgets the code. An input after the first call is not looked at.

    Raises:
        AssertionError: ``T`` is no int from 1 on.
        TypeError: the first call has no ``x``.
        ValueError: ``step_mode`` is not supported.

    Source: ``encoding.StatefulEncoder``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, T: int, step_mode: str = "s") -> None:
        super().__init__()
        self.step_mode = step_mode
        self._make(T)

    def single_step_forward(self, x: Tensor | None = None) -> Tensor:
        """Give one step of the code, which the first call makes of ``x``."""
        return self._play(x, self.single_step_encode)

    def single_step_encode(self, x: Tensor) -> None:
        """Set ``self.spike`` to the code of ``x``; a subclass defines it."""
        raise NotImplementedError(f"{self._get_name()} does not define single_step_encode")


class PeriodicEncoder(StatefulEncoder):
    """Give the steps of a spike train over and over.

    Equation::

        y = spike[t],  t = (t + 1) mod T

    Args:
        spike: the train, shape ``[T, *]``; a call may bring another one, which replaces it until ``reset``.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``[*]``, one time step a call in ``'s'``.

    Raises:
        AssertionError: the train has no time step.
        ValueError: ``step_mode`` is not supported.

    Source: ``encoding.PeriodicEncoder``, SpikingJelly 0.0.0.0.14 (there the first call has to bring the
        train again).
    """

    def __init__(self, spike: Tensor, step_mode: str = "s") -> None:
        super().__init__(spike.shape[0], step_mode)
        self._train = spike

    def single_step_encode(self, spike: Tensor) -> None:
        """Take ``spike`` for the train."""
        self.spike = spike
        self.T = spike.shape[0]

    def _first(self, x: Tensor | None) -> Tensor:
        return self._train if x is None else x


class LatencyEncoder(_layers.LatencyCode, StatefulEncoder):
    """Give one spike a value, the earlier the larger the value is.

    Equation::

        t_f  = round((T - 1)*(1 - x))                            'linear'
        t_f  = round((T - 1) - log(alpha*x + 1))                 'log', alpha = exp(T - 1) - 1
        y[t] = 1 if t == t_f else 0

    Args:
        T: time steps of the code, an int from 1 on.
        enc_function: ``'linear'`` (default) or ``'log'``.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: as :class:`StatefulEncoder`, in the dtype of the input. The input is from 0 to 1.

    Raises:
        NotImplementedError: no function has that name.
        RuntimeError: a value is outside of 0 to 1.
        AssertionError, TypeError, ValueError: as :class:`StatefulEncoder`.

    Source: ``encoding.LatencyEncoder``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, T: int, enc_function: str = "linear", step_mode: str = "s") -> None:
        super().__init__(T, step_mode)
        self._choose(enc_function)

    def single_step_encode(self, x: Tensor) -> None:
        """Set ``self.spike`` to the code of ``x``."""
        self._set_code(x)


class PoissonEncoder(StatelessEncoder):
    """Spike with the probability that the value says, in every step anew.

    Equation::

        y = 1 if u <= x else 0           u uniform from 0 to 1

    Args:
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``); both do the same.

    Shape: ``[*] -> [*]``, in the dtype of the input. The input is from 0 to 1; the draw is one call of
    ``torch.rand_like``.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``encoding.PoissonEncoder``, SpikingJelly 0.0.0.0.14.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Draw spikes for every element of ``x``."""
        return _codes.bernoulli_spikes(x)


class WeightedPhaseEncoder(_layers.PhaseCode, StatefulEncoder):
    """Give the binary digits of a value, the most significant first.

    Equation::

        x = sum over t of y[t] * 2^-(t + 1),  t = 0...K-1

    Args:
        K: digits of the code, an int from 1 on.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: as :class:`StatefulEncoder`, in torch's default dtype. The input is from 0 to ``1 - 2^-K``.

    Raises:
        AssertionError: ``K`` is no int from 1 on, or a value is out of range.
        TypeError, ValueError: as :class:`StatefulEncoder`.

    Source: ``encoding.WeightedPhaseEncoder``, SpikingJelly 0.0.0.0.14; Kim et al., "Deep Neural Networks
        with Weighted Spikes", Neurocomputing 2018.
    """

    def __init__(self, K: int, step_mode: str = "s") -> None:
        super().__init__(K, step_mode)

    def single_step_encode(self, x: Tensor) -> None:
        """Set ``self.spike`` to the digits of ``x``."""
        self._set_code(x)
