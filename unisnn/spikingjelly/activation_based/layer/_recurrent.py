"""Layers that look back: recurrent connections around a module, a delay, and a print for debugging."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.core.layers import feedback as _layers
from unisnn.spikingjelly.activation_based import base, functional

__all__ = ["Delay", "ElementWiseRecurrentContainer", "LinearRecurrentContainer", "PrintShapeModule"]


class ElementWiseRecurrentContainer(_layers.ElementWiseFeedback, base.MemoryModule):
    """Feed a module's last output back, combined with the input element by element.

    Equation::

        y[t] = sub_module(element_wise_function(y[t-1], x[t]))         y[-1] = 0

    Args:
        sub_module: takes one time step; its output has the shape of its input.
        element_wise_function: combines last output and input, in this order.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``); ``sub_module`` stays in ``'s'``.

    Shape: ``'s'``: ``[N, *]``; ``'m'``: ``[T, N, *]``; the same out. The memory ``y`` is ``None`` before the
    first step.

    Raises:
        AssertionError: ``sub_module`` is in step mode ``'m'``.
        RuntimeError: the output's shape does not broadcast with the input's.
        ValueError: ``step_mode`` is not supported; no time step in ``'m'``.

    Source: ``layer.ElementWiseRecurrentContainer``, SpikingJelly 0.0.0.0.14.
    """

    _hands_single_steps = True

    def __init__(
        self,
        sub_module: nn.Module,
        element_wise_function: Callable[[Tensor, Tensor], Tensor],
        step_mode: str = "s",
    ) -> None:
        super().__init__()
        self.step_mode = step_mode
        _check_single_steps(self._get_name(), sub_module)
        self._make(sub_module, element_wise_function)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step."""
        return self._take_step(x)

    def extra_repr(self) -> str:
        """Return the function in SpikingJelly's wording."""
        return f"{super().extra_repr()}, step_mode={self.step_mode}"


class LinearRecurrentContainer(_layers.LinearFeedback, base.MemoryModule):
    """Feed a module's last output back through a linear layer, beside the input.

    Equation::

        y[t] = sub_module(W [x[t], y[t-1]] + b)          y[-1] = 0

    Args:
        sub_module: takes one time step of ``in_features`` features and gives ``out_features``.
        in_features: features of the input.
        out_features: features of ``sub_module``'s output.
        bias: whether there is a ``b`` (default True).
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``); ``sub_module`` stays in ``'s'``.

    Shape: ``'s'``: ``[N, in_features] -> [N, out_features]``; ``'m'``: with ``T`` in front. The linear layer
    ``rc`` has a weight ``[in_features, in_features + out_features]``. The memory ``y`` is ``None`` before the
    first step.

    Raises:
        AssertionError: ``sub_module`` is in step mode ``'m'``.
        RuntimeError: the input has another number of features.
        ValueError: ``step_mode`` is not supported; no time step in ``'m'``.

    Source: ``layer.LinearRecurrentContainer``, SpikingJelly 0.0.0.0.14.
    """

    _hands_single_steps = True

    def __init__(
        self,
        sub_module: nn.Module,
        in_features: int,
        out_features: int,
        bias: bool = True,
        step_mode: str = "s",
    ) -> None:
        super().__init__()
        self.step_mode = step_mode
        _check_single_steps(self._get_name(), sub_module)
        self._make(sub_module, in_features, out_features, bias)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step."""
        return self._take_step(x, x.dtype)

    def extra_repr(self) -> str:
        """Return the step mode in SpikingJelly's wording."""
        return f", step_mode={self.step_mode}"


class Delay(base.MemoryModule):
    """Hand the input on later.

    Equation::

        y[t] = x[t - delay_steps]        t >= delay_steps, else 0

    In step mode ``'s'`` the memory ``queue`` holds the inputs that are on their way; ``'m'`` begins anew with
    each call and leaves ``queue`` alone.

    Args:
        delay_steps: time steps, from 0 on; cannot be changed later.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, *]``; ``'m'``: ``[T, N, *]``; the same out.

    Raises:
        AssertionError: ``delay_steps`` is no int of at least 0.
        ValueError: ``step_mode`` is not supported.

    Source: ``layer.Delay``, SpikingJelly 0.0.0.0.14 (where ``'m'`` gives more than ``T`` steps for a delay
        greater than ``T``).
    """

    queue: Any

    def __init__(self, delay_steps: int, step_mode: str = "s") -> None:
        super().__init__()
        _check.require(
            isinstance(delay_steps, int) and delay_steps >= 0,
            self._get_name(),
            "delay_steps",
            delay_steps,
            "an int of at least 0",
        )
        self._delay_steps = delay_steps
        self.step_mode = step_mode
        self.register_memory("queue", [])

    @property
    def delay_steps(self) -> int:
        """Time steps from input to output."""
        return self._delay_steps

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Put one time step into the queue and return what is due."""
        self.queue.append(x)
        if len(self.queue) > self.delay_steps:
            return self.queue.pop(0)
        return torch.zeros_like(x)

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        """Shift a whole sequence."""
        return functional.delay(x_seq, self.delay_steps)


class PrintShapeModule(nn.Module):
    """Print the shape of what passes, and pass it on.

    Equation::

        y = x

    Args:
        ext_str: printed before the shape (default ``'PrintShapeModule'``).

    Shape: any, unchanged.

    Source: ``layer.PrintShapeModule``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, ext_str: str = "PrintShapeModule") -> None:
        super().__init__()
        self.ext_str = ext_str

    def forward(self, x: Tensor) -> Tensor:
        """Print and return ``x``."""
        print(self.ext_str, x.shape)
        return x


def _check_single_steps(owner: str, module: nn.Module) -> None:
    mode = getattr(module, "step_mode", "s")
    _check.require(mode == "s", owner, "step_mode of sub_module", mode, "'s'")
