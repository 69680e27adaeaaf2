"""Spikes kept as bits until the backward pass needs them: what ``activation_based`` has.

::

    bool_spike_to_float(*float_spike_to_bool(s)) = s         for spikes s of 0 and 1
"""

from __future__ import annotations

from unisnn.core import absent as _absent
from unisnn.spikingjelly.activation_based.tensor_cache import (
    BOOL_TENSOR_CACHE,
    BoolTensorCache,
    bool_spike_to_float,
    float_spike_to_bool,
    tensor_key,
)

__all__ = ["BOOL_TENSOR_CACHE", "BoolTensorCache", "bool_spike_to_float", "float_spike_to_bool", "tensor_key"]

__getattr__ = _absent.serve(
    __name__,
    {"DataTypeConvertCUDACode": "CUDA text of the packing, which unisnn.core.bits does on any device"},
)
