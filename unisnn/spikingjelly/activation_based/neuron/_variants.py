"""Leaky neurons with a learned scale, and leaky neurons with an analog output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import engines as _engines
from unisnn.core import neuron_nonlinear as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.neuron import _describe
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode, check_tau
from unisnn.spikingjelly.activation_based.neuron._leaky import LIFNode

__all__ = ["KLIFNode", "LIAFNode"]


class KLIFNode(BaseNode):
    """The leaky integrate-and-fire neuron with a learned scale of its rectified membrane potential.

    Equation (``r`` is ``v_reset``, or 0 for ``None``)::

        f[t] = v[t-1] + (x[t] - (v[t-1] - r))/tau        decay_input=True
        f[t] = v[t-1] - (v[t-1] - r)/tau + x[t]          decay_input=False
        h[t] = relu(k*f[t])                              k = 1 at first
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    With ``scale_reset`` the scale is taken back::

        v[t] = (1 - s[t])*(h[t]/k) + s[t]*v_reset        v_reset a float
        v[t] = (h[t] - s[t]*v_threshold)/k               v_reset None

    Eval and training compute the same, and the spike is differentiable in both.

    Args:
        scale_reset: whether the reset divides by ``k`` (default False).
        tau: membrane time constant (default 2.0).
        decay_input: whether the input is divided by ``tau`` too (default True).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        backend: ``'torch'`` (default).
        store_v_seq: default False.

    Shape: as :class:`BaseNode`; the parameter ``k`` has shape ``[]`` and torch's default dtype.

    Raises:
        AssertionError: ``tau`` is no float greater than 1; the rest as :class:`BaseNode`.

    Source: ``neuron.KLIFNode``, SpikingJelly 0.0.0.0.14 (there ``v_reset=None`` fails at the first step);
        Jiang and Zhang, "KLIF: An optimized spiking neuron unit for tuning surrogate gradient slope and
        membrane potential", 2023.
    """

    _decides = (*BaseNode._decides, "neuronal_charge_decay_input", "neuronal_charge_no_decay_input")

    def __init__(
        self,
        scale_reset: bool = False,
        tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        backend: str = "torch",
        store_v_seq: bool = False,
    ) -> None:
        check_tau(self._get_name(), "tau", tau)
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, backend, store_v_seq
        )
        self.scale_reset = scale_reset
        self.tau = tau
        self.decay_input = decay_input
        self.k = nn.Parameter(torch.as_tensor(1.0))

    @staticmethod
    def neuronal_charge_decay_input(x: Tensor, v: Tensor, v_reset: float, tau: float, k: Tensor) -> Tensor:
        """Return ``relu(k*(v + (x - (v - v_reset))/tau))``."""
        return _equations.charge_klif_decay_input(v, x, tau, v_reset, k)

    @staticmethod
    def neuronal_charge_no_decay_input(x: Tensor, v: Tensor, v_reset: float, tau: float, k: Tensor) -> Tensor:
        """Return ``relu(k*(v - (v - v_reset)/tau + x))``."""
        return _equations.charge_klif(v, x, tau, v_reset, k)

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        rest = 0.0 if self.v_reset is None else self.v_reset
        charge = self.neuronal_charge_decay_input if self.decay_input else self.neuronal_charge_no_decay_input
        self.v = charge(x, self.v, rest, self.tau, self.k)

    def neuronal_reset(self, spike: Tensor) -> None:
        """Set ``v`` to the membrane potential after reset."""
        spike = spike.detach() if self.detach_reset else spike
        if self.v_reset is None:
            v = self.jit_soft_reset(self.v, spike, self.v_threshold)
            self.v = v / self.k if self.scale_reset else v
        else:
            v = self.v / self.k if self.scale_reset else self.v
            self.v = self.jit_hard_reset(v, spike, self.v_reset)

    def _plan(self) -> _engines.Plan | None:
        charge = "charge_klif_decay_input" if self.decay_input else "charge_klif"
        rest = 0.0 if self.v_reset is None else self.v_reset
        planned = self._planned(charge, (self.tau, rest), hard=False)
        if planned is None or not self.scale_reset:
            return planned
        return planned._replace(reset=f"{planned.reset} scaled")

    def _learned(self) -> Tensor:
        return self.k

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``KLIFNode`` given as ``self``."""
        return _describe.scaled(self, "KLIFNode")


class LIAFNode(LIFNode):
    """The leaky integrate-and-analog-fire neuron: it resets by spikes and gives an activation.

    Equation::

        h[t] = charge of LIFNode
        y[t] = act(h[t] - v_threshold)                   threshold_related
        y[t] = act(h[t])                                 otherwise
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = reset of LIFNode by s[t]

    The output is ``y``, not ``s``, in both step modes, in training and in eval.

    Args:
        act: the activation, such as ``torch.relu``.
        threshold_related: whether the threshold is subtracted before ``act``.
        args: as for :class:`LIFNode`.
        kwargs: as for :class:`LIFNode`; ``backend`` is ``'torch'``.

    Shape: as :class:`BaseNode`; the output has the dtype that ``act`` gives.

    Raises: as :class:`LIFNode`.

    Source: ``neuron.LIAFNode``, SpikingJelly 0.0.0.0.14 (there the constructor fails); Wu et al.,
        "LIAF-Net: Leaky Integrate and Analog Fire Network for Lightweight and Efficient Spatiotemporal
        Information Processing", 2021.
    """

    def __init__(
        self, act: Callable[[Tensor], Tensor], threshold_related: bool, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        self.threshold_related = threshold_related

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """The backends that can be chosen: ``('torch',)``."""
        return ("torch",)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step and return the activation."""
        self.v_float_to_tensor(x)
        self.neuronal_charge(x)
        y = self.act(self.v - self.v_threshold if self.threshold_related else self.v)
        self.neuronal_reset(self.neuronal_fire())
        return y

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, if ``act`` is one of torch's activations without parameters."""
        if self.step_mode == "m" and _describe.is_version_2(self):
            raise TypeError("LIAFNode: in step mode 'm' 2.0.0 gives spikes, not the activation; expected 's'")
        leaky = _describe.leaky(self, "LIAFNode", "charge_lif", _spec.values(tau=self.tau))
        return _describe.analog(self, "LIAFNode", leaky)
