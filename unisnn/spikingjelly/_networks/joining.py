"""How a residual block joins its input: membrane input to membrane input, or spikes to spikes.

Equation (``x`` the input or its shortcut, ``r`` the block's last membrane input)::

    y = sn(r + x)                    spiking ResNet
    y = sew_function(x, sn(r))       SEW-ResNet: ADD x + s, AND x * s, IAND x * (1 - s)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from unisnn.spikingjelly._networks import build, residual

__all__ = ["SEWBlock", "SummingBlock", "sew_function"]


def sew_function(x: Tensor, y: Tensor, cnf: str | None) -> Tensor:
    """Join the spikes of a shortcut and of a block.

    Equation::

        x + y            cnf 'ADD'
        x * y            cnf 'AND'
        x * (1 - y)      cnf 'IAND'

    Args:
        x: spikes of the shortcut.
        y: spikes of the block, of the same shape.
        cnf: name of the function.

    Shape: that of ``x``.

    Raises:
        NotImplementedError: ``cnf`` is something else.

    Source: ``model.sew_resnet.sew_function``, SpikingJelly 0.0.0.0.14; Fang et al., "Deep Residual
        Learning in Spiking Neural Networks", NeurIPS 2021.
    """
    if cnf == "ADD":
        return x + y
    if cnf == "AND":
        return x * y
    if cnf == "IAND":
        return x * (1.0 - y)
    raise NotImplementedError(f"sew_function: cnf={cnf!r} is not accepted; expected 'ADD', 'AND' or 'IAND'")


class SummingBlock(residual.ResidualBlock):
    """A block whose last neuron sees the sum of what the block computes and of its input."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's spikes."""
        y = self.residual(x)
        identity = x if self.downsample is None else self._run(x, self.downsample)
        return self._part("sn", self._weighted)(y + identity)


class SEWBlock(residual.ResidualBlock):
    """A block that joins its spikes to those of its input, element by element."""

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Callable[[int], nn.Module] | None = None,
        cnf: str | None = None,
        spiking_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            inplanes,
            planes,
            stride,
            downsample,
            groups,
            base_width,
            dilation,
            norm_layer,
            spiking_neuron,
            **kwargs,
        )
        self.cnf = cnf

    def _join(self, neuron: build.NeuronMaker) -> None:
        if self.downsample is not None:
            self.downsample_sn = neuron()

    def forward(self, x: Tensor) -> Tensor:
        """Return the joined spikes."""
        spikes = self._part("sn", self._weighted)(self.residual(x))
        identity = x if self.downsample is None else self.downsample_sn(self._run(x, self.downsample))
        return self._joined(identity, spikes)

    def _joined(self, identity: Tensor, spikes: Tensor) -> Tensor:
        return sew_function(identity, spikes, self.cnf)

    def extra_repr(self) -> str:
        """Return the name of the joining function."""
        return f"cnf={self.cnf}"
