"""Leaky neurons for online training: no gradient flows from one time step to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import neuron as _first
from unisnn.core import neuron_second_state as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.neuron._leaky import LIFNode
from unisnn.spikingjelly.activation_based.neuron._no_spec import refuse as _refuse

__all__ = ["OTTTLIFNode", "SLTTLIFNode"]


class _Online(LIFNode):
    """A leaky neuron that forgets the graph of the step before; in eval it fires without a gradient."""

    def __init__(
        self,
        tau: float,
        decay_input: bool,
        v_threshold: float,
        v_reset: float | None,
        surrogate_function: Callable[[Tensor], Tensor],
        detach_reset: bool,
        step_mode: str,
        store_v_seq: bool,
        backend: str,
    ) -> None:
        _check.require(
            step_mode == "s", self._get_name(), "step_mode", step_mode, "'s', which keeps one step's graph"
        )
        super().__init__(
            tau,
            decay_input,
            v_threshold,
            v_reset,
            surrogate_function,
            detach_reset,
            step_mode,
            backend,
            store_v_seq,
        )

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        rest = 0.0 if self.v_reset is None else self.v_reset
        if self.decay_input:
            self.v = _first.charge_lif_decay_input_to(self.v, x, self.tau, rest)
        else:
            self.v = _first.charge_lif_to(self.v, x, self.tau, rest)

    def neuronal_fire(self) -> Tensor:
        """Return the spike; in eval a hard one, without a gradient."""
        above = self.v - self.v_threshold
        return self.surrogate_function(above) if self.training else surrogate.heaviside(above)

    def neuronal_reset(self, spike: Tensor) -> None:
        """Set ``v`` to the membrane potential after reset."""
        spike = spike.detach() if self.detach_reset else spike
        if self.v_reset is None:
            self.v = _first.reset_soft(self.v, spike, self.v_threshold)
        else:
            self.v = _first.reset_hard_eval(self.v, spike, self.v_reset)

    def single_step_forward(self, x: Tensor) -> Any:
        """Take one time step."""
        self.v_float_to_tensor(x)
        if self.training:
            self.v = self.v.detach()
        self.neuronal_charge(x)
        spike = self.neuronal_fire()
        self.neuronal_reset(spike)
        if self.store_v_seq:
            before = [] if self.v_seq is None else [self.v_seq]
            self.v_seq = torch.cat([*before, self.v.unsqueeze(0)])
        return spike

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Refuse: online training takes one time step a call."""
        raise ValueError(
            f"{self._get_name()}: step_mode={self.step_mode!r} is not accepted in a call; expected 's'"
        )

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return (
            f"v_threshold={self.v_threshold}, v_reset={self.v_reset}, detach_reset={self.detach_reset}, "
            f"step_mode={self.step_mode}, tau={self.tau}"
        )

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a gradient that is cut between the steps has no neutral description."""
        raise _refuse(self)


class OTTTLIFNode(_Online):
    """The leaky integrate-and-fire neuron for online training through time (OTTT).

    Equation (``r`` is ``v_reset``, or 0 for ``None``; ``v[t-1]`` without its graph in training)::

        h[t] = v[t-1] - (v[t-1] - r)/tau + x[t]          decay_input=False
        h[t] = v[t-1] + (x[t] - (v[t-1] - r))/tau        decay_input=True
        s[t] = surrogate_function(h[t] - v_threshold)    in eval: h[t] >= v_threshold, without a gradient
        v[t] = reset of LIFNode by s[t]
        trace[t] = trace[t-1]*(1 - 1/tau) + s[t]         in training, without a graph

    In training a call returns the list ``[s, trace]``, which :class:`layer.OTTTSequential` hands on; in eval
    it returns ``s``.

    Args:
        tau: membrane time constant (default 2.0).
        decay_input: whether the input is divided by ``tau`` too (default False).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential, or ``None`` (default) for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: as :class:`LIFNode` (default True); no gradient of a later step comes through it.
        step_mode: ``'s'``, the only one.
        store_v_seq: whether each call appends the membrane potential to ``v_seq`` (default False).
        backend: ``'torch'`` (default).

    Shape: ``[N, *] -> [N, *]``; the memories ``v`` and ``trace`` have the same shape.

    Raises:
        AssertionError: ``step_mode`` is not ``'s'``; the rest as :class:`LIFNode`.
        ValueError: a call after ``step_mode`` was set to ``'m'``.

    Source: ``neuron.OTTTLIFNode``, SpikingJelly 2.0.0; Xiao et al., "Online Training Through Time for
        Spiking Neural Networks", NeurIPS 2022.
    """

    trace: Any

    def __init__(
        self,
        tau: float = 2.0,
        decay_input: bool = False,
        v_threshold: float = 1.0,
        v_reset: float | None = None,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = True,
        step_mode: str = "s",
        store_v_seq: bool = False,
        backend: str = "torch",
    ) -> None:
        super().__init__(
            tau,
            decay_input,
            v_threshold,
            v_reset,
            surrogate_function,
            detach_reset,
            step_mode,
            store_v_seq,
            backend,
        )
        self.register_memory("trace", None)

    @staticmethod
    def track_trace(spike: Tensor, trace: Tensor, tau: float) -> Tensor:
        """Return ``trace*(1 - 1/tau) + spike``, without a graph."""
        with torch.no_grad():
            return _equations.track(trace, spike, tau)

    def single_step_forward(self, x: Tensor) -> Any:
        """Take one time step; in training return the spike and its trace."""
        spike = super().single_step_forward(x)
        if not self.training:
            return spike
        before = torch.zeros_like(x) if self.trace is None else self.trace
        self.trace = self.track_trace(spike, before, self.tau)
        return [spike, self.trace]


class SLTTLIFNode(_Online):
    """The leaky integrate-and-fire neuron for spatial learning through time (SLTT).

    Equation (``r`` is ``v_reset``, or 0 for ``None``; ``v[t-1]`` without its graph in training)::

        h[t] = v[t-1] + (x[t] - (v[t-1] - r))/tau        decay_input=True
        h[t] = v[t-1] - (v[t-1] - r)/tau + x[t]          decay_input=False
        s[t] = surrogate_function(h[t] - v_threshold)    in eval: h[t] >= v_threshold, without a gradient
        v[t] = reset of LIFNode by s[t]

    Each time step can be differentiated on its own: no graph of the step before is kept.

    Args:
        tau: membrane time constant (default 2.0).
        decay_input: whether the input is divided by ``tau`` too (default True).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: as :class:`LIFNode` (default True); no gradient of a later step comes through it.
        step_mode: ``'s'``, the only one.
        store_v_seq: whether each call appends the membrane potential to ``v_seq`` (default False).
        backend: ``'torch'`` (default).

    Shape: ``[N, *] -> [N, *]``.

    Raises:
        AssertionError: ``step_mode`` is not ``'s'``; the rest as :class:`LIFNode`.
        ValueError: a call after ``step_mode`` was set to ``'m'``.

    Source: ``neuron.SLTTLIFNode``, SpikingJelly 2.0.0; Meng et al., "Towards Memory- and Time-Efficient
        Backpropagation for Training Spiking Neural Networks", ICCV 2023.
    """

    def __init__(
        self,
        tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = True,
        step_mode: str = "s",
        store_v_seq: bool = False,
        backend: str = "torch",
    ) -> None:
        super().__init__(
            tau,
            decay_input,
            v_threshold,
            v_reset,
            surrogate_function,
            detach_reset,
            step_mode,
            store_v_seq,
            backend,
        )
