"""Recurrent cells: one layer, one time step."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.core import recurrent as _equations
from unisnn.spikingjelly.activation_based import surrogate

__all__ = ["SpikingGRUCell", "SpikingLSTMCell", "SpikingRNNCellBase", "SpikingVanillaRNNCell"]


class SpikingRNNCellBase(nn.Module):
    """The frame of the recurrent cells: two linear layers, which a subclass makes.

    Equation::

        h[t] = step(linear_ih(x[t]), linear_hh(h[t-1]))

    Args:
        input_size: features of the input.
        hidden_size: features of the hidden state.
        bias: whether the linear layers have one (default True).

    Source: ``rnn.SpikingRNNCellBase``, SpikingJelly 0.0.0.0.14.
    """

    linear_ih: nn.Linear
    linear_hh: nn.Linear

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly from ``-1/sqrt(hidden_size)`` to ``1/sqrt(hidden_size)``."""
        bound = math.sqrt(1 / self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def weight_ih(self) -> Tensor:
        """Return the weight of the input, ``[gates*hidden_size, input_size]``."""
        return self.linear_ih.weight

    def weight_hh(self) -> Tensor:
        """Return the weight of the hidden state, ``[gates*hidden_size, hidden_size]``."""
        return self.linear_hh.weight

    def bias_ih(self) -> Tensor | None:
        """Return the bias of the input, or ``None``."""
        return self.linear_ih.bias

    def bias_hh(self) -> Tensor | None:
        """Return the bias of the hidden state, or ``None``."""
        return self.linear_hh.bias

    def _make(self, gates: int, functions: dict[str, Any]) -> None:
        self.linear_ih = nn.Linear(self.input_size, gates * self.hidden_size, bias=self.bias)
        self.linear_hh = nn.Linear(self.hidden_size, gates * self.hidden_size, bias=self.bias)
        first, *others = functions.items()
        for name, function in functions.items():
            setattr(self, name, function)
        for name, function in others:
            _check.require(
                function is None or function.spiking == first[1].spiking,
                self._get_name(),
                name,
                function,
                f"one whose spiking is that of {first[0]}",
            )
        self.reset_parameters()

    def _zeros(self, x: Tensor) -> Tensor:
        return torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)


class SpikingLSTMCell(SpikingRNNCellBase):
    """A long short-term memory whose gates are spikes.

    Equation (``S1``, ``S2`` are the surrogates; ``S2`` is ``S1`` where it is ``None``)::

        i, f, g, o = linear_ih(x) + linear_hh(h)
        c' = min(S1(f)*c + S1(i)*S2(g), 1)         the gradient passes the minimum
        h' = S1(o)*c'

    Args:
        input_size: features of the input.
        hidden_size: features of the hidden state.
        bias: default True.
        surrogate_function1: default ``Erf(alpha=2.0)``, one object for all.
        surrogate_function2: default ``None``, the first one.

    Shape: ``x`` is ``[N, input_size]``, ``h`` and ``c`` are ``[N, hidden_size]``.

    Raises:
        AssertionError: one surrogate is spiking and the other is not.

    Source: ``rnn.SpikingLSTMCell``, SpikingJelly 0.0.0.0.14.
    """

    surrogate_function1: Any
    surrogate_function2: Any

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        surrogate_function1: Any = surrogate.Erf(),  # noqa: B008
        surrogate_function2: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias)
        functions = {"surrogate_function1": surrogate_function1, "surrogate_function2": surrogate_function2}
        self._make(4, functions)

    def forward(self, x: Tensor, hc: Any = None) -> tuple[Tensor, Tensor]:
        """Take one time step; ``hc`` is ``(h, c)``, zeros for ``None``. Return ``(h', c')``."""
        h, c = (self._zeros(x), self._zeros(x)) if hc is None else (hc[0], hc[1])
        gates = self.linear_ih(x) + self.linear_hh(h)
        return _equations.lstm_step(gates, c, self.surrogate_function1, self.surrogate_function2)


class SpikingVanillaRNNCell(SpikingRNNCellBase):
    """The plain recurrent cell, whose hidden state is a spike.

    Equation::

        h' = S(linear_ih(x) + linear_hh(h))

    Args:
        input_size: features of the input.
        hidden_size: features of the hidden state.
        bias: default True.
        surrogate_function: ``S``, default ``Erf(alpha=2.0)``, one object for all.

    Shape: ``x`` is ``[N, input_size]``, ``h`` is ``[N, hidden_size]``.

    Source: ``rnn.SpikingVanillaRNNCell``, SpikingJelly 0.0.0.0.14.
    """

    surrogate_function: Any

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        surrogate_function: Any = surrogate.Erf(),  # noqa: B008
    ) -> None:
        super().__init__(input_size, hidden_size, bias)
        self._make(1, {"surrogate_function": surrogate_function})

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        """Take one time step; ``h`` is zeros for ``None``. Return ``h'``."""
        h = self._zeros(x) if h is None else h
        return self.surrogate_function(self.linear_ih(x) + self.linear_hh(h))


class SpikingGRUCell(SpikingRNNCellBase):
    """A gated recurrent unit whose gates are spikes.

    Equation (``S1``, ``S2`` are the surrogates; ``S2`` is ``S1`` where it is ``None``)::

        r  = S1(r_x + r_h),  z = S1(z_x + z_h)           r_x, z_x, n_x = linear_ih(x)
        n  = S2(n_x + r*n_h)                             r_h, z_h, n_h = linear_hh(h)
        h' = (1 - z)*n + z*h

    Args:
        input_size: features of the input.
        hidden_size: features of the hidden state.
        bias: default True.
        surrogate_function1: default ``Erf(alpha=2.0)``, one object for all.
        surrogate_function2: default ``None``, the first one.

    Shape: ``x`` is ``[N, input_size]``, ``h`` is ``[N, hidden_size]``.

    Raises:
        AssertionError: one surrogate is spiking and the other is not.

    Source: ``rnn.SpikingGRUCell``, SpikingJelly 0.0.0.0.14.
    """

    surrogate_function1: Any
    surrogate_function2: Any

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        surrogate_function1: Any = surrogate.Erf(),  # noqa: B008
        surrogate_function2: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias)
        functions = {"surrogate_function1": surrogate_function1, "surrogate_function2": surrogate_function2}
        self._make(3, functions)

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        """Take one time step; ``h`` is zeros for ``None``. Return ``h'``."""
        h = self._zeros(x) if h is None else h
        first = self.surrogate_function1
        second = first if self.surrogate_function2 is None else self.surrogate_function2
        return _equations.gru_step(self.linear_ih(x), self.linear_hh(h), h, first, second)
