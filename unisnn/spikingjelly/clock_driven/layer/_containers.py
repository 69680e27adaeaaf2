"""Containers: time folded into the batch, one step after the other, and recurrent connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from unisnn.core.layers import feedback as _layers
from unisnn.spikingjelly.activation_based import functional
from unisnn.spikingjelly.clock_driven import base

__all__ = [
    "ElementWiseRecurrentContainer",
    "LinearRecurrentContainer",
    "MultiStepContainer",
    "SeqToANNContainer",
]


class SeqToANNContainer(nn.Sequential):
    """Run stateless modules over a sequence with the time folded into the batch.

    Equation::

        y[t, n] = modules(x.flatten(0, 1))[t*N + n]

    Args:
        args: stateless modules, run one after the other; as for ``torch.nn.Sequential``.

    Shape: ``[T, N, *] -> [T, N, *]``.

    Raises:
        ValueError: the input has fewer than two dimensions.

    Source: ``clock_driven.layer.SeqToANNContainer``, SpikingJelly 0.0.0.0.14.
    """

    _hands_single_steps = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)

    def forward(self, x_seq: Tensor) -> Tensor:
        """Return the modules' output for every time step."""
        return functional.seq_to_ann_forward(x_seq, super().forward)


class MultiStepContainer(nn.Sequential):
    """Run modules that take one time step over a sequence.

    Equation::

        y[t] = modules(x[t])             t = 0...T-1

    Args:
        args: modules, run one after the other in each step; as for ``torch.nn.Sequential``.

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1``.

    Raises:
        ValueError: the input has no time step.

    Source: ``clock_driven.layer.MultiStepContainer``, SpikingJelly 0.0.0.0.14.
    """

    _hands_single_steps = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)

    def forward(self, x_seq: Tensor) -> Tensor:
        """Return the modules' output for every time step."""
        return functional.multi_step_forward(x_seq, super().forward)


class ElementWiseRecurrentContainer(_layers.ElementWiseFeedback, base.MemoryModule):
    """Feed a module's last output back, combined with the input element by element.

    Equation::

        y[t] = sub_module(element_wise_function(y[t-1], x[t]))         y[-1] = 0

    Args:
        sub_module: takes one time step; its output has the shape of its input.
        element_wise_function: combines last output and input, in this order.

    Shape: ``[N, *] -> [N, *]``. The memory ``y`` is ``None`` before the first step.

    Raises:
        RuntimeError: the output's shape does not broadcast with the input's.

    Source: ``clock_driven.layer.ElementWiseRecurrentContainer``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, sub_module: nn.Module, element_wise_function: Callable[[Tensor, Tensor], Tensor]
    ) -> None:
        super().__init__()
        self._make(sub_module, element_wise_function)

    def forward(self, x: Tensor) -> Tensor:
        """Take one time step."""
        return self._take_step(x)


class LinearRecurrentContainer(_layers.LinearFeedback, base.MemoryModule):
    """Feed a module's last output back through a linear layer, beside the input.

    Equation::

        y[t] = sub_module(W [x[t], y[t-1]] + b)          y[-1] = 0

    Args:
        sub_module: takes one time step of ``in_features`` features and gives ``out_features``.
        in_features: features of the input.
        out_features: features of ``sub_module``'s output.
        bias: whether there is a ``b`` (default True).

    Shape: ``[N, in_features] -> [N, out_features]``; the linear layer ``rc`` has a weight
    ``[in_features, in_features + out_features]``. The memory ``y`` is ``None`` before the first step.

    Raises:
        RuntimeError: the input has another number of features.

    Source: ``clock_driven.layer.LinearRecurrentContainer``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, sub_module: nn.Module, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self._make(sub_module, in_features, out_features, bias)

    def forward(self, x: Tensor) -> Tensor:
        """Take one time step."""
        return self._take_step(x, None)
