"""Running a model of any time layout on one kind of input, with a clean state and nothing left behind.

Inputs are always time first, ``[T, N, *]``. A model that takes them so is called once; one that
takes folded data is called once on ``[T*N, *]``; one that takes single steps is called T times::

    time_first   y = model(x)
    folded       y = split(model(fold(x)), T)
    step         y[t] = model(x[t])
    whole        y = model(x)                  any other model: called once, on whatever it takes
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.convert import twins
from unisnn.core import layout

__all__ = ["WHOLE", "dense", "duplicate", "quiet", "reset_states", "run", "state_of"]

WHOLE = "whole"
"""The layout of a model that is called once, on inputs as they are."""


def duplicate(model: nn.Module) -> nn.Module:
    """Return a deep copy of ``model``; states that are attached to an autograd graph are detached in it."""
    attached: list[tuple[Any, str, Tensor]] = []
    for module in model.modules():
        memories = module.__dict__.get("_memories", {})
        for home in (memories, module.__dict__):
            for name, value in home.items():
                if isinstance(value, Tensor) and value.grad_fn is not None:
                    attached.append((home, name, value))
    for home, name, value in attached:
        home[name] = value.detach()
    try:
        return copy.deepcopy(model)
    finally:
        for home, name, value in attached:
            home[name] = value


def reset_states(model: nn.Module) -> None:
    """Put every stateful module of ``model`` back to its reset value, whatever the library calls that."""
    for module in model.modules():
        if twins.library_of(type(module)) is None:
            continue
        for name in ("n_reset", "reset"):
            method = getattr(module, name, None)
            if callable(method):
                method()
                break
        v = module.__dict__.get("v")
        if isinstance(v, Tensor) and v.requires_grad:
            module.__dict__["v"] = v.detach()


def state_of(neuron: nn.Module) -> Tensor | None:
    """Return the membrane potential of a neuron after a run, dense and detached; ``None`` before one.

    An adaptation current follows it, both as one row each: shape ``[2, *]``.
    """
    value = getattr(neuron, "v", None)
    if value is None:
        value = getattr(neuron, "mem", None)
    if not isinstance(value, Tensor):
        return None
    current = neuron.__dict__.get("_memories", {}).get("w")
    if isinstance(current, Tensor) and current.shape == value.shape:
        return torch.stack([value.detach(), current.detach()])
    return value.detach()


def dense(y: Any) -> Any:
    """Return a SpikeTensor as the dense tensor that it stands for; anything else unchanged."""
    return y.to_dense() if hasattr(y, "elem") and hasattr(y, "to_dense") else y


def run(model: nn.Module, x: Tensor, face: str) -> Tensor:
    """Run ``model``, of time layout ``face``, on ``x``; return its output for every time step.

    Args:
        model: any module.
        x: ``[T, N, *]``; for ``whole`` anything that the model takes.
        face: one of the layouts above.

    Raises:
        TypeError: the model returns something other than one tensor.
        ValueError: ``x`` has fewer than two dimensions.
    """
    if face in (layout.TIME_FIRST, WHOLE):
        return _one_tensor(model, model(x))
    if face == layout.FOLDED:
        layout.set_time_steps(model, x.shape[0])
        y = _one_tensor(model, model(layout.fold(x, "run")))
        return layout.split(y, x.shape[0]) if y.dim() and y.shape[0] == x.shape[0] * x.shape[1] else y
    return torch.stack([_one_tensor(model, model(step)) for step in x.unbind(0)])


def _one_tensor(model: nn.Module, y: Any) -> Tensor:
    if not isinstance(y, Tensor):
        raise TypeError(
            f"{type(model).__name__}: an output of type {type(y).__name__} is not accepted; "
            "expected one tensor"
        )
    return dense(y)


@contextmanager
def quiet(seed: int) -> Iterator[None]:
    """One thread, torch's generator seeded, and both as before afterwards."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)
