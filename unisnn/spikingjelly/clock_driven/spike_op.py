"""Linear and convolutional operations whose input is spikes: what ``activation_based`` has.

::

    y = s W^T + b            every element of s is 0 or 1
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.spike_op import (
    SpikeConv1d,
    SpikeConv2d,
    SpikeConv3d,
    SpikeLinear,
    cpp_wrapper,
    spike_conv1d,
    spike_conv2d,
    spike_conv3d,
    spike_linear,
    spikeConvolution,
    spikeLinear,
)

__all__ = [
    "SpikeConv1d",
    "SpikeConv2d",
    "SpikeConv3d",
    "SpikeLinear",
    "cpp_wrapper",
    "spikeConvolution",
    "spikeLinear",
    "spike_conv1d",
    "spike_conv2d",
    "spike_conv3d",
    "spike_linear",
]
