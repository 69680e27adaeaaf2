"""Layers whose input is spikes: ``Linear`` and ``SparseSynapse``.

Equation::

    y = s W^T + b

``s`` are the dense values of the spikes, and forward and all three gradients are those of
``torch.nn.functional.linear``, bit for bit. Upstream's layers need a compiled CUDA extension; without it
their module cannot be imported. Where :func:`unisnn.core.sparse.tolerance` accepts another rounding, layers
with ``spike_in=True`` sum over the firing inputs alone, if few fire.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unisnn.core import sparse, spike_tensor

__all__ = ["Linear", "SparseSynapse"]


class Linear(nn.Linear):
    """``torch.nn.Linear`` that takes spikes.

    Equation::

        y = s W^T + b

    The same seed gives the same weights as ``torch.nn.Linear``.

    Args:
        in_features, out_features: the numbers of inputs and outputs.
        bias: whether there is a bias (default: True).
        device, dtype: of the parameters (default: torch's).
        spike_in: whether the input is spikes: a SpikeTensor, booleans, or a plain tensor of 0 and 1
            (default: False). It is not checked and changes no number; it admits sums over the firing inputs.

    Shape: ``[*, in_features] -> [*, out_features]``.

    Source: ``snngrow.base.nn.Linear``, git edition, as it is meant.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        spike_in: bool = False,
    ) -> None:
        super().__init__(in_features, out_features, bias, device, dtype)
        self.spike_in = spike_in

    def forward(self, input: Tensor) -> Tensor:
        """Return ``s W^T + b``."""
        return _linear(input, self.weight, self.bias, self.spike_in)

    def extra_repr(self) -> str:
        """Return torch's text and ``spike_in``."""
        return f"{super().extra_repr()}, spike_in={self.spike_in}"


class SparseSynapse(Linear):
    """A :class:`Linear` in which only some synapses exist.

    Equation::

        y = s (W * C)^T + b

    ``C`` is 1 where a synapse exists and 0 elsewhere. The weights where none exists are 0 and get no
    gradient. Without ``connection`` every synapse exists and this is a :class:`Linear`.

    Args:
        in_features, out_features: the numbers of inputs and outputs.
        bias: whether there is a bias (default: True).
        device, dtype: of the parameters (default: torch's).
        spike_in: as in :class:`Linear` (default: False).
        connection: which synapses exist. ``None``: all (default). A number ``p`` in ``[0, 1]``: each with
            probability ``p``, drawn from torch's generator after the weights. ``"random"``: ``p = 0.5``.
            A tensor of shape ``[out_features, in_features]``: where it is not 0.

    The synapses that exist are the buffer ``connection``, which is ``None`` if all do.

    Shape: ``[*, in_features] -> [*, out_features]``.

    Raises:
        ValueError: ``connection`` is none of these.

    Source: ``snngrow.base.nn.SparseSynapse``, git edition, as it is meant. Its documents do not say what
        ``connection`` accepts; what is written above is unisnn's.
    """

    connection: Tensor | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        spike_in: bool = False,
        connection: str | float | Tensor | None = None,
    ) -> None:
        super().__init__(in_features, out_features, bias, device, dtype, spike_in)
        self.register_buffer("connection", _connected(connection, self.weight))
        if self.connection is not None:
            with torch.no_grad():
                self.weight.masked_fill_(~self.connection, 0.0)

    def forward(self, input: Tensor) -> Tensor:
        """Return ``s (W * C)^T + b``."""
        weight = self.weight
        if self.connection is not None:
            weight = torch.where(self.connection, weight, 0.0)
        return _linear(input, weight, self.bias, self.spike_in)

    def extra_repr(self) -> str:
        """Return the text of :class:`Linear` and how many synapses exist."""
        exist = self.weight.numel() if self.connection is None else int(self.connection.sum())
        return f"{super().extra_repr()}, synapses={exist}"


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None, spike_in: bool) -> Tensor:
    if x.dtype == torch.bool:
        x = spike_tensor.from_dense(x, weight.dtype)
    return sparse.linear(x, weight, bias) if spike_in else nn.functional.linear(x, weight, bias)


def _connected(connection: str | float | Tensor | None, weight: Tensor) -> Tensor | None:
    """Return which synapses exist, or ``None`` for all."""
    if connection is None:
        return None
    if isinstance(connection, Tensor) and connection.shape == weight.shape:
        return (connection.detach() != 0).to(weight.device)
    share = 0.5 if isinstance(connection, str) and connection == "random" else connection
    if isinstance(share, (int, float)) and not isinstance(share, bool) and 0 <= share <= 1:
        return torch.rand(weight.shape, device=weight.device) < share
    given = tuple(connection.shape) if isinstance(connection, Tensor) else connection
    raise ValueError(
        f"SparseSynapse: connection={given!r} is not accepted; expected None, 'random', a probability or a "
        f"tensor of shape {tuple(weight.shape)}"
    )
