"""The residual network that spiking ResNet and SEW-ResNet share: stem, four stages, classifier.

Equation (for an input of ``3 x H x W``)::

    x = maxpool(sn1(bn1(conv1(x))))                  a quarter of the size, 64 channels
    x = layer4(layer3(layer2(layer1(x))))            blocks; sizes 1/4, 1/8, 1/16, 1/32
    y = fc(flatten(avgpool(x)))

``_run`` takes what has no state: one part after the other, or with time folded into the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from unisnn.spikingjelly._networks import build

__all__ = ["ARCHITECTURES", "MODEL_URLS", "ResidualBlock", "ResidualNet", "conv1x1", "conv3x3"]

MODEL_URLS = build.ImagenetWeights(
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "wide_resnet50_2",
    "wide_resnet101_2",
)
"""Where torchvision's weights for ImageNet lie, asked of torchvision at the look-up."""

ARCHITECTURES: dict[str, tuple[bool, tuple[int, ...], dict[str, int]]] = {
    "resnet18": (False, (2, 2, 2, 2), {}),
    "resnet34": (False, (3, 4, 6, 3), {}),
    "resnet50": (True, (3, 4, 6, 3), {}),
    "resnet101": (True, (3, 4, 23, 3), {}),
    "resnet152": (True, (3, 8, 36, 3), {}),
    "resnext50_32x4d": (True, (3, 4, 6, 3), {"groups": 32, "width_per_group": 4}),
    "resnext101_32x8d": (True, (3, 4, 23, 3), {"groups": 32, "width_per_group": 8}),
    "wide_resnet50_2": (True, (3, 4, 6, 3), {"width_per_group": 128}),
    "wide_resnet101_2": (True, (3, 4, 23, 3), {"width_per_group": 128}),
}
"""Whether the blocks are bottlenecks, how many each stage has, and their groups and width."""


def conv3x3(
    layers: Any, in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1
) -> Any:
    """Return a 3x3 convolution of ``layers`` that keeps the size where ``stride`` is 1, without bias."""
    return layers.Conv2d(
        in_planes,
        out_planes,
        3,
        stride=stride,
        padding=dilation,
        dilation=dilation,
        groups=groups,
        bias=False,
    )


def conv1x1(layers: Any, in_planes: int, out_planes: int, stride: int = 1) -> Any:
    """Return a 1x1 convolution of ``layers`` without bias."""
    return layers.Conv2d(in_planes, out_planes, 1, stride=stride, bias=False)


class ResidualBlock(nn.Module):
    """The weights of a residual block, two 3x3 convolutions or a bottleneck of three, with neurons between.

    A subclass says with ``forward`` how the input and the output are joined.
    """

    expansion = 1
    _weighted = 2
    _kit: ClassVar[build.Kit]
    _run: Callable[..., Tensor] = staticmethod(build.one_after_the_other)

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Callable[[int], nn.Module] | None = None,
        spiking_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        owner, layers = type(self).__name__, self._kit.layers
        norm = layers.BatchNorm2d if norm_layer is None else norm_layer
        neuron = self._kit.neuron_maker(owner, spiking_neuron, kwargs)
        if self._weighted == 3:
            width = int(planes * (base_width / 64.0)) * groups
            shapes: list[tuple[Callable[..., Any], tuple[int, ...], int]] = [
                (conv1x1, (inplanes, width), width),
                (conv3x3, (width, width, stride, groups, dilation), width),
                (conv1x1, (width, planes * self.expansion), planes * self.expansion),
            ]
        else:
            if groups != 1 or base_width != 64:
                given = f"groups={groups!r}, base_width={base_width!r}"
                raise ValueError(f"{owner}: {given} are not accepted; expected 1 and 64")
            if dilation > 1:
                raise NotImplementedError(f"{owner}: dilation={dilation!r} is not accepted; expected 1")
            shapes = [
                (conv3x3, (inplanes, planes, stride), planes),
                (conv3x3, (planes, planes), planes),
            ]
        for number, (convolution, arguments, channels) in enumerate(shapes, 1):
            setattr(self, f"conv{number}", convolution(layers, *arguments))
            setattr(self, f"bn{number}", norm(channels))
            setattr(self, f"sn{number}", neuron())
        self.downsample = downsample
        self.stride = stride
        self._join(neuron)

    def _join(self, neuron: build.NeuronMaker) -> None:
        """Add what joins the input to the output, if it has parts of its own."""

    def _part(self, kind: str, number: int) -> Callable[[Tensor], Tensor]:
        return getattr(self, f"{kind}{number}")

    def residual(self, x: Tensor) -> Tensor:
        """Return what the block adds to its input, before the last neuron."""
        for number in range(1, self._weighted + 1):
            x = self._run(x, self._part("conv", number), self._part("bn", number))
            if number < self._weighted:
                x = self._part("sn", number)(x)
        return x


class ResidualNet(nn.Module):
    """Stem, four stages of blocks and a linear classifier."""

    _kit: ClassVar[build.Kit]
    _run: Callable[..., Tensor] = staticmethod(build.one_after_the_other)

    def __init__(
        self,
        block: type[ResidualBlock],
        layers: Sequence[int],
        num_classes: int,
        zero_init_residual: bool,
        groups: int,
        width_per_group: int,
        replace_stride_with_dilation: Sequence[bool] | None,
        norm_layer: Callable[[int], nn.Module] | None,
        spiking_neuron: Callable[..., Any] | None,
        block_kwargs: dict[str, Any],
        neuron_kwargs: dict[str, Any],
    ) -> None:
        super().__init__()
        dilated = (
            [False, False, False] if replace_stride_with_dilation is None else replace_stride_with_dilation
        )
        if len(dilated) != 3:
            raise ValueError(
                f"{type(self).__name__}: replace_stride_with_dilation={replace_stride_with_dilation!r} "
                "is not accepted; expected None or three booleans"
            )
        parts = self._kit.layers
        self._norm_layer: Callable[[int], nn.Module] = parts.BatchNorm2d if norm_layer is None else norm_layer
        self.inplanes = 64
        self.dilation = 1
        self.groups = groups
        self.base_width = width_per_group
        made = {**block_kwargs, self._kit.argument: spiking_neuron, **neuron_kwargs}
        neuron = self._kit.neuron_maker(type(self).__name__, spiking_neuron, neuron_kwargs)
        self.conv1 = parts.Conv2d(3, self.inplanes, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = self._norm_layer(self.inplanes)
        self.sn1 = neuron()
        self.maxpool = parts.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._stage(block, 64, layers[0], 1, False, made)
        self.layer2 = self._stage(block, 128, layers[1], 2, dilated[0], made)
        self.layer3 = self._stage(block, 256, layers[2], 2, dilated[1], made)
        self.layer4 = self._stage(block, 512, layers[3], 2, dilated[2], made)
        self.avgpool = parts.AdaptiveAvgPool2d((1, 1))
        self.fc = parts.Linear(512 * block.expansion, num_classes)
        self._initialise(zero_init_residual)

    def _stage(
        self,
        block: type[ResidualBlock],
        planes: int,
        count: int,
        stride: int,
        dilate: bool,
        made: dict[str, Any],
    ) -> nn.Sequential:
        before = self.dilation
        if dilate:
            self.dilation, stride = self.dilation * stride, 1
        downsample = None
        if stride != 1 or self.inplanes != planes * block.expansion:
            downsample = nn.Sequential(
                conv1x1(self._kit.layers, self.inplanes, planes * block.expansion, stride),
                self._norm_layer(planes * block.expansion),
            )
        shared = {
            "groups": self.groups,
            "base_width": self.base_width,
            "norm_layer": self._norm_layer,
            **made,
        }
        blocks = [block(self.inplanes, planes, stride, downsample, dilation=before, **shared)]
        self.inplanes = planes * block.expansion
        blocks += [block(self.inplanes, planes, dilation=self.dilation, **shared) for _ in range(1, count)]
        return nn.Sequential(*blocks)

    def _initialise(self, zero_init_residual: bool) -> None:
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(part, nn.BatchNorm2d | nn.GroupNorm):
                nn.init.constant_(part.weight, 1)
                nn.init.constant_(part.bias, 0)
        if zero_init_residual:
            for part in self.modules():
                if isinstance(part, ResidualBlock):
                    nn.init.constant_(getattr(part, f"bn{part._weighted}").weight, 0)

    def _stem(self, x: Tensor) -> Tensor:
        return self._run(x, self.conv1, self.bn1)

    def _flat(self, x: Tensor) -> Tensor:
        return torch.flatten(x, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the class scores of one time step, or of all of them."""
        x = self._run(self.sn1(self._stem(x)), self.maxpool)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self._run(self._flat(self._run(x, self.avgpool)), self.fc)
