"""The constants of a plan that are tensors: their values, and where their gradients go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from unisnn.core.engines.plan import Plan

__all__ = ["NONE", "More", "hands", "passed_back", "reaches_state", "value_name", "values"]


class More(NamedTuple):
    """The tensors of a call.

    ``values`` has ``"threshold"`` and ``"alpha"``, each a tensor of shape ``[]``; ``gradients`` a list for
    each of them (and for ``"w"``) that learns, which the backward pass fills, last time step first.
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
        if name == "alpha":
            made[name] = tensor
        else:
            made["threshold"] = tensor.sigmoid() if name == "threshold_logit" else tensor.clone()
    return made


def hands(plan: Plan, name: str) -> int:
    """Return how often a time step uses the tensor ``name``: how many gradients autograd adds for it."""
    if name == "threshold":
        return 2 if plan.reset.startswith("soft") else 1
    return 2 if name == "w" and plan.reset.endswith("scaled") else 1


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
    """Say whether a gradient comes to the tensor ``name`` from the membrane potential."""
    return name == "w" or not plan.detached or (name != "alpha" and plan.reset.startswith("soft"))
