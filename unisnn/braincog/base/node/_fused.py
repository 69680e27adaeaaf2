"""All time steps of a node at once, where a fused engine covers them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.core import engines as _engines
from unisnn.core import scan as _scan
from unisnn.core.engines import choice as _choice
from unisnn.core.engines import coverage as _coverage

__all__ = ["plan", "run"]

_HALF = (torch.float16, torch.bfloat16)


def plan(node: Any, charge: str, constant: Any, *, sigmoid_threshold: bool) -> _engines.Plan | None:
    """Return a node's plan, or ``None`` where no fused engine covers it.

    Args:
        node: an IF, LIF or PLIF node.
        charge: name of its charge equation.
        constant: the equation's only constant.
        sigmoid_threshold: whether the node heeds ``sigmoid_thres``.

    What is kept of every step (``requires_fp``, ``requires_mem``) and a graph that is cut between them
    (``mem_detach``) take the loop.
    """
    gradient, number = _coverage.surrogate(node.act_fun), _coverage.number(constant)
    if gradient is None or number is None or node.mem_detach or node.requires_fp or node.requires_mem:
        return None
    family, given, strict = gradient
    parameters, more = _coverage.split(family, given)
    logit = sigmoid_threshold and node.sigmoid_thres
    threshold = None if logit else _coverage.number(node.threshold)
    if threshold is None:
        threshold, more = 0.0, ("threshold_logit" if logit else "threshold", *more)
    return _engines.Plan(
        charge, (number,), "zero", 0.0, True, threshold, strict, family, parameters, "", more
    )


def run(node: Any, x: Tensor) -> Tensor | None:
    """Return the spikes ``[T, B, *]`` of all steps of ``x``, or ``None`` where the loop has to run.

    ``node.mem`` and ``node.spike`` become what the loop leaves: the potential and the spike of the last step.
    A surrogate that answers in float32 makes the potential float32 from the second step on; so the first step
    of half precision inputs is taken alone. One small step is quicker in the loop, states and all.
    """
    if _choice.is_small(x) and _choice.chosen() == "auto":
        return None
    if x.dtype not in _HALF or not _gives_float32(node):
        return _run(node, x)
    if _choice.chosen() == "reference" or node.dt != 1.0:
        return None
    if not node._runs_library_code() or node._plan() is None:
        return None
    if isinstance(node.mem, Tensor) and node.mem.dtype == torch.float32:
        return _run(node, _scan.sum_of_steps(x).float())
    if x.shape[0] == 1:
        return None
    first = node._one_step(x[0]).unsqueeze(0)
    rest = _run(node, x[1:].float())
    if rest is None:
        rest = _scan.scan(node._one_step, x[1:])
    return torch.cat([first, rest])


def _run(node: Any, x: Tensor) -> Tensor | None:
    mem = node.mem
    if isinstance(mem, (int, float)):
        if mem != 0 and x.dtype in _HALF:
            return None  # the first step takes the number as it is, a tensor would round it
        mem = float(mem)
    ran = _coverage.run(node, x, mem)
    if ran is None:
        return None
    spikes, node.mem, _ = ran
    if _gives_float32(node):
        spikes = spikes.float()
    node.spike = _scan.last_step(spikes)
    return spikes


def _gives_float32(node: Any) -> bool:
    return bool(getattr(node.act_fun, "_gives_float32", False))
