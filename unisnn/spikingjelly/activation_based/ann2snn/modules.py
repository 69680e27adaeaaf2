"""What a converter puts into a network: a hook that measures a scale, and a scaling."""

from __future__ import annotations

import numpy as _numpy
import torch
from torch import Tensor, nn

__all__ = ["VoltageHook", "VoltageScaler"]

_ACCEPTED = "expected 'max' in any case, a percentile such as '99.9%', or a float in (0, 1]"


def _checked_mode(owner: str, mode: object) -> str | float:
    """Return ``mode`` if a scale can be computed by it (a percentile's range is checked when it is used)."""
    if isinstance(mode, str):
        if mode.endswith("%"):
            try:
                float(mode[:-1])
            except ValueError:
                pass
            else:
                return mode
        elif mode.lower() == "max":
            return mode
    elif isinstance(mode, float) and 0 < mode <= 1:
        return mode
    raise NotImplementedError(f"{owner}: mode={mode!r} is not accepted; {_ACCEPTED}")


def _percentile(x: Tensor, mode: str) -> Tensor:
    """Return the percentile that ``mode`` names, interpolated linearly, in the dtype of ``x``."""
    values = x.detach().cpu()
    if values.dtype == torch.bfloat16:
        values = values.float()
    try:
        found = _numpy.percentile(values.numpy(), float(mode[:-1]))
    except ValueError:
        raise NotImplementedError(f"VoltageHook: mode={mode!r} is not accepted; {_ACCEPTED}") from None
    return torch.tensor(found, device=x.device).to(x.dtype)


class VoltageHook(nn.Module):
    """Pass the input on, and keep a running scale of it.

    Equation::

        s     = max(x)                     mode 'max'
        s     = percentile(x, p)           mode 'p%'
        s     = max(x) * p                 mode a float p
        scale = s                          on the first call
        scale = (1 - momentum)*scale + momentum*s

    Args:
        scale: what :attr:`scale` is before the first call. Default 1.
        momentum: weight of a new measurement. Default 0.1.
        mode: ``'max'`` (any case, the default is ``'Max'``), a percentile such as ``'99.9%'`` or a float in
            ``(0, 1]``.

    Shape:
        any shape with a batch dimension, which is returned as it is.

    Raises:
        NotImplementedError: a mode that is none of these; when the hook is called.

    Source: ``activation_based.ann2snn.modules.VoltageHook``, SpikingJelly 0.0.0.0.14.
    """

    scale: Tensor

    def __init__(self, scale: float | Tensor = 1.0, momentum: float = 0.1, mode: str | float = "Max") -> None:
        super().__init__()
        self.register_buffer("scale", _scale(scale))
        self.mode = mode
        self.num_batches_tracked = 0
        self.momentum = momentum

    def forward(self, x: Tensor) -> Tensor:
        """Measure ``x`` and return it."""
        mode = _checked_mode("VoltageHook", self.mode)
        if isinstance(mode, float):
            s = x.max().detach() * mode
        elif mode.endswith("%"):
            s = _percentile(x, mode)
        else:
            s = x.max().detach()
        if self.num_batches_tracked == 0:
            self.scale = s
        else:
            self.scale = (1 - self.momentum) * self.scale + self.momentum * s
        self.num_batches_tracked += x.shape[0]
        return x


class VoltageScaler(nn.Module):
    """Multiply by a constant that is a buffer.

    Equation::

        y = x * scale

    Args:
        scale: the constant. Default 1.

    Shape:
        any shape; the output has the input's.

    Source: ``activation_based.ann2snn.modules.VoltageScaler``, SpikingJelly 0.0.0.0.14.
    """

    scale: Tensor

    def __init__(self, scale: float | Tensor = 1.0) -> None:
        super().__init__()
        self.register_buffer("scale", _scale(scale))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x * scale``."""
        return x * self.scale

    def extra_repr(self) -> str:
        """Return the constant with six digits behind the point."""
        return f"{self.scale.item():f}"


def _scale(value: float | Tensor) -> Tensor:
    return value.detach().clone() if isinstance(value, Tensor) else torch.tensor(value)
