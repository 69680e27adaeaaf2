"""Helpers for CUDA kernels; none of them is reproduced."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "needs CUDA and cupy; the neurons run without it, whatever backend they ask for"

__getattr__ = _absent.serve(
    __name__,
    {
        "DeviceEnvironment": _REASON,
        "GPUMonitor": _REASON,
        "cal_blocks": _REASON,
        "cal_fun_t": _REASON,
        "cuda_timer": _REASON,
        "get_contiguous": _REASON,
        "wrap_args_to_raw_kernel": _REASON,
    },
)
