"""Layers without memory: pooling over channels, block transforms, a print, a fused convolution."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from unisnn.spikingjelly.clock_driven import functional

__all__ = ["AXAT", "DCT", "ChannelsPool", "ConvBatchNorm2d", "PrintShapeModule"]

_Size = int | tuple[int, int]


class ChannelsPool(nn.Module):
    """Pool over the channels of an image.

    Equation::

        y[n, :, h, w] = pool(x[n, :, h, w])

    Args:
        pool: a one-dimensional pooling layer.

    Shape: ``[N, C, H, W] -> [N, C', H, W]``; ``pool`` decides ``C'``.

    Source: ``clock_driven.layer.ChannelsPool``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, pool: nn.MaxPool1d) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        """Pool over the channels."""
        places = x.flatten(2).permute(0, 2, 1)
        return self.pool(places).permute(0, 2, 1).view(x.shape[0], -1, *x.shape[2:])


class DCT(nn.Module):
    """Transform an image block by block with the discrete cosine transform.

    Equation (``X`` is a block of ``k`` times ``k`` pixels)::

        Y       = K X K^T
        K[0, j] = sqrt(1/k)
        K[i, j] = sqrt(2/k)*cos((j + 1/2)*pi*i/k)

    Args:
        kernel_size: ``k``.

    Shape: ``[*, H, W] -> [*, H, W]``; ``H`` and ``W`` are multiples of ``k``. ``kernel`` is ``K``, a plain
        tensor.

    Raises:
        RuntimeError: ``H`` or ``W`` is no multiple of ``kernel_size``.

    Source: ``clock_driven.layer.DCT``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, kernel_size: int) -> None:
        super().__init__()
        k = kernel_size
        rows = [[math.sqrt(1 / k)] * k]
        rows += [
            [math.sqrt(2 / k) * math.cos((j + 0.5) * math.pi * i / k) for j in range(k)] for i in range(1, k)
        ]
        self.kernel = torch.tensor(rows)

    def forward(self, x: Tensor) -> Tensor:
        """Transform every block."""
        k = self.kernel.shape[0]
        height, width = x.shape[-2:]
        if height % k or width % k:
            raise RuntimeError(
                f"DCT: an input of shape {list(x.shape)} is not accepted; expected a height "
                f"and a width that are multiples of kernel_size={k}"
            )
        images = x.view(-1, height, width)
        kernel = self.kernel = self.kernel.to(x.device)
        strips = [
            torch.cat(
                [torch.matmul(torch.matmul(kernel, block), kernel.t()) for block in strip.split(k, 2)], 2
            )
            for strip in images.split(k, 1)
        ]
        return torch.cat(strips, 1).view(x.shape)


class AXAT(nn.Module):
    """Multiply an image by a learned matrix from both sides.

    Equation::

        Y = A X A^T

    Args:
        in_features: height and width of the input.
        out_features: height and width of the output.

    Shape: ``[*, in_features, in_features] -> [*, out_features, out_features]``; the parameter ``A`` is
    ``[out_features, in_features]``, drawn from Kaiming's uniform distribution with ``a = sqrt(5)``.

    Raises:
        RuntimeError: the input has another height or width.

    Source: ``clock_driven.layer.AXAT``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.A = nn.Parameter(torch.empty(out_features, in_features))
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``A x A^T``."""
        images = x.view(-1, *x.shape[-2:])
        y = torch.matmul(torch.matmul(self.A, images), self.A.t())
        return y.view(*x.shape[:-2], *y.shape[-2:])


class PrintShapeModule(nn.Module):
    """Print the shape of what passes, and pass it on.

    Equation::

        y = x

    Args:
        ext_str: printed before the shape (default ``'PrintShapeModule'``).

    Shape: any, unchanged.

    Source: ``clock_driven.layer.PrintShapeModule``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, ext_str: str = "PrintShapeModule") -> None:
        super().__init__()
        self.ext_str = ext_str

    def forward(self, x: Tensor) -> Tensor:
        """Print and return ``x``."""
        print(self.ext_str, x.shape)
        return x


class ConvBatchNorm2d(nn.Module):
    """A convolution without bias and its batch norm, which can be fused into one convolution.

    Equation::

        y = bn(conv(x))

    Args:
        in_channels: as ``torch.nn.Conv2d``.
        out_channels: as ``torch.nn.Conv2d``.
        kernel_size: as ``torch.nn.Conv2d``.
        stride: as ``torch.nn.Conv2d`` (default 1).
        padding: as ``torch.nn.Conv2d`` (default 0).
        dilation: as ``torch.nn.Conv2d`` (default 1).
        groups: as ``torch.nn.Conv2d`` (default 1).
        padding_mode: as ``torch.nn.Conv2d`` (default ``'zeros'``).
        eps: as ``torch.nn.BatchNorm2d`` (default 1e-5).
        momentum: as ``torch.nn.BatchNorm2d`` (default 0.1).
        affine: as ``torch.nn.BatchNorm2d`` (default True).
        track_running_stats: as ``torch.nn.BatchNorm2d`` (default True).

    Shape: ``[N, C, H, W] -> [N, C', H', W']``.

    Source: ``clock_driven.layer.ConvBatchNorm2d``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _Size,
        stride: _Size = 1,
        padding: _Size = 0,
        dilation: _Size = 1,
        groups: int = 1,
        padding_mode: str = "zeros",
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            False,
            padding_mode,  # type: ignore[arg-type]
        )
        self.bn = nn.BatchNorm2d(out_channels, eps, momentum, affine, track_running_stats)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``bn(conv(x))``."""
        return self.bn(self.conv(x))

    def get_fused_weight(self) -> Tensor:
        """Return the weight of the fused convolution."""
        return functional.fused_conv2d_weight_of_convbn2d(self.conv, self.bn)

    def get_fused_bias(self) -> Tensor:
        """Return the bias of the fused convolution."""
        return functional.fused_conv2d_bias_of_convbn2d(self.conv, self.bn)

    def scale_fused_weight(self, k: float | None = None, b: float | None = None) -> None:
        """Change the fused weight to ``k*weight + b``, in place."""
        functional.scale_fused_conv2d_weight_of_convbn2d(self.conv, self.bn, k, b)

    def scale_fused_bias(self, k: float | None = None, b: float | None = None) -> None:
        """Change the fused bias to ``k*bias + b``, in place."""
        functional.scale_fused_conv2d_bias_of_convbn2d(self.conv, self.bn, k, b)

    def get_fused_conv(self) -> nn.Conv2d:
        """Return the fused convolution."""
        return functional.fuse_convbn2d(self.conv, self.bn)
