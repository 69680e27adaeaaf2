"""The integrate-and-fire neuron."""

from __future__ import annotations

from torch import Tensor

from unisnn.core import engines as _engines
from unisnn.core import neuron as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based.neuron import _describe, _eval_functions
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode

__all__ = ["IFNode"]


class IFNode(_eval_functions.IFEval, BaseNode):
    """The integrate-and-fire neuron: a membrane potential without leak.

    Equation::

        h[t] = v[t-1] + x[t]
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    In eval the spike is ``h >= v_threshold`` in the dtype of the input and carries no gradient,
    whatever the surrogate; ``v`` keeps its graph. A subclass that overrides ``neuronal_charge``,
    ``neuronal_fire`` or ``neuronal_reset`` runs through its hooks in eval too.

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        backend: ``'torch'`` (default); ``'cupy'`` is a request in step mode ``'m'``.
        store_v_seq: default False.

    Shape: as :class:`BaseNode`.

    Raises: as :class:`BaseNode`.

    Source: ``neuron.IFNode``, SpikingJelly 0.0.0.0.14.
    """

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """The backends of the present step mode: ``('torch',)``, and ``'cupy'`` in ``'m'``."""
        return ("torch",) if self.step_mode == "s" else ("torch", "cupy")

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to ``v + x``."""
        self.v = _equations.charge_if(self.v, x)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step."""
        if self.training or self._runs_own_hooks(IFNode):
            return super().single_step_forward(x)
        self.v_float_to_tensor(x)
        return self._fire_and_reset_in_eval(_equations.charge_if(self.v, x), x)

    def _plan(self) -> _engines.Plan | None:
        return self._planned("charge_if", (), hard=not self.training)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``IFNode`` given as ``self``."""
        return _describe.describe(self, "IFNode", "charge_if", hard_in_eval=True)
