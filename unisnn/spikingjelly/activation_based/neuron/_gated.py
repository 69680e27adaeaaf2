"""The gated leaky integrate-and-fire neuron, whose leak, input and reset are learned mixtures."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.core import memory as _memory
from unisnn.core import neuron_second_state as _equations
from unisnn.core import scan as _scan
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import base, surrogate
from unisnn.spikingjelly.activation_based.neuron._no_spec import refuse as _refuse

__all__ = ["GatedLIFNode"]


class GatedLIFNode(base.MemoryModule):
    """The gated leaky integrate-and-fire neuron (GLIF).

    Equation, with every parameter behind a sigmoid::

        i[t] = x[t]*(1 - beta*(1 - conduct[t]))
        d    = 1 - alpha*(1 - tau)
        h[t] = d*v[t-1] - (1 - alpha)*linear_decay + i[t]
               - d*v[t-1]*gamma*s[t-1] - (1 - gamma)*v_subreset*s[t-1]
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = h[t]

    The spike before the first step of a call is 0. The gates ``alpha``, ``beta``, ``gamma`` start at
    random, drawn from NumPy's global generator: ``0.2*(u - 0.5)``, u uniform in [0, 1).

    Args:
        T: number of time steps.
        inplane: number of channels, each with parameters of its own; ``None`` (default) for one set.
        init_linear_decay: ``linear_decay`` at first; ``None`` for ``init_v_threshold/(2*T)``.
        init_v_subreset: ``v_subreset`` at first; ``None`` for ``init_v_threshold``.
        init_tau: what exponential decay leaves at first (default 0.25).
        init_v_threshold: firing threshold at first (default 0.5).
        init_conduct: conductance of every step at first (default 0.5).
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        step_mode: ``'m'``, the only one.
        backend: ``'torch'``.

    Shape: ``[T, N, C, H, W]``, or what broadcasts with ``[1, C, 1, 1]`` to the same. The memories ``v`` and
    ``u`` both hold the membrane potential after the last step.

    Raises:
        AssertionError: an argument of a wrong type; ``init_tau``, ``init_linear_decay`` or
            ``init_v_subreset`` not below 1; ``step_mode`` other than ``'m'``.
        ValueError: a value at first that no sigmoid gives; an input with other than ``T`` time steps.
        NotImplementedError: a call in step mode ``'s'``.

    Source: ``neuron.GatedLIFNode``, SpikingJelly 2.0.0 (there an input with more than ``T`` time steps is cut
        off); Yao et al., "GLIF: A Unified Gated Leaky Integrate-and-Fire Neuron for Spiking Neural Networks",
        NeurIPS 2022.
    """

    v: Any
    u: Any

    def __init__(
        self,
        T: int,
        inplane: int | None = None,
        init_linear_decay: float | None = None,
        init_v_subreset: float | None = None,
        init_tau: float = 0.25,
        init_v_threshold: float = 0.5,
        init_conduct: float = 0.5,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        step_mode: str = "m",
        backend: str = "torch",
    ) -> None:
        owner = self._get_name()
        whole: tuple[type, ...] = (int, type(None))
        _check.require_type(T, int, owner, "T", "an int")
        _check.require_type(inplane, whole, owner, "inplane", "an int or None")
        _below_one(owner, "init_tau", init_tau)
        _below_one(owner, "init_linear_decay", init_linear_decay, optional=True)
        _below_one(owner, "init_v_subreset", init_v_subreset, optional=True)
        _check.require_type(init_v_threshold, float, owner, "init_v_threshold", "a float")
        _check.require(step_mode == "m", owner, "step_mode", step_mode, "'m', the only one")
        super().__init__()
        self.register_memory("v", 0.0)
        self.register_memory("u", 0.0)
        self.step_mode = step_mode
        self.backend = backend
        self.T = T
        self.surrogate_function = surrogate_function
        decay = init_v_threshold / (T * 2) if init_linear_decay is None else init_linear_decay
        subreset = init_v_threshold if init_v_subreset is None else init_v_subreset
        shape = () if inplane is None else (inplane,)
        for name in ("alpha", "beta", "gamma"):
            gate = torch.as_tensor(0.2 * (np.random.rand(*shape) - 0.5), dtype=torch.float32)
            setattr(self, name, nn.Parameter(gate))
        for name, value, size in (
            ("tau", init_tau, shape),
            ("v_threshold", init_v_threshold, shape),
            ("linear_decay", decay, shape),
            ("v_subreset", subreset, shape),
            ("conduct", init_conduct, (T, *shape)),
        ):
            setattr(self, name, nn.Parameter(torch.full(size, _behind_sigmoid(owner, name, value))))

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Take all time steps."""
        if x_seq.shape[0] != self.T:
            raise ValueError(
                f"{self._get_name()}: an input of shape {list(x_seq.shape)} is not accepted; "
                f"expected T={self.T} time steps"
            )
        gates = ("alpha", "beta", "gamma", "tau", "v_threshold", "linear_decay", "v_subreset")
        alpha, beta, gamma, tau, v_threshold, linear_decay, v_subreset = (
            _gate(getattr(self, name)) for name in gates
        )
        self.v = _memory.fill_like(self.v, x_seq[0])
        spike = torch.zeros(x_seq.shape[1:], dtype=x_seq.dtype, device=x_seq.device)
        conductances = iter(range(self.T))

        def step(x: Tensor) -> Tensor:
            nonlocal spike
            given = _equations.conduct(x, beta, _gate(self.conduct[next(conductances)]))
            self.v = self.u = _equations.charge_gated(
                self.v, given, spike, alpha, gamma, tau, linear_decay, v_subreset
            )
            spike = self.surrogate_function(self.v - v_threshold)
            return spike

        return _scan.scan(step, x_seq, self._get_name())

    def extra_repr(self) -> str:
        """Return step mode and parameters in SpikingJelly's wording."""
        return (
            f"step_mode={self.step_mode}, tau={self.tau}, v_subreset={self.v_subreset}, "
            f"linear_decay={self.linear_decay}, conduct={self.conduct}"
        )

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a neuron whose reset comes a step later has no neutral description."""
        raise _refuse(self)


def _gate(parameter: Tensor) -> Tensor:
    return parameter.view(1, -1, 1, 1).sigmoid()


def _below_one(owner: str, argument: str, value: float | None, optional: bool = False) -> None:
    accepted = (isinstance(value, float) and value < 1.0) or (optional and value is None)
    _check.require(accepted, owner, argument, value, f"a float below 1{' or None' if optional else ''}")


def _behind_sigmoid(owner: str, name: str, value: float) -> float:
    """Return the number whose sigmoid is ``value``."""
    if not 0.0 < value < 1.0:
        raise ValueError(f"{owner}: {name}={value!r} is not accepted at first; expected a float in (0, 1)")
    return -math.log(1 / value - 1)
