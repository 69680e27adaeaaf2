"""The base class of surrogate gradients, and the step that they replace in the backward pass."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import spike as _spike
from unisnn.core.engines import coverage as _coverage
from unisnn.core.spike_tensor import SpikeTensor as _SpikeTensor
from unisnn.core.surrogate import Family as _Family
from unisnn.snngrow.base import _faces

__all__ = ["SurrogateFunctionBase", "heaviside"]


def heaviside(x: Tensor, spike_out: bool = False) -> Tensor:
    """Return 1 where ``x >= 0`` and 0 elsewhere.

    Equation::

        s = 1 if x >= 0 else 0             NaN gives 0, -0.0 gives 1

    Args:
        x: any shape, any real dtype.
        spike_out: return a SpikeTensor that shows the dtype of ``x`` (float32 for integers); the
            default is a plain tensor of the dtype of ``x``.

    Source: ``snngrow.base.surrogate.BaseFunction.heaviside``, git edition.
    """
    if spike_out:
        return _SpikeTensor(x >= 0, x.dtype if x.is_floating_point() else torch.float32)
    return _spike.at_or_above(x)


class SurrogateFunctionBase(_coverage.Fusible, nn.Module):
    """A spike in the forward pass, a smooth derivative in the backward pass; the base class.

    Equation::

        spiking=True     s = heaviside(x)                  dL/dx = dL/ds * g'(x, alpha)
        spiking=False    s = g(x, alpha)                   dL/dx = dL/ds * g'(x, alpha)

    A subclass provides the static methods :meth:`spiking_function` and :meth:`primitive_function`.

    Args:
        alpha: controls how steep the derivative is: a number, a 0-dim tensor or a Parameter.
        spike_out: return spikes as a SpikeTensor (default False); the primitive is always dense.
        spiking: spikes with a surrogate gradient (default), or the primitive function itself.

    Under edition 0.1.1a1 the second positional argument is ``spiking``, as it is there.

    Shape:
        ``x``: any shape; the output has the same shape and dtype.

    Raises:
        NotImplementedError: the base class itself is called.

    Source: ``snngrow.base.surrogate.BaseFunction.SurrogateFunctionBase``, git edition.
    """

    _decides = ("forward", "spiking_function")
    _family: _Family | None = None
    spike_out: bool = False  # a pickle of 0.1.1a1, which has no such attribute, is dense

    @_faces.flag_by_edition
    def __init__(self, alpha: Any, spike_out: bool = False, spiking: bool = True) -> None:
        super().__init__()
        self.alpha = alpha
        self.spike_out = spike_out
        self.spiking = spiking

    def _fused_gradient(self) -> tuple[_Family, tuple[Any, ...], bool] | None:
        if self._family is None or not self.spiking or type(self.alpha) not in (int, float):
            return None
        return None if self.spike_out else (self._family, (self.alpha,), False)

    def set_spiking_mode(self, spiking: bool) -> None:
        """Choose between spikes (True) and the primitive function (False)."""
        self.spiking = spiking

    def extra_repr(self) -> str:
        """Return ``alpha`` and ``spiking`` as text."""
        return f"alpha={self.alpha}, spiking={self.spiking}"

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any, spike_out: bool = False) -> Tensor:
        """Return spikes whose gradient is the surrogate's; a subclass provides it."""
        raise NotImplementedError("SurrogateFunctionBase: a subclass must provide spiking_function")

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return the function whose derivative the surrogate is; a subclass provides it."""
        raise NotImplementedError("SurrogateFunctionBase: a subclass must provide primitive_function")

    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: Any) -> Tensor:
        """Return the gradient for ``x``; a subclass provides it."""
        raise NotImplementedError("SurrogateFunctionBase: a subclass must provide backward")

    def forward(self, x: Tensor) -> Tensor:
        """Return spikes of ``x = h - threshold``, or the primitive function of it."""
        if self.spiking:
            return self.spiking_function(x, self.alpha, *_faces.spike_out_argument(self.spike_out))
        return self.primitive_function(x, self.alpha)
