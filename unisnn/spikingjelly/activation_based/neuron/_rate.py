"""Neurons that are trained through their firing rates: differentiation on spike representation (DSR)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.core import neuron_rate as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import base
from unisnn.spikingjelly.activation_based.neuron._no_spec import refuse as _refuse

__all__ = ["DSRIFNode", "DSRLIFNode"]


class _DSRNode(base.MemoryModule):
    """Constructor and threshold of both neurons."""

    v_threshold: Any

    def _make(
        self,
        T: int,
        v_threshold: float,
        alpha: float,
        v_threshold_training: bool,
        v_threshold_grad_scaling: float,
        v_threshold_lower_bound: float,
        step_mode: str,
        backend: str,
    ) -> None:
        owner = self._get_name()
        _check.require_type(T, int, owner, "T", "an int")
        _check.require(
            isinstance(v_threshold, float) and v_threshold >= v_threshold_lower_bound,
            owner,
            "v_threshold",
            v_threshold,
            f"a float of at least v_threshold_lower_bound={v_threshold_lower_bound!r}",
        )
        _check.require(
            isinstance(alpha, float) and 0.0 < alpha <= 1.0, owner, "alpha", alpha, "a float in (0, 1]"
        )
        _check.require(
            v_threshold_lower_bound > 0.0,
            owner,
            "v_threshold_lower_bound",
            v_threshold_lower_bound,
            "a positive number",
        )
        _check.require(step_mode == "m", owner, "step_mode", step_mode, "'m', the only one")
        self.backend = backend
        self.step_mode = step_mode
        self.T = T
        threshold = torch.tensor(v_threshold)
        self.v_threshold = nn.Parameter(threshold) if v_threshold_training else threshold
        self.alpha = alpha
        self.v_threshold_lower_bound = v_threshold_lower_bound
        self.v_threshold_grad_scaling = v_threshold_grad_scaling

    def _threshold(self) -> Tensor:
        """Return the threshold, not below its lower bound."""
        return self.v_threshold.clamp(min=self.v_threshold_lower_bound)

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a gradient of rates has no neutral description."""
        raise _refuse(self)


class DSRIFNode(_DSRNode):
    """The integrate-and-fire neuron that is differentiated through its mean firing rate.

    Equation (``V`` is ``v_threshold``, not below its lower bound)::

        h[t] = v[t-1] + x[t]
        s[t] = h[t] >= alpha*V
        v[t] = h[t] - s[t]*V
        y[t] = s[t]*V
        dL/dx[t] = mean of dL/dy over t where 0 <= mean of x over t <= V, else 0

    The membrane potential starts at 0 in every call.

    Args:
        T: number of time steps (default 20).
        v_threshold: threshold at first (default 6.0).
        alpha: share of the threshold at which the neuron fires (default 0.5).
        v_threshold_training: whether the threshold is learned (default True).
        v_threshold_grad_scaling: factor of the threshold's gradient (default 1.0).
        v_threshold_lower_bound: what the threshold cannot fall below (default 0.01).
        step_mode: ``'m'``, the only one.
        backend: ``'torch'`` (default).

    Shape: ``[T, N, *] -> [T, N, *]``, float32. Any number of time steps is accepted; the gradient is formed
    with the number there is.

    Raises:
        AssertionError: an argument of a wrong type or out of its range; ``step_mode`` other than ``'m'``.
        NotImplementedError: a call in step mode ``'s'``.

    Source: ``neuron.DSRIFNode``, SpikingJelly 2.0.0 (there the backward pass fails for other than ``T`` time
        steps); Meng et al., "Training High-Performance Low-Latency Spiking Neural Networks by
        Differentiation on Spike Representation", CVPR 2022.
    """

    def __init__(
        self,
        T: int = 20,
        v_threshold: float = 6.0,
        alpha: float = 0.5,
        v_threshold_training: bool = True,
        v_threshold_grad_scaling: float = 1.0,
        v_threshold_lower_bound: float = 0.01,
        step_mode: str = "m",
        backend: str = "torch",
    ) -> None:
        super().__init__()
        self._make(
            T,
            v_threshold,
            alpha,
            v_threshold_training,
            v_threshold_grad_scaling,
            v_threshold_lower_bound,
            step_mode,
            backend,
        )

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Take all time steps."""
        return _equations.RateIF.apply(x_seq, self._threshold(), self.alpha, self.v_threshold_grad_scaling)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return (
            f", T={self.T}, init_vth={self.v_threshold}, alpha={self.alpha}, "
            f"vth_bound={self.v_threshold_lower_bound}, vth_g_scale={self.v_threshold_grad_scaling}"
        )


class DSRLIFNode(_DSRNode):
    """The leaky integrate-and-fire neuron that is differentiated through its weighted firing rate.

    Equation (``V`` is ``v_threshold``, not below its lower bound; ``e = exp(-delta_t/tau)``)::

        h[t] = v[t-1]*e + x[t]*(1 - e)
        s[t] = h[t] >= alpha*V
        v[t] = h[t] - s[t]*V
        y[t] = s[t]*V/delta_t
        dL/dx[t] = r(dL/dy)/tau where 0 < r(x) < V/delta_t*tau, else 0     r: weight_rate_spikes

    The membrane potential starts at 0 in every call.

    Args:
        T: number of time steps (default 20).
        v_threshold: threshold at first (default 1.0).
        tau: membrane time constant (default 2.0).
        delta_t: length of a step (default 0.05).
        alpha: share of the threshold at which the neuron fires (default 0.3).
        v_threshold_training: whether the threshold is learned (default True).
        v_threshold_grad_scaling: factor of the threshold's gradient (default 1.0).
        v_threshold_lower_bound: what the threshold cannot fall below (default 0.1).
        step_mode: ``'m'``, the only one.
        backend: ``'torch'`` (default).

    Shape: ``[T, N, *] -> [T, N, *]``, float32. Any number of time steps is accepted; the gradient is formed
    with the number there is.

    Raises:
        AssertionError: an argument of a wrong type or out of its range; ``step_mode`` other than ``'m'``.
        NotImplementedError: a call in step mode ``'s'``.

    Source: ``neuron.DSRLIFNode``, SpikingJelly 2.0.0 (there the backward pass fails for other than ``T``
        time steps); Meng et al., CVPR 2022.
    """

    def __init__(
        self,
        T: int = 20,
        v_threshold: float = 1.0,
        tau: float = 2.0,
        delta_t: float = 0.05,
        alpha: float = 0.3,
        v_threshold_training: bool = True,
        v_threshold_grad_scaling: float = 1.0,
        v_threshold_lower_bound: float = 0.1,
        step_mode: str = "m",
        backend: str = "torch",
    ) -> None:
        super().__init__()
        self._make(
            T,
            v_threshold,
            alpha,
            v_threshold_training,
            v_threshold_grad_scaling,
            v_threshold_lower_bound,
            step_mode,
            backend,
        )
        self.tau = tau
        self.delta_t = delta_t

    @classmethod
    def weight_rate_spikes(cls, data: Tensor, tau: float, delta_t: float) -> Tensor:
        """Average ``data``, ``[T, N, *]``, with the weights ``exp(-(T - 1 - t)*delta_t/tau)``."""
        return _equations.weighted_rate(data, tau, delta_t)

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Take all time steps."""
        return _equations.RateLIF.apply(
            x_seq, self._threshold(), self.tau, self.delta_t, self.alpha, self.v_threshold_grad_scaling
        )

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return (
            f", T={self.T}, init_vth={self.v_threshold}, tau={self.tau}, dt={self.delta_t}, "
            f"alpha={self.alpha}, vth_bound={self.v_threshold_lower_bound}, "
            f"vth_g_scale={self.v_threshold_grad_scaling}"
        )
