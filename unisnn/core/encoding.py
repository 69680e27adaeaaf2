"""From values to spikes, as pure functions: draws, first-spike times, binary digits.

The code of a value has the time first, ``[T, *]``. Nothing is changed in place.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as _nn_functional

__all__ = ["bernoulli_spikes", "latency_code", "phase_code"]


def bernoulli_spikes(x: Tensor) -> Tensor:
    """Draw one step of spikes that come with the probability that the value says.

    Equation::

        y = 1 if u <= x else 0           u uniform from 0 to 1, one call of torch.rand_like

    Args:
        x: probabilities, any shape and floating dtype.

    Shape: that of ``x``, in its dtype.

    Source: ``PoissonEncoder``, SpikingJelly.
    """
    return torch.rand_like(x).le(x).to(x)


def latency_code(x: Tensor, steps: int, alpha: float | None = None) -> Tensor:
    """Return one spike a value, the earlier the larger the value is.

    Equation::

        t_f  = round((steps - 1)*(1 - x))                        alpha None
        t_f  = round((steps - 1) - log(alpha*x + 1))             otherwise
        y[t] = 1 if t == t_f else 0

    Args:
        x: values from 0 to 1, any shape.
        steps: time steps of the code.
        alpha: ``exp(steps - 1) - 1`` for the logarithmic code.

    Shape: ``[steps, *]``, in the dtype of ``x``.

    Raises:
        RuntimeError: a value is outside of 0 to 1.

    Source: ``LatencyEncoder``, SpikingJelly.
    """
    time = (steps - 1.0) * (1.0 - x) if alpha is None else (steps - 1.0) - torch.log(alpha * x + 1.0)
    code = _nn_functional.one_hot(time.round().long(), num_classes=steps).to(x)
    return code.permute(code.dim() - 1, *range(code.dim() - 1))


def phase_code(x: Tensor, digits: int) -> Tensor:
    """Return the binary digits of a value, the most significant first.

    Equation::

        x = sum over t of y[t] * 2^-(t + 1),  t = 0...digits-1

    Args:
        x: values from 0 to ``1 - 2^-digits``, any shape.
        digits: digits of the code.

    Shape: ``[digits, *]``, in torch's default dtype.

    Source: ``WeightedPhaseEncoder``, SpikingJelly; Kim et al., "Deep Neural Networks with Weighted Spikes",
        Neurocomputing 2018.
    """
    rest, weight, code = x.clone(), 0.5, []
    for _ in range(digits):
        digit = (rest >= weight).to(torch.get_default_dtype())
        code.append(digit)
        rest -= weight * digit
        weight *= 0.5
    return torch.stack(code)
