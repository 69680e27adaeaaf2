"""Normalisation with a step mode: in ``'m'`` the statistics are taken over time and batch together."""

from __future__ import annotations

from torch import nn

from unisnn.spikingjelly.activation_based.layer._folded import Folded as _Folded

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm"]


class BatchNorm1d(_Folded, nn.BatchNorm1d):
    """``torch.nn.BatchNorm1d`` with a step mode.

    Equation::

        y = (x - mean)/sqrt(var + eps)*weight + bias     mean and var of each channel
                                                         over N and positions in 's',
                                                         over T, N and positions in 'm'

    Args:
        num_features, eps, momentum, affine, track_running_stats: as for ``torch.nn.BatchNorm1d``,
            with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, L]``; ``'m'``: ``[T, N, C, L]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape.

    Source: ``layer.BatchNorm1d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, L]"

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        step_mode: str = "s",
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)
        self.step_mode = step_mode


class BatchNorm2d(_Folded, nn.BatchNorm2d):
    """``torch.nn.BatchNorm2d`` with a step mode.

    Equation::

        y = (x - mean)/sqrt(var + eps)*weight + bias     mean and var of each channel
                                                         over N and positions in 's',
                                                         over T, N and positions in 'm'

    Args:
        num_features, eps, momentum, affine, track_running_stats: as for ``torch.nn.BatchNorm2d``,
            with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape.

    Source: ``layer.BatchNorm2d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, H, W]"

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        step_mode: str = "s",
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)
        self.step_mode = step_mode


class BatchNorm3d(_Folded, nn.BatchNorm3d):
    """``torch.nn.BatchNorm3d`` with a step mode.

    Equation::

        y = (x - mean)/sqrt(var + eps)*weight + bias     mean and var of each channel
                                                         over N and positions in 's',
                                                         over T, N and positions in 'm'

    Args:
        num_features, eps, momentum, affine, track_running_stats: as for ``torch.nn.BatchNorm3d``,
            with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, D, H, W]``; ``'m'``: ``[T, N, C, D, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape.

    Source: ``layer.BatchNorm3d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, D, H, W]"

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        step_mode: str = "s",
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)
        self.step_mode = step_mode


class GroupNorm(_Folded, nn.GroupNorm):
    """``torch.nn.GroupNorm`` with a step mode.

    Equation::

        y = (x - mean)/sqrt(var + eps)*weight + bias     mean and var of each sample and group

    Args:
        num_groups, num_channels, eps, affine: as for ``torch.nn.GroupNorm``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, *]``; ``'m'``: ``[T, N, C, *]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``layer.GroupNorm``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, step_mode: str = "s"
    ) -> None:
        super().__init__(num_groups, num_channels, eps, affine)
        self.step_mode = step_mode
