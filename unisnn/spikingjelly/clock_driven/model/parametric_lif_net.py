"""The networks of ``clock_driven.model.parametric_lif_net``; none of them is reproduced yet."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "not reproduced yet; activation_based.model has its successor"

__getattr__ = _absent.serve(
    __name__,
    {
        "CIFAR10DVSNet": _REASON,
        "CIFAR10Net": _REASON,
        "DVSGestureNet": _REASON,
        "FashionMNISTNet": _REASON,
        "MNISTNet": _REASON,
        "MultiStepCIFAR10DVSNet": _REASON,
        "MultiStepCIFAR10Net": _REASON,
        "MultiStepDVSGestureNet": _REASON,
        "MultiStepFashionMNISTNet": _REASON,
        "MultiStepMNISTNet": _REASON,
        "MultiStepNMNISTNet": _REASON,
        "NMNISTNet": _REASON,
        "VotingLayer": _REASON,
        "test_models": _REASON,
    },
)
