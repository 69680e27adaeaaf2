"""Batch norms and attention over all time steps, and a convolution that absorbs its batch norm."""

from __future__ import annotations

from torch import Tensor

from unisnn.core.layers import attention as _attention
from unisnn.core.layers import threshold_norm as _threshold_norm

__all__ = [
    "MultiStepTemporalWiseAttention",
    "MultiStepThresholdDependentBatchNorm1d",
    "MultiStepThresholdDependentBatchNorm2d",
    "MultiStepThresholdDependentBatchNorm3d",
]


class MultiStepThresholdDependentBatchNorm1d(_threshold_norm.ThresholdDependentNorm):
    """Batch norm over time, batch and length, scaled to the threshold.

    Equation::

        y = alpha*v_th*(x - mean)/sqrt(variance + eps) + bias          weight alpha*v_th at first, then
        learned

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm1d``.
        kwargs: as ``torch.nn.BatchNorm1d``.

    Shape: ``[T, N, C]`` or ``[T, N, C, L]``, the same out.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions.

    Source: ``clock_driven.layer.MultiStepThresholdDependentBatchNorm1d``, SpikingJelly 0.0.0.0.14; Zheng
        et al., "Going Deeper With Directly-Trained Larger Spiking Neural Networks", AAAI 2021.
    """

    _accepted = (2, 3)
    _shapes = "[T, N, C] or [T, N, C, L]"


class MultiStepThresholdDependentBatchNorm2d(_threshold_norm.ThresholdDependentNorm):
    """Batch norm over time, batch and image, scaled to the threshold.

    Equation::

        y = alpha*v_th*(x - mean)/sqrt(variance + eps) + bias          weight alpha*v_th at first, then
        learned

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm2d``.
        kwargs: as ``torch.nn.BatchNorm2d``.

    Shape: ``[T, N, C, H, W] -> [T, N, C, H, W]``.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions.

    Source: ``clock_driven.layer.MultiStepThresholdDependentBatchNorm2d``, SpikingJelly 0.0.0.0.14; Zheng
        et al., "Going Deeper With Directly-Trained Larger Spiking Neural Networks", AAAI 2021.
    """

    _accepted = (4,)
    _shapes = "[T, N, C, H, W]"


class MultiStepThresholdDependentBatchNorm3d(_threshold_norm.ThresholdDependentNorm):
    """Batch norm over time, batch and volume, scaled to the threshold.

    Equation::

        y = alpha*v_th*(x - mean)/sqrt(variance + eps) + bias          weight alpha*v_th at first, then
        learned

    Args:
        alpha: share of the threshold.
        v_th: firing threshold of the neurons that follow.
        args: as ``torch.nn.BatchNorm3d``.
        kwargs: as ``torch.nn.BatchNorm3d``.

    Shape: ``[T, N, C, D, H, W] -> [T, N, C, D, H, W]``.

    Raises:
        AssertionError: ``affine=False``.
        ValueError: the input has another number of dimensions.

    Source: ``clock_driven.layer.MultiStepThresholdDependentBatchNorm3d``, SpikingJelly 0.0.0.0.14; Zheng
        et al., "Going Deeper With Directly-Trained Larger Spiking Neural Networks", AAAI 2021.
    """

    _accepted = (5,)
    _shapes = "[T, N, C, D, H, W]"


class MultiStepTemporalWiseAttention(_attention.TemporalAttention):
    """Scale each time step by a learned attention over time.

    Equation::

        f(z)  = W2 relu(W1 z)                            W1 of shape [T//reduction, T], W2 [T, T//reduction]
        d[t]  = sigmoid(f(mean of x) + f(maximum of x))[t]             over all but time and batch
        y[t]  = d[t]*x[t]

    Args:
        T: time steps.
        reduction: by how much the hidden layer is smaller than ``T`` (default 16), at most ``T``.
        dimension: 4 for images, 2 for features (default 4).

    Shape: ``dimension=4``: ``[T, N, C, H, W]``; ``dimension=2``: ``[T, N, L]``; the same out.

    Raises:
        AssertionError: ``dimension`` is neither 2 nor 4, or ``reduction`` is greater than ``T``.
        RuntimeError: the input has another number of time steps.

    Source: ``clock_driven.layer.MultiStepTemporalWiseAttention``, SpikingJelly 0.0.0.0.14; Yao et al.,
        "Temporal-wise Attention Spiking Neural Networks for Event Streams Classification", ICCV 2021.
    """

    def __init__(self, T: int, reduction: int = 16, dimension: int = 4) -> None:
        super().__init__()
        self._make(T, reduction, dimension)

    def forward(self, x_seq: Tensor) -> Tensor:
        """Scale every time step."""
        return self._attend(x_seq)
