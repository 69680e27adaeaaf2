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
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            reset "hard", "hard split"
        v[t] = h[t] - s[t]*threshold                     reset "soft"
        v[t] = h[t]*(1 - s[t])                           reset "zero"
        v[t] = (1 - s[t])*(h[t]/k) + s[t]*v_reset        reset "hard scaled", k the learned scale
        v[t] = (h[t] - s[t]*threshold)/k                 reset "soft scaled"

    ``charge`` names an equation of :mod:`unisnn.core.neuron` or :mod:`unisnn.core.neuron_nonlinear`. Where
    the reset is ``detached``, "hard split" cuts the gradient of the spike in ``1 - s[t]`` alone. ``adapt``
    gives the constants ``(rest, tau_w, a, b)`` of an adaptation current ``c``, a second state::

        h[t] = charge(v[t-1], x[t], c[t-1], *constants)
        c[t] = c[t-1] + (1/tau_w)*(a*(h[t] - rest) - c[t-1]) + b*s[t]

    ``family`` and ``parameters`` give the surrogate gradient; ``family`` is ``None`` where the spike carries
    none. ``states`` says whether the membrane potential of every step is returned (``""``: it is not) and
    where autograd adds its gradient: before (``"first"``) or after (``"last"``) the terms of the next step's
    charge. ``more`` names the tensors that are handed over beside the plan: ``"threshold"``,
    ``"threshold_logit"`` (the threshold is its sigmoid; ``threshold`` has no meaning with either),
    ``"alpha"`` (the surrogate's only parameter) and, last, ``"current"`` (``c`` before the first step, where
    the neuron has one).
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
    adapt: tuple[float, ...] = ()
