"""Recurrent networks: the frame with one of the cells."""

from __future__ import annotations

from typing import Any

from torch import nn

from unisnn.spikingjelly.activation_based import surrogate
from unisnn.spikingjelly.activation_based.rnn import _cells
from unisnn.spikingjelly.activation_based.rnn._frame import SpikingRNNBase

__all__ = ["SpikingGRU", "SpikingLSTM", "SpikingVanillaRNN"]


class SpikingLSTM(SpikingRNNBase):
    """Layers of :class:`SpikingLSTMCell`.

    Equation: as :class:`SpikingRNNBase`, with ``h_l, c_l = cell_l(y_l, (h_l, c_l))``::

        y, (h, c) = network(x, (h, c))

    Args:
        input_size: features of the input.
        hidden_size: features of a hidden state.
        num_layers: layers.
        bias: default True.
        dropout_p: default 0.
        invariant_dropout_mask: default False.
        bidirectional: default False.
        surrogate_function1: of the gates, default ``Erf(alpha=2.0)``.
        surrogate_function2: of the input, default ``None``, the first one.

    Shape: as :class:`SpikingRNNBase`; ``h`` and ``c`` come back with a 1 in front.

    Raises: as :class:`SpikingRNNBase` and :class:`SpikingLSTMCell`.

    Source: ``rnn.SpikingLSTM``, SpikingJelly 0.0.0.0.14; see :class:`SpikingRNNBase` for its several layers.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool = True,
        dropout_p: float = 0,
        invariant_dropout_mask: bool = False,
        bidirectional: bool = False,
        surrogate_function1: Any = surrogate.Erf(),  # noqa: B008
        surrogate_function2: Any = None,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            dropout_p,
            invariant_dropout_mask,
            bidirectional,
            surrogate_function1,
            surrogate_function2,
        )

    @staticmethod
    def base_cell() -> type[nn.Module]:
        """Return :class:`SpikingLSTMCell`."""
        return _cells.SpikingLSTMCell

    @staticmethod
    def states_num() -> int:
        """Return 2: hidden state and cell state."""
        return 2


class SpikingVanillaRNN(SpikingRNNBase):
    """Layers of :class:`SpikingVanillaRNNCell`.

    Equation: as :class:`SpikingRNNBase`::

        y, h = network(x, h)

    Args:
        input_size: features of the input.
        hidden_size: features of a hidden state.
        num_layers: layers.
        bias: default True.
        dropout_p: default 0.
        invariant_dropout_mask: default False.
        bidirectional: default False.
        surrogate_function: default ``Erf(alpha=2.0)``.

    Shape: as :class:`SpikingRNNBase`.

    Raises: as :class:`SpikingRNNBase`.

    Source: ``rnn.SpikingVanillaRNN``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool = True,
        dropout_p: float = 0,
        invariant_dropout_mask: bool = False,
        bidirectional: bool = False,
        surrogate_function: Any = surrogate.Erf(),  # noqa: B008
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            dropout_p,
            invariant_dropout_mask,
            bidirectional,
            surrogate_function,
        )

    @staticmethod
    def base_cell() -> type[nn.Module]:
        """Return :class:`SpikingVanillaRNNCell`."""
        return _cells.SpikingVanillaRNNCell

    @staticmethod
    def states_num() -> int:
        """Return 1: the hidden state."""
        return 1


class SpikingGRU(SpikingRNNBase):
    """Layers of :class:`SpikingGRUCell`.

    Equation: as :class:`SpikingRNNBase`::

        y, h = network(x, h)

    Args:
        input_size: features of the input.
        hidden_size: features of a hidden state.
        num_layers: layers.
        bias: default True.
        dropout_p: default 0.
        invariant_dropout_mask: default False.
        bidirectional: default False.
        surrogate_function1: of the gates, default ``Erf(alpha=2.0)``.
        surrogate_function2: of the input, default ``None``, the first one.

    Shape: as :class:`SpikingRNNBase`.

    Raises: as :class:`SpikingRNNBase` and :class:`SpikingGRUCell`.

    Source: ``rnn.SpikingGRU``, SpikingJelly 0.0.0.0.14 (there several layers in one direction fail).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool = True,
        dropout_p: float = 0,
        invariant_dropout_mask: bool = False,
        bidirectional: bool = False,
        surrogate_function1: Any = surrogate.Erf(),  # noqa: B008
        surrogate_function2: Any = None,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            dropout_p,
            invariant_dropout_mask,
            bidirectional,
            surrogate_function1,
            surrogate_function2,
        )

    @staticmethod
    def base_cell() -> type[nn.Module]:
        """Return :class:`SpikingGRUCell`."""
        return _cells.SpikingGRUCell

    @staticmethod
    def states_num() -> int:
        """Return 1: the hidden state."""
        return 1
