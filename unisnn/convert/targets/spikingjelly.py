"""SpikingJelly's ``activation_based`` as a target: all of its neurons, steps one by one or time first."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.convert.errors import ConversionError
from unisnn.convert.targets.base import Target, refuse
from unisnn.core import activation, layout
from unisnn.core.spec import NeuronSpec, SurrogateSpec

__all__ = ["SpikingJelly"]

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

_CONSTANTS = {
    "charge_qif": ("QIFNode", ("tau", "v_c", "a0", "v_rest")),
    "charge_eif": ("EIFNode", ("tau", "v_rest", "theta_rh", "delta_t")),
    "charge_izhikevich": ("IzhikevichNode", ("tau", "v_c", "a0", "v_rest")),
}
"""The classes whose constants are constructor arguments of the same names (but for ``delta_T``)."""

_WINDOWS = ("rect", "gate", "back_ei_gate", "piecewise_leaky_relu", "piecewise_leaky_relu_full_height")


class SpikingJelly(Target):
    """Hard reset to any value or soft reset, detached or not, ``>=``, all of its own surrogates."""

    name = library = "spikingjelly"
    layouts = (layout.TIME_FIRST, layout.STEP)

    neurons = "activation_based.neuron"
    surrogates = "activation_based.surrogate"
    layers = "activation_based.layer"

    def neuron(
        self, spec: NeuronSpec, time_layout: str, time_steps: int, tensors: dict[str, Tensor]
    ) -> nn.Module:
        """Build the neuron; its learned values (``w``, ``k``) come from ``tensors``."""
        self.plain(spec)
        arguments: dict[str, Any] = {
            "v_threshold": self.threshold(spec, strict=False),
            "v_reset": None if spec.reset.kind == "soft" else float(spec.reset.value or 0.0),
            "detach_reset": spec.reset.detached,
            "surrogate_function": self.surrogate(spec.surrogate),
            **self.timing(time_layout),
        }
        node = self.charging(spec, arguments, tensors, time_layout)
        starts = {"v": arguments["v_reset"] or 0.0, "w": dict(spec.initial).get("w")}
        for name, value in spec.restored:
            if value != starts[name]:
                node.set_reset_value(name, value)
                setattr(node, name, float(dict(spec.initial)[name]))
        return node

    def timing(self, time_layout: str) -> dict[str, Any]:
        """Return the constructor arguments that say in which layout a neuron takes its input."""
        return {"step_mode": "m" if time_layout == layout.TIME_FIRST else "s"}

    def neuron_class(self, name: str, time_layout: str) -> Any:
        """Return the class called ``name`` for a time layout."""
        return self.symbol(f"{self.neurons}:{name}")

    def charging(
        self, spec: NeuronSpec, arguments: dict[str, Any], tensors: dict[str, Tensor], time_layout: str
    ) -> Any:
        """Return a neuron of the class that has the charge of ``spec``."""
        constants, charge = dict(spec.parameters), spec.charge

        def new(name: str, **more: Any) -> Any:
            return self.neuron_class(name, time_layout)(**more, **arguments)

        decays = "decay_input" in charge or charge == "charge_plif_scaled"
        if spec.activation:
            return self._analog(spec, new, decays)
        if charge in ("charge_if", "charge_scaled"):
            return new("IFNode")
        if charge.startswith("charge_lif"):
            return new("LIFNode", tau=float(constants["tau"]), decay_input=decays)
        if charge.startswith("charge_plif"):
            node = new("ParametricLIFNode", decay_input=decays)
            node.w = self.time_constant(spec, tensors)
            return node
        if charge.startswith("charge_klif"):
            scaled = spec.reset.order.endswith("_scaled")
            node = new("KLIFNode", scale_reset=scaled, tau=float(constants["tau"]), decay_input=decays)
            node.k = nn.Parameter(tensors["k"].detach().clone(), requires_grad="k" in spec.learnable)
            return node
        if charge in _CONSTANTS:
            name, wanted = _CONSTANTS[charge]
            given = {{"delta_t": "delta_T"}.get(key, key): constants[key] for key in wanted}
            return new(name, **given, **self._adaptation(spec))
        raise refuse("charge", charge, f"{self.name} has no neuron with this charge")

    @staticmethod
    def _adaptation(spec: NeuronSpec) -> dict[str, Any]:
        if spec.adaptation is None:
            return {}
        given = dict(spec.adaptation.parameters)
        if given.pop("v_rest") != dict(spec.parameters)["v_rest"]:
            raise refuse(
                "adaptation.v_rest", dict(spec.adaptation.parameters)["v_rest"], "one v_rest for both"
            )
        return {**given, "b": spec.adaptation.jump, "w_rest": float(dict(spec.initial)["w"])}

    def _analog(self, spec: NeuronSpec, new: Any, decays: bool) -> Any:
        if not spec.charge.startswith("charge_lif"):
            raise refuse("charge", spec.charge, f"{self.name} has analog output behind a leaky charge only")
        act = activation.ACTIVATIONS[spec.activation]
        related = spec.activation_input == "h - threshold"
        try:
            return new(
                "LIAFNode",
                act=act,
                threshold_related=related,
                tau=float(dict(spec.parameters)["tau"]),
                decay_input=decays,
            )
        except AttributeError as error:  # the constructor of 0.0.0.0.14 reads an attribute that no class has
            raise refuse("activation", spec.activation, f"this edition's LIAFNode fails: {error}") from error

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
        return self.symbol(f"{self.surrogates}:{name}")(**arguments)

    def layer(self, name: str) -> Any:
        """Return the layer class called ``name``, or ``None`` where this edition has none."""
        module = torch.nn.Module
        try:
            found = self.symbol(f"{self.layers}:{name}")
        except ConversionError:
            return None
        return found if isinstance(found, type) and issubclass(found, module) else None
