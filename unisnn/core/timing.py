"""Neurons and codes of spike times: one spike an input, told by when it comes.

A spike time is a number from 0 to the length T of the simulation; a negative one says that there is no
spike. The functions are pure: nothing is checked and nothing is changed in place.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as _nn_functional

__all__ = [
    "gaussian_centres",
    "gaussian_code",
    "gaussian_widths",
    "peak_factor",
    "peak_time",
    "psp_kernel",
    "psp_sequence",
    "tempotron_loss",
]


def psp_kernel(t: Tensor, tau: float, tau_s: float) -> Tensor:
    """Return the potential that one spike leaves ``t`` after it came.

    Equation::

        k(t) = (exp(-t/tau) - exp(-t/tau_s)) * [t >= 0]

    Args:
        t: times since the spike, any shape.
        tau: time constant of the membrane.
        tau_s: time constant of the synaptic current.

    Shape: that of ``t``; at least float32.

    Long before the spike, where ``exp`` overflows, the value is NaN, as upstream.

    Source: ``Tempotron.psp_kernel``, SpikingJelly; Gütig and Sompolinsky, "The tempotron: a neuron that
        learns spike timing-based decisions", Nature Neuroscience, 2006.
    """
    return (torch.exp(-t / tau) - torch.exp(-t / tau_s)) * (t >= 0).float()


def peak_factor(tau: float, tau_s: float, height: float) -> float:
    """Return the factor that makes the largest value of :func:`psp_kernel` ``height``.

    Equation::

        t_max  = tau*tau_s*log(tau/tau_s)/(tau - tau_s)
        factor = height/(exp(-t_max/tau) - exp(-t_max/tau_s))

    Args:
        tau: time constant of the membrane, other than ``tau_s``.
        tau_s: time constant of the synaptic current.
        height: the value at the peak.

    Source: ``Tempotron``, SpikingJelly.
    """
    t_max = tau * tau_s * math.log(tau / tau_s) / (tau - tau_s)
    return height / (math.exp(-t_max / tau) - math.exp(-t_max / tau_s))


def psp_sequence(spikes: Tensor, steps: int, tau: float, tau_s: float, factor: float) -> Tensor:
    """Return the potential that each input leaves at the times ``0, 1, ..., steps - 1``.

    Equation::

        p[n, i, t] = k(t - spikes[n, i]) * factor * [spikes[n, i] >= 0]

    Args:
        spikes: spike times, ``[N, inputs]``.
        steps: T.
        tau: time constant of the membrane.
        tau_s: time constant of the synaptic current.
        factor: scale.

    Shape: ``[N, inputs, steps]``.

    Source: ``Tempotron``, SpikingJelly.
    """
    times = torch.arange(0, steps, device=spikes.device)
    each = spikes.unsqueeze(-1).repeat(1, 1, steps)
    return psp_kernel(times - each, tau, tau_s) * factor * (each >= 0).float()


def peak_time(v: Tensor, threshold: float | Tensor) -> Tensor:
    """Return when each potential is largest, negated where it stays below the threshold.

    Equation::

        sign = 1 if max_t v[t] >= threshold else -1
        y    = sign * argmax_t v[t]
        dy   = sign * d(sum_t t*softmax_t(T*v[t]))               the gradient is that of a soft argmax

    Args:
        v: potentials, ``[N, neurons, T]``.
        threshold: firing threshold, broadcasting with ``[N, neurons]``.

    Shape: ``[N, neurons]``, in the dtype of ``v``. The negative of time 0 is 0.

    Source: ``Tempotron``, SpikingJelly.
    """
    steps = v.shape[2]
    sign = (v.max(2).values >= threshold).to(v) * 2 - 1
    times = torch.arange(0, steps, device=v.device).to(v)
    soft = (_nn_functional.softmax(v * steps, dim=2) * times).sum(2) * sign
    return soft + (v.argmax(2) * sign - soft).detach()


def tempotron_loss(v_max: Tensor, threshold: float | Tensor, label: Tensor, classes: int) -> Tensor:
    """Return the squared distance to the threshold of the neurons that decide wrongly.

    Equation::

        wrong[n, c] = ([v_max[n, c] >= threshold] != [label[n] == c])
        loss        = sum over n, c of ((v_max - threshold)*wrong)**2 / N

    Args:
        v_max: largest potentials, ``[N, classes]``.
        threshold: firing threshold, a number or ``[N, classes]``.
        label: right classes, ``[N]``, int64.
        classes: number of classes.

    Shape: ``[]``.

    Source: ``Tempotron.mse_loss``, SpikingJelly.
    """
    wrong = ((v_max >= threshold).float() != _nn_functional.one_hot(label, classes)).float()
    return torch.sum(torch.pow((v_max - threshold) * wrong, 2)) / label.shape[0]


def gaussian_centres(low: Tensor, high: Tensor, count: int) -> Tensor:
    """Return the centres of ``count`` overlapping Gaussian curves a feature.

    Equation::

        mu[f, i] = low[f] + (2*i - 3)/2 * (high[f] - low[f])/(count - 2)          i = 1...count

    Args:
        low: smallest value of each feature, ``[n]``.
        high: largest value of each feature, ``[n]``.
        count: curves a feature, more than 2.

    Shape: ``[n, count]``, at least float32.

    Source: ``GaussianTuning``, SpikingJelly; Bohte et al., "Error-backpropagation in temporally encoded
        networks of spiking neurons", Neurocomputing, 2002.
    """
    i = torch.arange(1, count + 1, device=low.device).float()
    return low.unsqueeze(-1) + (2 * i - 3) / 2 * (high - low).unsqueeze(-1) / (count - 2)


def gaussian_widths(low: Tensor, high: Tensor, count: int) -> Tensor:
    """Return the squared widths of the curves of :func:`gaussian_centres`.

    Equation::

        sigma2[f, i] = (1/1.5 * (high[f] - low[f])/(count - 2))**2

    Args:
        low: smallest value of each feature, ``[n]``.
        high: largest value of each feature, ``[n]``.
        count: curves a feature, more than 2.

    Shape: ``[n, count]``.

    Source: ``GaussianTuning``, SpikingJelly.
    """
    width = 1 / 1.5 * (high - low) / (count - 2)
    return (width**2).unsqueeze(-1).repeat(1, count)


def gaussian_code(x: Tensor, centres: Tensor, squared_widths: Tensor, latest: float) -> Tensor:
    """Return the spike time of each curve: the better a value fits, the earlier.

    Equation::

        g           = exp(-(x[n, f, k] - mu[f, i])**2 / 2 / sigma2[f, i])
        t[n,f,k,i]  = round((1 - g)*latest), or -1 where that is ``latest`` or more

    Args:
        x: values, ``[N, n, k]``.
        centres: ``mu``, ``[n, count]``.
        squared_widths: ``sigma2``, ``[n, count]``.
        latest: length of the time window.

    Shape: ``[N, n, k, count]``.

    Source: ``GaussianTuning.encode``, SpikingJelly.
    """
    distance = x.unsqueeze(-1) - centres.unsqueeze(1)
    fit = torch.exp(-torch.pow(distance, 2) / 2 / squared_widths.unsqueeze(1))
    times = torch.round((1 - fit) * latest)
    return times.masked_fill(times >= latest, -1)
