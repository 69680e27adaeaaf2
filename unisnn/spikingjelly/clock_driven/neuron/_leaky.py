"""Integrate-and-fire neurons, one time step a call: without leak, with a fixed leak, with a learned leak."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.core import engines as _engines
from unisnn.core import neuron as _equations
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage
from unisnn.spikingjelly.clock_driven import surrogate
from unisnn.spikingjelly.clock_driven.neuron import _backend, _describe
from unisnn.spikingjelly.clock_driven.neuron._base_node import BaseNode

__all__ = ["IFNode", "LIAFNode", "LIFNode", "ParametricLIFNode", "check_tau"]


def check_tau(owner: str, argument: str, tau: object) -> None:
    """Raise ``AssertionError`` unless ``tau`` is a float greater than 1."""
    _check.require(isinstance(tau, float) and tau > 1.0, owner, argument, tau, "a float greater than 1.0")


def _rests_at_zero(v_reset: Any) -> bool:
    return v_reset is None or v_reset == 0.0


class IFNode(BaseNode):
    """The integrate-and-fire neuron: a membrane potential without leak.

    Equation::

        h[t] = v[t-1] + x[t]
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        cupy_fp32_inference: a request for a faster engine in eval (default False); cupy is not needed.

    Shape: ``[N, *] -> [N, *]``.

    Raises: as :class:`BaseNode`.

    Source: ``clock_driven.neuron.IFNode``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        cupy_fp32_inference: bool = False,
    ) -> None:
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset)
        if cupy_fp32_inference:
            _backend.check_backend("cupy")
        self.cupy_fp32_inference = cupy_fp32_inference

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to ``v + x``."""
        self.v = _equations.charge_if(self.v, x)

    def _plan(self) -> _engines.Plan | None:
        return _coverage.plan(self, "charge_if", states="last")

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``IFNode`` given as ``self``."""
        return _describe.describe(self, "IFNode", "charge_if")


class LIFNode(BaseNode):
    """The leaky integrate-and-fire neuron.

    Equation (``r`` is ``v_reset``, or 0 for ``None``)::

        h[t] = v[t-1] + (x[t] - (v[t-1] - r))/tau        decay_input=True
        h[t] = v[t-1] - (v[t-1] - r)/tau + x[t]          decay_input=False
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Where ``r`` is 0 it is left out: ``v + (x - v)/tau`` and ``v*(1 - 1/tau) + x``.

    Args:
        tau: membrane time constant (default 2.0).
        decay_input: whether the input is divided by ``tau`` too (default True).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        cupy_fp32_inference: a request for a faster engine in eval (default False); cupy is not needed.

    Shape: ``[N, *] -> [N, *]``.

    Raises:
        AssertionError: ``tau`` is no float greater than 1; the rest as :class:`BaseNode`.

    Source: ``clock_driven.neuron.LIFNode``, SpikingJelly 0.0.0.0.14.
    """

    decay_input: bool = True  # pickles of editions before 0.0.0.0.12 do not say it

    def __init__(
        self,
        tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        cupy_fp32_inference: bool = False,
    ) -> None:
        check_tau(self._get_name(), "tau", tau)
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset)
        self.tau = tau
        self.decay_input = decay_input
        if cupy_fp32_inference:
            _backend.check_backend("cupy")
        self.cupy_fp32_inference = cupy_fp32_inference

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return super().extra_repr() + f", tau={self.tau}"

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        to_zero = _rests_at_zero(self.v_reset)
        if self.decay_input and to_zero:
            self.v = _equations.charge_lif_decay_input(self.v, x, self.tau)
        elif self.decay_input:
            self.v = _equations.charge_lif_decay_input_to(self.v, x, self.tau, self.v_reset)
        elif to_zero:
            self.v = _equations.charge_lif(self.v, x, self.tau)
        else:
            self.v = _equations.charge_lif_to(self.v, x, self.tau, self.v_reset)

    def _plan(self) -> _engines.Plan | None:
        charge = "charge_lif_decay_input" if self.decay_input else "charge_lif"
        equation = _coverage.towards(charge, (self.tau,), self.v_reset, _rests_at_zero(self.v_reset))
        return _coverage.plan(self, *equation, states="last")

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``LIFNode`` given as ``self``."""
        return _describe.leaky(self, "LIFNode", "charge_lif", _spec.values(tau=self.tau))


class ParametricLIFNode(BaseNode):
    """The leaky integrate-and-fire neuron that learns its membrane time constant.

    Equation (``r`` is ``v_reset``, or 0 for ``None``)::

        q    = sigmoid(w) = 1/tau                        w = -log(init_tau - 1) at first
        h[t] = v[t-1] + (x[t] - (v[t-1] - r))*q          decay_input=True
        h[t] = v[t-1] - (v[t-1] - r)*q + x[t]            decay_input=False
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Where ``r`` is 0 it is left out: ``v + (x - v)*q`` and ``v*(1 - q) + x``.

    Args:
        init_tau: membrane time constant before training (default 2.0).
        decay_input: whether the input is scaled by ``q`` too (default True).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.

    Shape: ``[N, *] -> [N, *]``; the parameter ``w`` has shape ``[]`` and torch's default dtype.

    Raises:
        AssertionError: ``init_tau`` is no float greater than 1; the rest as :class:`BaseNode`.

    Source: ``clock_driven.neuron.ParametricLIFNode``, SpikingJelly 0.0.0.0.14; Fang et al., "Incorporating
        Learnable Membrane Time Constant to Enhance Learning of Spiking Neural Networks", ICCV 2021.
    """

    decay_input: bool = True  # pickles of editions before 0.0.0.0.12 do not say it

    def __init__(
        self,
        init_tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
    ) -> None:
        check_tau(self._get_name(), "init_tau", init_tau)
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset)
        self.decay_input = decay_input
        self.w = nn.Parameter(torch.as_tensor(-math.log(init_tau - 1.0)))

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording, with the present ``tau = 1/sigmoid(w)``."""
        with torch.no_grad():
            tau = 1.0 / self.w.sigmoid()
        return super().extra_repr() + f", tau={tau}"

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        q, to_zero = self.w.sigmoid(), _rests_at_zero(self.v_reset)
        if self.decay_input and to_zero:
            self.v = _equations.charge_plif_decay_input(self.v, x, q)
        elif self.decay_input:
            self.v = _equations.charge_plif_decay_input_to(self.v, x, q, self.v_reset)
        elif to_zero:
            self.v = _equations.charge_plif(self.v, x, q)
        else:
            self.v = _equations.charge_plif_to(self.v, x, q, self.v_reset)

    def _plan(self) -> _engines.Plan | None:
        charge = "charge_plif_decay_input" if self.decay_input else "charge_plif"
        equation = _coverage.towards(charge, (), self.v_reset, _rests_at_zero(self.v_reset))
        return _coverage.plan(self, *equation, states="last")

    def _learned(self) -> Tensor:
        return self.w

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``ParametricLIFNode`` given as ``self``."""
        return _describe.leaky(self, "ParametricLIFNode", "charge_plif", learnable=("w",))


class LIAFNode(LIFNode):
    """The leaky integrate-and-analog-fire neuron: it spikes inside and gives an activation to the outside.

    Equation (``h``, ``s`` and ``v`` as in :class:`LIFNode`)::

        y[t] = act(h[t] - v_threshold)                   threshold_related=True
        y[t] = act(h[t])                                 threshold_related=False

    Args:
        act: the activation function.
        threshold_related: whether the threshold is subtracted before the activation.
        args: as :class:`LIFNode`.
        kwargs: as :class:`LIFNode`.

    Shape: ``[N, *] -> [N, *]``; the output is what ``act`` gives, not spikes.

    Raises: as :class:`LIFNode`.

    Source: ``clock_driven.neuron.LIAFNode``, SpikingJelly 0.0.0.0.14; Wu et al., "LIAF-Net: Leaky
        Integrate and Analog Fire Network for Lightweight and Efficient Spatiotemporal Information
        Processing", 2020.
    """

    def __init__(
        self, act: Callable[[Tensor], Tensor], threshold_related: bool, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        self.threshold_related = threshold_related

    def forward(self, x: Tensor) -> Tensor:
        """Take one time step and return the activation."""
        self.neuronal_charge(x)
        y = self.act(self.v - self.v_threshold) if self.threshold_related else self.act(self.v)
        self.neuronal_reset(self.neuronal_fire())
        return y

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, if ``act`` is one of torch's activations without parameters."""
        return _describe.analog(self, "LIAFNode")
