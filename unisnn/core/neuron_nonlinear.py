"""Charge equations with a nonlinear leak, the ones that generalise the linear leak, and their resets.

The conventions are those of :mod:`unisnn.core.neuron`: ``v`` is the membrane potential after the last step,
``x`` the input of this step, ``h`` the membrane potential after charge; everything broadcasts and promotes as
torch does, nothing is checked and nothing is changed in place.
"""

from __future__ import annotations

from typing import TypeAlias

from torch import Tensor

from unisnn.core import neuron as _linear

__all__ = [
    "adapt",
    "adapt_to_charge",
    "adapt_to_charge_divided",
    "charge_affine",
    "charge_eif",
    "charge_izhikevich",
    "charge_klif",
    "charge_klif_decay_input",
    "charge_qif",
    "reset_hard_scaled",
    "reset_hard_split",
    "reset_soft_scaled",
]

_Value: TypeAlias = Tensor | float


def charge_qif(v: _Value, x: Tensor, tau: float, v_c: float, a0: float, v_rest: float) -> Tensor:
    """Charge a quadratic integrate-and-fire neuron.

    Equation::

        h = v + (x + a0*(v - v_rest)*(v - v_c))/tau

    Args:
        v: membrane potential after the last step; a Python number stays one until it meets ``x``.
        x: input of this step.
        tau: membrane time constant.
        v_c: critical potential, above which the membrane potential runs away.
        a0: strength of the quadratic term.
        v_rest: resting potential.

    Source: ``QIFNode``, SpikingJelly; Gerstner et al., "Neuronal Dynamics", 2014, section 5.3.
    """
    return v + (x + a0 * (v - v_rest) * (v - v_c)) / tau


def charge_eif(v: Tensor, x: Tensor, tau: float, v_rest: float, theta_rh: float, delta_t: float) -> Tensor:
    """Charge an exponential integrate-and-fire neuron.

    Equation::

        h = v + (x + v_rest - v + delta_t*exp((v - theta_rh)/delta_t))/tau

    Args:
        v: membrane potential after the last step, a tensor.
        x: input of this step.
        tau: membrane time constant.
        v_rest: resting potential.
        theta_rh: rheobase threshold.
        delta_t: sharpness of the spike's onset.

    Source: ``EIFNode``, SpikingJelly; Gerstner et al., "Neuronal Dynamics", 2014, section 5.2.
    """
    return v + (x + v_rest - v + delta_t * ((v - theta_rh) / delta_t).exp()) / tau


def charge_izhikevich(
    v: _Value, x: Tensor, w: _Value, tau: float, v_c: float, a0: float, v_rest: float
) -> Tensor:
    """Charge a quadratic integrate-and-fire neuron against an adaptation current.

    Equation::

        h = v + (x + a0*(v - v_rest)*(v - v_c) - w)/tau

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        w: adaptation current.
        tau: membrane time constant.
        v_c: critical potential.
        a0: strength of the quadratic term.
        v_rest: resting potential.

    Source: ``IzhikevichNode``, SpikingJelly; Izhikevich, "Simple Model of Spiking Neurons", 2003.
    """
    return v + (x + a0 * (v - v_rest) * (v - v_c) - w) / tau


def charge_klif_decay_input(v: _Value, x: Tensor, tau: float, v_reset: float, k: Tensor) -> Tensor:
    """Charge a leaky neuron whose input decays too, then scale and rectify.

    Equation::

        h = relu(k*(v + (x - (v - v_reset))/tau))

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        tau: membrane time constant.
        v_reset: resting potential.
        k: learned scale, a 0-dim tensor.

    Source: ``KLIFNode``, SpikingJelly; Jiang and Zhang, "KLIF: An optimized spiking neuron unit for tuning
        surrogate gradient slope and membrane potential", 2023.
    """
    return (k * (v + (x - (v - v_reset)) / tau)).relu()


def charge_klif(v: _Value, x: Tensor, tau: float, v_reset: float, k: Tensor) -> Tensor:
    """Charge a leaky neuron whose input does not decay, then scale and rectify.

    Equation::

        h = relu(k*(v - (v - v_reset)/tau + x))

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        tau: membrane time constant.
        v_reset: resting potential.
        k: learned scale, a 0-dim tensor.

    Source: ``KLIFNode``, SpikingJelly.
    """
    return (k * (v - (v - v_reset) / tau + x)).relu()


def charge_affine(v: _Value, x: Tensor, a: _Value, b: _Value, c: _Value) -> Tensor:
    """Charge a neuron with any linear leak.

    Equation::

        h = a*v + b*x + c

    Args:
        v: membrane potential after the last step.
        x: input of this step.
        a: what is left of the membrane potential after a step.
        b: scale of the input.
        c: constant input.

    Source: ``GeneralNode`` of SpikingJelly's ``clock_driven``.
    """
    return a * v + b * x + c


def adapt_to_charge(w: _Value, h: Tensor, v_rest: float, tau_w: float, a: float) -> Tensor:
    """Move the adaptation current of a neuron by one step, without the jump after a spike.

    Equation::

        w' = w + (1/tau_w)*(a*(h - v_rest) - w)          1/tau_w formed as a double

    Args:
        w: adaptation current after the last step.
        h: membrane potential after charge.
        v_rest: resting potential.
        tau_w: time constant of the adaptation.
        a: coupling to the membrane potential.

    Source: ``AdaptBaseNode``, SpikingJelly; Gerstner et al., "Neuronal Dynamics", 2014, section 6.1.
    """
    return w + 1.0 / tau_w * (a * (h - v_rest) - w)


def adapt_to_charge_divided(w: _Value, h: Tensor, v_rest: float, tau_w: float, a: float) -> Tensor:
    """Move the adaptation current of a neuron by one step, dividing by ``tau_w``.

    Equation::

        w' = w + (a*(h - v_rest) - w)/tau_w

    Args:
        w: adaptation current after the last step.
        h: membrane potential after charge.
        v_rest: resting potential.
        tau_w: time constant of the adaptation.
        a: coupling to the membrane potential.

    It differs from :func:`adapt_to_charge` in the last bit.

    Source: ``IzhikevichNode``, SpikingJelly 2.0.0, measured.
    """
    return w + (a * (h - v_rest) - w) / tau_w


def adapt(w: _Value, h: Tensor, s: Tensor, v_rest: float, tau_w: float, a: float, b: float) -> Tensor:
    """Move the adaptation current of a neuron by one step, the jump after a spike included.

    Equation::

        w' = w + (1/tau_w)*(a*(h - v_rest) - w) + b*s            1/tau_w formed as a double

    Args:
        w: adaptation current after the last step.
        h: membrane potential after charge.
        s: spike, detached by the caller where the reset is detached.
        v_rest: resting potential.
        tau_w: time constant of the adaptation.
        a: coupling to the membrane potential.
        b: jump after a spike.

    Source: ``AdaptiveBaseNode`` of SpikingJelly's ``clock_driven``; Gerstner et al., "Neuronal Dynamics",
        2014, section 6.1.
    """
    return w + 1.0 / tau_w * (a * (h - v_rest) - w) + b * s


def reset_hard_scaled(h: Tensor, s: Tensor, v_reset: float, k: Tensor) -> Tensor:
    """Take a learned scale back, then set the membrane potential to ``v_reset`` where the neuron fired.

    Equation::

        v = (1 - s)*(h/k) + s*v_reset

    Args:
        h: membrane potential after charge.
        s: spike, detached by the caller where the reset is detached.
        v_reset: value after a spike.
        k: learned scale, a 0-dim tensor.

    Source: ``KLIFNode``, SpikingJelly, ``scale_reset=True``.
    """
    return _linear.reset_hard(h / k, s, v_reset)


def reset_soft_scaled(h: Tensor, s: Tensor, threshold: float, k: Tensor) -> Tensor:
    """Subtract the threshold where the neuron fired, then take a learned scale back.

    Equation::

        v = (h - s*threshold)/k

    Args:
        h: membrane potential after charge.
        s: spike, detached by the caller where the reset is detached.
        threshold: firing threshold.
        k: learned scale, a 0-dim tensor.

    Source: ``KLIFNode``, SpikingJelly, ``scale_reset=True``.
    """
    return _linear.reset_soft(h, s, threshold) / k


def reset_hard_split(h: Tensor, s: Tensor, v_reset: float, kept: Tensor) -> Tensor:
    """Set the membrane potential to ``v_reset`` where the neuron fired, the spike's gradient cut in one term.

    Equation::

        v = (1 - kept)*h + s*v_reset

    Args:
        h: membrane potential after charge.
        s: spike.
        v_reset: value after a spike.
        kept: the same spike, detached by the caller where the reset is detached.

    The value is that of :func:`unisnn.core.neuron.reset_hard`.

    Source: ``AdaptBaseNode``, SpikingJelly.
    """
    return (1.0 - kept) * h + s * v_reset
