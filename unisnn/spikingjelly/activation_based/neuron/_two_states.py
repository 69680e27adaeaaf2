"""Leaky neurons with a second state: a synaptic current, or a complementary potential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unisnn.core import memory as _memory
from unisnn.core import neuron as _first
from unisnn.core import neuron_second_state as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode, check_tau
from unisnn.spikingjelly.activation_based.neuron._no_spec import refuse as _refuse

__all__ = ["CUBALIFNode", "ComplementaryLIFNode"]


class CUBALIFNode(BaseNode):
    """The current-based leaky integrate-and-fire neuron.

    Equation::

        c[t] = c[t-1]*c_decay + x[t]
        h[t] = v[t-1]*v_decay + c[t]
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = s[t]*v_reset + (1 - s[t])*h[t]            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    It was called ``CLIFNode`` before SpikingJelly 0.0.0.1.0; that name is kept.

    Args:
        c_decay: what is left of the current after a step (default 0.5).
        v_decay: what is left of the membrane potential after a step (default 0.75).
        v_threshold: firing threshold (default 0.5).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Rect(alpha=1.0)``.

    Shape: as :class:`BaseNode`; the memory ``c`` has the shape of ``v``.

    Raises: as :class:`BaseNode`.

    Source: ``neuron.CUBALIFNode``, SpikingJelly 2.0.0.
    """

    c: Any

    def __init__(
        self,
        c_decay: float = 0.5,
        v_decay: float = 0.75,
        v_threshold: float = 0.5,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Rect(),  # noqa: B008
    ) -> None:
        super().__init__(v_threshold, v_reset, surrogate_function)
        self.register_memory("c", 0.0)
        self.c_decay = c_decay
        self.v_decay = v_decay

    @staticmethod
    def jit_hard_reset(v: Tensor, spike: Tensor, v_reset: float) -> Tensor:
        """Return ``spike*v_reset + (1 - spike)*v``."""
        return _first.reset_hard_eval(v, spike, v_reset)

    def neuronal_charge(self, x: Tensor) -> None:
        """Set the current and the membrane potential after charge."""
        self.c = _equations.filter_current(_memory.fill_like(self.c, x), x, self.c_decay)
        self.v = _equations.charge_decayed(self.v, self.c, self.v_decay)

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Take every time step of ``x_seq``, shape ``[T, N, *]``."""
        return super().multi_step_forward(x_seq)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return _arguments(self)

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a neuron with two states has no neutral description."""
        raise _refuse(self)


class ComplementaryLIFNode(BaseNode):
    """The complementary leaky integrate-and-fire neuron (CLIF).

    Equation::

        h[t] = v[t-1] - v[t-1]/tau + x[t]
        s[t] = surrogate_function(h[t] - v_threshold)
        m[t] = m[t-1]*sigmoid(h[t]/tau) + s[t]
        v[t] = h[t] - s[t]*(sigmoid(m[t]) + v_threshold)

    In eval the spike is ``h >= v_threshold`` and carries no gradient, unless the surrogate does not spike
    (``spiking=False``); the states keep their graph.

    Args:
        tau: membrane time constant (default 2.0).
        v_threshold: firing threshold (default 1.0).
        surrogate_function: default ``Rect(alpha=1.0)``.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        store_state_seqs: whether step mode ``'m'`` keeps both states after each step in ``state_seqs``, the
            list ``[v_seq, m_seq]`` (default False).

    Shape: as :class:`BaseNode`; the memory ``m`` has the shape of ``v``.

    Raises:
        AssertionError: ``tau`` is no float greater than 1; ``v_threshold`` is no float.
        ValueError: ``step_mode`` is not supported.

    Source: ``neuron.ComplementaryLIFNode``, SpikingJelly 2.0.0; Huang et al., "CLIF: Complementary Leaky
        Integrate-and-Fire Neuron for Spiking Neural Networks", ICML 2024.
    """

    m: Any
    state_seqs: list[Tensor] | None

    def __init__(
        self,
        tau: float = 2.0,
        v_threshold: float = 1.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Rect(),  # noqa: B008
        step_mode: str = "s",
        store_state_seqs: bool = False,
    ) -> None:
        check_tau(self._get_name(), "tau", tau)
        super().__init__(v_threshold, None, surrogate_function, step_mode=step_mode)
        self.register_memory("m", 0.0)
        self.tau = tau
        self.store_state_seqs = store_state_seqs
        self.state_seqs = None

    def reset(self) -> None:
        """Set every memory to its reset value and forget the kept sequences."""
        super().reset()
        self.state_seqs = None

    def neuronal_charge(self, x: Tensor) -> None:
        """Set the membrane potential after charge, and let the complementary potential decay."""
        self.v = _first.charge_lif_to(self.v, x, self.tau, 0.0)
        self.m = _equations.complement(_memory.fill_like(self.m, x), self.v, self.tau)

    def neuronal_fire(self) -> Tensor:
        """Return the spike; in eval a hard one, without a gradient."""
        above = self.v - self.v_threshold
        hard = not self.training and getattr(self.surrogate_function, "spiking", False)
        return surrogate.heaviside(above) if hard else self.surrogate_function(above)

    def neuronal_reset(self, spike: Tensor) -> None:
        """Add the spike to the complementary potential and set the membrane potential after reset."""
        self.m = self.m + spike
        self.v = _equations.reset_complementary(self.v, spike, self.m, self.v_threshold)

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Take every time step of ``x_seq``, shape ``[T, N, *]``."""
        kept: list[tuple[Tensor, Tensor]] = []
        spikes = []
        for x in x_seq.unbind(0):
            spikes.append(self.single_step_forward(x))
            kept.append((self.v, self.m))
        spike_seq = torch.stack(spikes)
        if self.store_state_seqs:
            self.state_seqs = [torch.stack(states) for states in zip(*kept, strict=True)]
        return spike_seq

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return f"{_arguments(self)}, tau={self.tau}"

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a neuron with two states has no neutral description."""
        raise _refuse(self)


def _arguments(node: BaseNode) -> str:
    return (
        f"v_threshold={node.v_threshold}, v_reset={node.v_reset}, detach_reset={node.detach_reset}, "
        f"step_mode={node.step_mode}"
    )
