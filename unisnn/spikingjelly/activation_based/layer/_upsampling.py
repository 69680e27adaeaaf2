"""Upsampling and max unpooling with a step mode: in ``'m'`` the time is folded into the batch."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.common_types import _size_1_t, _size_2_t, _size_3_t

from unisnn.spikingjelly.activation_based import base
from unisnn.spikingjelly.activation_based.layer._folded import Folded as _Folded

__all__ = ["MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d", "Upsample"]


class Upsample(_Folded, nn.Upsample):
    """``torch.nn.Upsample`` with a step mode.

    Equation::

        y = upsample(x)                  step_mode 's'
        y[t] = upsample(x[t])            step_mode 'm', t = 0...T-1, in one call

    Args:
        size, scale_factor, mode, align_corners, recompute_scale_factor: as for ``torch.nn.Upsample``, with
            its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, *]``; ``'m'``: ``[T, N, C, *]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``layer.Upsample``, SpikingJelly 2.0.0.
    """

    def __init__(
        self,
        size: int | tuple[int, ...] | None = None,
        scale_factor: float | tuple[float, ...] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
        step_mode: str = "s",
    ) -> None:
        super().__init__(size, scale_factor, mode, align_corners, recompute_scale_factor)
        self.step_mode = step_mode


class _Unpool(base.StepModule):
    """A max unpooling of ``torch.nn`` with a step mode; inherit from it before the layer."""

    _layout = ""

    def forward(self, x: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """Put the maxima back to where they were, in one time step (``'s'``) or in all of them (``'m'``)."""
        layer = super().forward  # type: ignore[misc]
        size = None if output_size is None else list(output_size)
        if self.step_mode == "s":
            return layer(x, indices, size)
        if x.dim() != self._layout.count(",") + 1:
            raise ValueError(f"expected x with shape {self._layout}, but got x with shape {x.shape}!")
        y = layer(x.flatten(0, 1), indices.flatten(0, 1), size)
        return y.unflatten(0, x.shape[:2])

    def extra_repr(self) -> str:
        """Return the layer's arguments and the step mode."""
        arguments = super().extra_repr()  # type: ignore[misc]
        return f"{arguments}, step_mode={self.step_mode}"


class MaxUnpool1d(_Unpool, nn.MaxUnpool1d):
    """``torch.nn.MaxUnpool1d`` with a step mode.

    Equation::

        y[indices] = x, else 0           of each time step

    Args:
        kernel_size, stride, padding: as for ``torch.nn.MaxUnpool1d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, L]``; ``'m'``: ``[T, N, C, L]``, of the indices too. ``output_size`` leaves time,
    batch and channels out.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.MaxUnpool1d``, SpikingJelly 2.0.0.
    """

    _layout = "[T, N, C, L]"

    def __init__(
        self,
        kernel_size: _size_1_t,
        stride: _size_1_t | None = None,
        padding: _size_1_t = 0,
        step_mode: str = "s",
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.step_mode = step_mode


class MaxUnpool2d(_Unpool, nn.MaxUnpool2d):
    """``torch.nn.MaxUnpool2d`` with a step mode.

    Equation::

        y[indices] = x, else 0           of each time step

    Args:
        kernel_size, stride, padding: as for ``torch.nn.MaxUnpool2d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, H, W]``; ``'m'``: ``[T, N, C, H, W]``, of the indices too. ``output_size`` leaves
    time, batch and channels out.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.MaxUnpool2d``, SpikingJelly 2.0.0.
    """

    _layout = "[T, N, C, H, W]"

    def __init__(
        self,
        kernel_size: _size_2_t,
        stride: _size_2_t | None = None,
        padding: _size_2_t = 0,
        step_mode: str = "s",
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.step_mode = step_mode


class MaxUnpool3d(_Unpool, nn.MaxUnpool3d):
    """``torch.nn.MaxUnpool3d`` with a step mode.

    Equation::

        y[indices] = x, else 0           of each time step

    Args:
        kernel_size, stride, padding: as for ``torch.nn.MaxUnpool3d``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C, D, H, W]``; ``'m'``: ``[T, N, C, D, H, W]``, of the indices too. ``output_size``
    leaves time, batch and channels out.

    Raises:
        ValueError: ``step_mode`` is not supported; an input of another shape in ``'m'``.

    Source: ``layer.MaxUnpool3d``, SpikingJelly 2.0.0.
    """

    _layout = "[T, N, C, D, H, W]"

    def __init__(
        self,
        kernel_size: _size_3_t,
        stride: _size_3_t | None = None,
        padding: _size_3_t = 0,
        step_mode: str = "s",
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.step_mode = step_mode
