"""From one time step to T time steps.

Equation::

    y[t] = step(x[t])        t = 0, 1, ..., T-1; the state lives in whatever ``step`` closes over

The sequence is split along time once and the outputs are stacked once, so the backward pass touches
each element once too, whereas indexing ``x[t]`` inside the loop makes T gradients of the full size.
The sum of those T gradients, each zero but for one step, has no negative zeros where T > 1; the
same is done here in one pass, so that the gradient agrees with such a loop bit for bit::

    dL/dx = stack(dL/dx[t]) + 0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["last_step", "scan", "sum_of_steps"]


def scan(
    step: Callable[[Tensor], Tensor], sequence: Tensor, owner: str = "scan", *, lift: bool = False
) -> Tensor:
    """Run ``step`` over the first dimension of ``sequence`` and return the stacked outputs.

    Equation::

        y[t] = step(x[t])                t = 0...T-1, in this order

    Args:
        step: one time step, ``[N, *] -> [M, *]``.
        sequence: inputs, shape ``[T, N, *]`` with ``T >= 1``, any dtype.
        owner: name that an error message begins with.
        lift: whether each output gets its time dimension within its step instead of at the end (default
            False). The values are the same; where an output is a state too, autograd adds the terms of its
            gradient in another order: the next step's first, the output's last.

    Shape: ``[T, M, *]``; the dtype is the one that ``step`` returns.

    Raises:
        ValueError: ``sequence`` has no time dimension, or no time step in it.

    Source: the multi-step forward of SpikingJelly and the parallel forward of SNNGrow.
    """
    if sequence.dim() == 0 or sequence.shape[0] == 0:
        raise ValueError(
            f"{owner}: an input of shape {list(sequence.shape)} is not accepted; "
            "expected [T, N, *] with at least one time step (T >= 1)"
        )
    sequence = sum_of_steps(sequence)
    if lift:
        return torch.cat([step(x).unsqueeze(0) for x in sequence.unbind(0)])
    return torch.stack([step(x) for x in sequence.unbind(0)])


def sum_of_steps(sequence: Tensor) -> Tensor:
    """Return ``sequence``, whose gradient becomes that of a loop that indexes it.

    Equation::

        dL/dx = given + 0                more than one time step

    Args:
        sequence: inputs, shape ``[T, *]``, any dtype.

    Source: :func:`scan`.
    """
    lifts = sequence.requires_grad and sequence.shape[0] > 1
    if not lifts:
        return sequence
    return (_SumOfStepsTransformed if _is_transformed() else _SumOfSteps).apply(sequence)


def last_step(sequence: Tensor) -> Tensor:
    """Return a copy of the last time step, whose gradient leaves those of the others as they are.

    Equation::

        y       = x[T-1]
        dL/dx   = [-0, ..., -0, dL/dy]   -0 is the number that changes no other when it is added

    Args:
        sequence: shape ``[T, *]``, ``T >= 1``, any dtype.

    Shape: ``[*]``.

    Source: the output of the last step, of its own beside the stacked ones of :func:`scan`.
    """
    if not sequence.requires_grad:
        return sequence[-1].clone()
    return (_LastStepTransformed if _is_transformed() else _LastStep).apply(sequence)


def _is_transformed() -> bool:
    return bool(torch._C._are_functorch_transforms_active())


class _LastStep(torch.autograd.Function):
    """The copy, and the gradient that is -0 elsewhere."""

    @staticmethod
    def forward(ctx: Any, sequence: Tensor) -> Tensor:
        ctx.steps = sequence.shape[0]
        return sequence[-1].clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        last = gradient.unsqueeze(0)
        others = torch.zeros_like(last).neg_().expand(ctx.steps - 1, *gradient.shape)
        return torch.cat([others, last])


class _LastStepTransformed(_LastStep):
    """In the form that ``torch.func`` takes, whose arguments torch binds by name at every call."""

    generate_vmap_rule = True

    @staticmethod
    def forward(sequence: Tensor) -> Tensor:  # type: ignore[override]
        return sequence[-1].clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        """Keep the number of steps."""
        ctx.steps = inputs[0].shape[0]


class _SumOfSteps(torch.autograd.Function):
    """The identity, with a gradient whose negative zeros are positive ones."""

    @staticmethod
    def forward(ctx: Any, sequence: Tensor) -> Tensor:
        return sequence.view_as(sequence)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient + 0.0


class _SumOfStepsTransformed(_SumOfSteps):
    """In the form that ``torch.func`` takes."""

    generate_vmap_rule = True

    @staticmethod
    def forward(sequence: Tensor) -> Tensor:  # type: ignore[override]
        return sequence.view_as(sequence)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        """Keep nothing."""
