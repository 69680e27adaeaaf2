"""Generated CUDA kernels of neurons: the names import, and raise on use."""

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
        "IFNodeATGF": _REASON,
        "IFNodeBPTTKernel": _REASON,
        "IFNodeFPTTKernel": _REASON,
        "LIFNodeATGF": _REASON,
        "LIFNodeBPTTKernel": _REASON,
        "LIFNodeFPTTKernel": _REASON,
        "NeuronATGFBase": _REASON,
        "NeuronBPTTKernel": _REASON,
        "NeuronFPTTKernel": _REASON,
        "ParametricLIFNodeATGF": _REASON,
        "ParametricLIFNodeBPTTKernel": _REASON,
        "ParametricLIFNodeFPTTKernel": _REASON,
        "if_requires_grad": _REASON,
        "neuronal_fire": _REASON,
        "neuronal_hard_reset": _REASON,
        "neuronal_soft_reset": _REASON,
        "new_tensors": _REASON,
        "scalar_to_cupy": _REASON,
    },
)
