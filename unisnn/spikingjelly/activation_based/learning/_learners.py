"""Learners: they watch a synapse and its neurons, and turn what they saw into the weight's gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.spikingjelly.activation_based import base, monitor, neuron
from unisnn.spikingjelly.activation_based.learning import _functions

__all__ = ["MSTDPETLearner", "MSTDPLearner", "STDPLearner"]

_Factor = Callable[[Tensor], Tensor]


def _same(w: Tensor) -> Tensor:
    return w


class _Learner(base.MemoryModule):
    """Two monitors, two traces, and what becomes of a weight's change."""

    trace_pre: Any
    trace_post: Any
    trace_e: Any

    def __init__(
        self,
        step_mode: str,
        synapse: nn.Module,
        sn: neuron.BaseNode,
        tau_pre: float,
        tau_post: float,
        f_pre: _Factor,
        f_post: _Factor,
    ) -> None:
        super().__init__()
        self.step_mode = step_mode
        self.tau_pre = tau_pre
        self.tau_post = tau_post
        self.f_pre = f_pre
        self.f_post = f_post
        self.synapse = synapse
        self.in_spike_monitor = monitor.InputMonitor(synapse)
        self.out_spike_monitor = monitor.OutputMonitor(sn)
        self.register_memory("trace_pre", None)
        self.register_memory("trace_post", None)

    def reset(self) -> None:
        """Forget the traces and every spike that was not used yet."""
        super().reset()
        self.in_spike_monitor.clear_recorded_data()
        self.out_spike_monitor.clear_recorded_data()

    def disable(self) -> None:
        """Watch nothing until :meth:`enable`."""
        self.in_spike_monitor.disable()
        self.out_spike_monitor.disable()

    def enable(self) -> None:
        """Go on watching."""
        self.in_spike_monitor.enable()
        self.out_spike_monitor.enable()

    def _change(self, x: Tensor, y: Tensor, reward: Any) -> Tensor:
        """Return the weight's change by one record; a subclass defines it."""
        raise NotImplementedError(f"{self._get_name()} does not define _change")

    def _learn(self, reward: Any, on_grad: bool, scale: float) -> Tensor | None:
        ins, outs = self.in_spike_monitor.records, self.out_spike_monitor.records
        if not ins:
            raise TypeError(
                f"{self._get_name()}.step: there is no record; call the synapse and the neuron first"
            )
        total: Any = None
        with torch.no_grad():
            while ins:
                x, y = ins.pop(0), outs.pop(0)
                change = scale * self._change(x, y, reward)
                total = change if total is None else total + change
            self.in_spike_monitor.clear_recorded_data()
            self.out_spike_monitor.clear_recorded_data()
            if not on_grad:
                return total
            weight: Any = self.synapse.weight
            weight.grad = -total if weight.grad is None else weight.grad - total
        return None

    def _need_single_steps_of_linear(self) -> None:
        if self.step_mode != "s" or not isinstance(self.synapse, nn.Linear):
            raise NotImplementedError(
                f"{self._get_name()}: step_mode={self.step_mode!r} with {self.synapse} is not accepted; "
                "expected a Linear layer in step mode 's'"
            )


class STDPLearner(_Learner):
    """Spike-timing-dependent plasticity of a synapse.

    Equation, for each time step since the last call of :meth:`step`::

        p <- p - p/tau_pre + x;  q <- q - q/tau_post + y
        dw = -f_pre(w)*q*x + f_post(w)*p*y           summed over batch and places
        weight.grad <- weight.grad - scale*sum(dw)

    Args:
        step_mode: ``'s'`` or ``'m'``, that of the synapse.
        synapse: a ``Linear``, ``Conv1d`` or ``Conv2d`` layer.
        sn: the neurons behind it.
        tau_pre, tau_post: time constants of the traces.
        f_pre, f_post: factors that depend on the weight (default: the weight itself).

    Raises:
        ValueError: ``step_mode`` is not supported.
        NotImplementedError: at :meth:`step`, another kind of layer, dilation or groups.

    Source: ``learning.STDPLearner``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        step_mode: str,
        synapse: nn.Conv1d | nn.Conv2d | nn.Linear,
        sn: neuron.BaseNode,
        tau_pre: float,
        tau_post: float,
        f_pre: _Factor = _same,
        f_post: _Factor = _same,
    ) -> None:
        super().__init__(step_mode, synapse, sn, tau_pre, tau_post, f_pre, f_post)

    def _change(self, x: Tensor, y: Tensor, reward: Any) -> Tensor:
        run: Any = _functions.stdp_multi_step
        if self.step_mode == "s":
            run = _functions.stdp_of(self.synapse)
        given = (self.trace_pre, self.trace_post, self.tau_pre, self.tau_post, self.f_pre, self.f_post)
        self.trace_pre, self.trace_post, change = run(self.synapse, x, y, *given)
        return change

    def step(self, on_grad: bool = True, scale: float = 1.0) -> Tensor | None:
        """Use every record: take the change off the weight's gradient, or return it.

        Args:
            on_grad: whether the gradient is changed (default), or else the change returned.
            scale: factor of the change (default 1.0).

        Raises:
            TypeError: there is no record.
        """
        return self._learn(None, on_grad, scale)


class MSTDPLearner(_Learner):
    """STDP modulated by a reward for each sample.

    Equation, for each time step since the last call of :meth:`step` (``e`` starts as 0)::

        dw = sum_n(reward[n]*e[n])
        p <- p*exp(-1/tau_pre) + x;  q <- q*exp(-1/tau_post) + y
        e[n] <- -f_pre(w)*q[n]*x[n] + f_post(w)*p[n]*y[n]
        weight.grad <- weight.grad - scale*sum(dw)

    ``reset`` forgets the traces, not the eligibility.

    Args:
        step_mode: ``'s'``.
        batch_size: number of samples.
        synapse: a ``Linear`` layer.
        sn: the neurons behind it.
        tau_pre, tau_post: time constants of the traces.
        f_pre, f_post: factors that depend on the weight (default: the weight itself).

    Raises:
        ValueError: ``step_mode`` is not supported.
        NotImplementedError: at :meth:`step`, step mode ``'m'`` or another kind of layer.

    Source: ``learning.MSTDPLearner``, SpikingJelly 0.0.0.0.14; Florian, "Reinforcement Learning Through
        Modulation of Spike-Timing-Dependent Synaptic Plasticity", Neural Computation 2007.
    """

    def __init__(
        self,
        step_mode: str,
        batch_size: int,
        synapse: nn.Linear,
        sn: neuron.BaseNode,
        tau_pre: float,
        tau_post: float,
        f_pre: _Factor = _same,
        f_post: _Factor = _same,
    ) -> None:
        super().__init__(step_mode, synapse, sn, tau_pre, tau_post, f_pre, f_post)
        self.batch_size = batch_size

    def _change(self, x: Tensor, y: Tensor, reward: Any) -> Tensor:
        weight: Any = self.synapse.weight
        if not hasattr(self, "eligibility"):
            self.eligibility = torch.zeros(self.batch_size, *weight.shape, device=weight.device)
        change = (reward.view(-1, 1, 1) * self.eligibility).sum(0)
        given = (self.trace_pre, self.trace_post, self.tau_pre, self.tau_post, self.f_pre, self.f_post)
        fc: Any = self.synapse
        self.trace_pre, self.trace_post, self.eligibility = _functions.mstdp_linear_single_step(
            fc, x, y, *given
        )
        return change

    def step(self, reward: Tensor, on_grad: bool = True, scale: float = 1.0) -> Tensor | None:
        """Use every record: take the change off the weight's gradient, or return it.

        Args:
            reward: shape ``[batch_size]``.
            on_grad: whether the gradient is changed (default), or else the change returned.
            scale: factor of the change (default 1.0).

        Raises:
            TypeError: there is no record.
        """
        self._need_single_steps_of_linear()
        return self._learn(reward, on_grad, scale)


class MSTDPETLearner(_Learner):
    """STDP modulated by a reward through a trace of the eligibility, for one sample without a batch.

    Equation, for each time step since the last call of :meth:`step` (``e`` starts as 0)::

        z <- z*exp(-1/tau_trace) + e/tau_trace
        dw = reward*z
        p <- p*exp(-1/tau_pre) + x;  q <- q*exp(-1/tau_post) + y
        e <- -f_pre(w)*q*x + f_post(w)*p*y
        weight.grad <- weight.grad - scale*sum(dw)

    ``reset`` forgets the traces, not the eligibility ``e``.

    Args:
        step_mode: ``'s'``.
        synapse: a ``Linear`` layer.
        sn: the neurons behind it.
        tau_pre, tau_post, tau_trace: time constants of the traces.
        f_pre, f_post: factors that depend on the weight (default: the weight itself).

    Raises:
        ValueError: ``step_mode`` is not supported.
        NotImplementedError: at :meth:`step`, step mode ``'m'`` or another kind of layer.
        RuntimeError: at :meth:`step`, the input has a batch dimension.

    Source: ``learning.MSTDPETLearner``, SpikingJelly 0.0.0.0.14; Florian 2007, as for
        :class:`MSTDPLearner`.
    """

    def __init__(
        self,
        step_mode: str,
        synapse: nn.Linear,
        sn: neuron.BaseNode,
        tau_pre: float,
        tau_post: float,
        tau_trace: float,
        f_pre: _Factor = _same,
        f_post: _Factor = _same,
    ) -> None:
        super().__init__(step_mode, synapse, sn, tau_pre, tau_post, f_pre, f_post)
        self.tau_trace = tau_trace
        self.register_memory("trace_e", None)

    def _change(self, x: Tensor, y: Tensor, reward: Any) -> Tensor:
        weight: Any = self.synapse.weight
        if not hasattr(self, "eligibility"):
            self.eligibility = torch.zeros(*weight.shape, device=weight.device)
        trace = 0.0 if self.trace_e is None else self.trace_e
        self.trace_e = trace * math.exp(-1 / self.tau_trace) + self.eligibility / self.tau_trace
        given = (self.trace_pre, self.trace_post, self.tau_pre, self.tau_post, self.tau_trace)
        fc: Any = self.synapse
        self.trace_pre, self.trace_post, self.eligibility = _functions.mstdpet_linear_single_step(
            fc, x, y, *given, self.f_pre, self.f_post
        )
        return reward * self.trace_e

    def step(self, reward: Tensor | float, on_grad: bool = True, scale: float = 1.0) -> Tensor | None:
        """Use every record: take the change off the weight's gradient, or return it.

        Args:
            reward: one number.
            on_grad: whether the gradient is changed (default), or else the change returned.
            scale: factor of the change (default 1.0).

        Raises:
            TypeError: there is no record.
        """
        self._need_single_steps_of_linear()
        return self._learn(reward, on_grad, scale)
