"""The resonate-and-fire neuron: a damped oscillator that fires."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import memory as _memory
from unisnn.core import neuron as _first
from unisnn.core import neuron_second_state as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode
from unisnn.spikingjelly.activation_based.neuron._no_spec import refuse as _refuse

__all__ = ["RAFNode"]


class RAFNode(BaseNode):
    """The resonate-and-fire neuron, which answers best to inputs near its own frequency.

    Equation::

        u[t] = exp(b*dt)*(u[t-1]*cos(omega*dt) - v[t-1]*sin(omega*dt)) + x[t]
        h[t] = exp(b*dt)*(u[t-1]*sin(omega*dt) + v[t-1]*cos(omega*dt))
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = s[t]*v_reset + (1 - s[t])*h[t]            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    ``u`` is not reset by a spike.

    Args:
        b: damping, negative (default -0.2).
        omega: angular frequency, positive (default 1.0).
        dt: length of a step, positive (default 1.0).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        store_v_seq: default False.
        backend: ``'torch'`` (default).

    Shape: as :class:`BaseNode`; the memory ``u`` has the shape of ``v``.

    Raises:
        AssertionError: ``b``, ``omega`` or ``dt`` is no float of its sign; the rest as :class:`BaseNode`.

    Source: ``neuron.RAFNode``, SpikingJelly 2.0.0; Izhikevich, "Resonate-and-fire neurons", Neural Networks
        14, 2001.
    """

    u: Any

    def __init__(
        self,
        b: float = -0.2,
        omega: float = 1.0,
        dt: float = 1.0,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        store_v_seq: bool = False,
        backend: str = "torch",
    ) -> None:
        owner = self._get_name()
        _check.require(isinstance(b, float) and b < 0.0, owner, "b", b, "a negative float")
        for name, value in (("omega", omega), ("dt", dt)):
            _check.require(isinstance(value, float) and value > 0.0, owner, name, value, "a positive float")
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, backend, store_v_seq
        )
        self.register_memory("u", 0.0)
        self.b = b
        self.omega = omega
        self.dt = dt

    @staticmethod
    def jit_hard_reset(v: Tensor, spike: Tensor, v_reset: float) -> Tensor:
        """Return ``spike*v_reset + (1 - spike)*v``."""
        return _first.reset_hard_eval(v, spike, v_reset)

    def neuronal_charge(self, x: Tensor) -> None:
        """Rotate both states by one step."""
        angle = self.omega * self.dt
        decay = math.exp(self.b * self.dt)
        u = _memory.fill_like(self.u, x)
        self.u, self.v = _equations.rotate(u, self.v, x, decay, math.cos(angle), math.sin(angle))

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return (
            f"v_threshold={self.v_threshold}, v_reset={self.v_reset}, detach_reset={self.detach_reset}, "
            f"step_mode={self.step_mode}, b={self.b}, omega={self.omega}, dt={self.dt}"
        )

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a neuron with two states has no neutral description."""
        raise _refuse(self)
