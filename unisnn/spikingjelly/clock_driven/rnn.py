"""Spiking recurrent networks of ``clock_driven``.

Where the numbers are those of ``activation_based.rnn`` the class is the very same; a long short-term memory
differs: nothing bounds its cell state.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from unisnn.core import recurrent as _equations
from unisnn.spikingjelly.activation_based import rnn as _rnn
from unisnn.spikingjelly.activation_based.rnn import (
    SpikingGRU,
    SpikingGRUCell,
    SpikingRNNBase,
    SpikingRNNCellBase,
    SpikingVanillaRNN,
    SpikingVanillaRNNCell,
    bidirectional_rnn_cell_forward,
)

__all__ = [
    "SpikingGRU",
    "SpikingGRUCell",
    "SpikingLSTM",
    "SpikingLSTMCell",
    "SpikingRNNBase",
    "SpikingRNNCellBase",
    "SpikingVanillaRNN",
    "SpikingVanillaRNNCell",
    "bidirectional_rnn_cell_forward",
]


class SpikingLSTMCell(_rnn.SpikingLSTMCell):
    """A long short-term memory whose gates are spikes and whose cell state nothing bounds.

    Equation (``S1``, ``S2`` are the surrogates; ``S2`` is ``S1`` where it is ``None``)::

        i, f, g, o = linear_ih(x) + linear_hh(h)
        c' = S1(f)*c + S1(i)*S2(g)
        h' = S1(o)*c'

    Args:
        input_size: features of the input.
        hidden_size: features of the hidden state.
        bias: default True.
        surrogate_function1: default ``Erf(alpha=2.0)``, one object for all.
        surrogate_function2: default ``None``, the first one.

    Shape: ``x`` is ``[N, input_size]``, ``h`` and ``c`` are ``[N, hidden_size]``.

    Raises:
        AssertionError: one surrogate is spiking and the other is not.

    Source: ``clock_driven.rnn.SpikingLSTMCell``, SpikingJelly 0.0.0.0.14; Lotfi Rezaabad and Vishwanath,
        "Long Short-Term Memory Spiking Networks and Their Applications", ICONS 2020.
    """

    def forward(self, x: Tensor, hc: Any = None) -> tuple[Tensor, Tensor]:
        """Take one time step; ``hc`` is ``(h, c)``, zeros for ``None``. Return ``(h', c')``."""
        h, c = (self._zeros(x), self._zeros(x)) if hc is None else (hc[0], hc[1])
        first = self.surrogate_function1
        second = first if self.surrogate_function2 is None else self.surrogate_function2
        gates = self.linear_ih(x) + self.linear_hh(h)
        return _equations.lstm_step(gates, c, first, second, limit=None)


class SpikingLSTM(_rnn.SpikingLSTM):
    """Layers of :class:`SpikingLSTMCell`.

    Equation: as ``activation_based.rnn.SpikingRNNBase``::

        y, (h, c) = network(x, (h, c))

    Args:
        input_size, hidden_size, num_layers, bias, dropout_p, invariant_dropout_mask, bidirectional,
            surrogate_function1, surrogate_function2: as ``activation_based.rnn.SpikingLSTM``.

    Shape: as ``activation_based.rnn.SpikingLSTM``.

    Raises: as ``activation_based.rnn.SpikingLSTM``.

    Source: ``clock_driven.rnn.SpikingLSTM``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def base_cell() -> type[nn.Module]:
        """Return :class:`SpikingLSTMCell`."""
        return SpikingLSTMCell
