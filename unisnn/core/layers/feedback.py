"""Modules whose last output comes back: element by element, or through a linear layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import memory as _memory

__all__ = ["ElementWiseFeedback", "LinearFeedback"]


class ElementWiseFeedback(_memory.MemoryModule):
    """Feed a module's last output back, combined with the input element by element.

    Equation::

        y[t] = sub_module(element_wise_function(y[t-1], x[t]))         y[-1] = 0

    Source: ``ElementWiseRecurrentContainer``, SpikingJelly.
    """

    y: Any

    def _make(self, sub_module: nn.Module, element_wise_function: Callable[[Tensor, Tensor], Tensor]) -> None:
        self.sub_module = sub_module
        self.element_wise_function = element_wise_function
        self.register_memory("y", None)

    def _take_step(self, x: Tensor) -> Tensor:
        if self.y is None:
            self.y = torch.zeros_like(x.detach())
        self.y = self.sub_module(self.element_wise_function(self.y, x))
        return self.y

    def extra_repr(self) -> str:
        """Return the function in SpikingJelly's wording."""
        return f"element-wise function={self.element_wise_function}"


class LinearFeedback(_memory.MemoryModule):
    """Feed a module's last output back through a linear layer, beside the input.

    Equation::

        y[t] = sub_module(W [x[t], y[t-1]] + b)          y[-1] = 0

    Source: ``LinearRecurrentContainer``, SpikingJelly.
    """

    y: Any

    def _make(self, sub_module: nn.Module, in_features: int, out_features: int, bias: bool) -> None:
        self.sub_module_out_features = out_features
        self.rc = nn.Linear(in_features + out_features, in_features, bias)
        self.sub_module = sub_module
        self.register_memory("y", None)

    def _take_step(self, x: Tensor, dtype: torch.dtype | None) -> Tensor:
        """Take one time step; ``dtype`` is that of ``y[-1]``, ``None`` for torch's default."""
        if self.y is None:
            shape = (*x.shape[:-1], self.sub_module_out_features)
            self.y = torch.zeros(shape, dtype=dtype, device=x.device)
        self.y = self.sub_module(self.rc(torch.cat((x, self.y), dim=-1)))
        return self.y
