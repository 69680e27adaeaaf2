"""Spiking ResNet: a residual network whose activations are neurons.

A block adds its input to the last membrane input, so that the sum is what the neuron sees::

    y = sn2(bn2(conv2(sn1(bn1(conv1(x))))) + identity)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from torch import nn

from unisnn.spikingjelly._networks import build, joining
from unisnn.spikingjelly.activation_based.model import _resnet

__all__ = ["BasicBlock", "Bottleneck", "SpikingResNet"]


class BasicBlock(joining.SummingBlock):
    """Two 3x3 convolutions and a shortcut.

    Equation::

        y = sn2(bn2(conv2(sn1(bn1(conv1(x))))) + downsample(x))        x itself without a downsample

    Args:
        inplanes, planes: channels of the input, and of both convolutions.
        stride: of the first convolution (default 1).
        downsample: brings the input to the shape of the output (default: none needed).
        groups, base_width, dilation: 1, 64 and 1 (default); nothing else is accepted.
        norm_layer: makes a normalisation (default ``layer.BatchNorm2d``).
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, inplanes, H, W] -> [N, planes, H/stride, W/stride]``; with time in front in ``'m'``.

    Raises:
        ValueError: ``groups`` is not 1 or ``base_width`` not 64.
        NotImplementedError: ``dilation`` is greater than 1.
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.spiking_resnet.BasicBlock``, SpikingJelly 0.0.0.0.14.
    """

    _kit: ClassVar[build.Kit] = _resnet.KIT


class Bottleneck(BasicBlock):
    """A 1x1, a 3x3 and a 1x1 convolution, and a shortcut.

    Equation::

        y = sn3(bn3(conv3(sn2(bn2(conv2(sn1(bn1(conv1(x)))))))) + downsample(x))

    Args:
        inplanes: channels of the input; the output has ``4*planes``.
        planes: channels of the bottleneck, times ``base_width/64*groups``.
        stride, groups, dilation: of the 3x3 convolution (default 1).
        downsample: brings the input to the shape of the output (default: none needed).
        base_width: default 64.
        norm_layer: makes a normalisation (default ``layer.BatchNorm2d``).
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, inplanes, H, W] -> [N, 4*planes, H/stride, W/stride]``; with time in front in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.spiking_resnet.Bottleneck``, SpikingJelly 0.0.0.0.14.
    """

    expansion = 4
    _weighted = 3


class SpikingResNet(_resnet.ResidualNet):
    """A residual network with neurons for activations.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(maxpool(sn1(bn1(conv1(x))))))))))

    Convolutions start from Kaiming's normal distribution (fan out), normalisations with weight 1 and bias 0.
    The network starts in step mode ``'s'``; ``functional.set_step_mode`` sets another.

    Args:
        block: :class:`BasicBlock` or :class:`Bottleneck`.
        layers: number of blocks in each of the four stages.
        num_classes: default 1000.
        zero_init_residual: whether the last normalisation of each block starts with weight 0 (default
            False).
        groups, width_per_group: of the bottlenecks (default 1 and 64).
        replace_stride_with_dilation: for the last three stages (default: none).
        norm_layer: makes a normalisation of a number of channels (default ``layer.BatchNorm2d``).
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        ValueError: ``replace_stride_with_dilation`` has not three elements.

    Source: ``model.spiking_resnet.SpikingResNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        block: type[BasicBlock],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] | None = None,
        norm_layer: Callable[[int], nn.Module] | None = None,
        spiking_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            block,
            layers,
            num_classes,
            zero_init_residual,
            groups,
            width_per_group,
            replace_stride_with_dilation,
            norm_layer,
            spiking_neuron,
            {},
            kwargs,
        )
