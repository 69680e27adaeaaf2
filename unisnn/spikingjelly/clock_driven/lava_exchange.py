"""Exchange with Lava-DL; needs its quantised neurons."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "needs Lava-DL and its quantised neurons; export the weights and thresholds instead"

__getattr__ = _absent.serve(
    __name__,
    {
        "NXT_to_TNX": _REASON,
        "TNX_to_NXT": _REASON,
        "avgpool2d_to_lava_synapse_pool": _REASON,
        "check_conv2d": _REASON,
        "check_fc": _REASON,
        "conv2d_to_lava_synapse_conv": _REASON,
        "lava_neuron_forward": _REASON,
        "linear_to_lava_synapse_dense": _REASON,
        "quantize_8bit": _REASON,
        "step_quantize": _REASON,
        "to_lava_block_conv": _REASON,
        "to_lava_block_dense": _REASON,
        "to_lava_block_flatten": _REASON,
        "to_lava_neuron": _REASON,
        "to_lava_neuron_param_dict": _REASON,
    },
)
