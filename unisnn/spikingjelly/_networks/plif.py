"""The networks with which parametric LIF neurons were introduced, as plans.

A net is a chain; ``{a}k`` repeats ``a`` k times::

    {{conv-BN-neuron}repeat-maxpool}stages - flatten - dropout-linear-neuron - dropout-linear-neuron - vote

Source: Fang et al., "Incorporating Learnable Membrane Time Constant to Enhance Learning of Spiking Neural
Networks", ICCV 2021.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn

from unisnn.spikingjelly._networks import build

__all__ = ["CIFAR10", "CIFAR10_DVS", "DVS_GESTURE", "MNIST", "Plan"]


@dataclass(frozen=True)
class Plan:
    """One chain: channels of the input, stages and convolutions of each, and the classifier.

    ``pixels`` is the number of pixels that the last pooling leaves, ``hidden`` and ``votes`` are the sizes
    of the two linear layers.
    """

    planes: int
    stages: int
    repeat: int
    pixels: int
    hidden: int
    votes: int

    def names(self) -> Iterator[str]:
        """Yield the names of the parts in the order in which they run; numbers count the weights."""
        head = self.head()
        for number in range(1, head):
            yield from (f"conv{number}", f"bn{number}", f"sn{number}")
            if number % self.repeat == 0:
                yield f"pool{number}"
        for number in (head, head + 1):
            yield from (f"dp{number}", f"fc{number}", f"sn{number}")
        yield "voting"

    def head(self) -> int:
        """Return the number that the first linear layer and its dropout carry."""
        return self.stages * self.repeat + 1

    def parts(
        self, kit: build.Kit, neuron: build.NeuronMaker, channels: int, bias: bool = False
    ) -> Iterator[tuple[str, nn.Module]]:
        """Yield the parts with their names; the convolutions have a bias where ``bias``."""
        layers, planes = kit.layers, self.planes
        sizes = iter(((channels * self.pixels, self.hidden), (self.hidden, self.votes)))
        for name in self.names():
            kind = name.rstrip("0123456789")
            if kind == "conv":
                yield name, layers.Conv2d(planes, channels, kernel_size=3, padding=1, bias=bias)
                planes = channels
            elif kind == "bn":
                yield name, layers.BatchNorm2d(channels)
            elif kind == "sn":
                yield name, neuron()
            elif kind == "pool":
                yield name, layers.MaxPool2d(2, 2)
            elif kind == "dp":
                yield name, layers.Dropout(0.5)
            elif kind == "fc":
                yield name, layers.Linear(*next(sizes))
            else:
                yield name, layers.VotingLayer(10)


MNIST = Plan(planes=1, stages=2, repeat=1, pixels=7 * 7, hidden=2048, votes=100)
"""MNIST and Fashion-MNIST, 28x28 pixels; N-MNIST puts other layers in two places."""

CIFAR10 = Plan(planes=3, stages=2, repeat=3, pixels=8 * 8, hidden=2048, votes=100)
"""CIFAR-10, 32x32 pixels."""

CIFAR10_DVS = Plan(planes=2, stages=4, repeat=1, pixels=8 * 8, hidden=512, votes=100)
"""CIFAR10-DVS, 128x128 pixels."""

DVS_GESTURE = Plan(planes=2, stages=5, repeat=1, pixels=4 * 4, hidden=512, votes=110)
"""DVS128 Gesture, 128x128 pixels, eleven classes."""
