"""CUDA kernels of multi-step neurons; none of them is reproduced."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "needs CUDA and cupy; the neurons run without it, whatever backend they ask for"

__getattr__ = _absent.serve(
    __name__,
    {
        "MultiStepEIFNodePTT": _REASON,
        "MultiStepIFNodePTT": _REASON,
        "MultiStepLIFNodePTT": _REASON,
        "MultiStepParametricLIFNodePTT": _REASON,
        "check_multi_step_neuron_output_and_grad": _REASON,
        "save_cuda_codes": _REASON,
    },
)
