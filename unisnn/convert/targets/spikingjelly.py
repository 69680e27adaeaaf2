"""SpikingJelly as a target: IFNode, LIFNode and ParametricLIFNode, steps one by one or time first."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.convert.targets.base import Target, refuse
from unisnn.core import layout
from unisnn.core.spec import NeuronSpec, SurrogateSpec

__all__ = ["SpikingJelly"]

_NEURON = "activation_based.neuron"
_SURROGATE = "activation_based.surrogate"

_CLASSES = {
    "sigmoid": "Sigmoid",
    "sigmoid_tensor_alpha": "Sigmoid",
    "sigmoid_vector_alpha": "Sigmoid",
    "atan": "ATan",
    "atan_tensor_alpha": "ATan",
    "piecewise_quadratic": "PiecewiseQuadratic",
    "quadratic_gate": "PiecewiseQuadratic",
    "piecewise_exp": "PiecewiseExp",
    "soft_sign": "SoftSign",
    "super_spike": "SuperSpike",
    "nonzero_sign_log_abs": "NonzeroSignLogAbs",
    "erf": "Erf",
    "squarewave_fourier_series": "SquarewaveFourierSeries",
    "s2nn": "S2NN",
    "q_pseudo_spike": "QPseudoSpike",
    "leaky_k_relu": "LeakyKReLU",
    "fake_numerical_gradient": "FakeNumericalGradient",
    "log_tailed_relu": "LogTailedReLU",
}

_WINDOWS = ("rect", "gate", "back_ei_gate", "piecewise_leaky_relu", "piecewise_leaky_relu_full_height")


class SpikingJelly(Target):
    """Hard reset to any value or soft reset, detached or not, ``>=``, all of its own surrogates."""

    name = "spikingjelly"
    layouts = (layout.TIME_FIRST, layout.STEP)

    def neuron(
        self, spec: NeuronSpec, time_layout: str, time_steps: int, tensors: dict[str, Tensor]
    ) -> nn.Module:
        """Build the neuron; its learned time constant ``w`` comes from ``tensors``."""
        self.plain(spec)
        arguments: dict[str, Any] = {
            "v_threshold": self.threshold(spec, strict=False),
            "v_reset": None if spec.reset.kind == "soft" else float(spec.reset.value or 0.0),
            "detach_reset": spec.reset.detached,
            "surrogate_function": self.surrogate(spec.surrogate),
            "step_mode": "m" if time_layout == layout.TIME_FIRST else "s",
        }
        node = self._charging(spec, arguments, tensors)
        restored = float(dict(spec.restored)["v"])
        if restored != (arguments["v_reset"] or 0.0):
            node.set_reset_value("v", restored)
            node.v = float(dict(spec.initial)["v"])
        return node

    def _charging(self, spec: NeuronSpec, arguments: dict[str, Any], tensors: dict[str, Tensor]) -> Any:
        constants = dict(spec.parameters)
        if spec.charge in ("charge_if", "charge_scaled"):
            return self.symbol(f"{_NEURON}:IFNode")(**arguments)
        decays = "decay_input" in spec.charge or spec.charge == "charge_plif_scaled"
        if spec.charge.startswith("charge_lif"):
            return self.symbol(f"{_NEURON}:LIFNode")(
                tau=float(constants["tau"]), decay_input=decays, **arguments
            )
        if spec.charge.startswith("charge_plif"):
            node = self.symbol(f"{_NEURON}:ParametricLIFNode")(decay_input=decays, **arguments)
            node.w = self.time_constant(spec, tensors)
            return node
        raise refuse("charge", spec.charge, "spikingjelly has IFNode, LIFNode and ParametricLIFNode")

    def surrogate(self, spec: SurrogateSpec) -> nn.Module:
        """Build the surrogate of the same derivative."""
        constants: dict[str, Any] = dict(spec.parameters)
        switch: dict[str, Any] = {} if spec.family == "fake_numerical_gradient" else {"spiking": spec.spiking}
        if spec.family in _WINDOWS and not constants.get("c"):
            return self.pick(spec, self._windows(spec, switch))
        if spec.family in ("piecewise_leaky_relu", "piecewise_leaky_relu_full_height"):
            return self.pick(spec, [lambda: self._new("PiecewiseLeakyReLU", **constants, **switch)])
        if spec.family in ("deterministic_pass", "straight_through"):
            return self._new("DeterministicPass", **switch)
        if spec.family == "stdp":
            return self._new("LeakyKReLU", leak=0.0, k=1.0, **switch)
        if spec.family == "relu_like":
            return self._new("LeakyKReLU", leak=0.0, k=constants["alpha"], **switch)
        if spec.family not in _CLASSES:
            raise refuse("surrogate.family", spec.family, "spikingjelly has no such derivative")
        return self._new(_CLASSES[spec.family], **constants, **switch)

    def _windows(self, spec: SurrogateSpec, switch: dict[str, Any]) -> list[Any]:
        """Return the ways in which SpikingJelly can say ``height where |x| < half_width``."""
        constants = dict(spec.parameters)
        height = float(constants["alpha"]) if spec.family == "rect" else 1.0
        half_width = {"rect": 0.5 / height, "back_ei_gate": 0.5}.get(spec.family)
        if half_width is None:
            half_width = 1.0 / constants["alpha"] if spec.family == "gate" else float(constants["w"])
        if spec.family == "piecewise_leaky_relu":
            height = 1.0 / (2.0 * half_width)
        own = [lambda: self._new("PiecewiseLeakyReLU", w=half_width, c=0.0, **switch)]
        rect = [lambda: self._new("Rect", alpha=height, **switch)]
        return own + rect if "leaky" in spec.family else rect + own

    def _new(self, name: str, **arguments: Any) -> nn.Module:
        return self.symbol(f"{_SURROGATE}:{name}")(**arguments)

    def layer(self, name: str) -> Any:
        """Return the step-mode layer class called ``name``, or ``None`` where this edition has none."""
        module = torch.nn.Module
        try:
            found = self.symbol(f"activation_based.layer:{name}")
        except ValueError:
            return None
        return found if isinstance(found, type) and issubclass(found, module) else None
