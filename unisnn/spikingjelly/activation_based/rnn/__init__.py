"""Spiking recurrent networks: cells of one time step, and networks of several layers.

The gates of a cell are spikes of a surrogate instead of sigmoids, 0 or 1::

    h[t] = cell(x[t], h[t-1])        one layer, one time step
    y, h = network(x)                every layer, every time step, x of shape [T, N, *]

The parameters, their names and their initial values are those of SpikingJelly 0.0.0.0.14.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.rnn._cells import (
    SpikingGRUCell,
    SpikingLSTMCell,
    SpikingRNNCellBase,
    SpikingVanillaRNNCell,
)
from unisnn.spikingjelly.activation_based.rnn._frame import SpikingRNNBase, bidirectional_rnn_cell_forward
from unisnn.spikingjelly.activation_based.rnn._networks import SpikingGRU, SpikingLSTM, SpikingVanillaRNN

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

for _name in __all__:
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too
