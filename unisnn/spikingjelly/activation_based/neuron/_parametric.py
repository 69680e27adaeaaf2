"""The leaky integrate-and-fire neuron that learns its membrane time constant."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from unisnn.core import engines as _engines
from unisnn.core import neuron as _equations
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage
from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.neuron import _describe
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode, check_tau

__all__ = ["ParametricLIFNode"]


class ParametricLIFNode(BaseNode):
    """The leaky integrate-and-fire neuron that learns its membrane time constant.

    Equation (``r`` is ``v_reset``, or 0 for ``None``)::

        q    = sigmoid(w) = 1/tau                        w = -log(init_tau - 1) at first
        h[t] = v[t-1] + (x[t] - (v[t-1] - r))*q          decay_input=True
        h[t] = v[t-1] - (v[t-1] - r)*q + x[t]            decay_input=False
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Where ``r`` is 0 it is left out: ``v + (x - v)*q`` and ``v*(1 - q) + x``. Eval and training
    compute the same, and the spike is differentiable in both.

    Args:
        init_tau: membrane time constant before training (default 2.0).
        decay_input: whether the input is scaled by ``q`` too (default True).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft
            reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        backend: ``'torch'`` (default); ``'cupy'`` is a request in step mode ``'m'``.
        store_v_seq: default False.

    Shape: as :class:`BaseNode`; the parameter ``w`` has shape ``[]`` and torch's default dtype.

    Raises:
        AssertionError: ``init_tau`` is no float greater than 1; the rest as :class:`BaseNode`.

    Source: ``neuron.ParametricLIFNode``, SpikingJelly 0.0.0.0.14; Fang et al., "Incorporating
        Learnable Membrane Time Constant to Enhance Learning of Spiking Neural Networks", ICCV 2021.
    """

    def __init__(
        self,
        init_tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        backend: str = "torch",
        store_v_seq: bool = False,
    ) -> None:
        check_tau(self._get_name(), "init_tau", init_tau)
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, backend, store_v_seq
        )
        self.decay_input = decay_input
        self.w = nn.Parameter(torch.as_tensor(-math.log(init_tau - 1.0)))

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """The backends of the present step mode: ``('torch',)``, and ``'cupy'`` in ``'m'``."""
        return ("torch",) if self.step_mode == "s" else ("torch", "cupy")

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        q, to_zero = self.w.sigmoid(), _describe.rests_at_zero(self.v_reset)
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
        equation = _coverage.towards(charge, (), self.v_reset, _describe.rests_at_zero(self.v_reset))
        return self._planned(*equation, hard=False)

    def _learned(self) -> Tensor:
        return self.w

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording, with the present ``tau = 1/sigmoid(w)``."""
        with torch.no_grad():
            tau = 1.0 / self.w.sigmoid()
        return super().extra_repr() + f", tau={tau}"

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``ParametricLIFNode`` given as ``self``."""
        return _describe.leaky(self, "ParametricLIFNode", "charge_plif", learnable=("w",))
