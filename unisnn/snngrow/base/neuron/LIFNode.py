"""The leaky integrate-and-fire neuron."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import engines as _engines
from unisnn.core import neuron as _equations
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage
from unisnn.snngrow.base import _describe, _faces
from unisnn.snngrow.base.neuron.BaseNode import BaseNode as _BaseNode
from unisnn.snngrow.base.surrogate.Sigmoid import Sigmoid as _Sigmoid

__all__ = ["LIFNode"]


class LIFNode(_BaseNode):
    """Leaky integrate-and-fire neuron: its membrane potential decays towards ``v_reset``.

    Equation::

        h[t] = v[t-1] + (x[t] - (v[t-1] - v_reset))/tau   decay_input=True
        h[t] = v[t-1] - (v[t-1] - v_reset)/tau + x[t]     decay_input=False
        s[t] = 1 if h[t] >= v_threshold else 0            gradient: surrogate_function(h - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset             or h - s*v_threshold with v_reset=None

    With ``v_reset`` 0 or None the charge is computed as ``v + (x - v)/tau`` and ``v*(1 - 1/tau) + x``.

    Args:
        tau: membrane time constant, a float above 1 (default 2.0).
        decay_input: the input decays too (default True).
        v_threshold: firing threshold, a float (default 1.0).
        v_reset: value after a spike, a float (default 0.0), or None to subtract ``v_threshold``.
        surrogate_function: surrogate of the fire step (default ``Sigmoid(alpha=4.0)``, shared).
        detach_reset: cut the gradient through the spike in the reset (default False).
        parallel_optim: take all time steps in one call, shape ``[T*N, *]`` (default False).
        T: number of time steps in such a call (default 1).
        spike_out: return spikes as a SpikeTensor (default False).

    Shape:
        as :class:`BaseNode`.

    Raises:
        AssertionError: an argument is not of the type stated above, or ``tau`` is not above 1.

    Source: ``snngrow.base.neuron.LIFNode.LIFNode``, git edition.
    """

    _decides = (
        *_BaseNode._decides,
        "neuronal_dynamics_decay_input",
        "neuronal_dynamics_decay_input_reset0",
        "neuronal_dynamics_no_decay_input",
        "neuronal_dynamics_no_decay_input_reset0",
    )

    def __init__(
        self,
        tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[..., Tensor] = _Sigmoid(alpha=4.0, spiking=True),  # noqa: B008
        detach_reset: bool = False,
        parallel_optim: bool = False,
        T: int = 1,
        spike_out: bool = False,
    ) -> None:
        accepted = isinstance(tau, float) and tau > 1.0
        _check.require(accepted, type(self).__name__, "tau", tau, "a float above 1")
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset, parallel_optim, T, spike_out)
        self.tau = tau
        self.decay_input = decay_input

    def extra_repr(self) -> str:
        """Return the arguments as text, those that upstream shows."""
        return f"{super().extra_repr()}, tau={self.tau}"

    @staticmethod
    def neuronal_dynamics_decay_input_reset0(x: Tensor, v: Tensor, tau: float) -> Tensor:
        """Return ``v + (x - v)/tau``."""
        return _equations.charge_lif_decay_input(v, x, tau)

    @staticmethod
    def neuronal_dynamics_decay_input(x: Tensor, v: Tensor, v_reset: float, tau: float) -> Tensor:
        """Return ``v + (x - (v - v_reset))/tau``."""
        return _equations.charge_lif_decay_input_to(v, x, tau, v_reset)

    @staticmethod
    def neuronal_dynamics_no_decay_input_reset0(x: Tensor, v: Tensor, tau: float) -> Tensor:
        """Return ``v*(1 - 1/tau) + x``."""
        return _equations.charge_lif(v, x, tau)

    @staticmethod
    def neuronal_dynamics_no_decay_input(x: Tensor, v: Tensor, v_reset: float, tau: float) -> Tensor:
        """Return ``v - (v - v_reset)/tau + x``."""
        return _equations.charge_lif_to(v, x, tau, v_reset)

    def neuronal_dynamics(self, x: Tensor) -> None:
        """Charge: set ``v`` by the one of the four equations that the arguments choose."""
        resting_at_0 = self.v_reset is None or self.v_reset == 0.0
        if self.decay_input and resting_at_0:
            self.v = self.neuronal_dynamics_decay_input_reset0(x, self.v, self.tau)
        elif self.decay_input:
            self.v = self.neuronal_dynamics_decay_input(x, self.v, self.v_reset, self.tau)
        elif resting_at_0:
            self.v = self.neuronal_dynamics_no_decay_input_reset0(x, self.v, self.tau)
        else:
            self.v = self.neuronal_dynamics_no_decay_input(x, self.v, self.v_reset, self.tau)

    def _plan(self) -> _engines.Plan | None:
        charge = "charge_lif_decay_input" if self.decay_input else "charge_lif"
        equation = _coverage.towards(charge, (self.tau,), self.v_reset, self.v_reset == 0.0)
        return _coverage.plan(self, *equation, hard=not self.training)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description."""
        charge = "charge_lif_decay_input" if self.decay_input else "charge_lif"
        if self.v_reset is None or self.v_reset == 0.0:
            return _describe.neuron(self, charge, tau=float(self.tau))
        return _describe.neuron(self, f"{charge}_to", tau=float(self.tau), v_reset=float(self.v_reset))


_faces.serve_as_module(LIFNode)
