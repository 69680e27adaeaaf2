"""Charge and reset equations of the membrane potential as pure functions.

One time step of every neuron here is::

    h[t] = charge(v[t-1], x[t])          charge: the membrane potential takes in the input
    s[t] = fire(h[t] - threshold)        fire: see unisnn.core.spike
    v[t] = reset(h[t], s[t])             reset: the membrane potential after a spike

Each function is one equation in one exact order of operations, because a reordered sum or product
differs in the last bit, and so does the gradient that autograd makes of it. The names are the ones
that :class:`unisnn.core.spec.NeuronSpec` keeps in ``charge`` and :class:`unisnn.core.spec.ResetSpec`
in ``order``.

Shapes and dtypes, the same for all: ``v``, ``x``, ``h`` and ``s`` broadcast against each other and
promote as torch does; constants are Python numbers (formed as doubles and rounded to the dtype of
the tensor that they meet) or tensors. Nothing is checked here and nothing is changed in place; the
errors are torch's own.
"""

from __future__ import annotations

from typing import TypeAlias

from torch import Tensor

__all__ = [
    "charge_if",
    "charge_lif",
    "charge_lif_decay_input",
    "charge_lif_decay_input_to",
    "charge_lif_to",
    "charge_plif",
    "charge_plif_decay_input",
    "charge_plif_decay_input_to",
    "charge_plif_scaled",
    "charge_plif_to",
    "charge_scaled",
    "reset_by_threshold_mix",
    "reset_hard",
    "reset_hard_eval",
    "reset_soft",
    "reset_to_zero",
]

_Value: TypeAlias = Tensor | float


def charge_if(v: _Value, x: Tensor) -> Tensor:
    """Charge an integrate-and-fire neuron.

    Equation::

        h = v + x

    Args:
        v: membrane potential after the last step.
        x: input of this step, any shape that broadcasts with ``v``.

    Source: ``IFNode`` of SpikingJelly and SNNGrow, ``IFSRL`` of qualia-plugin-snn.
    """
    return v + x


def charge_scaled(v: _Value, x: Tensor, dt: _Value) -> Tensor:
    """Charge an integrate-and-fire neuron over a step of length ``dt``.

    Equation::

        h = v + x*dt

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        dt: length of the step.

    Source: ``IFNode``, BrainCog.
    """
    return v + x * dt


def charge_lif_decay_input(v: _Value, x: Tensor, tau: _Value) -> Tensor:
    """Charge a leaky integrate-and-fire neuron whose input decays too, resting at 0.

    Equation::

        h = v + (x - v)/tau

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        tau: membrane time constant, a true division.

    Source: ``LIFNode`` of SpikingJelly, SNNGrow (``decay_input=True``, ``v_reset`` 0 or None) and BrainCog.
    """
    return v + (x - v) / tau


def charge_lif_decay_input_to(v: _Value, x: Tensor, tau: _Value, v_reset: _Value) -> Tensor:
    """Charge a leaky integrate-and-fire neuron whose input decays too, resting at ``v_reset``.

    Equation::

        h = v + (x - (v - v_reset))/tau

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        tau: membrane time constant.
        v_reset: resting potential.

    Source: ``LIFNode`` of SpikingJelly and SNNGrow (``decay_input=True``, ``v_reset`` other than 0).
    """
    return v + (x - (v - v_reset)) / tau


def charge_lif(v: _Value, x: Tensor, tau: float) -> Tensor:
    """Charge a leaky integrate-and-fire neuron whose input does not decay, resting at 0.

    Equation::

        h = v*(1 - 1/tau) + x            1 - 1/tau formed as a double

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        tau: membrane time constant.

    Source: ``LIFNode`` of SpikingJelly and SNNGrow (``decay_input=False``, ``v_reset`` 0 or None).
    """
    return v * (1.0 - 1.0 / tau) + x


def charge_lif_to(v: _Value, x: Tensor, tau: _Value, v_reset: _Value) -> Tensor:
    """Charge a leaky integrate-and-fire neuron whose input does not decay, resting at ``v_reset``.

    Equation::

        h = v - (v - v_reset)/tau + x

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        tau: membrane time constant.
        v_reset: resting potential.

    Source: ``LIFNode`` of SpikingJelly and SNNGrow (``decay_input=False``, ``v_reset`` other than 0),
        and of SpikingJelly 2.0.0 for every ``v_reset``.
    """
    return v - (v - v_reset) / tau + x


def charge_plif_decay_input(v: _Value, x: Tensor, q: Tensor) -> Tensor:
    """Charge a neuron with a learned time constant whose input decays too, resting at 0.

    Equation::

        h = v + (x - v)*q                q = sigmoid(w) = 1/tau

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        q: reciprocal of the membrane time constant, a 0-dim tensor.

    Source: ``ParametricLIFNode``, SpikingJelly; Fang et al., "Incorporating Learnable Membrane Time
        Constant to Enhance Learning of Spiking Neural Networks", ICCV 2021.
    """
    return v + (x - v) * q


def charge_plif_decay_input_to(v: _Value, x: Tensor, q: Tensor, v_reset: _Value) -> Tensor:
    """Charge a neuron with a learned time constant whose input decays too, resting at ``v_reset``.

    Equation::

        h = v + (x - (v - v_reset))*q    q = sigmoid(w) = 1/tau

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        q: reciprocal of the membrane time constant, a 0-dim tensor.
        v_reset: resting potential.

    Source: ``ParametricLIFNode``, SpikingJelly.
    """
    return v + (x - (v - v_reset)) * q


def charge_plif(v: _Value, x: Tensor, q: Tensor) -> Tensor:
    """Charge a neuron with a learned time constant whose input does not decay, resting at 0.

    Equation::

        h = v*(1 - q) + x                q = sigmoid(w) = 1/tau

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        q: reciprocal of the membrane time constant, a 0-dim tensor.

    Source: ``ParametricLIFNode``, SpikingJelly.
    """
    return v * (1.0 - q) + x


def charge_plif_to(v: _Value, x: Tensor, q: Tensor, v_reset: _Value) -> Tensor:
    """Charge a neuron with a learned time constant whose input does not decay, resting at ``v_reset``.

    Equation::

        h = v - (v - v_reset)*q + x      q = sigmoid(w) = 1/tau

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        q: reciprocal of the membrane time constant, a 0-dim tensor.
        v_reset: resting potential.

    Source: ``ParametricLIFNode``, SpikingJelly.
    """
    return v - (v - v_reset) * q + x


def charge_plif_scaled(v: _Value, x: Tensor, q: Tensor, dt: _Value) -> Tensor:
    """Charge a neuron with a learned time constant over a step of length ``dt``.

    Equation::

        h = v + ((x - v)*q)*dt           q = sigmoid(w) = 1/tau

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        q: reciprocal of the membrane time constant, a 0-dim tensor.
        dt: length of the step.

    Source: ``PLIFNode``, BrainCog.
    """
    return v + ((x - v) * q) * dt


def reset_hard(h: Tensor, s: Tensor, v_reset: _Value) -> Tensor:
    """Set the membrane potential to ``v_reset`` where the neuron fired.

    Equation::

        v = (1 - s)*h + s*v_reset

    Args:
        h: membrane potential after charge.
        s: spike, detached by the caller where the reset is detached.
        v_reset: value after a spike.

    An infinite ``h`` that fires gives NaN (0*inf), as upstream.

    Source: SpikingJelly and SNNGrow, hard reset.
    """
    return (1.0 - s) * h + s * v_reset


def reset_hard_eval(h: Tensor, s: Tensor, v_reset: _Value) -> Tensor:
    """Set the membrane potential to ``v_reset`` where the neuron fired, the summands swapped.

    Equation::

        v = v_reset*s + (1 - s)*h

    Args:
        h: membrane potential after charge.
        s: spike, detached by the caller where the reset is detached.
        v_reset: value after a spike.

    The value is :func:`reset_hard`'s; autograd adds its terms in another order.

    Source: ``IFNode`` and ``LIFNode`` of SpikingJelly 0.0.0.0.14 in eval mode.
    """
    return v_reset * s + (1.0 - s) * h


def reset_soft(h: Tensor, s: Tensor, threshold: _Value) -> Tensor:
    """Subtract the threshold where the neuron fired.

    Equation::

        v = h - s*threshold

    Args:
        h: membrane potential after charge.
        s: spike, detached by the caller where the reset is detached.
        threshold: firing threshold, a number or a tensor.

    Source: SpikingJelly and SNNGrow, ``v_reset=None``.
    """
    return h - s * threshold


def reset_to_zero(h: Tensor, s: Tensor) -> Tensor:
    """Set the membrane potential to 0 where the neuron fired.

    Equation::

        v = h*(1 - s)

    Args:
        h: membrane potential after charge.
        s: spike; BrainCog detaches it.

    Source: BrainCog, every integrate-and-fire node.
    """
    return h * (1 - s)


def reset_by_threshold_mix(h: Tensor, s: Tensor, threshold: _Value) -> Tensor:
    """Subtract the threshold where the neuron fired, as a mixture of both outcomes.

    Equation::

        v = (1 - s)*h + s*(h - threshold)

    Args:
        h: membrane potential after charge.
        s: spike.
        threshold: firing threshold, a number or a tensor.

    Source: ``IFSRL`` and ``ATIF``, qualia-plugin-snn.
    """
    return (1.0 - s) * h + s * (h - threshold)
