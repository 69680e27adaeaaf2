"""SEW-ResNet: residual blocks that join spikes to spikes, element by element.

Equation (``x`` the spikes of the shortcut, ``y`` those of the block)::

    ADD   x + y
    AND   x * y
    IAND  x * (1 - y)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from torch import Tensor, nn

from unisnn.spikingjelly._networks import build, joining
from unisnn.spikingjelly._networks.joining import sew_function
from unisnn.spikingjelly.activation_based.model import _resnet

__all__ = ["BasicBlock", "Bottleneck", "SEWResNet", "sew_function"]


class BasicBlock(joining.SEWBlock):
    """Two 3x3 convolutions and a shortcut, joined spike by spike.

    Equation::

        s = sn2(bn2(conv2(sn1(bn1(conv1(x))))))
        y = sew_function(downsample_sn(downsample(x)), s, cnf)         x itself without a downsample

    Args:
        inplanes, planes: channels of the input, and of both convolutions.
        stride: of the first convolution (default 1).
        downsample: brings the input to the shape of the output (default: none needed).
        groups, base_width, dilation: 1, 64 and 1 (default); nothing else is accepted.
        norm_layer: makes a normalisation (default ``layer.BatchNorm2d``).
        cnf: name of the function that joins them: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, inplanes, H, W] -> [N, planes, H/stride, W/stride]``; with time in front in ``'m'``.

    Raises:
        ValueError: ``groups`` is not 1 or ``base_width`` not 64.
        NotImplementedError: ``dilation`` is greater than 1; at a call, ``cnf`` is unknown.
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.sew_resnet.BasicBlock``, SpikingJelly 0.0.0.0.14.
    """

    _kit: ClassVar[build.Kit] = _resnet.KIT


class Bottleneck(BasicBlock):
    """A 1x1, a 3x3 and a 1x1 convolution, and a shortcut, joined spike by spike.

    Equation::

        s = sn3(bn3(conv3(sn2(bn2(conv2(sn1(bn1(conv1(x)))))))))
        y = sew_function(s, downsample_sn(downsample(x)), cnf)         x itself without a downsample

    The arguments of ``sew_function`` are the other way round than in :class:`BasicBlock`, as in upstream; it
    matters for ``'IAND'`` alone, which is ``(1 - A)*S`` in the paper for both (``A`` the block's spikes).

    Args:
        inplanes: channels of the input; the output has ``4*planes``.
        planes: channels of the bottleneck, times ``base_width/64*groups``.
        stride, groups, dilation: of the 3x3 convolution (default 1).
        downsample: brings the input to the shape of the output (default: none needed).
        base_width: default 64.
        norm_layer: makes a normalisation (default ``layer.BatchNorm2d``).
        cnf: name of the function that joins them: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, inplanes, H, W] -> [N, 4*planes, H/stride, W/stride]``; with time in front in ``'m'``.

    Raises:
        NotImplementedError: at a call, ``cnf`` is unknown.
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.sew_resnet.Bottleneck``, SpikingJelly 0.0.0.0.14.
    """

    expansion = 4
    _weighted = 3

    def _joined(self, identity: Tensor, spikes: Tensor) -> Tensor:
        return sew_function(spikes, identity, self.cnf)


class SEWResNet(_resnet.ResidualNet):
    """A residual network of spike-element-wise blocks.

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
        cnf: name of the function that joins spikes: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        ValueError: ``replace_stride_with_dilation`` has not three elements.
        NotImplementedError: at a call, ``cnf`` is unknown.

    Source: ``model.sew_resnet.SEWResNet``, SpikingJelly 0.0.0.0.14; Fang et al., "Deep Residual Learning
        in Spiking Neural Networks", NeurIPS 2021.
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
        cnf: str | None = None,
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
            {"cnf": cnf},
            kwargs,
        )
