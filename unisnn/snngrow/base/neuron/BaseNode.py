"""The base class of spiking neurons: charge, fire, reset, and the memories in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import memory as _memory
from unisnn.core import neuron as _equations
from unisnn.core import scan as _scan
from unisnn.core import spike_tensor as _spike_tensor
from unisnn.core.engines import coverage as _coverage
from unisnn.snngrow.base import _faces
from unisnn.snngrow.base.surrogate.Sigmoid import Sigmoid as _Sigmoid

__all__ = ["BaseNode"]


class BaseNode(_coverage.Fusible, _memory.MemoryModule):
    """A spiking neuron whose charge a subclass provides in :meth:`neuronal_dynamics`.

    Equation::

        h[t] = neuronal_dynamics(v[t-1], x[t])
        s[t] = 1 if h[t] >= v_threshold else 0            gradient: surrogate_function(h - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset             hard reset
        v[t] = h[t] - s[t]*v_threshold                    soft reset, v_reset=None

    In training the surrogate makes the spike. In eval mode the comparison does, with no gradient
    through the spike, whatever the surrogate; the equations are the same.

    Args:
        v_threshold: firing threshold, a float (default 1.0).
        v_reset: value after a spike, a float (default 0.0), or None to subtract ``v_threshold``.
        surrogate_function: surrogate of the fire step, called with ``h - v_threshold``; the default
            is one ``Sigmoid(alpha=4.0)``, shared by all neurons of the class that take the default.
        detach_reset: cut the gradient through the spike in the reset (default False).
        parallel_optim: take all time steps in one call, shape ``[T*N, *]`` (default False).
        T: number of time steps in such a call (default 1); no effect otherwise.
        spike_out: return spikes as a SpikeTensor (default False), whatever the surrogate returns. A
            primitive function (``spiking=False``, in training) is no spike and stays dense.

    Shape:
        ``x``: ``[N, *]``, or ``[T*N, *]`` with ``parallel_optim``; the output has the same shape. The
        membrane potential ``v`` is a float until the first step, then a tensor like ``x``. The
        output's dtype is the one of ``x``; integers give float32 in training, and in eval mode the
        dtype of ``x``.

    Raises:
        AssertionError: an argument is not of the type stated above.
        NotImplementedError: the base class itself is called.

    Source: ``snngrow.base.neuron.BaseNode.BaseNode``, git edition.
    """

    _decides: ClassVar[tuple[str, ...]] = (
        "hard_reset",
        "soft_reset",
        "neuronal_dynamics",
        "neuronal_fire",
        "neuronal_reset",
        "simple_forward",
        "v_float_to_tensor",
    )

    v: Any
    v_reset: Any
    spike_out: bool = False  # a pickle of 0.1.1a1, which has no such attribute, is dense

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
        owner = type(self).__name__
        _check.require_type(v_threshold, float, owner, "v_threshold", "a float")
        _check.require_type(
            v_reset, (float, type(None)), owner, "v_reset", "a float, or None for a soft reset"
        )
        _check.require(
            callable(surrogate_function), owner, "surrogate_function", surrogate_function, "a callable"
        )
        _check.require_type(detach_reset, bool, owner, "detach_reset", "True or False")
        _check.require_type(parallel_optim, bool, owner, "parallel_optim", "True or False")
        _check.require_type(T, int, owner, "T", "an int")
        super().__init__()
        self.parallel_optim = parallel_optim
        self.T = T
        self.register_memory("v", 0.0 if v_reset is None else v_reset)
        self.v_threshold = v_threshold
        self.v_reset = v_reset
        self.detach_reset = detach_reset
        self.surrogate_function = surrogate_function
        self.spike_out = spike_out

    @staticmethod
    def hard_reset(v: Tensor, spike: Tensor, v_reset: float, spike_out: bool = False) -> Tensor:
        """Return ``(1 - s)*v + s*v_reset``; ``spike`` is dense or a SpikeTensor, whatever ``spike_out``."""
        return _equations.reset_hard(v, _spike_tensor.to_dense(spike), v_reset)

    @staticmethod
    def soft_reset(v: Tensor, spike: Tensor, v_threshold: float, spike_out: bool = False) -> Tensor:
        """Return ``v - s*v_threshold``; ``spike`` is dense or a SpikeTensor, whatever ``spike_out``."""
        return _equations.reset_soft(v, _spike_tensor.to_dense(spike), v_threshold)

    def neuronal_dynamics(self, x: Tensor) -> None:
        """Charge: set ``v`` to the membrane potential before the fire step; a subclass provides it."""
        raise NotImplementedError(
            f"{type(self).__name__}: a subclass of BaseNode must provide neuronal_dynamics"
        )

    def neuronal_fire(self, x: Tensor) -> Tensor:
        """Fire: return the spikes of ``v``; ``x``, the step's input, decides the dtype in eval mode."""
        if self.training:
            return self._spikes(self.surrogate_function(self.v - self.v_threshold))
        fired = self.v >= self.v_threshold
        if self.spike_out:
            return _spike_tensor.SpikeTensor(fired, x.dtype if x.is_floating_point() else torch.float32)
        return fired.to(x)

    def _spikes(self, s: Tensor) -> Tensor:
        if not self.spike_out:
            return _spike_tensor.to_dense(s)
        primitive = not getattr(self.surrogate_function, "spiking", True)
        return s if primitive else _spike_tensor.from_dense(s)

    def neuronal_reset(self, spike: Tensor) -> None:
        """Reset: set ``v`` to the membrane potential after the spikes, hard or soft."""
        s = spike.detach() if self.detach_reset else spike
        flag = _faces.spike_out_argument(self.spike_out)
        if self.v_reset is None:
            self.v = self.soft_reset(self.v, s, self.v_threshold, *flag)
        else:
            self.v = self.hard_reset(self.v, s, self.v_reset, *flag)

    def extra_repr(self) -> str:
        """Return the arguments as text, those that upstream shows."""
        return (
            f"v_threshold={self.v_threshold}, v_reset={self.v_reset}, detach_reset={self.detach_reset}, "
            f"parallel_optim={self.parallel_optim}, T={self.T}"
        )

    def simple_forward(self, x: Tensor) -> Tensor:
        """Return the spikes of one time step: charge, fire, reset."""
        self.v_float_to_tensor(x)
        self.neuronal_dynamics(x)
        spike = self.neuronal_fire(x)
        self.neuronal_reset(spike)
        return spike

    def v_float_to_tensor(self, x: Tensor) -> None:
        """Turn a float ``v`` into a tensor of the shape, dtype and device of ``x``."""
        self.v = _memory.fill_like(self.v, x)

    def parallel_optim_forward(self, x_seq: Tensor) -> Tensor:
        """Return the spikes of ``T`` time steps.

        Equation::

            y[t*N + n] = simple_forward(x_seq[t*N : (t+1)*N])[n]          t = 0, ..., T-1

        Args:
            x_seq: shape ``[T*N, *]``, time outermost.

        Shape: ``[T*N, *]``.

        Raises:
            ValueError: ``T`` is less than 1, or ``x_seq`` is 0-dimensional.
            RuntimeError: the first dimension is not a multiple of ``T``.
        """
        owner = type(self).__name__
        if self.T < 1 or x_seq.dim() == 0:
            raise ValueError(
                f"{owner}: T={self.T} with an input of shape {list(x_seq.shape)} is not accepted; "
                "expected T >= 1 and an input [T*N, *]"
            )
        if x_seq.shape[0] % self.T:
            raise RuntimeError(
                f"{owner}: an input of shape {list(x_seq.shape)} is not accepted; "
                f"expected a first dimension that is a multiple of T={self.T}"
            )
        steps = x_seq.unflatten(0, (self.T, x_seq.shape[0] // self.T))
        ran = None if self.spike_out else _coverage.run(self, steps, self.v)
        if ran is None:
            return _scan.scan(self.simple_forward, steps, owner).flatten(0, 1)
        spikes, self.v, _ = ran
        return spikes.flatten(0, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the spikes of one time step, or of ``T`` steps with ``parallel_optim``."""
        return self.parallel_optim_forward(x) if self.parallel_optim else self.simple_forward(x)


_faces.serve_as_module(BaseNode)
