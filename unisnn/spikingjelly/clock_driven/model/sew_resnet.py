"""The networks of ``clock_driven.model.sew_resnet``; none of them is reproduced yet."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "not reproduced yet; activation_based.model has its successor"

__getattr__ = _absent.serve(
    __name__,
    {
        "BasicBlock": _REASON,
        "Bottleneck": _REASON,
        "MultiStepBasicBlock": _REASON,
        "MultiStepBottleneck": _REASON,
        "MultiStepSEWResNet": _REASON,
        "SEWResNet": _REASON,
        "conv1x1": _REASON,
        "conv3x3": _REASON,
        "model_urls": _REASON,
        "multi_step_sew_resnet101": _REASON,
        "multi_step_sew_resnet152": _REASON,
        "multi_step_sew_resnet18": _REASON,
        "multi_step_sew_resnet34": _REASON,
        "multi_step_sew_resnet50": _REASON,
        "multi_step_sew_resnext101_32x8d": _REASON,
        "multi_step_sew_resnext50_32x4d": _REASON,
        "multi_step_sew_wide_resnet101_2": _REASON,
        "multi_step_sew_wide_resnet50_2": _REASON,
        "sew_function": _REASON,
        "sew_resnet101": _REASON,
        "sew_resnet152": _REASON,
        "sew_resnet18": _REASON,
        "sew_resnet34": _REASON,
        "sew_resnet50": _REASON,
        "sew_resnext101_32x8d": _REASON,
        "sew_resnext50_32x4d": _REASON,
        "sew_wide_resnet101_2": _REASON,
        "sew_wide_resnet50_2": _REASON,
    },
)
