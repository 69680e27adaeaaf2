"""Neurons with two thresholds, and the integrate-and-fire neuron that starts halfway to its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

from torch import Tensor

from unisnn.core import neuron as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.neuron._base_node import BaseNode
from unisnn.spikingjelly.activation_based.neuron._no_spec import refuse as _refuse

__all__ = ["HalfThresholdIFNode", "TernaryIFNode", "TernaryLIFNode"]


def _typed(owner: str, argument: str, value: object, kind: type | tuple[type, ...], accepted: str) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{owner}: {argument}={value!r} is not accepted; expected {accepted}")


def _ranged(owner: str, argument: str, value: object, holds: bool, accepted: str) -> None:
    if not holds:
        raise ValueError(f"{owner}: {argument}={value!r} is not accepted; expected {accepted}")


class TernaryIFNode(BaseNode):
    """The integrate-and-fire neuron with spikes of both signs.

    Equation::

        h[t] = v[t-1] + x[t]
        p[t] = surrogate_function(h[t] - v_threshold)
        n[t] = surrogate_function(-h[t] - v_threshold)
        s[t] = p[t] - n[t]
        v[t] = (p[t] + n[t])*v_reset + (1 - (p[t] + n[t]))*h[t]        v_reset a float
        v[t] = h[t] - s[t]*v_threshold                                  v_reset None

    Args:
        v_threshold: both thresholds' size (default 1.0).
        v_reset: value after a spike of either sign (default 0.0), or ``None`` for a soft reset.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        store_v_seq: default False.
        backend: ``'torch'`` (default).

    Shape: as :class:`BaseNode`; the spikes are -1, 0 and 1.

    Raises:
        TypeError: ``v_threshold`` or ``v_reset`` is no float, ``detach_reset`` no bool.
        ValueError: ``v_threshold`` is not positive and finite; ``v_reset`` is not between the thresholds;
            ``step_mode`` is not supported.

    Source: ``neuron.TernaryIFNode``, SpikingJelly 2.0.0.
    """

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        store_v_seq: bool = False,
        backend: str = "torch",
    ) -> None:
        owner = self._get_name()
        _typed(owner, "v_threshold", v_threshold, float, "a float")
        _typed(owner, "v_reset", v_reset, (float, type(None)), "a float or None")
        _typed(owner, "detach_reset", detach_reset, bool, "a bool")
        _ranged(owner, "v_threshold", v_threshold, 0.0 < v_threshold < math.inf, "a positive, finite float")
        between = v_reset is None or -v_threshold < v_reset < v_threshold
        _ranged(owner, "v_reset", v_reset, between, "a float between the thresholds or None")
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, backend, store_v_seq
        )

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to ``v + x``."""
        self.v = _equations.charge_if(self.v, x)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step."""
        self.v_float_to_tensor(x)
        self.neuronal_charge(x)
        positive = self.surrogate_function(self.v - self.v_threshold)
        negative = self.surrogate_function(-self.v - self.v_threshold)
        spike = positive - negative
        if self.v_reset is None:
            given = spike.detach() if self.detach_reset else spike
            self.v = _equations.reset_soft(self.v, given, self.v_threshold)
        else:
            either = positive + negative
            either = either.detach() if self.detach_reset else either
            self.v = _equations.reset_hard_eval(self.v, either, self.v_reset)
        return spike

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return (
            f"v_threshold={self.v_threshold}, v_reset={self.v_reset}, detach_reset={self.detach_reset}, "
            f"step_mode={self.step_mode}"
        )

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: spikes of both signs have no neutral description."""
        raise _refuse(self)


class TernaryLIFNode(TernaryIFNode):
    """The leaky integrate-and-fire neuron with spikes of both signs.

    Equation (``r`` is ``v_reset``, or 0 for ``None``)::

        h[t] = v[t-1] + (x[t] - (v[t-1] - r))/tau        decay_input=True
        h[t] = v[t-1] - (v[t-1] - r)/tau + x[t]          decay_input=False

    Spike and reset are those of :class:`TernaryIFNode`.

    Args:
        tau: membrane time constant (default 2.0).
        decay_input: whether the input is divided by ``tau`` too (default True).
        v_threshold: both thresholds' size (default 1.0).
        v_reset: value after a spike of either sign and resting potential (default 0.0), or ``None``.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        store_v_seq: default False.
        backend: ``'torch'`` (default).

    Shape: as :class:`TernaryIFNode`.

    Raises:
        TypeError: ``tau`` is no float, ``decay_input`` no bool; the rest as :class:`TernaryIFNode`.
        ValueError: ``tau`` is not finite or not above 1; the rest as :class:`TernaryIFNode`.

    Source: ``neuron.TernaryLIFNode``, SpikingJelly 2.0.0; Guo et al., "Ternary Spike: Learning Ternary
        Spikes for Spiking Neural Networks", AAAI 2024.
    """

    def __init__(
        self,
        tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        store_v_seq: bool = False,
        backend: str = "torch",
    ) -> None:
        owner = self._get_name()
        _typed(owner, "tau", tau, float, "a float")
        _typed(owner, "decay_input", decay_input, bool, "a bool")
        _ranged(owner, "tau", tau, 1.0 < tau < math.inf, "a finite float greater than 1")
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, store_v_seq, backend
        )
        self.tau = tau
        self.decay_input = decay_input

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to the membrane potential after charge."""
        rest = 0.0 if self.v_reset is None else self.v_reset
        if self.decay_input:
            self.v = _equations.charge_lif_decay_input_to(self.v, x, self.tau, rest)
        else:
            self.v = _equations.charge_lif_to(self.v, x, self.tau, rest)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return f"{super().extra_repr()}, tau={self.tau}, decay_input={self.decay_input}"


class HalfThresholdIFNode(BaseNode):
    """The integrate-and-fire neuron that starts halfway to its threshold, with a soft reset.

    Equation::

        v[0] = v_threshold/2
        h[t] = v[t-1] + x[t]
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = h[t] - s[t]*v_threshold

    Args:
        v_threshold: firing threshold, a number or a tensor with one element (default 1.0).
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        detach_reset: default False.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).
        store_v_seq: default False.
        backend: ``'torch'`` (default).

    Shape: as :class:`BaseNode`.

    Raises:
        TypeError: ``v_threshold`` is no number.
        ValueError: ``v_threshold`` is not positive and finite, or has several elements.

    Source: ``neuron.HalfThresholdIFNode``, SpikingJelly 2.0.0; Bu et al., "Optimal ANN-SNN Conversion for
        High-accuracy and Ultra-low-latency Spiking Neural Networks", ICLR 2022.
    """

    def __init__(
        self,
        v_threshold: Any = 1.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        detach_reset: bool = False,
        step_mode: str = "s",
        store_v_seq: bool = False,
        backend: str = "torch",
    ) -> None:
        owner = self._get_name()
        _typed(owner, "v_threshold", v_threshold, (Real, Tensor), "a number")
        one = not isinstance(v_threshold, Tensor) or v_threshold.numel() == 1
        _ranged(owner, "v_threshold", v_threshold, one, "one number")
        threshold = float(v_threshold)
        _ranged(owner, "v_threshold", v_threshold, 0.0 < threshold < math.inf, "a positive, finite number")
        super().__init__(threshold, None, surrogate_function, detach_reset, step_mode, backend, store_v_seq)
        self.v = threshold / 2
        self.set_reset_value("v", threshold / 2)

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``v`` to ``v + x``."""
        self.v = _equations.charge_if(self.v, x)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return TernaryIFNode.extra_repr(self)  # type: ignore[arg-type]

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: there is no neutral description of it yet."""
        raise _refuse(self)
