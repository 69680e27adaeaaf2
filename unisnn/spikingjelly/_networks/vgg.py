"""VGG: stacked 3x3 convolutions, three linear layers, neurons for activations.

Equation::

    y = classifier(flatten(avgpool(features(x))))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from unisnn.spikingjelly._networks import build

__all__ = ["CONFIGURATIONS", "MODEL_URLS", "classifier", "features", "initialise"]

MODEL_URLS = build.ImagenetWeights(
    "vgg11",
    "vgg13",
    "vgg16",
    "vgg19",
    "vgg11_bn",
    "vgg13_bn",
    "vgg16_bn",
    "vgg19_bn",
)
"""Where torchvision's weights for ImageNet lie, asked of torchvision at the look-up."""

CONFIGURATIONS: dict[str, list[int | str]] = {
    "A": [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "B": [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "D": [64, 64, "M", 128, 128, "M", *[256] * 3, "M", *[512] * 3, "M", *[512] * 3, "M"],
    "E": [64, 64, "M", 128, 128, "M", *[256] * 4, "M", *[512] * 4, "M", *[512] * 4, "M"],
}
"""The stages of VGG-11, 13, 16 and 19: channels of a convolution, or ``'M'`` for a pooling of 2x2."""


def features(
    layers: Any,
    cfg: Sequence[int | str],
    batch_norm: bool,
    norm_layer: Callable[[int], nn.Module] | None,
    neuron: build.NeuronMaker,
) -> nn.Sequential:
    """Return the convolutions, normalisations, neurons and poolings of ``cfg``."""
    norm = layers.BatchNorm2d if norm_layer is None else norm_layer
    parts: list[nn.Module] = []
    channels = 3
    for width in cfg:
        if width == "M":
            parts.append(layers.MaxPool2d(kernel_size=2, stride=2))
            continue
        parts.append(layers.Conv2d(channels, int(width), kernel_size=3, padding=1))
        if batch_norm:
            parts.append(norm(int(width)))
        parts.append(neuron())
        channels = int(width)
    return nn.Sequential(*parts)


def classifier(layers: Any, num_classes: int, neuron: build.NeuronMaker) -> nn.Sequential:
    """Return the three linear layers, with neurons and dropout between."""
    return nn.Sequential(
        layers.Linear(512 * 7 * 7, 4096),
        neuron(),
        layers.Dropout(),
        layers.Linear(4096, 4096),
        neuron(),
        layers.Dropout(),
        layers.Linear(4096, num_classes),
    )


def initialise(net: nn.Module) -> None:
    """Draw the weights: Kaiming's normal distribution (fan out), ``N(0, 0.01^2)`` for linear layers."""
    for part in net.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
            if part.bias is not None:
                nn.init.constant_(part.bias, 0)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.constant_(part.weight, 1)
            nn.init.constant_(part.bias, 0)
        elif isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, 0, 0.01)
            nn.init.constant_(part.bias, 0)
