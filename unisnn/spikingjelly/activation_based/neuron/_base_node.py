"""The frame of every spiking neuron: fire, reset, and the loop over time around a charge equation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import engines as _engines
from unisnn.core import memory as _memory
from unisnn.core import neuron as _equations
from unisnn.core import scan as _scan
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage
from unisnn.spikingjelly.activation_based import base, surrogate

__all__ = ["BaseNode", "check_tau"]


def check_tau(owner: str, argument: str, tau: object) -> None:
    """Raise ``AssertionError`` unless ``tau`` is a float greater than 1."""
    _check.require(isinstance(tau, float) and tau > 1.0, owner, argument, tau, "a float greater than 1.0")


class BaseNode(_coverage.Fusible, base.MemoryModule):
    """A spiking neuron whose charge equation a subclass defines.

    Equation::

        h[t] = neuronal_charge(x[t])                     the subclass's, on self.v
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    A subclass writes the new membrane potential to ``self.v`` in ``neuronal_charge`` and may
    override ``neuronal_fire`` and ``neuronal_reset``. They are called in train and eval, in both
    step modes.

    Args:
        v_threshold: firing threshold (default 1.0); a tensor may be assigned later.
        v_reset: value after a spike (default 0.0); ``None`` subtracts the threshold instead.
        surrogate_function: makes the spike of ``h - v_threshold`` and its gradient (default
            ``Sigmoid(alpha=4.0)``, one object for all neurons of the class).
        detach_reset: whether the reset equation lets no gradient through the spike (default False).
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        backend: ``'torch'``, or a request for a faster one (default ``'torch'``).
        store_v_seq: whether step mode ``'m'`` keeps the membrane potential after each step in the
            memory ``v_seq`` (default False).

    Shape:
        - ``'s'``: ``[N, *] -> [N, *]``
        - ``'m'``: ``[T, N, *] -> [T, N, *]``, ``T >= 1``; ``v_seq`` has the same shape

    ``v`` is a float (``v_reset``, or 0.0 for ``None``) until the first step makes it a tensor of the
    input's shape, dtype and device. The spike has the dtype of ``h``. ``forward_kernel``,
    ``backward_kernel`` (``None``) and ``lava_s_cale`` (64) are there to be read.

    Raises:
        AssertionError: ``v_threshold`` is no float, ``v_reset`` no float or None, or
            ``detach_reset`` no bool.
        ValueError: ``step_mode`` is not supported.
        NotImplementedError: ``backend`` is not supported, or the subclass has no charge equation.

    Source: ``neuron.BaseNode``, SpikingJelly 0.0.0.0.14.
    """

    _hooks: tuple[str, ...] = (
        "neuronal_charge",
        "neuronal_fire",
        "neuronal_reset",
        "jit_hard_reset",
        "jit_soft_reset",
    )

    _decides = (*_hooks, "single_step_forward", "v_float_to_tensor")

    v: Any
    v_seq: Tensor | None
    v_reset: Any
    v_threshold: Any
    surrogate_function: Any
    forward_kernel: Any = None
    backward_kernel: Any = None
    lava_s_cale: int = 64

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        backend: str = "torch",
        store_v_seq: bool = False,
    ) -> None:
        owner = self._get_name()
        _check.require_type(v_reset, (float, type(None)), owner, "v_reset", "a float or None")
        _check.require_type(v_threshold, float, owner, "v_threshold", "a float")
        _check.require_type(detach_reset, bool, owner, "detach_reset", "a bool")
        super().__init__()
        self.register_memory("v", 0.0 if v_reset is None else v_reset)
        self.v_threshold = v_threshold
        self.v_reset = v_reset
        self.detach_reset = detach_reset
        self.surrogate_function = surrogate_function
        self.step_mode = step_mode
        self.backend = backend
        self.store_v_seq = store_v_seq

    @property
    def store_v_seq(self) -> bool:
        """Whether step mode ``'m'`` keeps the membrane potential of every step in ``v_seq``."""
        return self._store_v_seq

    @store_v_seq.setter
    def store_v_seq(self, value: bool) -> None:
        self._store_v_seq = value
        if value and not hasattr(self, "v_seq"):
            self.register_memory("v_seq", None)

    @staticmethod
    def jit_hard_reset(v: Tensor, spike: Tensor, v_reset: float) -> Tensor:
        """Return ``(1 - spike)*v + spike*v_reset``."""
        return _equations.reset_hard(v, spike, v_reset)

    @staticmethod
    def jit_soft_reset(v: Tensor, spike: Tensor, v_threshold: float) -> Tensor:
        """Return ``v - spike*v_threshold``."""
        return _equations.reset_soft(v, spike, v_threshold)

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
            self.v = self.jit_soft_reset(self.v, spike, self.v_threshold)
        else:
            self.v = self.jit_hard_reset(self.v, spike, self.v_reset)

    def v_float_to_tensor(self, x: Tensor) -> None:
        """Make a float ``v`` a tensor of the shape, dtype and device of ``x``."""
        self.v = _memory.fill_like(self.v, x)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step: charge, fire, reset."""
        self.v_float_to_tensor(x)
        self.neuronal_charge(x)
        spike = self.neuronal_fire()
        self.neuronal_reset(spike)
        return spike

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        """Take every time step of ``x_seq``, shape ``[T, N, *]``."""
        ran = self._run_fused(x_seq)
        return self._run_loop(x_seq) if ran is None else ran

    def _run_fused(self, x_seq: Tensor) -> Tensor | None:
        ran = _coverage.run(self, x_seq, self.v)
        return None if ran is None else self._keep(*ran)

    def _keep(self, spike_seq: Tensor, v: Tensor, v_seq: Tensor | None, *more: Tensor) -> Tensor:
        """Set the memories to the states of a run, and return its spikes."""
        self.v = v
        if self.store_v_seq:
            self.v_seq = v_seq
        return spike_seq

    def _planned(self, charge: str, constants: tuple[float, ...], *, hard: bool) -> _engines.Plan | None:
        states = "first" if self.store_v_seq else ""
        return _coverage.plan(self, charge, constants, hard=hard, states=states)

    def _run_loop(self, x_seq: Tensor) -> Tensor:
        if not self.store_v_seq:
            return _scan.scan(self.single_step_forward, x_seq, self._get_name())
        v_seq = []

        def step(x: Tensor) -> Tensor:
            spike = self.single_step_forward(x)
            v_seq.append(self.v)
            return spike

        spike_seq = _scan.scan(step, x_seq, self._get_name())
        self.v_seq = torch.stack(v_seq)
        return spike_seq

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return (
            f"v_threshold={self.v_threshold}, v_reset={self.v_reset}, detach_reset={self.detach_reset}, "
            f"step_mode={self.step_mode}, backend={self.backend}"
        )

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a bare charge equation of a subclass has no neutral description."""
        raise TypeError(
            f"{type(self).__qualname__}: its charge equation is its own, so no neutral description says what "
            "it computes; expected IFNode, LIFNode or ParametricLIFNode"
        )

    def _runs_own_hooks(self, library_class: type[BaseNode]) -> bool:
        """Say whether a subclass of ``library_class``, or the object, replaces charge, fire or reset."""
        cls = type(self)
        return any(
            name in self.__dict__ or getattr(cls, name) is not getattr(library_class, name)
            for name in self._hooks
        )

    def _fire_and_reset_in_eval(self, h: Tensor, x: Tensor) -> Tensor:
        """Return a hard spike in the dtype of ``x``, without a graph, after the reset of ``v``."""
        spike = (h >= self.v_threshold).to(x)
        if self.v_reset is None:
            self.v = _equations.reset_soft(h, spike, self.v_threshold)
        else:
            self.v = _equations.reset_hard_eval(h, spike, self.v_reset)
        return spike
