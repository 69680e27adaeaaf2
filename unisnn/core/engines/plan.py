"""What a fused engine is told: the equations of one neuron by name, and their constants."""

from __future__ import annotations

from typing import Any, NamedTuple

from unisnn.core.surrogate import Family

__all__ = ["Plan"]


class Plan(NamedTuple):
    """A neuron's time step, as much of it as decides the numbers.

    Equation::

        h[t] = charge(v[t-1], x[t], *constants)
        s[t] = 1 if h[t] - threshold >= 0 else 0         strict: > 0
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            reset "hard"
        v[t] = h[t] - s[t]*threshold                     reset "soft"
        v[t] = h[t]*(1 - s[t])                           reset "zero"
        v[t] = (1 - s[t])*(h[t]/k) + s[t]*v_reset        reset "hard scaled", k the learned scale
        v[t] = (h[t] - s[t]*threshold)/k                 reset "soft scaled"

    ``charge`` names an equation of :mod:`unisnn.core.neuron` or :mod:`unisnn.core.neuron_nonlinear`.
    ``family`` and ``parameters`` give the surrogate gradient; ``family`` is ``None`` where the spike carries
    none. ``states`` says whether the membrane potential of every step is returned (``""``: it is not) and
    where autograd adds its gradient: before (``"first"``) or after (``"last"``) the terms of the next step's
    charge. ``more`` names the constants that are tensors, handed over beside the plan: ``"threshold"``,
    ``"threshold_logit"`` (the threshold is its sigmoid; ``threshold`` has no meaning with either) and
    ``"alpha"`` (the surrogate's only parameter).
    """

    charge: str
    constants: tuple[float, ...]
    reset: str
    v_reset: float
    detached: bool
    threshold: float
    strict: bool
    family: Family | None
    parameters: tuple[Any, ...]
    states: str = ""
    more: tuple[str, ...] = ()
