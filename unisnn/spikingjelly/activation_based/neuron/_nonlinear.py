"""Neurons whose leak is no straight line: quadratic and exponential integrate-and-fire."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import engines as _engines
from unisnn.core import neuron_nonlinear as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.neuron import _describe
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode, check_tau

__all__ = ["EIFNode", "QIFNode"]


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

    Eval and training compute the same, and the spike is differentiable in both.

    Args:
        tau: membrane time constant (default 2.0).
        v_c: critical potential, above which the membrane potential runs away (default 0.8).
        a0: strength of the quadratic term (default 1.0).
        v_threshold: firing threshold (default 1.0).
        v_rest: resting potential (default 0.0).
        v_reset: value after a spike and before the first step (default -0.1), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        backend: ``'torch'`` (default); ``'cupy'`` is a request in step mode ``'m'``.
        store_v_seq: default False.

    Shape: as :class:`BaseNode`.

    Raises:
        AssertionError: ``tau`` is no float greater than 1, ``a0`` is not positive, ``v_threshold`` is not
            above ``v_reset`` or ``v_rest`` below it; the rest as :class:`BaseNode`.

    Source: ``neuron.QIFNode``, SpikingJelly 0.0.0.0.14; Gerstner et al., "Neuronal Dynamics", 2014,
        section 5.3.
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
        step_mode: str = "s",
        backend: str = "torch",
        store_v_seq: bool = False,
    ) -> None:
        owner = self._get_name()
        check_tau(owner, "tau", tau)
        _check_potentials(owner, v_threshold, v_rest, v_reset)
        _check.require(a0 > 0, owner, "a0", a0, "a number greater than 0")
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, backend, store_v_seq
        )
        self.tau, self.v_c, self.v_rest, self.a0 = tau, v_c, v_rest, a0

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """The backends of the present step mode: ``('torch',)``, and ``'cupy'`` in ``'m'``."""
        return ("torch",) if self.step_mode == "s" else ("torch", "cupy")

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        self.v = _equations.charge_qif(self.v, x, self.tau, self.v_c, self.a0, self.v_rest)

    def _plan(self) -> _engines.Plan | None:
        return self._planned("charge_qif", (self.tau, self.v_c, self.a0, self.v_rest), hard=False)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return super().extra_repr() + f", tau={self.tau}, v_c={self.v_c}, a0={self.a0}, v_rest={self.v_rest}"

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``QIFNode`` given as ``self``."""
        constants = _spec.values(tau=self.tau, v_c=self.v_c, a0=self.a0, v_rest=self.v_rest)
        return _describe.describe(self, "QIFNode", "charge_qif", parameters=constants)


class EIFNode(BaseNode):
    """The exponential integrate-and-fire neuron.

    Equation::

        h[t] = v[t-1] + (x[t] + v_rest - v[t-1] + delta_T*exp((v[t-1] - theta_rh)/delta_T))/tau
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Eval and training compute the same, and the spike is differentiable in both.

    Args:
        tau: membrane time constant (default 2.0).
        delta_T: sharpness of the spike's onset (default 1.0).
        theta_rh: rheobase threshold (default 0.8).
        v_threshold: firing threshold (default 1.0).
        v_rest: resting potential (default 0.0).
        v_reset: value after a spike and before the first step (default -0.1), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        backend: ``'torch'`` (default); ``'cupy'`` is a request in step mode ``'m'``.
        store_v_seq: default False.

    Shape: as :class:`BaseNode`.

    Raises:
        AssertionError: ``tau`` is no float greater than 1, ``delta_T`` is not positive, ``v_threshold`` is
            not above ``v_reset`` or ``v_rest`` below it; the rest as :class:`BaseNode`.

    Source: ``neuron.EIFNode``, SpikingJelly 0.0.0.0.14; Gerstner et al., "Neuronal Dynamics", 2014,
        section 5.2.
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
        step_mode: str = "s",
        backend: str = "torch",
        store_v_seq: bool = False,
    ) -> None:
        owner = self._get_name()
        check_tau(owner, "tau", tau)
        _check_potentials(owner, v_threshold, v_rest, v_reset)
        _check.require(delta_T > 0, owner, "delta_T", delta_T, "a number greater than 0")
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, backend, store_v_seq
        )
        self.tau, self.delta_T, self.v_rest, self.theta_rh = tau, delta_T, v_rest, theta_rh

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """The backends of the present step mode: ``('torch',)``, and ``'cupy'`` in ``'m'``."""
        return ("torch",) if self.step_mode == "s" else ("torch", "cupy")

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        self.v = _equations.charge_eif(self.v, x, self.tau, self.v_rest, self.theta_rh, self.delta_T)

    def _plan(self) -> _engines.Plan | None:
        return self._planned("charge_eif", (self.tau, self.v_rest, self.theta_rh, self.delta_T), hard=False)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        shown = f", tau={self.tau}, delta_T={self.delta_T}, theta_rh={self.theta_rh}"
        return super().extra_repr() + shown

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``EIFNode`` given as ``self``."""
        constants = _spec.values(
            tau=self.tau, v_rest=self.v_rest, theta_rh=self.theta_rh, delta_t=self.delta_T
        )
        return _describe.describe(self, "EIFNode", "charge_eif", parameters=constants)
