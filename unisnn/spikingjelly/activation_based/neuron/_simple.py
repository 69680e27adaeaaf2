"""Neurons in as few lines as they take: for reading, and for trying out another charge equation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unisnn.core import neuron as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import base, surrogate
from unisnn.spikingjelly.activation_based.neuron._no_spec import refuse as _refuse

__all__ = ["SimpleBaseNode", "SimpleIFNode", "SimpleLIFNode"]


class SimpleBaseNode(base.MemoryModule):
    """A spiking neuron whose charge equation a subclass defines, without checks.

    Equation::

        h[t] = neuronal_charge(x[t])                     the subclass's, on self.v
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = s[t]*v_reset + (1 - s[t])*h[t]            v_reset a number
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    The membrane potential starts at 0, whatever ``v_reset`` is.

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, *] -> [N, *]``; ``'m'``: ``[T, N, *] -> [T, N, *]``.

    Raises:
        ValueError: ``step_mode`` is not supported.
        NotImplementedError: the subclass has no charge equation.

    Source: ``neuron.SimpleBaseNode``, SpikingJelly 2.0.0.
    """

    v: Any

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
    ) -> None:
        super().__init__()
        self.v_threshold = v_threshold
        self.v_reset = v_reset
        self.surrogate_function = surrogate_function
        self.detach_reset = detach_reset
        self.step_mode = step_mode
        self.register_memory("v", 0.0)

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``self.v`` to the membrane potential after charge; a subclass defines it."""
        raise NotImplementedError(f"{self._get_name()} does not define neuronal_charge")

    def neuronal_fire(self) -> Tensor:
        """Return the spike ``surrogate_function(v - v_threshold)``."""
        return self.surrogate_function(self.v - self.v_threshold)

    def neuronal_reset(self, spike: Tensor) -> None:
        """Set ``self.v`` to the membrane potential after reset."""
        spike = spike.detach() if self.detach_reset else spike
        if self.v_reset is None:
            self.v = _equations.reset_soft(self.v, spike, self.v_threshold)
        else:
            self.v = _equations.reset_hard_eval(self.v, spike, self.v_reset)

    def single_step_forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Take one time step: charge, fire, reset."""
        self.neuronal_charge(x)
        spike = self.neuronal_fire()
        self.neuronal_reset(spike)
        return spike

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Take every time step of ``x_seq``, shape ``[T, N, *]``."""
        return torch.stack([self.single_step_forward(x) for x in x_seq.unbind(0)])

    def extra_repr(self) -> str:
        """Return the step mode."""
        return f"step_mode={self.step_mode}"

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: there is no neutral description of it yet."""
        raise _refuse(self)


class SimpleIFNode(SimpleBaseNode):
    """The integrate-and-fire neuron on :class:`SimpleBaseNode`.

    Equation::

        h[t] = v[t-1] + x[t]                             the rest as SimpleBaseNode

    Args:
        v_threshold, v_reset, surrogate_function, detach_reset, step_mode: as :class:`SimpleBaseNode`.

    Shape: as :class:`SimpleBaseNode`.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``neuron.SimpleIFNode``, SpikingJelly 2.0.0.
    """

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to ``v + x``."""
        self.v = _equations.charge_if(self.v, x)


class SimpleLIFNode(SimpleBaseNode):
    """The leaky integrate-and-fire neuron on :class:`SimpleBaseNode`.

    Equation (``r`` is ``v_reset``, or 0 for ``None``)::

        h[t] = v[t-1] + (x[t] - (v[t-1] - r))/tau        decay_input=True
        h[t] = v[t-1] - (v[t-1] - r)/tau + x[t]          decay_input=False

    Args:
        tau: membrane time constant.
        decay_input: whether the input is divided by ``tau`` too.
        v_threshold, v_reset, surrogate_function, detach_reset, step_mode: as :class:`SimpleBaseNode`.

    Shape: as :class:`SimpleBaseNode`.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``neuron.SimpleLIFNode``, SpikingJelly 2.0.0 (there a soft reset fails).
    """

    def __init__(
        self,
        tau: float,
        decay_input: bool,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
    ) -> None:
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset, step_mode)
        self.tau = tau
        self.decay_input = decay_input

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        rest = 0.0 if self.v_reset is None else self.v_reset
        if self.decay_input:
            self.v = _equations.charge_lif_decay_input_to(self.v, x, self.tau, rest)
        else:
            self.v = _equations.charge_lif_to(self.v, x, self.tau, rest)
