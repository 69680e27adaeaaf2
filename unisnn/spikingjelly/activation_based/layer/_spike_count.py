"""From counts of spikes to binary spikes in more time steps, and back."""

from __future__ import annotations

from torch import Tensor, nn

from unisnn.core import spike_count as _spike_count
from unisnn.spikingjelly.activation_based import base

__all__ = ["SpikeCountToBinary", "TemporalBinSum"]


class _Slots(nn.Module, base.MultiStepModule):
    """A conversion that is done in eval only, or always."""

    _step_mode = "m"

    def __init__(self, num_slots: int, always_convert: bool = False) -> None:
        super().__init__()
        if num_slots < 1:
            raise ValueError(
                f"{self._get_name()}: num_slots={num_slots!r} is not accepted; expected at least 1"
            )
        self.num_slots = num_slots
        self.always_convert = always_convert

    def _converts(self) -> bool:
        return self.always_convert or not self.training


class SpikeCountToBinary(_Slots):
    """Spread each spike count over ``num_slots`` time steps with at most one spike each.

    Equation::

        y[t*D + d] = 1 where d < x[t], else 0            d = 0...D-1, D = num_slots
        y = x                                            in training, unless always_convert

    Args:
        num_slots: D.
        always_convert: whether it converts in training too (default False).

    Shape: ``[T, *] -> [T*D, *]``. The gradient of a count is the mean of its slots' gradients.

    Raises:
        ValueError: ``num_slots`` is below 1; a step mode other than ``'m'``.

    Source: ``layer.SpikeCountToBinary``, SpikingJelly 2.0.0; Luo et al., "Integer-Valued Training and
        Spike-Driven Inference Spiking Neural Network", ECCV 2024.
    """

    def forward(self, x_seq: Tensor) -> Tensor:
        """Spread the counts of a sequence."""
        return _spike_count.expand(x_seq, self.num_slots) if self._converts() else x_seq


class TemporalBinSum(_Slots):
    """Add up each ``num_slots`` consecutive time steps.

    Equation::

        y[t] = x[t*D] + ... + x[t*D + D - 1]             D = num_slots; x past the end is 0
        y = x                                            in training, unless always_convert

    Args:
        num_slots: D.
        always_convert: whether it converts in training too (default False).

    Shape: ``[T, *] -> [ceil(T/D), *]``. Any dtype.

    Raises:
        ValueError: ``num_slots`` is below 1; a step mode other than ``'m'``.

    Source: ``layer.TemporalBinSum``, SpikingJelly 2.0.0.
    """

    def forward(self, x_seq: Tensor) -> Tensor:
        """Add up the bins of a sequence."""
        return _spike_count.sum_bins(x_seq, self.num_slots) if self._converts() else x_seq
