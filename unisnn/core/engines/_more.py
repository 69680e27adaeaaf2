"""The tensors that a plan names: their values, and where their gradients go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from unisnn.core.engines.plan import Plan

__all__ = ["NONE", "More", "kept", "passed_back", "reaches_state", "uses", "value_name", "values"]


class More(NamedTuple):
    """The tensors of a call.

    ``values`` has ``"threshold"`` and ``"alpha"``, each a tensor of shape ``[]``, and for the forward pass
    ``"current"``, ``[N, *]``; ``gradients`` a list for each of them (and for ``"w"``) that learns, which the
    backward pass fills, last time step first.
    """

    values: Mapping[str, Tensor]
    gradients: Mapping[str, list[Tensor]]


NONE = More({}, {})
"""No tensors."""


def values(plan: Plan, given: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Return what the equations take for the tensors that ``plan.more`` names.

    A threshold is a copy: autograd keeps none of it either, so that it may change before the backward pass.
    """
    made = {}
    for name, tensor in zip(plan.more, given, strict=True):
        if name in ("alpha", "current"):
            made[name] = tensor.contiguous()
        else:
            made["threshold"] = tensor.sigmoid() if name == "threshold_logit" else tensor.clone()
    return made


def kept(plan: Plan) -> tuple[str, ...]:
    """Return the names of the values that the backward pass needs: those of the constants."""
    return tuple(value_name(name) for name in plan.more if name != "current")


def uses(plan: Plan, name: str, steps: int) -> int:
    """Return how often ``steps`` use the tensor ``name``: how many gradients autograd adds for it.

    For the first adaptation current it is one, the sum of what the first step adds.
    """
    if name == "current":
        return 1
    twice = (name == "threshold" and plan.reset.startswith("soft")) or (
        name == "w" and plan.reset.endswith("scaled")
    )
    return 2 * steps if twice else steps


def value_name(name: str) -> str:
    """Return the name of the value that the given tensor ``name`` stands for."""
    return "threshold" if name == "threshold_logit" else name


def passed_back(
    name: str, values: Mapping[str, Tensor], gradients: Mapping[str, list[Tensor]]
) -> list[Tensor]:
    """Return the gradients of the given tensor ``name`` from those of its value."""
    given = gradients.get(value_name(name), [])
    if name == "threshold_logit":
        value = values["threshold"]
        return [torch.ops.aten.sigmoid_backward(g.to(value), value) for g in given]
    return given


def reaches_state(plan: Plan, name: str) -> bool:
    """Say whether a gradient comes to the tensor ``name`` from the state after a step."""
    through_reset = not plan.detached or (name != "alpha" and plan.reset.startswith("soft"))
    return name == "w" or through_reset or bool(plan.adapt)
