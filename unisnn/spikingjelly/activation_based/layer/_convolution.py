"""Convolutions with a step mode: in ``'m'`` the time is folded into the batch."""

from __future__ import annotations

from torch import nn
from torch.nn.common_types import _size_1_t, _size_2_t, _size_3_t

from unisnn.spikingjelly.activation_based.layer._folded import Folded as _Folded

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class Conv1d(_Folded, nn.Conv1d):
    """``torch.nn.Conv1d`` with a step mode.

    Equation::

        y = conv(x)                      step_mode 's'
        y[t] = conv(x[t])                step_mode 'm', t = 0...T-1, in one call

    Args:
        in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode:
            as for ``torch.nn.Conv1d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, L]``; ``'m'``: ``[T, N, C, L]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.Conv1d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, L]"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_1_t,
        stride: _size_1_t = 1,
        padding: str | _size_1_t = 0,
        dilation: _size_1_t = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        step_mode: str = "s",
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,  # type: ignore[arg-type]
        )
        self.step_mode = step_mode


class Conv2d(_Folded, nn.Conv2d):
    """``torch.nn.Conv2d`` with a step mode.

    Equation::

        y = conv(x)                      step_mode 's'
        y[t] = conv(x[t])                step_mode 'm', t = 0...T-1, in one call

    Args:
        in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode:
            as for ``torch.nn.Conv2d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.Conv2d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, H, W]"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_2_t,
        stride: _size_2_t = 1,
        padding: str | _size_2_t = 0,
        dilation: _size_2_t = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        step_mode: str = "s",
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,  # type: ignore[arg-type]
        )
        self.step_mode = step_mode


class Conv3d(_Folded, nn.Conv3d):
    """``torch.nn.Conv3d`` with a step mode.

    Equation::

        y = conv(x)                      step_mode 's'
        y[t] = conv(x[t])                step_mode 'm', t = 0...T-1, in one call

    Args:
        in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode:
            as for ``torch.nn.Conv3d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, D, H, W]``; ``'m'``: ``[T, N, C, D, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.Conv3d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, D, H, W]"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_3_t,
        stride: _size_3_t = 1,
        padding: str | _size_3_t = 0,
        dilation: _size_3_t = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        step_mode: str = "s",
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,  # type: ignore[arg-type]
        )
        self.step_mode = step_mode


class ConvTranspose1d(_Folded, nn.ConvTranspose1d):  # type: ignore[misc]
    """``torch.nn.ConvTranspose1d`` with a step mode.

    Equation::

        y = conv_transpose(x)            step_mode 's'
        y[t] = conv_transpose(x[t])      step_mode 'm', t = 0...T-1, in one call

    Args:
        in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation,
            padding_mode: as for ``torch.nn.ConvTranspose1d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, L]``; ``'m'``: ``[T, N, C, L]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.ConvTranspose1d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, L]"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_1_t,
        stride: _size_1_t = 1,
        padding: _size_1_t = 0,
        output_padding: _size_1_t = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: _size_1_t = 1,
        padding_mode: str = "zeros",
        step_mode: str = "s",
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            output_padding,
            groups,
            bias,
            dilation,
            padding_mode,  # type: ignore[arg-type]
        )
        self.step_mode = step_mode


class ConvTranspose2d(_Folded, nn.ConvTranspose2d):  # type: ignore[misc]
    """``torch.nn.ConvTranspose2d`` with a step mode.

    Equation::

        y = conv_transpose(x)            step_mode 's'
        y[t] = conv_transpose(x[t])      step_mode 'm', t = 0...T-1, in one call

    Args:
        in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation,
            padding_mode: as for ``torch.nn.ConvTranspose2d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.ConvTranspose2d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, H, W]"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_2_t,
        stride: _size_2_t = 1,
        padding: _size_2_t = 0,
        output_padding: _size_2_t = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: _size_2_t = 1,
        padding_mode: str = "zeros",
        step_mode: str = "s",
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            output_padding,
            groups,
            bias,
            dilation,
            padding_mode,  # type: ignore[arg-type]
        )
        self.step_mode = step_mode


class ConvTranspose3d(_Folded, nn.ConvTranspose3d):  # type: ignore[misc]
    """``torch.nn.ConvTranspose3d`` with a step mode.

    Equation::

        y = conv_transpose(x)            step_mode 's'
        y[t] = conv_transpose(x[t])      step_mode 'm', t = 0...T-1, in one call

    Args:
        in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation,
            padding_mode: as for ``torch.nn.ConvTranspose3d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, D, H, W]``; ``'m'``: ``[T, N, C, D, H, W]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.ConvTranspose3d``, SpikingJelly 0.0.0.0.14.
    """

    _layout = "[T, N, C, D, H, W]"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_3_t,
        stride: _size_3_t = 1,
        padding: _size_3_t = 0,
        output_padding: _size_3_t = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: _size_3_t = 1,
        padding_mode: str = "zeros",
        step_mode: str = "s",
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            output_padding,
            groups,
            bias,
            dilation,
            padding_mode,  # type: ignore[arg-type]
        )
        self.step_mode = step_mode
