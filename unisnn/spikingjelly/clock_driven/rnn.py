"""Spiking recurrent networks of ``clock_driven``; nothing of them is reproduced yet."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "not reproduced yet; activation_based.rnn has the same classes"

__getattr__ = _absent.serve(
    __name__,
    {
        "SpikingGRU": _REASON,
        "SpikingGRUCell": _REASON,
        "SpikingLSTM": _REASON,
        "SpikingLSTMCell": _REASON,
        "SpikingRNNBase": _REASON,
        "SpikingRNNCellBase": _REASON,
        "SpikingVanillaRNN": _REASON,
        "SpikingVanillaRNNCell": _REASON,
        "bidirectional_rnn_cell_forward": _REASON,
    },
)
