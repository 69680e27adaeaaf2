"""A neuron run from its description alone: what the voltage was where a spike differs.

::

    h[t] = charge(v[t-1], x[t])
    s[t] = h[t] >= threshold           or >
    v[t] = reset(h[t], s[t])

A neuron with an adaptation current moves that too, ``w`` being its memory::

    h[t] = charge(v[t-1], x[t], w[t-1])
    w[t] = rule(w[t-1], h[t]) + jump*s[t]

Nothing of the library takes part; the equations are the functions of :mod:`unisnn.core.neuron` and
:mod:`unisnn.core.neuron_nonlinear` that the description names.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor

from unisnn.core import neuron as equations
from unisnn.core import neuron_nonlinear as nonlinear
from unisnn.core.spec import NeuronSpec

__all__ = ["absolute_terms_of_w", "simulate", "threshold_of"]


def threshold_of(spec: NeuronSpec) -> Tensor:
    """Return the threshold that ``h`` is compared with, as a float32 tensor."""
    value = torch.as_tensor(spec.threshold, dtype=torch.float32)
    return value.sigmoid() if spec.threshold_rule == "sigmoid" else value


def simulate(spec: NeuronSpec, drive: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return ``h``, ``s`` and ``v`` for every step of ``drive``, shape ``[T, *]`` each.

    Raises:
        ValueError: the spikes are none of 0 and 1 by a comparison.
    """
    rule = spec.surrogate.fire
    if rule not in (">=", ">"):
        raise ValueError(f"simulate: fire={rule!r} is not accepted; expected '>=' or '>'")
    threshold = threshold_of(spec)
    restored = dict(spec.restored)
    v: Any = torch.full_like(drive[0], float(restored["v"]))
    w: Any = None if spec.adaptation is None else torch.full_like(drive[0], float(restored["w"]))
    voltages, spikes, states = [], [], []
    for x in drive.unbind(0):
        h = _charge(spec, v, x, current=w)
        s = ((h >= threshold) if rule == ">=" else (h > threshold)).to(h)
        if spec.adaptation is not None:
            adapt = getattr(nonlinear, spec.adaptation.rule)
            w = adapt(w, h, **dict(spec.adaptation.parameters)) + spec.adaptation.jump * s
        v = _reset(spec, h, s, threshold)
        voltages.append(h)
        spikes.append(s)
        states.append(v)
    return torch.stack(voltages), torch.stack(spikes), torch.stack(states)


def absolute_terms_of_w(spec: NeuronSpec, drive: Tensor, input_gradient: Tensor) -> float:
    """Return the sum of the absolute terms whose sum is the gradient of a shared time constant ``w``.

    Equation::

        dL/dw = sum of dL/dx * (dh/dq) / (dh/dx) * q*(1 - q)          q = sigmoid(w)

    The charge is affine in ``q`` and in ``x``, so both derivatives are differences.
    """
    _, _, states = simulate(spec, drive)
    before = torch.cat([torch.full_like(drive[:1], float(dict(spec.restored)["v"])), states[:-1]])
    q = torch.tensor(float(dict(spec.parameters)["w"])).sigmoid()
    by_q = _charge(spec, before, drive, torch.tensor(1.0)) - _charge(spec, before, drive, torch.tensor(0.0))
    by_x = _charge(spec, before, drive + 1.0) - _charge(spec, before, drive)
    return float((input_gradient * by_q / by_x * q * (1 - q)).abs().sum())


def _equation(name: str) -> Any:
    return getattr(equations, name, None) or getattr(nonlinear, name)


def _charge(
    spec: NeuronSpec, v: Any, x: Tensor, q: Tensor | None = None, current: Tensor | None = None
) -> Tensor:
    constants: dict[str, Any] = dict(spec.parameters)
    if "w" in constants:
        constants["q"] = torch.tensor(float(constants["w"])).sigmoid() if q is None else q
    if current is not None:
        constants["w"] = current
    constants.setdefault("v_reset", 0.0)
    charge = _equation(spec.charge)
    wanted = list(inspect.signature(charge).parameters)[2:]
    return charge(v, x, **{name: constants[name] for name in wanted})


def _reset(spec: NeuronSpec, h: Tensor, s: Tensor, threshold: Tensor) -> Tensor:
    if spec.reset.kind == "none":
        return h
    reset = _equation(spec.reset.order)
    given = {
        "v_reset": spec.reset.value or 0.0,
        "threshold": threshold,
        "kept": s,
        "k": torch.tensor(float(dict(spec.parameters).get("k", 1.0))),
    }
    return reset(h, s, **{name: given[name] for name in list(inspect.signature(reset).parameters)[2:]})
