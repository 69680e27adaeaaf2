"""What the four target libraries have in common: classes by path, and fields that none of them takes.

A target builds a neuron from its description. It refuses what it cannot express, by the field's
name; what it builds describes itself again, and the comparison of both descriptions has the last word.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy
from torch import Tensor, nn

from unisnn.convert.errors import ConversionError
from unisnn.core import absent, layout
from unisnn.core.equivalence import compare_surrogates, first_firing_voltage, next_float32
from unisnn.core.spec import NeuronSpec, SurrogateSpec

__all__ = ["Target", "refuse"]


def refuse(field: str, value: object, reason: str) -> ConversionError:
    """Return the error that says which field of a description has no counterpart, and why."""
    return ConversionError("", f"{field}={value!r}", reason)


class Target:
    """A library as a target: its name, the time layouts of its neurons, and how to build them.

    ``name`` is what a caller asks for, ``library`` the import root below which the classes are.

    Args:
        genuine: build with the upstream library of this process instead of unisnn's namespace.
    """

    name = ""
    library = ""
    layouts: tuple[str, ...] = (layout.STEP,)
    step_container: type[nn.Sequential] = layout.StepTime

    def __init__(self, genuine: bool = False) -> None:
        self.genuine = genuine

    def symbol(self, path: str) -> Any:
        """Return the object at ``path`` below the library's root, ``module.path:name``.

        Raises:
            ConversionError: the genuine library is not importable, or this edition lacks the name.
        """
        module, _, name = path.partition(":")
        root = self.library if self.genuine else f"unisnn.{self.library}"
        try:
            found = getattr(importlib.import_module(f"{root}.{module}"), name)
        except ModuleNotFoundError as error:
            wanted = f"genuine {self.library}" if self.genuine else self.library
            raise ConversionError("", "", f"{wanted} is not importable in this process: {error}") from error
        except AttributeError as error:
            raise ConversionError("", "", f"this edition of {self.name} has no {name}") from error
        if isinstance(found, absent.Absent):
            raise ConversionError("", "", f"{self.name} has no {name} in unisnn")
        return found

    def layouts_of(self, spec: NeuronSpec) -> tuple[str, ...]:
        """Return the time layouts in which a neuron can be built, the preferred one first."""
        return self.layouts

    def layer(self, name: str) -> Any:
        """Return the library's own layer class called ``name``, or ``None`` where it has none."""
        return None

    def neuron(
        self, spec: NeuronSpec, time_layout: str, time_steps: int, tensors: dict[str, Tensor]
    ) -> nn.Module:
        """Build a neuron in one of :attr:`layouts`; ``tensors`` are its learned values by name."""
        raise NotImplementedError

    def surrogate(self, spec: SurrogateSpec) -> nn.Module:
        """Build a surrogate."""
        raise NotImplementedError

    def threshold(self, spec: NeuronSpec, strict: bool) -> float:
        """Return the threshold with which this library fires on the same float32 voltages.

        Equation::

            h >= c  is  h > nextafter(c, -inf)         and        h > d  is  h >= nextafter(d, +inf)
        """
        rule = spec.surrogate.fire
        if isinstance(spec.threshold, tuple):
            raise refuse(
                "threshold", spec.threshold, f"{self.name} takes one number for all neurons of a layer"
            )
        if rule not in (">=", ">"):
            raise refuse(
                "surrogate.fire", rule, f"{self.name} makes a spike of 0 or 1 by comparing with the threshold"
            )
        if (rule == ">") == strict:
            return spec.threshold
        first = first_firing_voltage(spec.threshold, rule)
        return next_float32(first, -numpy.inf) if strict else first

    @staticmethod
    def time_constant(spec: NeuronSpec, tensors: dict[str, Tensor]) -> nn.Parameter:
        """Return the learned time constant ``w`` as a Parameter of its own."""
        return nn.Parameter(tensors["w"].detach().clone(), requires_grad="w" in spec.learnable)

    def plain(self, spec: NeuronSpec) -> None:
        """Refuse what only BrainCog and Qualia know: a computed threshold, cut time, a step length."""
        constants = dict(spec.parameters)
        if spec.threshold_rule != "plain":
            raise refuse("threshold_rule", spec.threshold_rule, f"{self.name} takes the threshold as it is")
        if constants.get("mem_detach"):
            raise refuse("parameters.mem_detach", True, f"{self.name} keeps the graph between time steps")
        if constants.get("dt", 1.0) != 1.0:
            raise refuse(
                "parameters.dt",
                constants["dt"],
                f"{self.name} has steps of length 1; scale the input instead",
            )
        if spec.reset.kind == "none":
            raise refuse("reset.kind", "none", f"{self.name} resets hard or soft")

    def spiking_only(self, spec: NeuronSpec) -> None:
        """Refuse what only SpikingJelly knows: an adaptation current, an activation as the output."""
        if spec.adaptation is not None:
            raise refuse(
                "adaptation.rule",
                spec.adaptation.rule,
                f"{self.name} has no neurons with an adaptation current",
            )
        if spec.activation:
            raise refuse("activation", spec.activation, f"{self.name}'s neurons give spikes to the outside")

    def pick(self, spec: SurrogateSpec, candidates: list[Any]) -> nn.Module:
        """Return the first of ``candidates`` (callables) whose derivative is that of ``spec``."""
        for build in candidates:
            try:
                module = build()
            except ConversionError:
                continue
            described = self.describe_surrogate(module)
            if compare_surrogates(spec, described).verdict != "different":
                return module
        raise refuse(
            "surrogate.family", spec.family, f"{self.name} has no such derivative for {dict(spec.parameters)}"
        )

    @staticmethod
    def describe_surrogate(module: nn.Module) -> SurrogateSpec:
        """Return the description of a surrogate module."""
        from unisnn.convert.twins import describe_leaf

        spec = describe_leaf(module)
        assert isinstance(spec, SurrogateSpec)
        return spec
