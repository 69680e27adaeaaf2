"""Spiking nodes: charge, fire, reset, one time step per call or all of them at once.

Every node keeps its membrane potential in ``mem`` and goes through one time step as::

    mem   = charge(mem, x)               integral
    s     = act_fun(mem - threshold)     calc_spike; the surrogate decides between >= and >
    mem   = mem * (1 - s)                s detached: always a reset to 0, never differentiated

``v_reset`` is the potential that :meth:`BaseNode.n_reset` writes, not the one after a spike. Training
and evaluation give the same numbers.

Shapes: an input ``[B, *]`` per call; see :class:`BaseNode` for the layouts that carry all time steps.
dtypes: ``mem`` promotes as torch does; the spike has the dtype that the surrogate gives it (float32 for
most), so half precision potentials turn into float32 after the first reset.

The surrogate modules are importable from here as well, as upstream's are.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.braincog.base.node import _fused, _layout, _support
from unisnn.braincog.base.strategy.surrogate import (
    AtanGrad,
    BackEIGateGrad,
    EIGrad,
    GateGrad,
    QGateGrad,
    ReLUGrad,
    RoundGrad,
    SigmoidGrad,
    STDPGrad,
    SurrogateFunctionBase,
    atan,
    backeigate,
    ei,
    gate,
    heaviside,
    quadratic_gate,
    relu_like,
    sigmoid,
    stdp,
    straight_through_estimator,
)
from unisnn.core import absent as _absent
from unisnn.core import engines as _engines
from unisnn.core import neuron as _equations
from unisnn.core import scan as _scan
from unisnn.core import spec as _spec
from unisnn.core.engines import coverage as _coverage

__all__ = [
    "AtanGrad",
    "BackEIGateGrad",
    "BaseNode",
    "EIGrad",
    "GateGrad",
    "IFNode",
    "LIFNode",
    "PLIFNode",
    "QGateGrad",
    "ReLUGrad",
    "RoundGrad",
    "STDPGrad",
    "SigmoidGrad",
    "SurrogateFunctionBase",
    "atan",
    "backeigate",
    "ei",
    "gate",
    "heaviside",
    "quadratic_gate",
    "relu_like",
    "sigmoid",
    "stdp",
    "straight_through_estimator",
]


class BaseNode(_coverage.Fusible, nn.Module, abc.ABC):
    """State, time layouts and settings that every node shares.

    Equation::

        s[t] = calc_spike(integral(x[t]))        t = 0, ..., step-1

    Args:
        threshold: firing threshold, a number or a tensor (default 0.5); always a Parameter, in the
            dtype that torch gives the value.
        v_reset: potential after :meth:`n_reset` (default 0.0); a spike resets to 0 in any case.
        dt: length of a time step (default 1.0); nodes without ``dt`` in their equation ignore it.
        step: number of time steps T in a layout that carries all of them (default 8).
        requires_thres_grad: whether the threshold is trained (default False).
        sigmoid_thres: whether :meth:`get_thres` returns ``sigmoid(threshold)`` (default False).
        requires_fp: whether each step's spikes are appended to ``feature_map`` (default False).
        layer_by_layer: whether one call carries all steps, folded into the batch (default False).
        n_groups: other than 1: one call carries all steps, grouped inside the channels (default 1).
            Takes precedence over ``layer_by_layer``; its value is not used otherwise.
        *args: accepted and ignored.
        **kwargs: ``mem_detach`` cuts the graph between time steps, ``requires_mem`` appends each
            step's potential after reset to ``mem_collect`` (both default False). Others are ignored.

    Shape:
        plain ``[B, *] -> [B, *]``; ``layer_by_layer``: ``[T*B, C]`` or ``[T*B, C, W, H]``, time
        outermost; ``n_groups != 1``: ``[B, C*T]`` or ``[B, C*T, W, H]``, time innermost. The output has
        the shape of the input, and the state carries on to the next call.

    Raises:
        TypeError: this class, or a subclass without ``calc_spike``, is instantiated; ``threshold`` or
            ``dt`` is no number.
        NotImplementedError: a layout with all steps meets an input of other than 2 or 4 dimensions.
        RuntimeError: the batch or channel dimension cannot be divided into ``step`` parts.
        ValueError: ``step`` is not a positive integer where a layout needs it.

    Source: ``braincog.base.node.node.BaseNode``, braincog 0.2.7.19.
    """

    act_fun: Any

    _decides = ("_fire_and_reset", "_one_step", "calc_spike", "get_thres", "integral")

    def __init__(
        self,
        threshold: Any = 0.5,
        v_reset: float = 0.0,
        dt: float = 1.0,
        step: int = 8,
        requires_thres_grad: bool = False,
        sigmoid_thres: bool = False,
        requires_fp: bool = False,
        layer_by_layer: bool = False,
        n_groups: int = 1,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        self.threshold = _support.threshold_parameter(owner, threshold, bool(requires_thres_grad))
        self.sigmoid_thres = sigmoid_thres
        self.mem: Any = 0.0
        self.spike: Any = 0.0
        self.dt = _support.require_number(owner, "dt", dt)
        self.feature_map: list[Tensor] = []
        self.mem_collect: list[Tensor] = []
        self.requires_fp = requires_fp
        self.v_reset = v_reset
        self.step = step
        self.layer_by_layer = layer_by_layer
        self.groups = n_groups
        self.mem_detach = kwargs.get("mem_detach", False)
        self.requires_mem = kwargs.get("requires_mem", False)

    @abc.abstractmethod
    def calc_spike(self) -> None:
        """Fire and reset: set ``spike`` from ``mem``, then ``mem`` from both."""

    def integral(self, inputs: Tensor) -> None:
        """Charge: set ``mem`` from ``mem`` and ``inputs``; the base class leaves it alone."""

    def get_thres(self) -> Tensor:
        """Return the threshold: ``sigmoid(threshold)`` where ``sigmoid_thres`` is set."""
        return self.threshold.sigmoid() if self.sigmoid_thres else self.threshold

    def rearrange2node(self, inputs: Tensor) -> Tensor:
        """Return ``inputs`` with time first, ``[T, B, C, (W, H)]``; unchanged in the plain layout."""
        owner = type(self).__name__
        if self.groups != 1:
            return _layout.from_grouped(inputs, self.step, owner)
        if self.layer_by_layer:
            return _layout.from_folded(inputs, self.step, owner)
        return inputs

    def rearrange2op(self, inputs: Tensor) -> Tensor:
        """Return time-first ``inputs`` in the layout of the layers around: undo :meth:`rearrange2node`."""
        owner = type(self).__name__
        if self.groups != 1:
            return _layout.to_grouped(inputs, owner)
        if self.layer_by_layer:
            return _layout.to_folded(inputs, owner)
        return inputs

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the spikes of one time step, or of all steps where the layout carries them."""
        if self.groups == 1 and not self.layer_by_layer:
            return self._one_step(inputs)
        steps = self.rearrange2node(inputs)
        spikes = _fused.run(self, steps)
        if spikes is None:
            spikes = _scan.scan(self._one_step, steps, type(self).__name__)
        return self.rearrange2op(spikes)

    def _more(self, name: str) -> Tensor:
        return self.act_fun.alpha if name == "alpha" else self.threshold

    def _one_step(self, inputs: Tensor) -> Tensor:
        if self.mem_detach:
            self.mem, self.spike = _support.detached(self.mem), _support.detached(self.spike)
        self.integral(inputs)
        self.calc_spike()
        if self.requires_fp:
            self.feature_map.append(self.spike)
        if self.requires_mem:
            self.mem_collect.append(self.mem)
        return self.spike

    def _fire_and_reset(self, threshold: Tensor) -> None:
        self.spike = self.act_fun(self.mem - threshold)
        self.mem = _equations.reset_to_zero(self.mem, self.spike.detach())

    def n_reset(self) -> None:
        """Set ``mem`` to ``v_reset`` and ``spike`` to 0, and empty ``feature_map`` and ``mem_collect``."""
        self.mem = self.v_reset
        self.spike = 0.0
        self.feature_map = []
        self.mem_collect = []

    def get_n_attr(self, attr: str) -> Any:
        """Return the attribute called ``attr``, or None."""
        return getattr(self, attr, None)

    def set_n_warm_up(self, flag: bool) -> None:
        """Set ``warm_up``, a flag that subclasses may read; these nodes do not."""
        self.warm_up = flag

    def set_n_threshold(self, thresh: Any) -> None:
        """Replace the threshold by a float32 Parameter that is not trained."""
        value = _support.threshold_parameter(type(self).__name__, thresh, False, argument="thresh")
        self.threshold = nn.Parameter(value.detach().float(), requires_grad=False)

    def set_n_tau(self, tau: Any) -> None:
        """Replace ``tau`` by a float32 Parameter that is not trained.

        Raises:
            NotImplementedError: the node has no ``tau``.
        """
        if not hasattr(self, "tau"):
            raise NotImplementedError(f"{type(self).__name__}.set_n_tau: this node has no attribute tau")
        _support.require_number(type(self).__name__, "tau", tau)
        self.tau: Any = nn.Parameter(_support.float_copy(tau), requires_grad=False)


class IFNode(BaseNode):
    """Integrate-and-fire node.

    Equation::

        mem = mem + x * dt
        s   = act_fun(mem - get_thres())
        mem = mem * (1 - s)                      s detached

    Args:
        threshold: firing threshold (default 0.5).
        act_fun: surrogate: a class or callable that takes ``alpha`` and ``requires_grad``, or the name of
            a surrogate module (default :class:`AtanGrad`); built with ``alpha=2.0, requires_grad=False``.
        *args: further arguments of :class:`BaseNode`, from ``v_reset`` on.
        **kwargs: the same by keyword.

    Shape:
        as :class:`BaseNode`.

    Raises:
        NameError: ``act_fun`` is a string that names no surrogate module.
        TypeError: ``act_fun`` is neither a string nor a class or callable.

    Source: ``braincog.base.node.node.IFNode``, braincog 0.2.7.19.
    """

    def __init__(
        self, threshold: Any = 0.5, act_fun: str | Callable[..., Any] = AtanGrad, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(threshold, *args, **kwargs)
        self.act_fun = _support.surrogate_module("IFNode", act_fun, requires_grad=False)

    def integral(self, inputs: Tensor) -> None:
        """Charge: ``mem = mem + x*dt``."""
        self.mem = _equations.charge_scaled(self.mem, inputs, self.dt)

    def _plan(self) -> _engines.Plan | None:
        return _fused.plan(self, "charge_scaled", self.dt, sigmoid_threshold=True)

    def calc_spike(self) -> None:
        """Fire above :meth:`get_thres` and reset to 0."""
        self._fire_and_reset(self.get_thres())

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description."""
        return _support.describe(self, "IFNode", "charge_scaled", {"dt": self.dt}, sigmoid_threshold=True)


class LIFNode(BaseNode):
    """Leaky integrate-and-fire node.

    Equation::

        mem = mem + (x - mem) / tau
        s   = act_fun(mem - threshold)
        mem = mem * (1 - s)                      s detached

    ``dt`` and ``sigmoid_thres`` are accepted and have no effect here, as upstream.

    Args:
        threshold: firing threshold (default 0.5).
        tau: membrane time constant (default 2.0).
        act_fun: surrogate, as in :class:`IFNode` (default :class:`QGateGrad`).
        *args: further arguments of :class:`BaseNode`, from ``v_reset`` on.
        **kwargs: the same by keyword.

    Shape:
        as :class:`BaseNode`.

    Raises:
        NameError: ``act_fun`` is a string that names no surrogate module.
        TypeError: ``act_fun`` is neither a string nor a class or callable; ``tau`` is no number.

    Source: ``braincog.base.node.node.LIFNode``, braincog 0.2.7.19.
    """

    def __init__(
        self,
        threshold: Any = 0.5,
        tau: Any = 2.0,
        act_fun: str | Callable[..., Any] = QGateGrad,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(threshold, *args, **kwargs)
        self.tau = _support.require_number("LIFNode", "tau", tau)
        self.act_fun = _support.surrogate_module("LIFNode", act_fun, requires_grad=False)

    def integral(self, inputs: Tensor) -> None:
        """Charge: ``mem = mem + (x - mem)/tau``."""
        self.mem = _equations.charge_lif_decay_input(self.mem, inputs, self.tau)

    def _plan(self) -> _engines.Plan | None:
        return _fused.plan(self, "charge_lif_decay_input", self.tau, sigmoid_threshold=False)

    def calc_spike(self) -> None:
        """Fire above ``threshold`` and reset to 0."""
        self._fire_and_reset(self.threshold)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description."""
        return _support.describe(
            self, "LIFNode", "charge_lif_decay_input", {"tau": self.tau}, sigmoid_threshold=False
        )


class PLIFNode(BaseNode):
    """Leaky integrate-and-fire node with a trained time constant and a trained surrogate.

    Equation::

        mem = mem + ((x - mem) * sigmoid(w)) * dt        w = -log(tau - 1) at the start
        s   = act_fun(mem - get_thres())
        mem = mem * (1 - s)                              s detached

    Args:
        threshold: firing threshold (default 1.0).
        tau: time constant to start from, above 1 (default 2.0); ``w`` is a trained 0-dim Parameter.
        act_fun: surrogate, as in :class:`IFNode`, but built with ``requires_grad=True`` (default
            :class:`AtanGrad`).
        *args: further arguments of :class:`BaseNode`, from ``v_reset`` on.
        **kwargs: the same by keyword.

    Shape:
        as :class:`BaseNode`.

    Raises:
        NameError: ``act_fun`` is a string that names no surrogate module.
        TypeError: ``act_fun`` is neither a string nor a class or callable; ``tau`` is no number.
        ValueError: ``tau`` is not above 1.

    Source: ``braincog.base.node.node.PLIFNode``, braincog 0.2.7.19; Fang et al., "Incorporating Learnable
        Membrane Time Constant to Enhance Learning of Spiking Neural Networks", ICCV 2021.
    """

    def __init__(
        self,
        threshold: Any = 1.0,
        tau: Any = 2.0,
        act_fun: str | Callable[..., Any] = AtanGrad,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(threshold, *args, **kwargs)
        if not _support.require_number("PLIFNode", "tau", tau) > 1:
            raise ValueError(f"PLIFNode: tau={tau!r} is not accepted; expected a number above 1")
        self.w = nn.Parameter(torch.tensor(-math.log(tau - 1.0)))
        self.act_fun = _support.surrogate_module("PLIFNode", act_fun, requires_grad=True)

    def integral(self, inputs: Tensor) -> None:
        """Charge: ``mem = mem + ((x - mem)*sigmoid(w))*dt``."""
        self.mem = _equations.charge_plif_scaled(self.mem, inputs, self.w.sigmoid(), self.dt)

    def _plan(self) -> _engines.Plan | None:
        return _fused.plan(self, "charge_plif_scaled", self.dt, sigmoid_threshold=True)

    def _learned(self) -> Tensor:
        return self.w

    def calc_spike(self) -> None:
        """Fire above :meth:`get_thres` and reset to 0."""
        self._fire_and_reset(self.get_thres())

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description."""
        constants = {"dt": self.dt, "w": self.w}
        return _support.describe(
            self, "PLIFNode", "charge_plif_scaled", constants, learnable=("w",), sigmoid_threshold=True
        )


__getattr__ = _absent.serve(__name__, _support.ABSENT)
