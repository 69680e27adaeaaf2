"""Lateral inhibition: a neuron that fires lowers the membrane potential of its neighbours."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from unisnn.core import check as _check

__all__ = ["LateralInhibition"]

_MODES = ("constant", "max", "threshold")


class LateralInhibition(nn.Module):
    """Subtract inhibition from ``node.mem`` wherever another channel fired.

    Equation::

        constant:   mem = mem - inh * (max_c(x) - x)
        max:        mem = mem - inh * max_c(xori) * (max_c(x) - x)        max_c(xori) detached
        threshold:  mem = mem - inh * node.threshold * (max_c(x) - x)

    ``max_c`` is the maximum over dimension 1, kept as an axis. A sample without spikes is not
    inhibited. Products are taken left to right; the gradient flows through ``x`` and, in mode
    ``threshold``, into a trainable threshold.

    Args:
        node: the neuron whose ``mem`` is re-bound to the inhibited potential; an ``nn.Module`` is
            registered as the sub-module ``node``.
        inh: strength of the inhibition, a number or a tensor (a Parameter is registered).
        mode: ``"constant"`` (default), ``"max"`` or ``"threshold"``.

    Shape:
        ``x`` is ``[N, C, *]``, the spikes that ``node`` just fired; the very same object is returned.

    Raises:
        ValueError: ``mode`` is none of the three (upstream ignores it silently), or is ``"max"`` and
            ``xori`` is missing.
        IndexError: ``x`` has no dimension 1.

    Source: ``braincog.base.strategy.LateralInhibition.LateralInhibition``, braincog 0.2.7.19.
    """

    def __init__(self, node: Any, inh: Any, mode: str = "constant") -> None:
        super().__init__()
        _check.require_choice(mode, _MODES, "LateralInhibition", "mode")
        self.inh = inh
        self.node = node
        self.mode = mode

    def forward(self, x: Tensor, xori: Tensor | None = None) -> Tensor:
        """Inhibit ``node.mem`` and return ``x`` itself; mode ``max`` scales with the input ``xori``."""
        _check.require_choice(self.mode, _MODES, "LateralInhibition", "mode")
        _require_channels("x", x)
        strength = self.inh
        if self.mode == "max":
            if xori is None:
                raise ValueError(
                    "LateralInhibition: xori=None is not accepted in mode 'max'; expected a tensor"
                )
            _require_channels("xori", xori)
            strength = strength * _channel_maximum(xori).detach()
        elif self.mode == "threshold":
            strength = strength * self.node.threshold
        self.node.mem = self.node.mem - strength * (_channel_maximum(x) - x)
        return x


def _channel_maximum(x: Tensor) -> Tensor:
    return x.max(dim=1, keepdim=True).values


def _require_channels(argument: str, x: Tensor) -> None:
    if x.dim() < 2:
        raise IndexError(
            f"LateralInhibition: {argument} of shape {tuple(x.shape)} is not accepted; expected [N, C, *], "
            "because channels on dimension 1 inhibit each other"
        )
