"""The integrate-and-fire neuron."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from unisnn.core import engines as _engines
from unisnn.core import neuron as _equations
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage
from unisnn.snngrow.base import _describe, _faces
from unisnn.snngrow.base.neuron.BaseNode import BaseNode as _BaseNode
from unisnn.snngrow.base.surrogate.Sigmoid import Sigmoid as _Sigmoid

__all__ = ["IFNode"]


class IFNode(_BaseNode):
    """Integrate-and-fire neuron: it adds its input up and forgets nothing.

    Equation::

        h[t] = v[t-1] + x[t]
        s[t] = 1 if h[t] >= v_threshold else 0            gradient: surrogate_function(h - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset             or h - s*v_threshold with v_reset=None

    Args:
        v_threshold: firing threshold, a float (default 1.0).
        v_reset: value after a spike, a float (default 0.0), or None to subtract ``v_threshold``.
        surrogate_function: surrogate of the fire step (default ``Sigmoid(alpha=4.0)``, shared).
        detach_reset: cut the gradient through the spike in the reset (default False).
        parallel_optim: take all time steps in one call, shape ``[T*N, *]`` (default False).
        T: number of time steps in such a call (default 1).
        spike_out: return spikes as a SpikeTensor (default False).

    Shape:
        as :class:`BaseNode`.

    Raises:
        AssertionError: an argument is not of the type stated above.

    Source: ``snngrow.base.neuron.IFNode.IFNode``, git edition.
    """

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[..., Tensor] = _Sigmoid(alpha=4.0, spiking=True),  # noqa: B008
        detach_reset: bool = False,
        parallel_optim: bool = False,
        T: int = 1,
        spike_out: bool = False,
    ) -> None:
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset, parallel_optim, T, spike_out)

    def neuronal_dynamics(self, x: Tensor) -> None:
        """Charge: ``v = v + x``."""
        self.v = _equations.charge_if(self.v, x)

    def _plan(self) -> _engines.Plan | None:
        return _coverage.plan(self, "charge_if", hard=not self.training)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description."""
        return _describe.neuron(self, "charge_if")


_faces.serve_as_module(IFNode)
