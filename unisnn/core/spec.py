"""Frozen, neutral descriptions: everything that decides a neuron's numbers, and nothing else.

A :class:`NeuronSpec` says how one time step goes::

    h[t] = charge(v[t-1], x[t])          membrane potential after charge
    s[t] = fire(h[t] - threshold)        spike, differentiated by the surrogate
    v[t] = reset(h[t], s[t])             membrane potential after reset

Every neuron of every namespace returns its spec from ``__describe__``; converters compare specs
and rebuild modules from them. Values are plain Python numbers and strings, so that a spec can be
compared, hashed, printed and written as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = [
    "AdaptationSpec",
    "LayerSpec",
    "NeuronSpec",
    "ResetSpec",
    "SurrogateSpec",
    "Values",
    "neuron_from_dict",
    "values",
]

Values = tuple[tuple[str, Any], ...]
"""Named values as a sorted tuple of pairs: hashable, in contrast to a dict."""


def values(**named: Any) -> Values:
    """Return named values in the form that specs keep them."""
    return tuple(sorted(named.items()))


@dataclass(frozen=True)
class SurrogateSpec:
    """A surrogate gradient and the fire rule it comes with.

    ``family`` names a member of :mod:`unisnn.core.surrogate` (its exact order of operations);
    ``fire`` is the rule that makes the spike from ``x = h - threshold``: ``">="``, ``">"``,
    ``"sign"``, ``"round"``, ``"ceil"`` or ``"pass"``; ``output`` says which dtype the spike has.
    """

    family: str
    parameters: Values = ()
    learnable: tuple[str, ...] = ()
    fire: str = ">="
    spiking: bool = True
    output: Literal["input", "float32"] = "input"

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as JSON-ready data."""
        return asdict(self)


@dataclass(frozen=True)
class ResetSpec:
    """What happens to the membrane potential after a spike ``s``.

    ``hard``: ``v = (1 - s)*h + s*value``; ``soft``: ``v = h - s*threshold``; ``none``: ``v = h``.
    ``detached`` cuts the gradient through ``s`` in this equation; ``order`` names the exact order
    of operations (a function of :mod:`unisnn.core.neuron` or :mod:`unisnn.core.neuron_nonlinear`).
    """

    kind: Literal["hard", "soft", "none"]
    value: float | None = None
    detached: bool = False
    order: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as JSON-ready data."""
        return asdict(self)


@dataclass(frozen=True)
class AdaptationSpec:
    """The adaptation current ``w`` beside the membrane potential.

    ``rule`` names its equation, a function of :mod:`unisnn.core.neuron_nonlinear`, and ``parameters``
    are its constants: ``v_rest``, ``tau_w``, ``a``. After a spike the current jumps by ``jump * s``, whose
    gradient ``jump_detached`` cuts. The charge of the next step reads ``w``.
    """

    rule: str
    parameters: Values = ()
    jump: float = 0.0
    jump_detached: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as JSON-ready data."""
        return asdict(self)


@dataclass(frozen=True)
class NeuronSpec:
    """Everything that decides the numbers of a spiking neuron.

    ``charge`` names the charge equation in its exact order of operations, a function of
    :mod:`unisnn.core.neuron` or :mod:`unisnn.core.neuron_nonlinear`; ``parameters`` are its constants,
    ``learnable`` the ones that are trained (their values live in the module's parameters of the same name).

    ``first_step`` says what the membrane potential is until the first input: ``"tensor"``, or ``"number"``
    for a Python number, with which constants are computed in double precision. ``output`` is ``"dense"``,
    ``"spike_tensor"``, ``"threshold_scaled"``, or ``"activation"`` for a neuron that gives ``act(h)`` instead
    of its spike; ``activation`` then names ``act``, and ``activation_input`` what it is applied to:
    ``"h"`` or ``"h - threshold"``.
    """

    charge: str
    surrogate: SurrogateSpec
    reset: ResetSpec
    parameters: Values = ()
    learnable: tuple[str, ...] = ()
    threshold: float = 1.0
    threshold_rule: str = "plain"
    initial: Values = (("v", 0.0),)
    restored: Values = (("v", 0.0),)
    eval_rule: str = "same"
    layout: str = "step"
    output: str = "dense"
    first_step: Literal["tensor", "number"] = "tensor"
    adaptation: AdaptationSpec | None = None
    activation: str = ""
    activation_input: str = ""
    library: str = field(default="", compare=False)
    symbol: str = field(default="", compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as JSON-ready data."""
        return asdict(self)


@dataclass(frozen=True)
class LayerSpec:
    """A module of a tree: a neuron, a plain torch layer, or a container of further modules."""

    kind: str
    arguments: Values = ()
    neuron: NeuronSpec | None = None
    children: tuple[tuple[str, LayerSpec], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as JSON-ready data."""
        return {
            "kind": self.kind,
            "arguments": dict(self.arguments),
            "neuron": None if self.neuron is None else self.neuron.to_dict(),
            "children": {name: child.to_dict() for name, child in self.children},
        }

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> LayerSpec:
        """Rebuild a spec from :meth:`to_dict`'s data (as read back from JSON)."""
        neuron = data["neuron"]
        return LayerSpec(
            kind=data["kind"],
            arguments=_pairs(data["arguments"]),
            neuron=None if neuron is None else neuron_from_dict(neuron),
            children=tuple((name, LayerSpec.from_dict(child)) for name, child in data["children"].items()),
        )


def neuron_from_dict(data: Mapping[str, Any]) -> NeuronSpec:
    """Rebuild a :class:`NeuronSpec` from its ``to_dict`` data (as read back from JSON)."""
    fields = dict(data)
    surrogate, reset = dict(fields.pop("surrogate")), dict(fields.pop("reset"))
    surrogate.update(parameters=_pairs(surrogate["parameters"]), learnable=tuple(surrogate["learnable"]))
    for name in ("parameters", "initial", "restored"):
        fields[name] = _pairs(fields[name])
    fields["learnable"] = tuple(fields["learnable"])
    if fields.get("adaptation") is not None:
        adaptation = dict(fields["adaptation"])
        adaptation["parameters"] = _pairs(adaptation["parameters"])
        fields["adaptation"] = AdaptationSpec(**adaptation)
    return NeuronSpec(surrogate=SurrogateSpec(**surrogate), reset=ResetSpec(**reset), **fields)


def _pairs(data: Any) -> Values:
    items = data.items() if isinstance(data, Mapping) else data
    return tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in items)
