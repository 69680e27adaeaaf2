"""From values to spike times: overlapping Gaussian curves."""

from __future__ import annotations

from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import timing as _equations

__all__ = ["GaussianTuning"]


class GaussianTuning:
    """Encode each value by the spike times of ``m`` neurons, whose tuning curves overlap.

    Equation::

        mu[f, i]     = x_min[f] + (2*i - 3)/2 * (x_max[f] - x_min[f])/(m - 2)     i = 1...m
        sigma2[f, i] = (1/1.5 * (x_max[f] - x_min[f])/(m - 2))**2
        g            = exp(-(x - mu)**2 / 2 / sigma2)
        t            = round((1 - g)*max_spike_time), or -1 (no spike) where that is max_spike_time or more

    Args:
        n: number of features.
        m: neurons a feature, more than 2.
        x_min: smallest value of each feature, ``[n]``.
        x_max: largest value of each feature, ``[n]``.

    Shape: ``encode`` takes ``[N, n, k]`` and gives ``[N, n, k, m]``.

    ``mu`` and ``sigma2`` are tensors ``[n, m]`` on the device of ``x_min``.

    Raises:
        AssertionError: ``m`` is not more than 2.
        RuntimeError: ``x_min`` or ``x_max`` does not hold ``n`` values.

    Source: ``timing_based.encoding.GaussianTuning`` and ``event_driven.encoding.GaussianTuning``,
        SpikingJelly 0.0.0.0.14 and 0.0.0.0.12; Bohte et al., "Error-backpropagation in temporally encoded
        networks of spiking neurons", Neurocomputing, 2002.
    """

    def __init__(self, n: int, m: int, x_min: Tensor, x_max: Tensor) -> None:
        _check.require(m > 2, "GaussianTuning", "m", m, "an int greater than 2")
        for name, value in (("x_min", x_min), ("x_max", x_max)):
            if value.numel() not in (1, n) or value.dim() > 1:
                raise RuntimeError(
                    f"GaussianTuning: {name} of shape {list(value.shape)} is not accepted; expected [{n}]"
                )
        self.m, self.n = m, n
        self.mu = _equations.gaussian_centres(x_min.expand(n), x_max.expand(n), m)
        self.sigma2 = _equations.gaussian_widths(x_min.expand(n), x_max.expand(n), m)

    def encode(self, x: Tensor, max_spike_time: float = 50) -> Tensor:
        """Return the spike times of ``x``.

        Args:
            x: values, ``[N, n, k]``.
            max_spike_time: length of the time window (default 50).

        Raises:
            RuntimeError: ``x`` has another shape.
        """
        if x.dim() != 3 or x.shape[1] not in (1, self.n):
            raise RuntimeError(
                f"GaussianTuning.encode: x of shape {list(x.shape)} is not accepted; "
                f"expected [N, {self.n}, k]"
            )
        return _equations.gaussian_code(x, self.mu, self.sigma2, max_spike_time)
