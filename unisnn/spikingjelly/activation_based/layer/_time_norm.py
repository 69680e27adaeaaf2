"""Batch norm that knows the time step: a scale for each step (TEBN), or a norm for each step (BNTT)."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from unisnn.core import scan as _scan
from unisnn.core.layers import temporal_norm as _temporal_norm
from unisnn.spikingjelly.activation_based import base

__all__ = [
    "BatchNormThroughTime1d",
    "BatchNormThroughTime2d",
    "BatchNormThroughTime3d",
    "TemporalEffectiveBatchNorm1d",
    "TemporalEffectiveBatchNorm2d",
    "TemporalEffectiveBatchNorm3d",
]


class _TemporalEffective(_temporal_norm.TemporalEffectiveNorm, base.MultiStepModule):
    """The norm with the step mode ``'m'``."""

    _step_mode = "m"


class TemporalEffectiveBatchNorm1d(_TemporalEffective):
    """Batch norm over time, batch and length with a learned scale for each time step (TEBN).

    Equation::

        y[t] = scale[t]*(weight*(x[t] - mean)/sqrt(variance + eps) + bias)     scale is 1 at first

    Args:
        T: number of time steps.
        args: as ``torch.nn.BatchNorm1d``.
        kwargs: as ``torch.nn.BatchNorm1d``.

    Shape: ``[T, N, C]`` or ``[T, N, C, L]``; the same out. The step mode is ``'m'``.

    Raises:
        ValueError: the input has another number of dimensions; a step mode other than ``'m'``.
        RuntimeError: the input has another number of time steps, from torch.

    Source: ``layer.TemporalEffectiveBatchNorm1d``, SpikingJelly 2.0.0; Duan et al., "Temporal Effective
        Batch Normalization in Spiking Neural Networks", NeurIPS 2022.
    """

    _accepted = (2, 3)
    _shapes = "[T, N, C] or [T, N, C, L]"


class TemporalEffectiveBatchNorm2d(_TemporalEffective):
    """Batch norm over time, batch and image with a learned scale for each time step (TEBN).

    Equation::

        y[t] = scale[t]*(weight*(x[t] - mean)/sqrt(variance + eps) + bias)     scale is 1 at first

    Args:
        T: number of time steps.
        args: as ``torch.nn.BatchNorm2d``.
        kwargs: as ``torch.nn.BatchNorm2d``.

    Shape: ``[T, N, C, H, W]``; the same out. The step mode is ``'m'``.

    Raises:
        ValueError: the input has another number of dimensions; a step mode other than ``'m'``.
        RuntimeError: the input has another number of time steps, from torch.

    Source: ``layer.TemporalEffectiveBatchNorm2d``, SpikingJelly 2.0.0; Duan et al., NeurIPS 2022.
    """

    _accepted = (4,)
    _shapes = "[T, N, C, H, W]"


class TemporalEffectiveBatchNorm3d(_TemporalEffective):
    """Batch norm over time, batch and volume with a learned scale for each time step (TEBN).

    Equation::

        y[t] = scale[t]*(weight*(x[t] - mean)/sqrt(variance + eps) + bias)     scale is 1 at first

    Args:
        T: number of time steps.
        args: as ``torch.nn.BatchNorm3d``.
        kwargs: as ``torch.nn.BatchNorm3d``.

    Shape: ``[T, N, C, D, H, W]``; the same out. The step mode is ``'m'``.

    Raises:
        ValueError: the input has another number of dimensions; a step mode other than ``'m'``.
        RuntimeError: the input has another number of time steps, from torch.

    Source: ``layer.TemporalEffectiveBatchNorm3d``, SpikingJelly 2.0.0; Duan et al., NeurIPS 2022.
    """

    _accepted = (5,)
    _shapes = "[T, N, C, D, H, W]"


class _ThroughTime(base.MemoryModule):
    """``T`` norms without bias and the memory ``t``, the last step that was taken."""

    _norm: Any
    t: int

    def __init__(
        self,
        T: int,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        step_mode: str = "s",
    ) -> None:
        super().__init__()
        self.register_memory("t", -1)
        self.step_mode = step_mode
        self.T = T
        norms = [self._norm(num_features, eps, momentum, affine, track_running_stats) for _ in range(T)]
        for norm in norms:
            norm.bias = None
        self.bn_list = nn.ModuleList(norms)

    def single_step_forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Normalise the next time step by its own norm."""
        if self.t + 1 >= self.T:
            raise IndexError(
                f"{self._get_name()}: T={self.T} time steps were taken; expected a reset() before more"
            )
        self.t += 1
        return self.bn_list[self.t](x)

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Normalise every time step by its own norm."""
        return _scan.scan(self.single_step_forward, x_seq, self._get_name())

    def extra_repr(self) -> str:
        """Return the step mode."""
        return f"step_mode={self.step_mode}"


class BatchNormThroughTime1d(_ThroughTime):
    """A batch norm of its own for each time step (BNTT), over batch and length.

    Equation::

        y[t] = weight[t]*(x[t] - mean[t])/sqrt(variance[t] + eps)

    ``t`` counts the steps; ``reset()`` starts it anew.

    Args:
        T: number of time steps.
        num_features, eps, momentum, affine, track_running_stats: as for ``torch.nn.BatchNorm1d``,
            with its defaults; there is no bias.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C]`` or ``[N, C, L]``; ``'m'``: the same with ``T`` in front.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape, from torch.
        IndexError: more than ``T`` steps without a reset.

    Source: ``layer.BatchNormThroughTime1d``, SpikingJelly 2.0.0; Kim and Panda, "Revisiting Batch
        Normalization for Training Low-Latency Deep Spiking Neural Networks From Scratch", 2021.
    """

    _norm = nn.BatchNorm1d


class BatchNormThroughTime2d(_ThroughTime):
    """A batch norm of its own for each time step (BNTT), over batch and image.

    Equation::

        y[t] = weight[t]*(x[t] - mean[t])/sqrt(variance[t] + eps)

    ``t`` counts the steps; ``reset()`` starts it anew.

    Args:
        T: number of time steps.
        num_features, eps, momentum, affine, track_running_stats: as for ``torch.nn.BatchNorm2d``,
            with its defaults; there is no bias.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape, from torch.
        IndexError: more than ``T`` steps without a reset.

    Source: ``layer.BatchNormThroughTime2d``, SpikingJelly 2.0.0; Kim and Panda, 2021.
    """

    _norm = nn.BatchNorm2d


class BatchNormThroughTime3d(_ThroughTime):
    """A batch norm of its own for each time step (BNTT), over batch and volume.

    Equation::

        y[t] = weight[t]*(x[t] - mean[t])/sqrt(variance[t] + eps)

    ``t`` counts the steps; ``reset()`` starts it anew.

    Args:
        T: number of time steps.
        num_features, eps, momentum, affine, track_running_stats: as for ``torch.nn.BatchNorm3d``,
            with its defaults; there is no bias.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, D, H, W]``; ``'m'``: ``[T, N, C, D, H, W]``.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape, from torch.
        IndexError: more than ``T`` steps without a reset.

    Source: ``layer.BatchNormThroughTime3d``, SpikingJelly 2.0.0; Kim and Panda, 2021.
    """

    _norm = nn.BatchNorm3d
