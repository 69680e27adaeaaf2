"""How the networks of ``parametric_lif_net`` are put together in ``clock_driven``, and take time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.spikingjelly._networks import build, plif
from unisnn.spikingjelly.clock_driven import layer
from unisnn.spikingjelly.clock_driven.model import _steps

__all__ = ["AllSteps", "Net", "VotingLayer"]


class VotingLayer(nn.Module):
    """Average groups of neurons that vote for the same class.

    Equation::

        y[n, c] = mean(x[n, c*voting_size : (c+1)*voting_size])

    Args:
        voting_size: neurons in a group (default 10).

    Shape: ``[N, C*voting_size] -> [N, C]``; neurons beyond the last whole group do not vote.

    Raises:
        RuntimeError: the input has more than two dimensions, or is narrower than one group.

    Source: ``clock_driven.model.parametric_lif_net.VotingLayer``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, voting_size: int = 10) -> None:
        super().__init__()
        self.voting_size = voting_size

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of every group."""
        return _nn_functional.avg_pool1d(x.unsqueeze(1), self.voting_size, self.voting_size).squeeze(1)


_LAYERS = SimpleNamespace(
    **{name: getattr(nn, name) for name in ("BatchNorm2d", "Conv2d", "Linear", "MaxPool2d")},
    Dropout=layer.Dropout,
    VotingLayer=VotingLayer,
)


class Net(nn.Module):
    """A chain of named parts, one time step a call; a subclass names its plan."""

    _plan: ClassVar[plif.Plan]
    _bias: ClassVar[bool] = False
    _kit: ClassVar[build.Kit] = replace(_steps.ONE_STEP, layers=_LAYERS)

    def _assemble(
        self, channels: int, spiking_neuron: Callable[..., Any] | None, kwargs: dict[str, Any]
    ) -> None:
        neuron = self._kit.neuron_maker(type(self).__name__, spiking_neuron, kwargs)
        for name, part in self._plan.parts(self._kit, neuron, channels, self._bias):
            setattr(self, name, part)

    def _again(self, name: str, part: nn.Module) -> None:
        """Put ``part`` in the place of ``name``, at the end of the modules."""
        delattr(self, name)
        setattr(self, name, part)

    def _take(self, kind: str, part: nn.Module, x: Tensor) -> Tensor:
        return part(torch.flatten(x, 1) if kind == "dp" else x)

    def _walk(self, x: Tensor, names: Iterable[str]) -> Tensor:
        for name in names:
            x = self._take(name.rstrip("0123456789"), getattr(self, name), x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        """Return the votes of one time step."""
        return self._walk(x, self._plan.names())


class AllSteps(Net):
    """The same chain, all time steps in one call; neurons and dropout know of time."""

    _kit: ClassVar[build.Kit] = replace(_steps.ALL_STEPS, layers=_LAYERS)

    def _assemble(
        self, channels: int, spiking_neuron: Callable[..., Any] | None, kwargs: dict[str, Any]
    ) -> None:
        super()._assemble(channels, spiking_neuron, kwargs)
        for name in self._plan.names():
            if name.startswith("dp"):
                self._again(name, layer.MultiStepDropout(0.5))

    def _take(self, kind: str, part: nn.Module, x: Tensor) -> Tensor:
        if kind == "dp":
            return part(torch.flatten(x, 2))
        return part(x) if kind == "sn" else _steps.folded(x, part)

    def _shown(self, x: Tensor, steps: int) -> Tensor:
        """Return the votes for an image that is shown ``steps`` times."""
        first, second, *others = self._plan.names()
        x = build.one_after_the_other(x, getattr(self, first), getattr(self, second))
        return self._walk(_steps.repeated(x, steps), others)
