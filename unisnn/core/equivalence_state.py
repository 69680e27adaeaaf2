"""Do two neurons start alike, adapt alike, and give the same kind of output?

A neuron that starts with a Python number forms the constants of its first charge in double precision,
one that starts with a tensor in float32::

    number    c = float32(a0*(v - v_rest)*(v - v_c))         every operation in double, rounded once
    tensor    c = a0*(v - v_rest)*(v - v_c)                  every operation rounded to float32

Where both give the same float32 the neurons are equal from the first step on; otherwise they differ by
rounding, which the first step brings in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from unisnn.core.difference import EPS, Difference
from unisnn.core.spec import AdaptationSpec, NeuronSpec

__all__ = ["activations", "adaptations", "starts"]

_BOUND = 64 * EPS
"""Rounding in one step, and what a few steps of a nonlinear charge make of it."""


def starts(left: NeuronSpec, right: NeuronSpec) -> list[Difference]:
    """Compare initial states, what ``reset`` restores, and how the first step computes with them."""
    found = [
        Difference(name, dict(getattr(left, name)), dict(getattr(right, name)))
        for name in ("initial", "restored")
        if dict(getattr(left, name)) != dict(getattr(right, name))
    ]
    if left.first_step != right.first_step and not found and not _first_charges_equal(left):
        why = "constants of the first charge are formed in double precision on one side"
        bound = _BOUND
        found.append(
            Difference("first_step", left.first_step, right.first_step, "rounding", bound, bound, why)
        )
    return found


_Term = Callable[..., Any]


def _from_rest(v: Any, v_reset: float = 0.0, **_: float) -> Any:
    return v - v_reset


_CONSTANT_TERMS: dict[str, _Term] = {
    "charge_lif": lambda v, tau, **_: v * (1.0 - 1.0 / tau),
    "charge_lif_decay_input_to": _from_rest,
    "charge_lif_to": lambda v, tau, v_reset, **_: v - (v - v_reset) / tau,
    "charge_plif_decay_input_to": _from_rest,
    "charge_plif_to": _from_rest,
    "charge_qif": lambda v, a0, v_rest, v_c, **_: a0 * (v - v_rest) * (v - v_c),
}
"""The part of each charge equation that has no input in it, where it is more than ``v`` itself."""


def _first_charges_equal(spec: NeuronSpec) -> bool:
    term = _CONSTANT_TERMS.get(spec.charge)
    if term is None:
        return True
    constants = dict(spec.parameters)
    for state in (spec.initial, spec.restored):
        v = float(dict(state)["v"])
        number = torch.tensor(term(v, **constants), dtype=torch.float32)
        if not torch.equal(number, term(torch.tensor(v, dtype=torch.float32), **constants)):
            return False
    return True


def adaptations(left: NeuronSpec, right: NeuronSpec) -> list[Difference]:
    """Compare the adaptation currents, field by field."""
    a, b = left.adaptation, right.adaptation
    if a == b:
        return []
    if a is None or b is None:
        return [Difference("adaptation.rule", a.rule if a else None, b.rule if b else None)]
    sides = _fields(a), _fields(b)
    found = [
        Difference(f"adaptation.{name}", sides[0].get(name), sides[1].get(name))
        for name in sorted({*sides[0], *sides[1]})
        if sides[0].get(name) != sides[1].get(name)
    ]
    if {a.rule, b.rule} <= _SAME_RULE and a.rule != b.rule:
        bound, why = _BOUND, "the same equation in another order of operations"
        found.append(Difference("adaptation.rule", a.rule, b.rule, "rounding", bound, bound, why))
    return found


_SAME_RULE = {"adapt_to_charge", "adapt_to_charge_divided"}


def _fields(adaptation: AdaptationSpec) -> dict[str, Any]:
    rule = "adapt_to_charge" if adaptation.rule in _SAME_RULE else adaptation.rule
    told = {"rule": rule, "jump": adaptation.jump, "jump_detached": adaptation.jump_detached}
    return {**told, **dict(adaptation.parameters)}


def activations(left: NeuronSpec, right: NeuronSpec) -> list[Difference]:
    """Compare what is given to the outside instead of the spike, if anything is."""
    return [
        Difference(name, getattr(left, name), getattr(right, name))
        for name in ("activation", "activation_input")
        if getattr(left, name) != getattr(right, name)
    ]
