"""The frame of recurrent networks: several layers, every time step, in one or both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core import edition as _edition

__all__ = ["SpikingRNNBase", "bidirectional_rnn_cell_forward"]


def bidirectional_rnn_cell_forward(
    cell: nn.Module, cell_reverse: nn.Module, x: Tensor, states: Any, states_reverse: Any
) -> tuple[Tensor, Any, Any]:
    """Run one cell over a sequence and another one over the sequence turned round.

    Equation::

        y[t] = [h[t], g[t]]
        h[t] = cell(x[t], h[t-1])                  t = 0...T-1, h[-1] = states
        g[t] = cell_reverse(x[t], g[t+1])          t = T-1...0, g[T] = states_reverse

    Args:
        cell: a recurrent cell.
        cell_reverse: the cell of the other direction.
        x: shape ``[T, N, input_size]``.
        states: of the first cell: what the cell takes.
        states_reverse: of the second cell.

    Returns:
        ``y`` of shape ``[T, N, 2*hidden_size]``, the last state of ``cell``, the last of ``cell_reverse``.

    Source: ``rnn.bidirectional_rnn_cell_forward``, SpikingJelly 0.0.0.0.14.
    """
    steps = x.unbind(0)
    forth, states = _run(cell, steps, states)
    back, states_reverse = _run(cell_reverse, steps[::-1], states_reverse)
    return torch.cat((torch.stack(forth), torch.stack(back[::-1])), dim=-1), states, states_reverse


def _run(
    cell: nn.Module, steps: Sequence[Tensor], state: Any, lift: bool = False
) -> tuple[list[Tensor], Any]:
    """Return the outputs of every step, with a time dimension where ``lift`` says so, and the last state.

    The values do not depend on when the time dimension comes; the order of a gradient's terms does.
    """
    outputs = []
    for step in steps:
        state = cell(step, state)
        y = state[0] if isinstance(state, tuple) else state
        outputs.append(y.unsqueeze(0) if lift else y)
    return outputs, state


class SpikingRNNBase(nn.Module):
    """The frame of the recurrent networks; a subclass names its cell.

    Equation (layer ``l``, ``y_0 = x``)::

        h_l[t] = cell_l(y_l[t], h_l[t-1])
        y_{l+1} = dropout(h_l)                     in training, between layers only
        y      = h_{L-1}, or [h_{L-1}, g_{L-1}] in both directions

    With ``invariant_dropout_mask`` every time step of a sequence loses the same elements.

    Args:
        input_size: features of the input.
        hidden_size: features of a hidden state.
        num_layers: layers ``L``.
        bias: default True.
        dropout_p: probability that an element between layers is dropped (default 0).
        invariant_dropout_mask: default False.
        bidirectional: whether each layer runs in both directions (default False).
        args: of the cells, after ``bias``.
        kwargs: of the cells.

    Shape: ``x`` is ``[T, N, input_size]``, ``y`` is ``[T, N, hidden_size]``, twice as wide in both
    directions. A state is ``[L, N, hidden_size]``, or ``[2*L, N, hidden_size]`` with all forward layers
    first; a cell with two states takes a tuple of them (or a stack) and gives a tuple with a 1 in front of
    each shape.

    Raises:
        NotImplementedError: the subclass names no cell.
        ValueError: ``dropout_p`` is not from 0 to 1.

    Source: ``rnn.SpikingRNNBase``, SpikingJelly 0.0.0.0.14. There a layer behind the first of an LSTM in one
        direction gets what the layer before gave one step ago; the same is computed where edition
        0.0.0.0.14 or 0.0.0.0.12 is selected. Its other networks of several layers fail or give numbers
        without a meaning; here they compute what is documented, as 2.0.0's do.
    """

    cells_reverse: nn.Sequential
    _late = False

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool = True,
        dropout_p: float = 0,
        invariant_dropout_mask: bool = False,
        bidirectional: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.dropout_p = dropout_p
        self.invariant_dropout_mask = invariant_dropout_mask
        self.bidirectional = bidirectional
        self._late = self._runs_late()
        if bidirectional:
            self.cells, self.cells_reverse = self.create_cells(*args, **kwargs)
        else:
            self.cells = self.create_cells(*args, **kwargs)

    def _runs_late(self) -> bool:
        several = not self.bidirectional and self.num_layers > 1 and self.states_num() > 1
        return several and _edition.current("spikingjelly") in ("0.0.0.0.14", "0.0.0.0.12")

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A pickle of the genuine class does not say it: the selected edition does.
        super().__setstate__(state)
        self.__dict__.setdefault("_late", self._runs_late())

    def create_cells(self, *args: Any, **kwargs: Any) -> Any:
        """Return the cells of all layers, one ``Sequential`` a direction."""
        directions = 2 if self.bidirectional else 1
        sizes = [self.input_size] + [directions * self.hidden_size] * (self.num_layers - 1)
        made = [
            [self.base_cell()(size, self.hidden_size, self.bias, *args, **kwargs) for _ in range(directions)]
            for size in sizes
        ]
        sequences = [nn.Sequential(*cells) for cells in zip(*made, strict=True)]
        return tuple(sequences) if self.bidirectional else sequences[0]

    @staticmethod
    def base_cell() -> type[nn.Module]:
        """Return the class of the cells; a subclass defines it."""
        raise NotImplementedError("SpikingRNNBase does not define base_cell")

    @staticmethod
    def states_num() -> int:
        """Return how many states a cell has; a subclass defines it."""
        raise NotImplementedError("SpikingRNNBase does not define states_num")

    def forward(self, x: Tensor, states: Any = None) -> tuple[Tensor, Any]:
        """Return the output of every time step and the last states; ``states=None`` starts with zeros."""
        start = self._start(x, states)
        if self._late:
            x, last = self._one_step_late(x, start)
            return x, self._collected(last)
        last = [None] * len(start)
        for layer, cell in enumerate(self.cells):
            if self.bidirectional:
                back = self.num_layers + layer
                x, last[layer], last[back] = bidirectional_rnn_cell_forward(
                    cell, self.cells_reverse[layer], x, start[layer], start[back]
                )
            else:
                outputs, last[layer] = _run(cell, x.unbind(0), start[layer], lift=True)
                x = torch.cat(outputs)
            if layer + 1 < self.num_layers:
                x = self._dropped(x)
        return x, self._collected(last)

    def _collected(self, last: list[Any]) -> Any:
        """Return the last states of all layers, stacked."""
        count = self.states_num()
        if count == 1:
            return torch.stack(last)
        return tuple(torch.stack([state[number] for state in last]).unsqueeze(0) for number in range(count))

    def _one_step_late(self, x: Tensor, state: list[Any]) -> tuple[Tensor, list[Any]]:
        """Run as 0.0.0.0.14 does: a layer behind the first gets what the layer before gave a step ago."""
        outputs, mask, dropped = [], None, self.training and self.dropout_p > 0
        if dropped and self.invariant_dropout_mask:
            ones = x.new_ones(self.num_layers - 1, x.shape[1], self.hidden_size)
            mask = _nn_functional.dropout(ones, self.dropout_p, training=True)
        for step in x.unbind(0):
            late = [previous[0] for previous in state[:-1]]
            state = [self.cells[0](step, state[0]), *state[1:]]
            for layer, y in enumerate(late, start=1):
                if mask is not None:
                    y = y * mask[layer - 1]
                elif dropped:
                    y = _nn_functional.dropout(y, self.dropout_p, training=True)
                state[layer] = self.cells[layer](y, state[layer])
            outputs.append(state[-1][0].unsqueeze(0))
        return torch.cat(outputs), state

    def _start(self, x: Tensor, states: Any) -> list[Any]:
        """Return the state that each layer starts with, all forward layers first."""
        layers = self.num_layers * (2 if self.bidirectional else 1)
        count = self.states_num()
        if states is None:
            states = x.new_zeros(count, layers, x.shape[1], self.hidden_size)
            states = states[0] if count == 1 else states
        accepted = (
            isinstance(states, Tensor) and states.dim() == 3
            if count == 1
            else len(states) == count and all(state.dim() == 3 for state in states)
        )
        wanted = f"[{layers}, {x.shape[1]}, {self.hidden_size}]"
        if not accepted or (states if count == 1 else states[0]).shape[0] != layers:
            raise ValueError(
                f"{self._get_name()}: states is not accepted; expected {count} of shape {wanted}"
                + (", a tensor" if count == 1 else ", in a tuple or stacked")
            )
        if count == 1:
            return list(states)
        return list(zip(*(list(state) for state in states), strict=True))

    def _dropped(self, y: Tensor) -> Tensor:
        if not self.training or self.dropout_p <= 0:
            return y
        if self.invariant_dropout_mask:
            return y * _nn_functional.dropout(torch.ones_like(y[0]), self.dropout_p, training=True)
        return _nn_functional.dropout(y, self.dropout_p, training=True)
