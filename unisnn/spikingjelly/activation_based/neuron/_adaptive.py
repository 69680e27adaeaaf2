"""Neurons with an adaptation current beside the membrane potential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import engines as _engines
from unisnn.core import memory as _memory
from unisnn.core import neuron as _resets
from unisnn.core import neuron_nonlinear as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.neuron import _describe
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode, check_tau

__all__ = ["AdaptBaseNode", "IzhikevichNode"]


class AdaptBaseNode(BaseNode):
    """A spiking neuron with an adaptation current, whose charge equation a subclass defines.

    Equation (``d[t]`` is ``s[t]``, detached where ``detach_reset`` says so)::

        h[t] = neuronal_charge(x[t])                             the subclass's, on self.v and self.w
        u[t] = w[t-1] + (1/tau_w)*(a*(h[t] - v_rest) - w[t-1])
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - d[t])*h[t] + s[t]*v_reset                    v_reset a float
        v[t] = h[t] - d[t]*v_threshold                           v_reset None
        w[t] = u[t] + b*s[t]

    ``detach_reset`` reaches the terms with ``d`` only, as in SpikingJelly 0.0.0.0.14: the spike that
    sets ``v_reset`` and the jump of the adaptation current keep their gradient.

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        v_rest: resting potential of the adaptation (default 0.0).
        w_rest: adaptation current before the first step (default 0.0).
        tau_w: time constant of the adaptation (default 2.0).
        a: coupling of the adaptation to the membrane potential (default 0.0).
        b: jump of the adaptation current after a spike (default 0.0).
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        backend: ``'torch'`` (default).
        store_v_seq: default False.

    Shape: as :class:`BaseNode`; the memory ``w`` is a float until the first step makes it a tensor.

    Raises:
        AssertionError: ``v_rest``, ``w_rest``, ``tau_w``, ``a`` or ``b`` is no float; the rest as
            :class:`BaseNode`.

    Source: ``neuron.AdaptBaseNode``, SpikingJelly 0.0.0.0.14; Gerstner et al., "Neuronal Dynamics", 2014,
        section 6.1.
    """

    _decides = (
        *BaseNode._decides,
        "neuronal_adaptation",
        "jit_neuronal_adaptation",
        "w_float_to_tensor",
    )

    w: Any

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        v_rest: float = 0.0,
        w_rest: float = 0.0,
        tau_w: float = 2.0,
        a: float = 0.0,
        b: float = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        backend: str = "torch",
        store_v_seq: bool = False,
    ) -> None:
        owner = self._get_name()
        constants = {"w_rest": w_rest, "v_rest": v_rest, "tau_w": tau_w, "a": a, "b": b}
        for name, value in constants.items():
            _check.require_type(value, float, owner, name, "a float")
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, backend, store_v_seq
        )
        self.register_memory("w", w_rest)
        self.w_rest, self.v_rest, self.tau_w, self.a, self.b = w_rest, v_rest, tau_w, a, b

    @staticmethod
    def jit_neuronal_adaptation(w: Tensor, tau_w: float, a: float, v_rest: float, v: Tensor) -> Tensor:
        """Return ``w + (1/tau_w)*(a*(v - v_rest) - w)``."""
        return _equations.adapt_to_charge(w, v, v_rest, tau_w, a)

    @staticmethod
    def jit_hard_reset(  # type: ignore[override]
        v: Tensor, w: Tensor, spike_d: Tensor, v_reset: float, b: float, spike: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return ``(1 - spike_d)*v + spike*v_reset`` and ``w + b*spike``."""
        return (1.0 - spike_d) * v + spike * v_reset, w + b * spike

    @staticmethod
    def jit_soft_reset(  # type: ignore[override]
        v: Tensor, w: Tensor, spike_d: Tensor, v_threshold: float, b: float, spike: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return ``v - spike_d*v_threshold`` and ``w + b*spike``."""
        return _resets.reset_soft(v, spike_d, v_threshold), w + b * spike

    def neuronal_adaptation(self) -> None:
        """Set ``w`` to the adaptation current after charge, without the jump."""
        self.w = self.jit_neuronal_adaptation(self.w, self.tau_w, self.a, self.v_rest, self.v)

    def neuronal_reset(self, spike: Tensor) -> None:
        """Set ``v`` and ``w`` to their values after reset."""
        kept = spike.detach() if self.detach_reset else spike
        if self.v_reset is None:
            self.v, self.w = self.jit_soft_reset(self.v, self.w, kept, self.v_threshold, self.b, spike)
        else:
            self.v, self.w = self.jit_hard_reset(self.v, self.w, kept, self.v_reset, self.b, spike)

    def w_float_to_tensor(self, x: Tensor) -> None:
        """Make a float ``w`` a tensor of the shape, dtype and device of ``x``."""
        self.w = _memory.fill_like(self.w, x)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step: charge, adapt, fire, reset."""
        self.v_float_to_tensor(x)
        self.w_float_to_tensor(x)
        self.neuronal_charge(x)
        self.neuronal_adaptation()
        spike = self.neuronal_fire()
        self.neuronal_reset(spike)
        return spike

    def _planned_to_adapt(self, charge: str, constants: tuple[float, ...]) -> _engines.Plan | None:
        adapt = (self.v_rest, self.tau_w, self.a, self.b)
        planned = self._planned(charge, constants, hard=False)
        if planned is None or not all(isinstance(value, (int, float)) for value in (*constants, *adapt)):
            return None
        reset = "hard split" if planned.reset == "hard" else planned.reset
        return planned._replace(reset=reset, more=(*planned.more, "current"), adapt=adapt)

    def _more(self, name: str) -> Any:
        return self.w if name == "current" else super()._more(name)

    def _keep(self, spike_seq: Tensor, v: Tensor, v_seq: Tensor | None, *more: Tensor) -> Tensor:
        (self.w,) = more
        return super()._keep(spike_seq, v, v_seq)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        shown = f", v_rest={self.v_rest}, w_rest={self.w_rest}, tau_w={self.tau_w}, a={self.a}, b={self.b}"
        return super().extra_repr() + shown


class IzhikevichNode(AdaptBaseNode):
    """The quadratic integrate-and-fire neuron with an adaptation current.

    Equation (``d[t]`` is ``s[t]``, detached where ``detach_reset`` says so)::

        h[t] = v[t-1] + (x[t] + a0*(v[t-1] - v_rest)*(v[t-1] - v_c) - w[t-1])/tau
        u[t] = w[t-1] + (1/tau_w)*(a*(h[t] - v_rest) - w[t-1])
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - d[t])*h[t] + s[t]*v_reset                    v_reset a float
        v[t] = h[t] - d[t]*v_threshold                           v_reset None
        w[t] = u[t] + b*s[t]

    Eval and training compute the same, and the spike is differentiable in both.

    Args:
        tau: membrane time constant (default 2.0).
        v_c: critical potential (default 0.8).
        a0: strength of the quadratic term (default 1.0).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        v_rest: resting potential (default -0.1).
        w_rest: adaptation current before the first step (default 0.0).
        tau_w: time constant of the adaptation (default 2.0).
        a: coupling of the adaptation to the membrane potential (default 0.0).
        b: jump of the adaptation current after a spike (default 0.0).
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False; see :class:`AdaptBaseNode` for what keeps its gradient.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        backend: ``'torch'`` (default); ``'cupy'`` is a request in step mode ``'m'``.
        store_v_seq: default False.

    Shape: as :class:`AdaptBaseNode`.

    Raises:
        AssertionError: ``tau`` is no float greater than 1, or ``a0`` is not positive; the rest as
            :class:`AdaptBaseNode`.

    Source: ``neuron.IzhikevichNode``, SpikingJelly 0.0.0.0.14; Izhikevich, "Simple Model of Spiking
        Neurons", 2003.
    """

    def __init__(
        self,
        tau: float = 2.0,
        v_c: float = 0.8,
        a0: float = 1.0,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        v_rest: float = -0.1,
        w_rest: float = 0.0,
        tau_w: float = 2.0,
        a: float = 0.0,
        b: float = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        backend: str = "torch",
        store_v_seq: bool = False,
    ) -> None:
        owner = self._get_name()
        check_tau(owner, "tau", tau)
        _check.require(a0 > 0, owner, "a0", a0, "a number greater than 0")
        super().__init__(
            v_threshold,
            v_reset,
            v_rest,
            w_rest,
            tau_w,
            a,
            b,
            surrogate_function,
            detach_reset,
            step_mode,
            backend,
            store_v_seq,
        )
        self.tau, self.v_c, self.a0 = tau, v_c, a0

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """The backends of the present step mode: ``('torch',)``, and ``'cupy'`` in ``'m'``."""
        return ("torch",) if self.step_mode == "s" else ("torch", "cupy")

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        self.v = _equations.charge_izhikevich(self.v, x, self.w, self.tau, self.v_c, self.a0, self.v_rest)

    def _plan(self) -> _engines.Plan | None:
        return self._planned_to_adapt("charge_izhikevich", (self.tau, self.v_c, self.a0, self.v_rest))

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return super().extra_repr() + f", tau={self.tau}, v_c={self.v_c}, a0={self.a0}"

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``IzhikevichNode`` given as ``self``."""
        constants = _spec.values(tau=self.tau, v_c=self.v_c, a0=self.a0, v_rest=self.v_rest)
        return _describe.adaptive(self, "IzhikevichNode", "charge_izhikevich", constants)
