"""Libraries that unisnn does not reproduce, timed as anchors of cost where they are installed.

Their neurons compute something else (a delayed reset, a synaptic current, another surrogate), so their times
say what such a neuron costs, not how well it does the same. They may be in a folder on ``PYTHONPATH``.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["NAMES", "build", "version"]

NAMES = ("snntorch", "norse", "sinabs")
"""The libraries."""


def version(name: str) -> str | None:
    """Return ``NAME==VERSION`` of a library, or ``None`` where it is not installed."""
    if importlib.util.find_spec(name) is None:
        return None
    try:
        return f"{name}=={importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return name


def build(name: str) -> tuple[nn.Module, Callable[[], object]]:
    """Return a library's leaky integrate-and-fire neuron for ``[T, N, features]``, and what resets it."""
    neuron: nn.Module = {"snntorch": _Snntorch, "norse": _Norse, "sinabs": _Sinabs}[name]()
    return neuron, getattr(neuron, "reset", lambda: None)


class _Snntorch(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell: Any = importlib.import_module("snntorch").Leaky(beta=0.5)

    def forward(self, x: Tensor) -> Tensor:
        state, spikes = self.cell.reset_mem(), []
        for step in x.unbind(0):
            spike, state = self.cell(step, state)
            spikes.append(spike)
        return torch.stack(spikes)


class _Norse(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer: Any = importlib.import_module("norse.torch").LIF()

    def forward(self, x: Tensor) -> Tensor:
        spikes: Tensor = self.layer(x)[0]
        return spikes


class _Sinabs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer: Any = importlib.import_module("sinabs.layers").LIF(tau_mem=2.0)

    def reset(self) -> None:
        self.layer.reset_states()

    def forward(self, x: Tensor) -> Tensor:
        spikes: Tensor = self.layer(x.transpose(0, 1))
        return spikes.transpose(0, 1)
