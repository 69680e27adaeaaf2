"""SpikingJelly's ``clock_driven`` as a target: a class for one time step, another for all of them."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from unisnn.convert.targets.base import refuse
from unisnn.convert.targets.spikingjelly import SpikingJelly
from unisnn.core import layout
from unisnn.core.spec import NeuronSpec

__all__ = ["ClockDriven"]

_ONE_STEP_ONLY = ("charge_qif",)


class ClockDriven(SpikingJelly):
    """The neurons that ``clock_driven`` has; ``MultiStep`` classes where the data has its time first.

    QIFNode and LIAFNode have no such class: they run inside a ``MultiStepContainer``.
    """

    name = "spikingjelly.clock_driven"
    neurons = "clock_driven.neuron"
    surrogates = "clock_driven.surrogate"
    layers = "clock_driven.layer"

    @property
    def step_container(self) -> Any:  # type: ignore[override]
        """The container that runs single steps over time."""
        return self.symbol(f"{self.layers}:MultiStepContainer")

    def layouts_of(self, spec: NeuronSpec) -> tuple[str, ...]:
        """Return single steps alone where there is no ``MultiStep`` class."""
        alone = spec.charge in _ONE_STEP_ONLY or bool(spec.activation)
        return (layout.STEP,) if alone else self.layouts

    def timing(self, time_layout: str) -> dict[str, Any]:
        """Return nothing: the class says it."""
        return {}

    def neuron_class(self, name: str, time_layout: str) -> Any:
        """Return the class called ``name``, or its ``MultiStep`` class."""
        return super().neuron_class(
            f"MultiStep{name}" if time_layout == layout.TIME_FIRST else name, time_layout
        )

    def charging(
        self, spec: NeuronSpec, arguments: dict[str, Any], tensors: dict[str, Tensor], time_layout: str
    ) -> nn.Module:
        """Return a neuron of the class that has the charge of ``spec``."""
        if spec.charge == "charge_affine":
            if self.genuine:
                raise refuse("charge", spec.charge, "the genuine GeneralNode loses its constants a, b and c")
            constants = dict(spec.parameters)
            return self.neuron_class("GeneralNode", time_layout)(**constants, **arguments)
        if spec.charge.startswith("charge_klif") or spec.adaptation is not None:
            reason = "spikingjelly.clock_driven has neither KLIFNode nor IzhikevichNode"
            raise refuse("charge", spec.charge, reason)
        return super().charging(spec, arguments, tensors, time_layout)
