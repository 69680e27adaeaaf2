"""Libraries that unisnn does not reproduce, timed as anchors of cost where they are installed.

Their neurons compute something else (a delayed reset, a synaptic current, another surrogate), so their times
say what such a neuron costs, not how well it does the same.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["installed", "multi_step"]

_NAMES = ("snntorch", "norse", "sinabs")


def installed() -> tuple[str, ...]:
    """Return which of the libraries can be imported."""
    return tuple(name for name in _NAMES if importlib.util.find_spec(name) is not None)


def multi_step(name: str) -> Callable[[Tensor], Tensor]:
    """Return the leaky integrate-and-fire neuron of a library as a function of ``[T, N, features]``."""
    if name == "sinabs":
        layers = importlib.import_module("sinabs.layers")

        def sinabs(x: Tensor) -> Tensor:
            return layers.LIF(tau_mem=2.0)(x.transpose(0, 1)).transpose(0, 1)

        return sinabs
    if name == "norse":
        cell = importlib.import_module("norse.torch").LIF()
        return lambda x: cell(x)[0]
    leaky = importlib.import_module("snntorch").Leaky(beta=0.5)

    def snntorch(x: Tensor) -> Tensor:
        state, spikes = leaky.reset_mem(), []
        for step in x.unbind(0):
            spike, state = leaky(step, state)
            spikes.append(spike)
        return torch.stack(spikes)

    return snntorch
