"""Functions over nets and sequences: reset, step modes, time folded into the batch, fusion, losses.

Shapes: a sequence is ``[T, N, *]``, one time step of it ``[N, *]``. The numbers are those of SpikingJelly
0.0.0.0.14.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.functional._fusion import (
    fuse_convbn2d,
    fused_conv2d_bias_of_convbn2d,
    fused_conv2d_weight_of_convbn2d,
    scale_fused_conv2d_bias_of_convbn2d,
    scale_fused_conv2d_weight_of_convbn2d,
)
from unisnn.spikingjelly.activation_based.functional._nets import (
    detach_net,
    kaiming_normal_conv_linear_weight,
    reset_net,
    set_backend,
    set_step_mode,
    set_threshold_margin,
)
from unisnn.spikingjelly.activation_based.functional._online import (
    fptt_online_training,
    fptt_online_training_init_w_ra,
)
from unisnn.spikingjelly.activation_based.functional._sequences import (
    chunk_multi_step_forward,
    delay,
    first_spike_index,
    multi_step_forward,
    redundant_one_hot,
    seq_to_ann_forward,
    temporal_efficient_training_cross_entropy,
)
from unisnn.spikingjelly.activation_based.functional._similarity import (
    kernel_dot_product,
    spike_similar_loss,
)

__all__ = [
    "chunk_multi_step_forward",
    "delay",
    "detach_net",
    "first_spike_index",
    "fptt_online_training",
    "fptt_online_training_init_w_ra",
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
    "set_backend",
    "set_step_mode",
    "set_threshold_margin",
    "spike_similar_loss",
    "temporal_efficient_training_cross_entropy",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too
