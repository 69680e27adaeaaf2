"""BrainCog as a target: IFNode, LIFNode and PLIFNode, steps one by one or folded into the batch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.convert.targets.base import Target, refuse
from unisnn.core import layout
from unisnn.core.spec import NeuronSpec, SurrogateSpec

__all__ = ["BrainCog"]

_NODE = "base.node.node"
_SURROGATE = "base.strategy.surrogate"

_CLASSES = {
    "sigmoid": "SigmoidGrad",
    "sigmoid_tensor_alpha": "SigmoidGrad",
    "sigmoid_vector_alpha": "SigmoidGrad",
    "atan": "AtanGrad",
    "atan_tensor_alpha": "AtanGrad",
    "piecewise_quadratic": "QGateGrad",
    "quadratic_gate": "QGateGrad",
    "relu_like": "ReLUGrad",
    "stdp": "STDPGrad",
    "gate": "GateGrad",
    "back_ei_gate": "BackEIGateGrad",
}

_OWN_RULES = {"sign": "EIGrad", "ceil": "RoundGrad", "round": "RoundGrad"}
"""Fire rules that no other library has; they move between unisnn and genuine BrainCog only."""

_AT_OR_ABOVE = ("SigmoidGrad", "ReLUGrad")


class BrainCog(Target):
    """Reset to 0 only, always detached; whether it fires at the threshold is up to the surrogate."""

    name = library = "braincog"
    layouts = (layout.FOLDED, layout.STEP)

    def neuron(
        self, spec: NeuronSpec, time_layout: str, time_steps: int, tensors: dict[str, Tensor]
    ) -> nn.Module:
        """Build the node; learned values (``w``, ``threshold``) come from ``tensors``."""
        constants = dict(spec.parameters)
        self.spiking_only(spec)
        self._resets(spec)
        surrogate = self.surrogate(spec.surrogate)
        strict = type(surrogate).__name__ not in _AT_OR_ABOVE
        arguments: dict[str, Any] = {
            "threshold": spec.threshold
            if spec.surrogate.fire in _OWN_RULES
            else self.threshold(spec, strict),
            "v_reset": dict(spec.restored)["v"],
            "step": time_steps,
            "layer_by_layer": time_layout == layout.FOLDED,
            "sigmoid_thres": spec.threshold_rule == "sigmoid",
            "requires_thres_grad": "threshold" in spec.learnable,
            "mem_detach": bool(constants.get("mem_detach")),
        }
        node = self._charging(spec, constants, arguments, tensors)
        node.act_fun = surrogate
        return node

    def _resets(self, spec: NeuronSpec) -> None:
        if spec.reset.kind != "hard":
            raise refuse("reset.kind", spec.reset.kind, "braincog resets to 0 only")
        if spec.reset.value:
            raise refuse("reset.value", spec.reset.value, "braincog resets to 0 only")
        if not spec.reset.detached:
            raise refuse("reset.detached", False, "braincog always detaches the spike in the reset")
        if dict(spec.initial)["v"]:
            raise refuse("initial.v", dict(spec.initial)["v"], "braincog starts at 0")

    def _charging(
        self,
        spec: NeuronSpec,
        constants: dict[str, Any],
        arguments: dict[str, Any],
        tensors: dict[str, Tensor],
    ) -> Any:
        if spec.charge in ("charge_if", "charge_scaled"):
            return self.symbol(f"{_NODE}:IFNode")(dt=constants.get("dt", 1.0), **arguments)
        if spec.charge in ("charge_lif_decay_input", "charge_lif_decay_input_to"):
            return self.symbol(f"{_NODE}:LIFNode")(tau=constants["tau"], **arguments)
        if spec.charge in ("charge_plif_decay_input", "charge_plif_decay_input_to", "charge_plif_scaled"):
            node = self.symbol(f"{_NODE}:PLIFNode")(dt=constants.get("dt", 1.0), **arguments)
            node.w = self.time_constant(spec, tensors)
            return node
        if spec.charge.startswith(("charge_lif", "charge_plif")):
            raise refuse(
                "charge",
                spec.charge,
                "braincog's input decays with the membrane potential (decay_input=True)",
            )
        raise refuse("charge", spec.charge, "braincog has IFNode, LIFNode and PLIFNode")

    def surrogate(self, spec: SurrogateSpec) -> nn.Module:
        """Build the surrogate of the same derivative; its alpha is trained only where the source's is."""
        if not spec.spiking:
            raise refuse("surrogate.spiking", False, "braincog's surrogates always spike")
        constants = dict(spec.parameters)
        if spec.fire in _OWN_RULES:
            return self.symbol(f"{_SURROGATE}:{_OWN_RULES[spec.fire]}")()
        if spec.family in _CLASSES:
            return self._new(_CLASSES[spec.family], constants.get("alpha", 2.0), "alpha" in spec.learnable)
        if spec.family in ("rect", "piecewise_leaky_relu", "piecewise_leaky_relu_full_height"):
            width = 0.5 / constants["alpha"] if spec.family == "rect" else constants["w"]
            return self.pick(spec, [lambda: self._new("GateGrad", 1.0 / width, False)])
        if spec.family == "leaky_k_relu":
            named = [
                lambda: self._new("STDPGrad", 2.0, False),
                lambda: self._new("ReLUGrad", constants["k"], False),
            ]
            return self.pick(spec, named)
        raise refuse("surrogate.family", spec.family, "braincog has no such derivative")

    def _new(self, name: str, alpha: Any, learns: bool) -> nn.Module:
        value = torch.tensor(alpha) if isinstance(alpha, tuple) else alpha
        return self.symbol(f"{_SURROGATE}:{name}")(value, requires_grad=learns)
