"""Spikes kept as bits on the GPU; nothing of it is reproduced."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "needs CUDA and cupy; the neurons run without it, whatever backend they ask for"

__getattr__ = _absent.serve(
    __name__,
    {
        "BOOL_TENSOR_CACHE": _REASON,
        "BoolTensorCache": _REASON,
        "DataTypeConvertCUDACode": _REASON,
        "bool_spike_to_float": _REASON,
        "float_spike_to_bool": _REASON,
        "tensor_key": _REASON,
    },
)
