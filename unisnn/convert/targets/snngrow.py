"""SNNGrow as a target: IFNode and LIFNode, steps one by one or folded into the batch."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from unisnn.convert.targets.base import Target, refuse
from unisnn.core import layout
from unisnn.core.spec import NeuronSpec, SurrogateSpec

__all__ = ["SNNGrow"]

_SURROGATES = {
    "sigmoid": "Sigmoid",
    "sigmoid_tensor_alpha": "Sigmoid",
    "sigmoid_vector_alpha": "Sigmoid",
    "atan": "ATan",
    "atan_tensor_alpha": "ATan",
}


class SNNGrow(Target):
    """Hard reset to any value or soft reset, detached or not, ``>=``, Sigmoid and ATan."""

    name = library = "snngrow"
    layouts = (layout.FOLDED, layout.STEP)

    def neuron(
        self, spec: NeuronSpec, time_layout: str, time_steps: int, tensors: dict[str, Tensor]
    ) -> nn.Module:
        """Build the neuron; a learned time constant becomes the number that it is."""
        self.spiking_only(spec)
        self.plain(spec)
        arguments: dict[str, Any] = {
            "v_threshold": self.threshold(spec, strict=False),
            "v_reset": None if spec.reset.kind == "soft" else float(spec.reset.value or 0.0),
            "detach_reset": spec.reset.detached,
            "surrogate_function": self.surrogate(spec.surrogate),
            "parallel_optim": time_layout == layout.FOLDED,
            "T": time_steps,
        }
        if spec.output == "spike_tensor" and not self.genuine:
            arguments["spike_out"] = True
        node = self._charging(spec, arguments, tensors)
        restored = float(dict(spec.restored)["v"])
        if restored != (arguments["v_reset"] or 0.0):
            node.set_reset_value("v", restored)
            node.v = float(dict(spec.initial)["v"])
        return node

    def _charging(self, spec: NeuronSpec, arguments: dict[str, Any], tensors: dict[str, Tensor]) -> Any:
        constants = dict(spec.parameters)
        if spec.charge in ("charge_if", "charge_scaled"):
            return self.symbol("base.neuron.IFNode:IFNode")(**arguments)
        decays = "decay_input" in spec.charge or spec.charge == "charge_plif_scaled"
        if spec.charge.startswith("charge_lif"):
            tau = float(constants["tau"])
        elif spec.charge.startswith("charge_plif"):
            tau = 1.0 / float(tensors["w"].detach().double().sigmoid())
        else:
            raise refuse("charge", spec.charge, "snngrow has IFNode and LIFNode")
        return self.symbol("base.neuron.LIFNode:LIFNode")(tau=tau, decay_input=decays, **arguments)

    def surrogate(self, spec: SurrogateSpec) -> nn.Module:
        """Build the surrogate of the same derivative."""
        name = _SURROGATES.get(spec.family)
        if name is None:
            raise refuse("surrogate.family", spec.family, "snngrow has Sigmoid and ATan")
        return self.symbol(f"base.surrogate.{name}:{name}")(
            alpha=dict(spec.parameters)["alpha"], spiking=spec.spiking
        )
