"""Neurons that take all time steps at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unisnn.core import scan as _scan
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage
from unisnn.spikingjelly.clock_driven import surrogate
from unisnn.spikingjelly.clock_driven.neuron import _backend, _describe
from unisnn.spikingjelly.clock_driven.neuron._base_node import BaseNode
from unisnn.spikingjelly.clock_driven.neuron._leaky import IFNode, LIFNode, ParametricLIFNode
from unisnn.spikingjelly.clock_driven.neuron._nonlinear import EIFNode, GeneralNode

__all__ = [
    "MultiStepEIFNode",
    "MultiStepGeneralNode",
    "MultiStepIFNode",
    "MultiStepLIFNode",
    "MultiStepParametricLIFNode",
]


class _MultiStep(BaseNode):
    """The loop over time, and what comes with it: the backend and the memory ``v_seq``."""

    v_seq: Tensor | None

    def _over_time(self, backend: str) -> None:
        self.register_memory("v_seq", None)
        _backend.check_backend(backend)
        self.backend = backend

    def forward(self, x_seq: Tensor) -> Tensor:
        """Take every time step of ``x_seq``, shape ``[T, N, *]``."""
        ran = _coverage.run(self, x_seq, self.v) if self._starts_exactly(x_seq) else None
        if ran is not None:
            spike_seq, self.v, self.v_seq = ran
            return spike_seq
        return self._run_loop(x_seq, super().forward)

    def _starts_exactly(self, x_seq: Tensor) -> bool:
        """Say whether a tensor filled with ``v`` is what the number ``v`` is to the first step.

        The loop meets it as a double; in the equations covered, zero and ``v_reset`` make no difference but
        where the dtype cannot hold ``v_reset``.
        """
        v = self.v
        wide = x_seq.dtype in (torch.float32, torch.float64)
        return isinstance(v, Tensor) or v == 0.0 or (wide and v == self.v_reset)

    def _starts_in_default(self, x_seq: Tensor) -> bool:
        """Say the same where the first step makes ``v`` a 0-dim tensor of torch's default dtype."""
        return isinstance(self.v, Tensor) or x_seq.dtype == torch.get_default_dtype() == torch.float32

    def _run_loop(self, x_seq: Tensor, one_step: Callable[[Tensor], Tensor]) -> Tensor:
        v_seq: list[Tensor] = []

        def step(x: Tensor) -> Tensor:
            spike = one_step(x)
            v_seq.append(self.v.unsqueeze(0))  # here, for autograd sums its gradient in this place
            return spike

        spike_seq = _scan.scan(step, x_seq, self._get_name())
        self.v_seq = torch.cat(v_seq)
        return spike_seq

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return super().extra_repr() + f", backend={self.backend}"


class _Exchanged(_MultiStep):
    """What two neurons keep of Lava-DL: the attributes, and the way there."""

    def _scale_for_lava(self, scale: int) -> None:
        self.lava_s_cale = scale
        self.lava_neuron: Any = None

    def to_lava(self) -> Any:
        """Return Lava-DL's neuron with these parameters (``lava_exchange.to_lava_neuron``); needs Lava-DL."""
        from unisnn.spikingjelly.clock_driven import lava_exchange

        return lava_exchange.to_lava_neuron(self)

    def reset(self) -> None:
        """Set every memory to a deep copy of its reset value."""
        super().reset()


class MultiStepIFNode(_Exchanged, IFNode):
    """The integrate-and-fire neuron over all time steps.

    Equation::

        h[t] = v[t-1] + x[t]                             t = 0...T-1
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        backend: ``'torch'`` (default); ``'cupy'`` is a request (see :func:`check_backend`).
        lava_s_cale: kept as an attribute (default 64).

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1``. The memory ``v_seq`` holds ``v`` after every step, the same
    shape, from the first call until ``reset``; ``v`` is its last step.

    Raises:
        AssertionError: ``backend='lava'``; the rest as :class:`IFNode`.
        NotImplementedError: no backend has that name.
        ValueError: an input without time steps.

    Source: ``clock_driven.neuron.MultiStepIFNode``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        backend: str = "torch",
        lava_s_cale: int = 64,
    ) -> None:
        IFNode.__init__(self, v_threshold, v_reset, surrogate_function, detach_reset)
        self._over_time(backend)
        self._scale_for_lava(lava_s_cale)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``MultiStepIFNode`` given as ``self``."""
        return _describe.describe(self, "MultiStepIFNode", "charge_if")


class MultiStepLIFNode(_Exchanged, LIFNode):
    """The leaky integrate-and-fire neuron over all time steps.

    Equation (``r`` is ``v_reset``, or 0 for ``None``; ``t = 0...T-1``)::

        h[t] = v[t-1] + (x[t] - (v[t-1] - r))/tau        decay_input=True
        h[t] = v[t-1] - (v[t-1] - r)/tau + x[t]          decay_input=False
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        tau: membrane time constant (default 2.0).
        decay_input: whether the input is divided by ``tau`` too (default True).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        backend: ``'torch'`` (default); ``'cupy'`` is a request (see :func:`check_backend`).
        lava_s_cale: kept as an attribute (default 64).

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1``. The memory ``v_seq`` holds ``v`` after every step, the same
    shape, from the first call until ``reset``; ``v`` is its last step.

    Raises:
        AssertionError: ``backend='lava'``; the rest as :class:`LIFNode`.
        NotImplementedError: no backend has that name.
        ValueError: an input without time steps.

    Source: ``clock_driven.neuron.MultiStepLIFNode``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        backend: str = "torch",
        lava_s_cale: int = 64,
    ) -> None:
        LIFNode.__init__(self, tau, decay_input, v_threshold, v_reset, surrogate_function, detach_reset)
        self._over_time(backend)
        self._scale_for_lava(lava_s_cale)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``MultiStepLIFNode`` given as ``self``."""
        return _describe.leaky(self, "MultiStepLIFNode", "charge_lif", _spec.values(tau=self.tau))


class MultiStepParametricLIFNode(_MultiStep, ParametricLIFNode):
    """The leaky integrate-and-fire neuron that learns its membrane time constant, over all time steps.

    Equation (``r`` is ``v_reset``, or 0 for ``None``; ``t = 0...T-1``)::

        q    = sigmoid(w) = 1/tau                        w = -log(init_tau - 1) at first
        h[t] = v[t-1] + (x[t] - (v[t-1] - r))*q          decay_input=True
        h[t] = v[t-1] - (v[t-1] - r)*q + x[t]            decay_input=False
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        init_tau: membrane time constant before training (default 2.0).
        decay_input: whether the input is scaled by ``q`` too (default True).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        backend: ``'torch'`` (default); ``'cupy'`` is a request (see :func:`check_backend`).

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1``. The memory ``v_seq`` holds ``v`` after every step, the same
    shape, from the first call until ``reset``; ``v`` is its last step.

    Raises:
        AssertionError: ``backend='lava'``; the rest as :class:`ParametricLIFNode`.
        NotImplementedError: no backend has that name.
        ValueError: an input without time steps.

    Source: ``clock_driven.neuron.MultiStepParametricLIFNode``, SpikingJelly 0.0.0.0.14; Fang et al.,
        "Incorporating Learnable Membrane Time Constant to Enhance Learning of Spiking Neural Networks",
        ICCV 2021.
    """

    def __init__(
        self,
        init_tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        backend: str = "torch",
    ) -> None:
        ParametricLIFNode.__init__(
            self, init_tau, decay_input, v_threshold, v_reset, surrogate_function, detach_reset
        )
        self._over_time(backend)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine node given as ``self``."""
        return _describe.leaky(self, "MultiStepParametricLIFNode", "charge_plif", learnable=("w",))


class MultiStepEIFNode(_MultiStep, EIFNode):
    """The exponential integrate-and-fire neuron over all time steps.

    Equation (``t = 0...T-1``)::

        h[t] = v[t-1] + (x[t] + v_rest - v[t-1] + delta_T*exp((v[t-1] - theta_rh)/delta_T))/tau
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        tau: membrane time constant (default 2.0).
        delta_T: sharpness of the spike's onset (default 1.0).
        theta_rh: rheobase threshold (default 0.8).
        v_threshold: firing threshold (default 1.0).
        v_rest: resting potential (default 0.0).
        v_reset: value after a spike (default -0.1), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        backend: ``'torch'`` (default); ``'cupy'`` is a request (see :func:`check_backend`).

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1``. The memory ``v_seq`` holds ``v`` after every step, the same
    shape, from the first call until ``reset``; ``v`` is its last step.

    Raises:
        AssertionError: ``backend='lava'``; the rest as :class:`EIFNode`.
        NotImplementedError: no backend has that name.
        ValueError: an input without time steps.

    Source: ``clock_driven.neuron.MultiStepEIFNode``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        tau: float = 2.0,
        delta_T: float = 1.0,
        theta_rh: float = 0.8,
        v_threshold: float = 1.0,
        v_rest: float = 0.0,
        v_reset: float | None = -0.1,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        backend: str = "torch",
    ) -> None:
        EIFNode.__init__(
            self, tau, delta_T, theta_rh, v_threshold, v_rest, v_reset, surrogate_function, detach_reset
        )
        self._over_time(backend)

    def _starts_exactly(self, x_seq: Tensor) -> bool:
        return self._starts_in_default(x_seq)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description, also of a genuine ``MultiStepEIFNode`` given as ``self``."""
        return _describe.exponential(self, "MultiStepEIFNode")


class MultiStepGeneralNode(_MultiStep, GeneralNode):
    """The neuron with any linear leak, over all time steps.

    Equation (``t = 0...T-1``)::

        h[t] = a*v[t-1] + b*x[t] + c
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        a: what is left of the membrane potential after a step.
        b: scale of the input.
        c: constant input.
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        backend: ``'torch'`` (default); ``'cupy'`` is a request (see :func:`check_backend`).

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1``. The memory ``v_seq`` holds ``v`` after every step, the same
    shape, from the first call until ``reset``; ``v`` is its last step.

    Raises:
        AssertionError: ``backend='lava'``; the rest as :class:`GeneralNode`.
        NotImplementedError: no backend has that name.
        ValueError: an input without time steps.

    Source: ``clock_driven.neuron.MultiStepGeneralNode``, SpikingJelly 0.0.0.0.14 (there no object of it
        can be made).
    """

    def __init__(
        self,
        a: float,
        b: float,
        c: float,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        backend: str = "torch",
    ) -> None:
        GeneralNode.__init__(self, a, b, c, v_threshold, v_reset, surrogate_function, detach_reset)
        self._over_time(backend)

    def _starts_exactly(self, x_seq: Tensor) -> bool:
        return self._starts_in_default(x_seq) or self.v == 0.0

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description."""
        return _describe.affine(self, "MultiStepGeneralNode")
