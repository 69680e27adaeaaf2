"""The static functions by which IF and LIF take steps in eval mode: state in, spikes and state out.

::

    h = charge(v, x)
    s = 1 if h >= v_threshold else 0          in the dtype of x, without a gradient
    v = v_reset*s + (1 - s)*h                 hard
    v = h - s*v_threshold                     soft
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from unisnn.core import neuron as _equations

__all__ = ["IFEval", "LIFEval"]

_Charge = Callable[[Tensor, Tensor], Tensor]
_One = tuple[Tensor, Tensor]
_All = tuple[Tensor, Tensor, Tensor]


def _step(charge: _Charge, x: Tensor, v: Tensor, v_threshold: float, v_reset: float | None) -> _One:
    """Take one time step; ``v_reset`` ``None`` means a soft reset."""
    h = charge(v, x)
    spike = (h >= v_threshold).to(x)
    if v_reset is None:
        return spike, _equations.reset_soft(h, spike, v_threshold)
    return spike, _equations.reset_hard_eval(h, spike, v_reset)


def _steps(charge: _Charge, x_seq: Tensor, v: Tensor, v_threshold: float, v_reset: float | None) -> _All:
    """Take every time step; return the spikes, the last state and the state of every step."""
    states = torch.zeros_like(x_seq)
    spikes = torch.zeros_like(x_seq)
    for t in range(x_seq.shape[0]):
        spikes[t], v = _step(charge, x_seq[t], v, v_threshold, v_reset)
        states[t] = v
    return spikes, v, states


class IFEval:
    """Eval functions of the integrate-and-fire neuron: ``h = v + x``.

    Source: the static methods of ``neuron.IFNode``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def jit_eval_single_step_forward_hard_reset(
        x: Tensor, v: Tensor, v_threshold: float, v_reset: float
    ) -> _One:
        """Take one step with a hard reset; return the spikes and ``v``."""
        return _step(_equations.charge_if, x, v, v_threshold, v_reset)

    @staticmethod
    def jit_eval_single_step_forward_soft_reset(x: Tensor, v: Tensor, v_threshold: float) -> _One:
        """Take one step with a soft reset; return the spikes and ``v``."""
        return _step(_equations.charge_if, x, v, v_threshold, None)

    @staticmethod
    def jit_eval_multi_step_forward_hard_reset(
        x_seq: Tensor, v: Tensor, v_threshold: float, v_reset: float
    ) -> _One:
        """Take all steps with a hard reset; return the spikes and the last ``v``."""
        return _steps(_equations.charge_if, x_seq, v, v_threshold, v_reset)[:2]

    @staticmethod
    def jit_eval_multi_step_forward_hard_reset_with_v_seq(
        x_seq: Tensor, v: Tensor, v_threshold: float, v_reset: float
    ) -> _All:
        """Take all steps with a hard reset; return the spikes, the last ``v`` and every ``v``."""
        return _steps(_equations.charge_if, x_seq, v, v_threshold, v_reset)

    @staticmethod
    def jit_eval_multi_step_forward_soft_reset(x_seq: Tensor, v: Tensor, v_threshold: float) -> _One:
        """Take all steps with a soft reset; return the spikes and the last ``v``."""
        return _steps(_equations.charge_if, x_seq, v, v_threshold, None)[:2]

    @staticmethod
    def jit_eval_multi_step_forward_soft_reset_with_v_seq(
        x_seq: Tensor, v: Tensor, v_threshold: float
    ) -> _All:
        """Take all steps with a soft reset; return the spikes, the last ``v`` and every ``v``."""
        return _steps(_equations.charge_if, x_seq, v, v_threshold, None)


def _decay_to(tau: float, v_reset: float) -> _Charge:
    return lambda v, x: _equations.charge_lif_decay_input_to(v, x, tau, v_reset)


def _decay(tau: float) -> _Charge:
    return lambda v, x: _equations.charge_lif_decay_input(v, x, tau)


def _plain_to(tau: float, v_reset: float) -> _Charge:
    return lambda v, x: _equations.charge_lif_to(v, x, tau, v_reset)


def _plain(tau: float) -> _Charge:
    return lambda v, x: _equations.charge_lif(v, x, tau)


class LIFEval:
    """Eval functions of the leaky integrate-and-fire neuron.

    Equation::

        h = v + (x - (v - v_reset))/tau          decay_input, hard reset
        h = v + (x - v)/tau                      decay_input, soft reset
        h = v - (v - v_reset)/tau + x            no_decay_input, hard reset
        h = v*(1 - 1/tau) + x                    no_decay_input, soft reset

    Source: the static methods of ``neuron.LIFNode``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def jit_eval_single_step_forward_hard_reset_decay_input(
        x: Tensor, v: Tensor, v_threshold: float, v_reset: float, tau: float
    ) -> _One:
        """Take one step; return the spikes and ``v``."""
        return _step(_decay_to(tau, v_reset), x, v, v_threshold, v_reset)

    @staticmethod
    def jit_eval_single_step_forward_hard_reset_no_decay_input(
        x: Tensor, v: Tensor, v_threshold: float, v_reset: float, tau: float
    ) -> _One:
        """Take one step; return the spikes and ``v``."""
        return _step(_plain_to(tau, v_reset), x, v, v_threshold, v_reset)

    @staticmethod
    def jit_eval_single_step_forward_soft_reset_decay_input(
        x: Tensor, v: Tensor, v_threshold: float, tau: float
    ) -> _One:
        """Take one step; return the spikes and ``v``."""
        return _step(_decay(tau), x, v, v_threshold, None)

    @staticmethod
    def jit_eval_single_step_forward_soft_reset_no_decay_input(
        x: Tensor, v: Tensor, v_threshold: float, tau: float
    ) -> _One:
        """Take one step; return the spikes and ``v``."""
        return _step(_plain(tau), x, v, v_threshold, None)

    @staticmethod
    def jit_eval_multi_step_forward_hard_reset_decay_input(
        x_seq: Tensor, v: Tensor, v_threshold: float, v_reset: float, tau: float
    ) -> _One:
        """Take all steps; return the spikes and the last ``v``."""
        return _steps(_decay_to(tau, v_reset), x_seq, v, v_threshold, v_reset)[:2]

    @staticmethod
    def jit_eval_multi_step_forward_hard_reset_decay_input_with_v_seq(
        x_seq: Tensor, v: Tensor, v_threshold: float, v_reset: float, tau: float
    ) -> _All:
        """Take all steps; return the spikes, the last ``v`` and every ``v``."""
        return _steps(_decay_to(tau, v_reset), x_seq, v, v_threshold, v_reset)

    @staticmethod
    def jit_eval_multi_step_forward_hard_reset_no_decay_input(
        x_seq: Tensor, v: Tensor, v_threshold: float, v_reset: float, tau: float
    ) -> _One:
        """Take all steps; return the spikes and the last ``v``."""
        return _steps(_plain_to(tau, v_reset), x_seq, v, v_threshold, v_reset)[:2]

    @staticmethod
    def jit_eval_multi_step_forward_hard_reset_no_decay_input_with_v_seq(
        x_seq: Tensor, v: Tensor, v_threshold: float, v_reset: float, tau: float
    ) -> _All:
        """Take all steps; return the spikes, the last ``v`` and every ``v``."""
        return _steps(_plain_to(tau, v_reset), x_seq, v, v_threshold, v_reset)

    @staticmethod
    def jit_eval_multi_step_forward_soft_reset_decay_input(
        x_seq: Tensor, v: Tensor, v_threshold: float, tau: float
    ) -> _One:
        """Take all steps; return the spikes and the last ``v``."""
        return _steps(_decay(tau), x_seq, v, v_threshold, None)[:2]

    @staticmethod
    def jit_eval_multi_step_forward_soft_reset_decay_input_with_v_seq(
        x_seq: Tensor, v: Tensor, v_threshold: float, tau: float
    ) -> _All:
        """Take all steps; return the spikes, the last ``v`` and every ``v``."""
        return _steps(_decay(tau), x_seq, v, v_threshold, None)

    @staticmethod
    def jit_eval_multi_step_forward_soft_reset_no_decay_input(
        x_seq: Tensor, v: Tensor, v_threshold: float, tau: float
    ) -> _One:
        """Take all steps; return the spikes and the last ``v``."""
        return _steps(_plain(tau), x_seq, v, v_threshold, None)[:2]

    @staticmethod
    def jit_eval_multi_step_forward_soft_reset_no_decay_input_with_v_seq(
        x_seq: Tensor, v: Tensor, v_threshold: float, tau: float
    ) -> _All:
        """Take all steps; return the spikes, the last ``v`` and every ``v``."""
        return _steps(_plain(tau), x_seq, v, v_threshold, None)
