"""The leaky integrate-and-fire neuron with a fixed membrane time constant."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from unisnn.core import engines as _engines
from unisnn.core import neuron as _equations
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage
from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.neuron import _describe, _eval_functions
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode, check_tau

__all__ = ["LIFNode"]


class LIFNode(_eval_functions.LIFEval, BaseNode):
    """The leaky integrate-and-fire neuron.

    Equation (``r`` is ``v_reset``, or 0 for ``None``)::

        h[t] = v[t-1] + (x[t] - (v[t-1] - r))/tau        decay_input=True
        h[t] = v[t-1] - (v[t-1] - r)/tau + x[t]          decay_input=False
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Where ``r`` is 0 it is left out: ``v + (x - v)/tau`` and ``v*(1 - 1/tau) + x``; the latter is
    used in training and, in eval, for a soft reset only, so for a ``tau`` that is no power of two
    ``v`` may differ in its last bits between training and eval (as in SpikingJelly 0.0.0.0.14).

    In eval the spike is ``h >= v_threshold`` in the dtype of the input and carries no gradient,
    whatever the surrogate; ``v`` keeps its graph. A subclass that overrides ``neuronal_charge``,
    ``neuronal_fire`` or ``neuronal_reset`` runs through its hooks in eval too.

    Args:
        tau: membrane time constant (default 2.0).
        decay_input: whether the input is divided by ``tau`` too (default True).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft
            reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        backend: ``'torch'`` (default); ``'cupy'`` is a request in step mode ``'m'``.
        store_v_seq: default False.

    Shape: as :class:`BaseNode`.

    Raises:
        AssertionError: ``tau`` is no float greater than 1; the rest as :class:`BaseNode`.

    Source: ``neuron.LIFNode``, SpikingJelly 0.0.0.0.14.
    """

    _hooks = (
        *BaseNode._hooks,
        "neuronal_charge_decay_input",
        "neuronal_charge_decay_input_reset0",
        "neuronal_charge_no_decay_input",
        "neuronal_charge_no_decay_input_reset0",
    )
    _decides = (*_hooks, "single_step_forward", "v_float_to_tensor")

    def __init__(
        self,
        tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        backend: str = "torch",
        store_v_seq: bool = False,
    ) -> None:
        check_tau(self._get_name(), "tau", tau)
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, backend, store_v_seq
        )
        self.tau = tau
        self.decay_input = decay_input

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """The backends of the present step mode: ``('torch',)``, and ``'cupy'`` in ``'m'``."""
        return ("torch",) if self.step_mode == "s" else ("torch", "cupy")

    @staticmethod
    def neuronal_charge_decay_input_reset0(x: Tensor, v: Tensor, tau: float) -> Tensor:
        """Return ``v + (x - v)/tau``."""
        return _equations.charge_lif_decay_input(v, x, tau)

    @staticmethod
    def neuronal_charge_decay_input(x: Tensor, v: Tensor, v_reset: float, tau: float) -> Tensor:
        """Return ``v + (x - (v - v_reset))/tau``."""
        return _equations.charge_lif_decay_input_to(v, x, tau, v_reset)

    @staticmethod
    def neuronal_charge_no_decay_input_reset0(x: Tensor, v: Tensor, tau: float) -> Tensor:
        """Return ``v*(1 - 1/tau) + x``."""
        return _equations.charge_lif(v, x, tau)

    @staticmethod
    def neuronal_charge_no_decay_input(x: Tensor, v: Tensor, v_reset: float, tau: float) -> Tensor:
        """Return ``v - (v - v_reset)/tau + x``."""
        return _equations.charge_lif_to(v, x, tau, v_reset)

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge, by the equation of training."""
        to_zero = _describe.rests_at_zero(self.v_reset)
        if self.decay_input and to_zero:
            self.v = self.neuronal_charge_decay_input_reset0(x, self.v, self.tau)
        elif self.decay_input:
            self.v = self.neuronal_charge_decay_input(x, self.v, self.v_reset, self.tau)
        elif to_zero:
            self.v = self.neuronal_charge_no_decay_input_reset0(x, self.v, self.tau)
        else:
            self.v = self.neuronal_charge_no_decay_input(x, self.v, self.v_reset, self.tau)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step."""
        if self.training or self._runs_own_hooks(LIFNode):
            return super().single_step_forward(x)
        self.v_float_to_tensor(x)
        v, tau, v_reset = self.v, self.tau, self.v_reset
        if self.decay_input and v_reset is None:
            h = _equations.charge_lif_decay_input(v, x, tau)
        elif self.decay_input:
            h = _equations.charge_lif_decay_input_to(v, x, tau, v_reset)
        elif v_reset is None:
            h = _equations.charge_lif(v, x, tau)
        else:
            h = _equations.charge_lif_to(v, x, tau, v_reset)
        return self._fire_and_reset_in_eval(h, x)

    def _plan(self) -> _engines.Plan | None:
        to_zero = _describe.rests_at_zero(self.v_reset) if self.training else self.v_reset is None
        charge = "charge_lif_decay_input" if self.decay_input else "charge_lif"
        equation = _coverage.towards(charge, (self.tau,), self.v_reset, to_zero)
        return self._planned(*equation, hard=not self.training)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return super().extra_repr() + f", tau={self.tau}"

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``LIFNode`` given as ``self``."""
        return _describe.leaky(self, "LIFNode", "charge_lif", _spec.values(tau=self.tau), hard_in_eval=True)
