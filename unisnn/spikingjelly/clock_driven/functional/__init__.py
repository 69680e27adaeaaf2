"""Functions over nets and sequences, as ``clock_driven`` has them.

Where the numbers are those of ``activation_based.functional`` the function is the very same. Shapes: a
sequence is ``[T, N, *]``, one time step of it ``[N, *]``.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.functional import (
    first_spike_index,
    fused_conv2d_bias_of_convbn2d,
    fused_conv2d_weight_of_convbn2d,
    kaiming_normal_conv_linear_weight,
    kernel_dot_product,
    multi_step_forward,
    redundant_one_hot,
    reset_net,
    scale_fused_conv2d_bias_of_convbn2d,
    scale_fused_conv2d_weight_of_convbn2d,
    seq_to_ann_forward,
    set_threshold_margin,
    spike_similar_loss,
    temporal_efficient_training_cross_entropy,
)
from unisnn.spikingjelly.clock_driven.functional._fusion import fuse_convbn2d
from unisnn.spikingjelly.clock_driven.functional._similarity import spike_cluster

__all__ = [
    "first_spike_index",
    "fuse_convbn2d",
    "fused_conv2d_bias_of_convbn2d",
    "fused_conv2d_weight_of_convbn2d",
    "kaiming_normal_conv_linear_weight",
    "kernel_dot_product",
    "multi_step_forward",
    "redundant_one_hot",
    "reset_net",
    "scale_fused_conv2d_bias_of_convbn2d",
    "scale_fused_conv2d_weight_of_convbn2d",
    "seq_to_ann_forward",
    "set_threshold_margin",
    "spike_cluster",
    "spike_similar_loss",
    "temporal_efficient_training_cross_entropy",
]

for _own in (fuse_convbn2d, spike_cluster):
    _own.__module__ = __name__  # a pickle names the path that upstream has too
