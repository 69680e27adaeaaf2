"""The networks of ``clock_driven.model.spiking_vgg``; none of them is reproduced yet."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "not reproduced yet; activation_based.model has its successor"

__getattr__ = _absent.serve(
    __name__,
    {
        "MultiStepSpikingVGG": _REASON,
        "SpikingVGG": _REASON,
        "cfgs": _REASON,
        "model_urls": _REASON,
        "multi_step_spiking_vgg11": _REASON,
        "multi_step_spiking_vgg11_bn": _REASON,
        "multi_step_spiking_vgg13": _REASON,
        "multi_step_spiking_vgg13_bn": _REASON,
        "multi_step_spiking_vgg16": _REASON,
        "multi_step_spiking_vgg16_bn": _REASON,
        "multi_step_spiking_vgg19": _REASON,
        "multi_step_spiking_vgg19_bn": _REASON,
        "sequential_forward": _REASON,
        "spiking_vgg11": _REASON,
        "spiking_vgg11_bn": _REASON,
        "spiking_vgg13": _REASON,
        "spiking_vgg13_bn": _REASON,
        "spiking_vgg16": _REASON,
        "spiking_vgg16_bn": _REASON,
        "spiking_vgg19": _REASON,
        "spiking_vgg19_bn": _REASON,
    },
)
