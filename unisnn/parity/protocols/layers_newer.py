"""Layers that take a pair: spikes beside their trace, or maxima beside their places."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as torch_functional

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["pair", "unpool"]


def _differentiate(out: Outputs, ys: list[Tensor], leaves: dict[str, Tensor], module: Any) -> None:
    terms = [(y * cotangent(y.shape, y.dtype)).sum().to(torch.float64) for y in ys if y.requires_grad]
    if terms:
        torch.stack(terms).sum().backward()
    for name, leaf in leaves.items():
        out.put(f"grad_{name}", leaf.grad)
    for name, parameter in getattr(module, "named_parameters", list)():
        out.put(f"grad_p/{name}", parameter.grad)


@protocol("layer_pair")
def pair(case: Case, library: Library, out: Outputs) -> None:
    """A module of ``[spike, trace]``; with ``calls["apply"]`` an autograd function of both."""
    leaves = {name: library.input(case, name).requires_grad_() for name in ("spike", "trace")}
    if case.calls.get("apply"):
        module = library.resolve(case.symbol)
        y = module.apply(*leaves.values())
    else:
        module = library.build(case)
        out.put("repr", repr(module))
        torch.manual_seed(case.seed)
        y = module(list(leaves.values()))
    out.put("kind", type(y).__name__)
    ys = y if isinstance(y, list) else [y]
    for number, each in enumerate(ys):
        out.put(f"y/{number}", each)
        out.put(f"y/{number}.requires_grad", each.requires_grad)
    _differentiate(out, ys, leaves, module)


@protocol("layer_unpool")
def unpool(case: Case, library: Library, out: Outputs) -> None:
    """Pool with torch, unpool with the module; ``calls["output_size"]`` is handed to it."""
    module = library.build(case)
    out.put("repr", repr(module))
    x = library.input(case, "x")
    steps = x.flatten(0, 1) if module.step_mode == "m" else x
    dims = steps.dim() - 2
    pooled, indices = getattr(torch_functional, f"max_pool{dims}d")(steps, 2, return_indices=True)
    if module.step_mode == "m":
        pooled, indices = (each.unflatten(0, x.shape[:2]) for each in (pooled, indices))
    pooled = pooled.requires_grad_()
    size = case.calls.get("output_size")
    y = module(pooled, indices) if size is None else module(pooled, indices, tuple(size))
    out.put("y", y)
    _differentiate(out, [y], {"x": pooled}, module)
