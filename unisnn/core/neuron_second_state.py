"""Equations of neurons with a second state beside the membrane potential, and of gated ones.

The conventions are those of :mod:`unisnn.core.neuron`: ``v`` is the membrane potential after the last step,
``x`` the input of this step, ``h`` the membrane potential after charge, ``s`` the spike; everything
broadcasts and promotes as torch does, nothing is checked and nothing is changed in place.
"""

from __future__ import annotations

from typing import TypeAlias

from torch import Tensor

__all__ = [
    "charge_decayed",
    "charge_gated",
    "complement",
    "conduct",
    "filter_current",
    "reset_complementary",
    "rotate",
    "track",
]

_Value: TypeAlias = Tensor | float


def filter_current(c: _Value, x: Tensor, decay: float) -> Tensor:
    """Move the synaptic current of a current-based neuron by one step.

    Equation::

        c' = c*decay + x

    Args:
        c: current after the last step.
        x: input of this step.
        decay: what is left of the current after a step.

    Source: ``CUBALIFNode``, SpikingJelly 2.0.0.
    """
    return c * decay + x


def charge_decayed(v: _Value, c: Tensor, decay: float) -> Tensor:
    """Charge a current-based neuron.

    Equation::

        h = v*decay + c

    Args:
        v: membrane potential after the last step.
        c: current of this step.
        decay: what is left of the membrane potential after a step.

    Source: ``CUBALIFNode``, SpikingJelly 2.0.0.
    """
    return v * decay + c


def complement(m: _Value, h: Tensor, tau: float) -> Tensor:
    """Let the complementary potential decay by the membrane potential; the spike is added to it afterwards.

    Equation::

        m' = m*sigmoid(h/tau)            then m = m' + s

    Args:
        m: complementary potential after the last step.
        h: membrane potential after charge.
        tau: membrane time constant.

    Source: ``ComplementaryLIFNode``, SpikingJelly 2.0.0; Huang et al., "CLIF: Complementary Leaky
        Integrate-and-Fire Neuron for Spiking Neural Networks", ICML 2024.
    """
    return m * (h / tau).sigmoid()


def reset_complementary(h: Tensor, s: Tensor, m: Tensor, threshold: _Value) -> Tensor:
    """Subtract more than the threshold where the neuron fired, the more the oftener it did.

    Equation::

        v = h - s*(sigmoid(m) + threshold)

    Args:
        h: membrane potential after charge.
        s: spike.
        m: complementary potential after this step.
        threshold: firing threshold.

    Source: ``ComplementaryLIFNode``, SpikingJelly 2.0.0; Huang et al., ICML 2024.
    """
    return h - s * (m.sigmoid() + threshold)


def conduct(x: Tensor, beta: Tensor, conductance: Tensor) -> Tensor:
    """Gate the input of a gated leaky integrate-and-fire neuron.

    Equation::

        i = x*(1 - beta*(1 - conductance))

    Args:
        x: input of this step.
        beta: gate between a constant (0) and a learned (1) conductance.
        conductance: conductance of this step.

    Source: ``GatedLIFNode``, SpikingJelly 2.0.0; Yao et al., "GLIF: A Unified Gated Leaky
        Integrate-and-Fire Neuron for Spiking Neural Networks", NeurIPS 2022.
    """
    return x * (1 - beta * (1 - conductance))


def charge_gated(
    v: _Value,
    i: Tensor,
    s: Tensor,
    alpha: Tensor,
    gamma: Tensor,
    tau: Tensor,
    linear_decay: Tensor,
    v_subreset: Tensor,
) -> Tensor:
    """Charge a gated leaky integrate-and-fire neuron, the reset after the last spike included.

    Equation::

        d = 1 - alpha*(1 - tau)
        h = (d*v - (1 - alpha)*linear_decay) + i - (d*v*gamma)*s - ((1 - gamma)*v_subreset)*s

    Args:
        v: membrane potential after the last step.
        i: gated input of this step.
        s: spike of the last step.
        alpha: gate between linear (0) and exponential (1) decay.
        gamma: gate between soft (0) and hard (1) reset.
        tau: what exponential decay leaves of the membrane potential.
        linear_decay: what linear decay takes away.
        v_subreset: what a soft reset takes away.

    Source: ``GatedLIFNode``, SpikingJelly 2.0.0; Yao et al., NeurIPS 2022.
    """
    decayed = (1 - alpha * (1 - tau)) * v
    charged = (decayed - (1 - alpha) * linear_decay) + i
    hard = (1 - alpha * (1 - tau)) * v * gamma * s
    return charged - hard - (1 - gamma) * v_subreset * s


def rotate(
    u: _Value, v: _Value, x: Tensor, decay: float, cosine: float, sine: float
) -> tuple[Tensor, _Value]:
    """Charge a resonate-and-fire neuron: rotate its two states, let them decay, add the input to one.

    Equation::

        u' = decay*(u*cosine - v*sine) + x
        v' = decay*(u*sine + v*cosine)

    Args:
        u: current-like state after the last step.
        v: voltage-like state after the last step.
        x: input of this step.
        decay: ``exp(b*dt)``.
        cosine: ``cos(omega*dt)``.
        sine: ``sin(omega*dt)``.

    Source: ``RAFNode``, SpikingJelly 2.0.0; Izhikevich, "Resonate-and-fire neurons", 2001.
    """
    return (u * cosine - v * sine) * decay + x, (u * sine + v * cosine) * decay


def track(trace: _Value, s: Tensor, tau: float) -> Tensor:
    """Move the trace of presynaptic spikes by one step, without a gradient.

    Equation::

        trace' = trace*(1 - 1/tau) + s           1 - 1/tau formed as a double

    Args:
        trace: trace after the last step.
        s: spike of this step.
        tau: membrane time constant.

    Source: ``OTTTLIFNode.track_trace``, SpikingJelly 2.0.0; Xiao et al., "Online Training Through Time for
        Spiking Neural Networks", NeurIPS 2022.
    """
    return trace * (1.0 - 1.0 / tau) + s
