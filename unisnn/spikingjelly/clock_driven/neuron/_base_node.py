"""The frame of every spiking neuron of ``clock_driven``: fire and reset around a charge equation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import neuron as _equations
from unisnn.core import neuron_nonlinear as _nonlinear
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage
from unisnn.spikingjelly.clock_driven import base, surrogate

__all__ = ["AdaptiveBaseNode", "BaseNode"]


class BaseNode(_coverage.Fusible, base.MemoryModule):
    """A spiking neuron whose charge equation a subclass defines; one time step a call.

    Equation::

        h[t] = neuronal_charge(x[t])                     the subclass's, on self.v
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    A subclass writes the new membrane potential to ``self.v`` in ``neuronal_charge`` and may override
    ``neuronal_fire`` and ``neuronal_reset``. Training and eval compute the same.

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0); ``None`` subtracts the threshold instead.
        surrogate_function: makes the spike of ``h - v_threshold`` and its gradient (default
            ``Sigmoid(alpha=4.0)``, one object for all neurons of the class).
        detach_reset: whether the reset equation lets no gradient through the spike (default False).

    Shape: ``[N, *] -> [N, *]``.

    ``v``, ``v_threshold`` and ``v_reset`` are memories: ``reset`` restores all three. ``v`` is a float
    (``v_reset``, or 0.0 for ``None``) until the first step, whose input it meets as a Python number.

    Raises:
        AssertionError: ``v_threshold`` is no float, ``v_reset`` no float or None, or ``detach_reset`` no
            bool.
        NotImplementedError: the subclass has no charge equation.

    Source: ``clock_driven.neuron.BaseNode``, SpikingJelly 0.0.0.0.14.
    """

    _decides = ("neuronal_charge", "neuronal_fire", "neuronal_reset")

    v: Any
    v_reset: Any
    v_threshold: Any
    surrogate_function: Any

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
    ) -> None:
        owner = self._get_name()
        _check.require_type(v_reset, (float, type(None)), owner, "v_reset", "a float or None")
        _check.require_type(v_threshold, float, owner, "v_threshold", "a float")
        _check.require_type(detach_reset, bool, owner, "detach_reset", "a bool")
        super().__init__()
        self.register_memory("v", 0.0 if v_reset is None else v_reset)
        self.register_memory("v_threshold", v_threshold)
        self.register_memory("v_reset", v_reset)
        self.detach_reset = detach_reset
        self.surrogate_function = surrogate_function

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``self.v`` to the membrane potential after charge; a subclass defines it."""
        raise NotImplementedError(f"{self._get_name()} does not define neuronal_charge")

    def neuronal_fire(self) -> Tensor:
        """Return the spike ``surrogate_function(v - v_threshold)``."""
        return self.surrogate_function(self.v - self.v_threshold)

    def neuronal_reset(self, spike: Tensor) -> None:
        """Set ``self.v`` to the membrane potential after reset."""
        spike = spike.detach() if self.detach_reset else spike
        if self.v_reset is None:
            self.v = _equations.reset_soft(self.v, spike, self.v_threshold)
        else:
            self.v = _equations.reset_hard(self.v, spike, self.v_reset)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return f"v_threshold={self.v_threshold}, v_reset={self.v_reset}, detach_reset={self.detach_reset}"

    def forward(self, x: Tensor) -> Tensor:
        """Take one time step: charge, fire, reset."""
        self.neuronal_charge(x)
        spike = self.neuronal_fire()
        self.neuronal_reset(spike)
        return spike

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: this charge equation has no neutral description."""
        raise TypeError(
            f"{type(self).__qualname__}: no neutral description says what its charge equation computes; "
            "expected IFNode, LIFNode, ParametricLIFNode or their MultiStep classes"
        )


class AdaptiveBaseNode(BaseNode):
    """A spiking neuron with an adaptation current, whose charge equation a subclass defines.

    Equation::

        h[t] = neuronal_charge(x[t])                     the subclass's, on self.v and self.w
        s[t] = surrogate_function(h[t] - v_threshold)
        w[t] = w[t-1] + (1/tau_w)*(a*(h[t] - v_rest) - w[t-1]) + b*s[t]
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        v_rest: resting potential (default 0.0).
        w_rest: adaptation current at the start (default 0).
        tau_w: time constant of the adaptation (default 2.0).
        a: coupling of the adaptation to the membrane potential (default 0.0).
        b: jump of the adaptation after a spike (default 0.0).
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: whether reset and adaptation let no gradient through the spike (default False).

    Shape: ``[N, *] -> [N, *]``; the memory ``w`` is a float until the first step.

    Raises:
        AssertionError: ``w_rest``, ``v_rest``, ``tau_w``, ``a`` or ``b`` is no number; the rest as
            :class:`BaseNode`.

    Source: ``clock_driven.neuron.AdaptiveBaseNode``, SpikingJelly 0.0.0.0.14 (there no object of it can be
        made); Gerstner et al., "Neuronal Dynamics", 2014, section 6.1.
    """

    w: Any

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        v_rest: float = 0.0,
        w_rest: float = 0,
        tau_w: float = 2.0,
        a: float = 0.0,
        b: float = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
    ) -> None:
        given = {"w_rest": w_rest, "v_rest": v_rest, "tau_w": tau_w, "a": a, "b": b}
        for name, value in given.items():
            _check.require_type(value, (int, float), self._get_name(), name, "a number")
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset)
        self.register_memory("w", float(w_rest))
        self.w_rest, self.v_rest, self.tau_w, self.a, self.b = w_rest, v_rest, tau_w, a, b

    def neuronal_adaptation(self, spike: Tensor) -> None:
        """Set ``self.w`` to the adaptation current after this step."""
        spike = spike.detach() if self.detach_reset else spike
        self.w = _nonlinear.adapt(self.w, self.v, spike, self.v_rest, self.tau_w, self.a, self.b)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return (
            super().extra_repr()
            + f", v_rest={self.v_rest}, w_rest={self.w_rest}, tau_w={self.tau_w}, a={self.a}, b={self.b}"
        )

    def forward(self, x: Tensor) -> Tensor:
        """Take one time step: charge, fire, adaptation, reset."""
        self.neuronal_charge(x)
        spike = self.neuronal_fire()
        self.neuronal_adaptation(spike)
        self.neuronal_reset(spike)
        return spike
