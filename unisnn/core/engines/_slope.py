"""Surrogate gradients in place, bit for bit those of their families."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from unisnn.core import surrogate as _families
from unisnn.core.engines._constants import computes_wide, constant, quick, single
from unisnn.core.engines._more import More
from unisnn.core.engines.plan import Plan
from unisnn.core.surrogate import tensor_alpha as _tensor_alpha

__all__ = ["ELEMENTWISE", "SPREADING", "Slope", "slope"]

Slope = Callable[[Tensor, Tensor, Tensor], Tensor]
"""``g(gs, x, scratch)``, the product of ``gs`` and the surrogate derivative at ``x``; both others may be
overwritten."""


def slope(plan: Plan, like: Tensor, more: More) -> Slope | None:
    """Return the surrogate gradient of ``plan``; ``None`` where the spike carries none."""
    family, parameters = plan.family, plan.parameters
    if family is None:
        return None
    if "alpha" in plan.more:
        return _by_alpha(family, more.values["alpha"], more.gradients.get("alpha"))
    if parameters and family in _tensor_alpha.TENSOR_FAMILIES:
        return _by_alpha(family, single(parameters[0]), None)
    if family.name in _IN_PLACE and all(isinstance(value, (int, float)) for value in parameters):
        return _IN_PLACE[family.name](like, *parameters)
    return lambda gs, x, scratch: family.gradient(gs, x, *parameters).to(x.dtype)


def _by_alpha(family: _families.Family, alpha: Tensor, learns: list[Tensor] | None) -> Slope:
    if family.name in _BY_ALPHA:
        return _BY_ALPHA[family.name](alpha, learns)
    return lambda gs, x, scratch: family.gradient(gs, x, alpha).to(x.dtype)


def _atan(like: Tensor, alpha: float) -> Slope:
    scale, one, height = quick(math.pi / 2 * alpha, like), quick(1.0, like), alpha / 2
    tall = None if height == 1.0 else quick(height, like)

    def into(gs: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
        x.mul_(scale)
        torch.mul(x, x, out=x).add_(one).reciprocal_()
        return (x if tall is None else x.mul_(tall)).mul_(gs)

    return into


def _sigmoid(like: Tensor, alpha: float) -> Slope:
    one, times = constant(1.0, like), torch.ops.aten.sigmoid_backward.grad_input
    steep = quick(alpha, like)

    def into(gs: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
        x.mul_(steep).sigmoid_()
        return torch.sub(one, x, out=scratch).mul_(gs).mul_(x).mul_(steep)

    def into_at_once(gs: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
        return times(gs, x.mul_(steep).sigmoid_(), grad_input=scratch).mul_(steep)

    # torch's own (g*(1 - s))*s rounds after each operation where it computes in the tensor's dtype
    return into_at_once if computes_wide(like) else into


def _atan_by_alpha(alpha: Tensor, learns: list[Tensor] | None) -> Slope:
    scale, height = alpha * math.pi / 2, alpha / 2

    def into(gs: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
        if learns is not None:
            torch.div(x, 2, out=scratch)
        x.mul_(scale)
        torch.mul(x, x, out=x).add_(1)
        torch.div(gs, x, out=x)
        if learns is not None:
            learns.append(scratch.mul_(x).sum())
        return x.mul_(height)

    return into


def _quadratic_gate_by_alpha(alpha: Tensor, learns: list[Tensor] | None) -> Slope:
    steepness, edge = -alpha * alpha, 1 / alpha

    def into(gs: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
        outside = x.abs_() > edge
        return x.mul_(steepness).add_(alpha).masked_fill_(outside, 0.0).mul_(gs)

    return into


def _relu_like_by_alpha(alpha: Tensor, learns: list[Tensor] | None) -> Slope:
    def into(gs: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
        if learns is not None:
            learns.append(_tensor_alpha.relu_like_alpha_gradient(gs, x, alpha))
        return _families.RELU_LIKE.gradient(gs, x, alpha).to(x.dtype)

    return into


SPREADING = (
    _families.ATAN,
    _families.SIGMOID,
    _tensor_alpha.ATAN_TENSOR_ALPHA,
    _tensor_alpha.QUADRATIC_GATE,
)
"""Families whose gradient at NaN is NaN, whatever the incoming gradient is."""

ELEMENTWISE = (_families.ATAN, _tensor_alpha.ATAN_TENSOR_ALPHA, _tensor_alpha.QUADRATIC_GATE)
"""Families whose bits do not depend on the place of an element in its tensor."""

_IN_PLACE: dict[str, Callable[..., Slope]] = {
    _families.ATAN.name: _atan,
    _families.SIGMOID.name: _sigmoid,
}

_BY_ALPHA: dict[str, Callable[[Tensor, list[Tensor] | None], Slope]] = {
    _tensor_alpha.ATAN_TENSOR_ALPHA.name: _atan_by_alpha,
    _tensor_alpha.QUADRATIC_GATE.name: _quadratic_gate_by_alpha,
    _tensor_alpha.RELU_LIKE.name: _relu_like_by_alpha,
}
