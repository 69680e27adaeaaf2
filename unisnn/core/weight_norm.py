"""Weight standardisation: weights with mean 0 and variance 1/fan-in."""

from __future__ import annotations

from torch import Tensor

__all__ = ["standardize"]


def standardize(weight: Tensor, gain: Tensor | None, eps: float) -> Tensor:
    """Return the weights of each output with mean 0, variance 1/fan-in and a learned gain.

    Equation::

        w' = (w - mean(w))/sqrt(var(w)*n + eps)*gain         over the n weights of each output; var with n - 1

    Args:
        weight: ``[out, *]``.
        gain: ``[out, 1, ...]``, or ``None`` for 1.
        eps: added to the variance.

    Source: ``WSConv2d.get_weight``, SpikingJelly 2.0.0; Brock et al., "Characterizing signal propagation to
        close the performance gap in unnormalized ResNets", ICLR 2021.
    """
    dims = tuple(range(1, weight.dim()))
    fan_in = weight[0].numel()
    mean = weight.mean(dim=dims, keepdim=True)
    variance = weight.var(dim=dims, keepdim=True)
    standard = (weight - mean) / ((variance * fan_in + eps) ** 0.5)
    return standard if gain is None else standard * gain
