"""Qualia as a target: IFSRL and ATIF, steps one by one, soft reset at a threshold of shape [1]."""

from __future__ import annotations

import numpy
import torch
from torch import Tensor, nn

from unisnn.convert.targets.base import Target, refuse
from unisnn.core import layout
from unisnn.core.spec import NeuronSpec, SurrogateSpec

__all__ = ["Qualia"]

_LAYERS = "learningmodel.pytorch.layers.CustomNode"
_SIGMOIDS = ("sigmoid", "sigmoid_tensor_alpha", "sigmoid_vector_alpha")


class Qualia(Target):
    """IF with a soft reset that is not detached, ``>=`` and the sigmoid's derivative."""

    name = library = "qualia_plugin_snn"
    layouts = (layout.STEP,)

    def neuron(
        self, spec: NeuronSpec, time_layout: str, time_steps: int, tensors: dict[str, Tensor]
    ) -> nn.Module:
        """Build IFSRL, or ATIF where the output is scaled by the threshold."""
        self.spiking_only(spec)
        self.plain(spec)
        if spec.charge not in ("charge_if", "charge_scaled"):
            raise refuse("charge", spec.charge, "qualia_plugin_snn has integrate-and-fire neurons only")
        if spec.reset.kind != "soft":
            raise refuse(
                "reset.kind", spec.reset.kind, "qualia_plugin_snn subtracts the threshold (soft reset)"
            )
        if spec.reset.detached:
            raise refuse("reset.detached", True, "qualia_plugin_snn never detaches the spike in the reset")
        if any(dict(values)["v"] for values in (spec.initial, spec.restored)):
            raise refuse("restored.v", dict(spec.restored)["v"], "qualia_plugin_snn starts at 0")
        if spec.surrogate.family not in _SIGMOIDS or not spec.surrogate.spiking:
            raise refuse(
                "surrogate.family",
                spec.surrogate.family,
                "qualia_plugin_snn has the sigmoid's derivative only",
            )
        name = "ATIF" if "scaled" in spec.output else "IFSRL"
        threshold = self.threshold(spec, strict=False)
        with torch.random.fork_rng(devices=[]):
            node = self.symbol(f"{_LAYERS}:{name}")(
                v_threshold=threshold, alpha=float(dict(spec.surrogate.parameters)["alpha"])
            )
        learned = tensors.get("threshold")
        value = (
            torch.full((1,), float(numpy.float32(threshold))) if learned is None else learned.detach().clone()
        )
        parameter = nn.Parameter(value, requires_grad="threshold" in spec.learnable)
        setattr(node, "v_threshold" if name == "ATIF" else "vp_th", parameter)
        return node

    def surrogate(self, spec: SurrogateSpec) -> nn.Module:
        """Refuse: the surrogate is a part of Qualia's neurons."""
        raise refuse(
            "surrogate", spec.family, "qualia_plugin_snn has no surrogate modules; convert the neuron"
        )
