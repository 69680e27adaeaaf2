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

import torch
from torch import Tensor

from unisnn.core.surrogate import Family

__all__ = [
    "at_or_above",
    "fire",
    "keep_with_alpha",
    "kept_with_alpha",
    "require_alpha",
    "surrogate_gradient",
    "transformed",
]


def at_or_above(x: Tensor) -> Tensor:
    """Return ``1 if x >= 0 else 0`` in the dtype of ``x`` (NaN gives 0, -0.0 gives 1)."""
    return torch.ge(x, 0).to(x)


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


class _Transformed(torch.autograd.Function):
    """Both halves in the form that ``torch.func`` and ``torch.vmap`` take."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, family: Family, parameters: tuple[Any, ...]) -> Tensor:
        return at_or_above(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, ctx.family, ctx.parameters = inputs
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        (x,) = ctx.saved_tensors
        return ctx.family.gradient(grad_output, x, *ctx.parameters), None, None


def transformed(x: Tensor, family: Family, parameters: tuple[Any, ...]) -> Tensor:
    """Return ``at_or_above(x)`` with the family's gradient, also under ``torch.func`` and ``torch.vmap``."""
    return _Transformed.apply(x, family, parameters)


def require_alpha(owner: str, alpha: Any) -> None:
    """Raise ``TypeError`` where alpha is ``None``."""
    if alpha is None:
        raise TypeError(f"{owner}: alpha=None is not accepted; expected a number or a tensor")


def keep_with_alpha(ctx: Any, owner: str, x: Tensor, alpha: Any) -> None:
    """Save ``x`` and an alpha that is a tensor or a number, if any gradient will be asked for.

    A saved tensor that is changed in place before the backward pass makes that pass raise, instead of
    using the new value. ``None`` raises ``TypeError``.
    """
    if any(ctx.needs_input_grad):
        require_alpha(owner, alpha)
        is_tensor = isinstance(alpha, Tensor)
        ctx.save_for_backward(x, alpha if is_tensor else None)
        ctx.number = None if is_tensor else alpha


def kept_with_alpha(ctx: Any) -> tuple[Tensor, Any]:
    """Return what :func:`keep_with_alpha` saved: ``x`` and alpha."""
    x, alpha = ctx.saved_tensors
    return x, ctx.number if alpha is None else alpha
