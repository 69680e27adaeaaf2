"""The CUDA kernels of multi-step neurons: the names import, and raise on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = (
    "it compiles a CUDA kernel with cupy; "
    "the neurons of unisnn run their multi-step forward and backward on any device without it"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "MultiStepEIFNodePTT": _REASON,
        "MultiStepIFNodePTT": _REASON,
        "MultiStepIzhikevichNodePTT": _REASON,
        "MultiStepLIFNodePTT": _REASON,
        "MultiStepParametricLIFNodePTT": _REASON,
        "MultiStepQIFNodePTT": _REASON,
        "check_multi_step_neuron_output_and_grad": _REASON,
        "save_cuda_codes": _REASON,
    },
)
