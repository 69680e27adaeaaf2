"""Pooling with a step mode: in ``'m'`` the time is folded into the batch."""

from __future__ import annotations

from torch import nn
from torch.nn.common_types import _size_1_t, _size_2_t, _size_3_t

from unisnn.spikingjelly.activation_based.layer._folded import Folded as _Folded

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
]


class MaxPool1d(_Folded, nn.MaxPool1d):
    """``torch.nn.MaxPool1d`` with a step mode.

    Equation::

        y = max of x over each window    step_mode 's'
        y[t] = the same of x[t]          step_mode 'm', t = 0...T-1, in one call

    Args:
        kernel_size, stride, padding, dilation, return_indices, ceil_mode: as for
            ``torch.nn.MaxPool1d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, L]``; ``'m'``: ``[T, N, C, L]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.MaxPool1d``, SpikingJelly 0.0.0.0.14 (where ``return_indices`` fails in ``'m'``).
    """

    _layout = "[T, N, C, L]"

    def __init__(
        self,
        kernel_size: _size_1_t,
        stride: _size_1_t | None = None,
        padding: _size_1_t = 0,
        dilation: _size_1_t = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
        step_mode: str = "s",
    ) -> None:
        super().__init__(kernel_size, stride, padding, dilation, return_indices, ceil_mode)
        self.step_mode = step_mode


class MaxPool2d(_Folded, nn.MaxPool2d):
    """``torch.nn.MaxPool2d`` with a step mode.

    Equation::

        y = max of x over each window    step_mode 's'
        y[t] = the same of x[t]          step_mode 'm', t = 0...T-1, in one call

    Args:
        kernel_size, stride, padding, dilation, return_indices, ceil_mode: as for
            ``torch.nn.MaxPool2d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.MaxPool2d``, SpikingJelly 0.0.0.0.14 (where ``return_indices`` fails in ``'m'``).
    """

    _layout = "[T, N, C, H, W]"

    def __init__(
        self,
        kernel_size: _size_2_t,
        stride: _size_2_t | None = None,
        padding: _size_2_t = 0,
        dilation: _size_2_t = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
        step_mode: str = "s",
    ) -> None:
        super().__init__(kernel_size, stride, padding, dilation, return_indices, ceil_mode)
        self.step_mode = step_mode


class MaxPool3d(_Folded, nn.MaxPool3d):
    """``torch.nn.MaxPool3d`` with a step mode.

    Equation::

        y = max of x over each window    step_mode 's'
        y[t] = the same of x[t]          step_mode 'm', t = 0...T-1, in one call

    Args:
        kernel_size, stride, padding, dilation, return_indices, ceil_mode: as for
            ``torch.nn.MaxPool3d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, D, H, W]``; ``'m'``: ``[T, N, C, D, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.MaxPool3d``, SpikingJelly 0.0.0.0.14 (where ``return_indices`` fails in ``'m'``).
    """

    _layout = "[T, N, C, D, H, W]"

    def __init__(
        self,
        kernel_size: _size_3_t,
        stride: _size_3_t | None = None,
        padding: _size_3_t = 0,
        dilation: _size_3_t = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
        step_mode: str = "s",
    ) -> None:
        super().__init__(kernel_size, stride, padding, dilation, return_indices, ceil_mode)
        self.step_mode = step_mode


class AvgPool1d(_Folded, nn.AvgPool1d):
    """``torch.nn.AvgPool1d`` with a step mode.

    Equation::

        y = mean of x over each window   step_mode 's'
        y[t] = the same of x[t]          step_mode 'm', t = 0...T-1, in one call

    Args:
        kernel_size, stride, padding, ceil_mode, count_include_pad: as for
            ``torch.nn.AvgPool1d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, L]``; ``'m'``: ``[T, N, C, L]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.AvgPool1d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, L]"

    def __init__(
        self,
        kernel_size: _size_1_t,
        stride: _size_1_t | None = None,
        padding: _size_1_t = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        step_mode: str = "s",
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)  # type: ignore[arg-type]
        self.step_mode = step_mode


class AvgPool2d(_Folded, nn.AvgPool2d):
    """``torch.nn.AvgPool2d`` with a step mode.

    Equation::

        y = mean of x over each window   step_mode 's'
        y[t] = the same of x[t]          step_mode 'm', t = 0...T-1, in one call

    Args:
        kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override: as for
            ``torch.nn.AvgPool2d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.AvgPool2d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, H, W]"

    def __init__(
        self,
        kernel_size: _size_2_t,
        stride: _size_2_t | None = None,
        padding: _size_2_t = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
        step_mode: str = "s",
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        self.step_mode = step_mode


class AvgPool3d(_Folded, nn.AvgPool3d):
    """``torch.nn.AvgPool3d`` with a step mode.

    Equation::

        y = mean of x over each window   step_mode 's'
        y[t] = the same of x[t]          step_mode 'm', t = 0...T-1, in one call

    Args:
        kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override: as for
            ``torch.nn.AvgPool3d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, D, H, W]``; ``'m'``: ``[T, N, C, D, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.AvgPool3d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, D, H, W]"

    def __init__(
        self,
        kernel_size: _size_3_t,
        stride: _size_3_t | None = None,
        padding: _size_3_t = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
        step_mode: str = "s",
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        self.step_mode = step_mode


class AdaptiveAvgPool1d(_Folded, nn.AdaptiveAvgPool1d):
    """``torch.nn.AdaptiveAvgPool1d`` with a step mode.

    Equation::

        y = mean of x over each window   step_mode 's', windows chosen for output_size
        y[t] = the same of x[t]          step_mode 'm', t = 0...T-1, in one call

    Args:
        output_size: as for ``torch.nn.AdaptiveAvgPool1d``.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, L]``; ``'m'``: ``[T, N, C, L]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.AdaptiveAvgPool1d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, L]"

    def __init__(self, output_size: int, step_mode: str = "s") -> None:
        super().__init__(output_size)
        self.step_mode = step_mode


class AdaptiveAvgPool2d(_Folded, nn.AdaptiveAvgPool2d):
    """``torch.nn.AdaptiveAvgPool2d`` with a step mode.

    Equation::

        y = mean of x over each window   step_mode 's', windows chosen for output_size
        y[t] = the same of x[t]          step_mode 'm', t = 0...T-1, in one call

    Args:
        output_size: as for ``torch.nn.AdaptiveAvgPool2d``.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.AdaptiveAvgPool2d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, H, W]"

    def __init__(self, output_size: int | tuple[int | None, int | None], step_mode: str = "s") -> None:
        super().__init__(output_size)
        self.step_mode = step_mode


class AdaptiveAvgPool3d(_Folded, nn.AdaptiveAvgPool3d):
    """``torch.nn.AdaptiveAvgPool3d`` with a step mode.

    Equation::

        y = mean of x over each window   step_mode 's', windows chosen for output_size
        y[t] = the same of x[t]          step_mode 'm', t = 0...T-1, in one call

    Args:
        output_size: as for ``torch.nn.AdaptiveAvgPool3d``.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, D, H, W]``; ``'m'``: ``[T, N, C, D, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.AdaptiveAvgPool3d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, D, H, W]"

    def __init__(
        self, output_size: int | tuple[int | None, int | None, int | None], step_mode: str = "s"
    ) -> None:
        super().__init__(output_size)
        self.step_mode = step_mode
