"""From SpikingJelly to Lava: the names import, and raise on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = (
    "it needs the packages of Intel's Loihi (lava-dl); "
    "unisnn.convert moves networks between the libraries that unisnn knows"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "BatchNorm2d": _REASON,
        "BlockContainer": _REASON,
        "CubaLIFNode": _REASON,
        "LeakyIntegratorStep": _REASON,
        "NXT_to_TNX": _REASON,
        "SumPool2d": _REASON,
        "TNX_to_NXT": _REASON,
        "avgpool2d_to_lava_synapse_pool": _REASON,
        "check_instance": _REASON,
        "check_no_bias": _REASON,
        "conv2d_to_lava_synapse_conv": _REASON,
        "lava_neuron_forward": _REASON,
        "linear_to_lava_synapse_dense": _REASON,
        "quantize_8b": _REASON,
        "quantize_8bit": _REASON,
        "right_shift_to_zero": _REASON,
        "step_quantize": _REASON,
        "step_quantize_atgf": _REASON,
        "step_quantize_forward": _REASON,
        "to_lava_block_conv": _REASON,
        "to_lava_block_dense": _REASON,
        "to_lava_block_flatten": _REASON,
        "to_lava_block_pool": _REASON,
        "to_lava_blocks": _REASON,
        "to_lava_neuron": _REASON,
        "to_lava_neuron_param_dict": _REASON,
    },
)
