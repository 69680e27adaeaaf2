"""Batch norm over time and batch, scaled to the threshold of the neurons that follow."""

from __future__ import annotations

from unisnn.core.layers import threshold_norm as _threshold_norm
from unisnn.spikingjelly.activation_based import base

__all__ = [
    "ThresholdDependentBatchNorm1d",
    "ThresholdDependentBatchNorm2d",
    "ThresholdDependentBatchNorm3d",
]


class _ThresholdDependent(_threshold_norm.ThresholdDependentNorm, base.MultiStepModule):
    """The norm with the step mode ``'m'``."""

    _step_mode = "m"


class ThresholdDependentBatchNorm1d(_ThresholdDependent):
    """Batch norm over time, batch and length, scaled to the threshold.

    Equation::

        y = w*(x - mean)/sqrt(variance + eps) + bias     w = alpha*v_th at first, then learned

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm1d``.
        kwargs: as ``torch.nn.BatchNorm1d``.

    Shape: ``[T, N, C]`` or ``[T, N, C, L]``; the same out. The step mode is ``'m'``.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions; a step mode other than ``'m'``.

    Source: ``layer.ThresholdDependentBatchNorm1d``, SpikingJelly 0.0.0.0.14 (there every call fails in
        a present torch); Zheng et al., "Going Deeper With Directly-Trained Larger Spiking Neural
        Networks", AAAI 2021.
    """

    _accepted = (2, 3)
    _shapes = "[T, N, C] or [T, N, C, L]"


class ThresholdDependentBatchNorm2d(_ThresholdDependent):
    """Batch norm over time, batch and image, scaled to the threshold.

    Equation::

        y = w*(x - mean)/sqrt(variance + eps) + bias     w = alpha*v_th at first, then learned

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm2d``.
        kwargs: as ``torch.nn.BatchNorm2d``.

    Shape: ``[T, N, C, H, W]``; the same out. The step mode is ``'m'``.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions; a step mode other than ``'m'``.

    Source: ``layer.ThresholdDependentBatchNorm2d``, SpikingJelly 0.0.0.0.14 (there every call fails in
        a present torch); Zheng et al., "Going Deeper With Directly-Trained Larger Spiking Neural
        Networks", AAAI 2021.
    """

    _accepted = (4,)
    _shapes = "[T, N, C, H, W]"


class ThresholdDependentBatchNorm3d(_ThresholdDependent):
    """Batch norm over time, batch and volume, scaled to the threshold.

    Equation::

        y = w*(x - mean)/sqrt(variance + eps) + bias     w = alpha*v_th at first, then learned

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm3d``.
        kwargs: as ``torch.nn.BatchNorm3d``.

    Shape: ``[T, N, C, D, H, W]``; the same out. The step mode is ``'m'``.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions; a step mode other than ``'m'``.

    Source: ``layer.ThresholdDependentBatchNorm3d``, SpikingJelly 0.0.0.0.14 (there every call fails in
        a present torch); Zheng et al., "Going Deeper With Directly-Trained Larger Spiking Neural
        Networks", AAAI 2021.
    """

    _accepted = (5,)
    _shapes = "[T, N, C, D, H, W]"
