"""Neurons with another leak, one time step a call: quadratic, exponential, any linear one."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import engines as _engines
from unisnn.core import neuron_nonlinear as _equations
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage
from unisnn.spikingjelly.clock_driven import surrogate
from unisnn.spikingjelly.clock_driven.neuron import _describe
from unisnn.spikingjelly.clock_driven.neuron._base_node import BaseNode
from unisnn.spikingjelly.clock_driven.neuron._leaky import check_tau

__all__ = ["EIFNode", "GeneralNode", "QIFNode"]


def _check_potentials(owner: str, v_threshold: float, v_rest: float, v_reset: float | None) -> None:
    if v_reset is not None:
        _check.require(
            v_threshold > v_reset, owner, "v_threshold", v_threshold, f"more than v_reset={v_reset!r}"
        )
        _check.require(v_rest >= v_reset, owner, "v_rest", v_rest, f"at least v_reset={v_reset!r}")


class QIFNode(BaseNode):
    """The quadratic integrate-and-fire neuron.

    Equation::

        h[t] = v[t-1] + (x[t] + a0*(v[t-1] - v_rest)*(v[t-1] - v_c))/tau
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        tau: membrane time constant (default 2.0).
        v_c: critical potential (default 0.8).
        a0: strength of the quadratic term (default 1.0).
        v_threshold: firing threshold (default 1.0).
        v_rest: resting potential (default 0.0).
        v_reset: value after a spike (default -0.1), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.

    Shape: ``[N, *] -> [N, *]``.

    Raises:
        AssertionError: ``tau`` is no float greater than 1, ``a0`` is not positive, ``v_threshold`` is not
            above ``v_reset`` or ``v_rest`` below it; the rest as :class:`BaseNode`.

    Source: ``clock_driven.neuron.QIFNode``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        tau: float = 2.0,
        v_c: float = 0.8,
        a0: float = 1.0,
        v_threshold: float = 1.0,
        v_rest: float = 0.0,
        v_reset: float | None = -0.1,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
    ) -> None:
        owner = self._get_name()
        check_tau(owner, "tau", tau)
        _check_potentials(owner, v_threshold, v_rest, v_reset)
        _check.require(a0 > 0, owner, "a0", a0, "a number greater than 0")
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset)
        self.tau, self.v_c, self.v_rest, self.a0 = tau, v_c, v_rest, a0

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return super().extra_repr() + f", tau={self.tau}, v_c={self.v_c}, a0={self.a0}, v_rest={self.v_rest}"

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        self.v = _equations.charge_qif(self.v, x, self.tau, self.v_c, self.a0, self.v_rest)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``QIFNode`` given as ``self``."""
        constants = _spec.values(tau=self.tau, v_c=self.v_c, a0=self.a0, v_rest=self.v_rest)
        return _describe.describe(self, "QIFNode", "charge_qif", constants)


class EIFNode(BaseNode):
    """The exponential integrate-and-fire neuron.

    Equation::

        h[t] = v[t-1] + (x[t] + v_rest - v[t-1] + delta_T*exp((v[t-1] - theta_rh)/delta_T))/tau
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        tau: membrane time constant (default 2.0).
        delta_T: sharpness of the spike's onset (default 1.0).
        theta_rh: rheobase threshold (default 0.8).
        v_threshold: firing threshold (default 1.0).
        v_rest: resting potential (default 0.0).
        v_reset: value after a spike (default -0.1), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.

    Shape: ``[N, *] -> [N, *]``. In the first step the initial ``v`` is a 0-dim tensor of torch's default
        dtype.

    Raises:
        AssertionError: ``tau`` is no float greater than 1, ``delta_T`` is not positive, ``v_threshold`` is
            not above ``v_reset`` or ``v_rest`` below it; the rest as :class:`BaseNode`.

    Source: ``clock_driven.neuron.EIFNode``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        tau: float = 2.0,
        delta_T: float = 1.0,
        theta_rh: float = 0.8,
        v_threshold: float = 1.0,
        v_rest: float = 0.0,
        v_reset: float | None = -0.1,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
    ) -> None:
        owner = self._get_name()
        check_tau(owner, "tau", tau)
        _check_potentials(owner, v_threshold, v_rest, v_reset)
        _check.require(delta_T > 0, owner, "delta_T", delta_T, "a number greater than 0")
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset)
        self.tau, self.delta_T, self.v_rest, self.theta_rh = tau, delta_T, v_rest, theta_rh

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        shown = f", tau={self.tau}, delta_T={self.delta_T}, theta_rh={self.theta_rh}"
        return super().extra_repr() + shown

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        if isinstance(self.v, float):
            self.v = torch.as_tensor(self.v, device=x.device)
        self.v = _equations.charge_eif(self.v, x, self.tau, self.v_rest, self.theta_rh, self.delta_T)

    def _plan(self) -> _engines.Plan | None:
        constants = (self.tau, self.v_rest, self.theta_rh, self.delta_T)
        return _coverage.plan(self, "charge_eif", constants, states="last")

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``EIFNode`` given as ``self``."""
        return _describe.exponential(self, "EIFNode")


class GeneralNode(BaseNode):
    """The neuron with any linear leak.

    Equation::

        h[t] = a*v[t-1] + b*x[t] + c
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        a: what is left of the membrane potential after a step.
        b: scale of the input.
        c: constant input (default 0.0).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.

    Shape: ``[N, *] -> [N, *]``. ``a``, ``b`` and ``c`` are buffers of shape ``[]`` and torch's default dtype.

    Raises: as :class:`BaseNode`.

    Source: ``clock_driven.neuron.GeneralNode``, SpikingJelly 0.0.0.0.14 (there the buffers stay empty, and
        every call fails).
    """

    a: Tensor
    b: Tensor
    c: Tensor

    def __init__(
        self,
        a: float,
        b: float,
        c: float = 0.0,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
    ) -> None:
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset)
        for name, value in (("a", a), ("b", b), ("c", c)):
            self.register_buffer(name, torch.as_tensor(value, dtype=torch.get_default_dtype()))

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to ``a*v + b*x + c``."""
        self.v = _equations.charge_affine(self.v, x, self.a, self.b, self.c)

    def _plan(self) -> _engines.Plan | None:
        a, b, c = (_coverage.number(value) for value in (self.a, self.b, self.c))
        if a is None or b is None or c is None:
            return None
        return _coverage.plan(self, "charge_affine", (a, b, c), states="last")

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description; a genuine ``GeneralNode`` has lost its constants and is refused."""
        return _describe.affine(self, "GeneralNode")
