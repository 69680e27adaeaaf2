"""Layers that keep spikes as bits in ``clock_driven``; nothing of them is reproduced."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "not reproduced here; torch.nn.Linear and torch.nn.Conv1d to Conv3d give the same numbers"

__getattr__ = _absent.serve(
    __name__,
    {
        "SpikeConv1d": _REASON,
        "SpikeConv2d": _REASON,
        "SpikeConv3d": _REASON,
        "SpikeLinear": _REASON,
        "spikeConvolution": _REASON,
        "spikeLinear": _REASON,
        "spike_conv1d": _REASON,
        "spike_conv2d": _REASON,
        "spike_conv3d": _REASON,
        "spike_linear": _REASON,
    },
)
