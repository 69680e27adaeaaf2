"""Fire rules, and the two halves of every spiking autograd function.

Forward::

    s = rule(x)                          x = h - threshold

Backward::

    dL/dx = family.gradient(dL/ds, x, *parameters)

A namespace's autograd function is a class with upstream's signature whose ``forward`` calls
:func:`fire` and whose ``backward`` calls :func:`surrogate_gradient`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from unisnn.core.surrogate import Family

__all__ = ["above", "at_or_above", "fire", "surrogate_gradient"]


def at_or_above(x: Tensor) -> Tensor:
    """Return ``1 if x >= 0 else 0`` in the dtype of ``x`` (NaN gives 0, -0.0 gives 1)."""
    return (x >= 0).to(x)


def above(x: Tensor) -> Tensor:
    """Return ``1 if x > 0 else 0`` in the dtype of ``x`` (NaN gives 0)."""
    return (x > 0).to(x)


def fire(ctx: Any, x: Tensor, *parameters: Any, rule: Callable[[Tensor], Tensor] = at_or_above) -> Tensor:
    """Save what the backward pass needs and return ``rule(x)``."""
    if ctx.needs_input_grad[0]:
        ctx.save_for_backward(x)
        ctx.parameters = parameters
    return rule(x)


def surrogate_gradient(
    ctx: Any, grad_output: Tensor, family: Family, inputs: int
) -> tuple[Tensor | None, ...]:
    """Return the gradient for ``x`` and ``None`` for the other ``inputs - 1`` arguments of the function."""
    if not ctx.needs_input_grad[0]:
        return (None,) * inputs
    (x,) = ctx.saved_tensors
    return (family.gradient(grad_output, x, *ctx.parameters), *(None,) * (inputs - 1))
