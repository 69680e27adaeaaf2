"""Spiking ResNet of ``clock_driven``: a residual network whose activations are neurons.

A block adds its input to the last membrane input, so that the sum is what the neuron sees::

    y = sn2(bn2(conv2(sn1(bn1(conv1(x))))) + identity)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from torch import Tensor, nn

from unisnn.spikingjelly._networks import build, joining, residual
from unisnn.spikingjelly.clock_driven.model import _resnet, _steps

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "MultiStepBasicBlock",
    "MultiStepBottleneck",
    "MultiStepSpikingResNet",
    "SpikingResNet",
]


class _OneStep(joining.SummingBlock):
    _kit: ClassVar[build.Kit] = _steps.ONE_STEP

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
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            inplanes,
            planes,
            stride,
            downsample,
            groups,
            base_width,
            dilation,
            norm_layer,
            single_step_neuron,
            **kwargs,
        )


class _AllSteps(_OneStep):
    _kit: ClassVar[build.Kit] = _steps.ALL_STEPS
    _run: Callable[..., Tensor] = staticmethod(_steps.folded)

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
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            inplanes,
            planes,
            stride,
            downsample,
            groups,
            base_width,
            dilation,
            norm_layer,
            multi_step_neuron,
            **kwargs,
        )


class BasicBlock(_OneStep):
    """Two 3x3 convolutions and a shortcut, one time step a call.

    Equation::

        y = sn2(bn2(conv2(sn1(bn1(conv1(x))))) + downsample(x))        x itself without a downsample

    Args:
        inplanes, planes: channels of the input, and of both convolutions.
        stride: of the first convolution (default 1).
        downsample: brings the input to the shape of the output (default: none needed).
        groups, base_width, dilation: 1, 64 and 1 (default); nothing else is accepted.
        norm_layer: makes a normalisation (default ``torch.nn.BatchNorm2d``).
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, inplanes, H, W] -> [N, planes, H/stride, W/stride]``.

    Raises:
        ValueError: ``groups`` is not 1 or ``base_width`` not 64.
        NotImplementedError: ``dilation`` is greater than 1.
        TypeError: ``single_step_neuron`` cannot be called.

    Source: ``clock_driven.model.spiking_resnet.BasicBlock``, SpikingJelly 0.0.0.0.14.
    """


class MultiStepBasicBlock(_AllSteps, BasicBlock):
    """Two 3x3 convolutions and a shortcut, all time steps in one call.

    Equation::

        y = sn2(bn2(conv2(sn1(bn1(conv1(x))))) + downsample(x))        x itself without a downsample

    Args:
        inplanes, planes, stride, downsample, groups, base_width, dilation, norm_layer: as for
            :class:`BasicBlock`.
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[T, N, inplanes, H, W] -> [T, N, planes, H/stride, W/stride]``.

    Raises: as :class:`BasicBlock`.

    Source: ``clock_driven.model.spiking_resnet.MultiStepBasicBlock``, SpikingJelly 0.0.0.0.14.
    """


class Bottleneck(_OneStep):
    """A 1x1, a 3x3 and a 1x1 convolution, and a shortcut, one time step a call.

    Equation::

        y = sn3(bn3(conv3(sn2(bn2(conv2(sn1(bn1(conv1(x)))))))) + downsample(x))

    Args:
        inplanes: channels of the input; the output has ``4*planes``.
        planes: channels of the bottleneck, times ``base_width/64*groups``.
        stride, groups, dilation: of the 3x3 convolution (default 1).
        downsample: brings the input to the shape of the output (default: none needed).
        base_width: default 64.
        norm_layer: makes a normalisation (default ``torch.nn.BatchNorm2d``).
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, inplanes, H, W] -> [N, 4*planes, H/stride, W/stride]``.

    Raises:
        TypeError: ``single_step_neuron`` cannot be called.

    Source: ``clock_driven.model.spiking_resnet.Bottleneck``, SpikingJelly 0.0.0.0.14.
    """

    expansion = 4
    _weighted = 3


class MultiStepBottleneck(_AllSteps, Bottleneck):
    """A 1x1, a 3x3 and a 1x1 convolution, and a shortcut, all time steps in one call.

    Equation::

        y = sn3(bn3(conv3(sn2(bn2(conv2(sn1(bn1(conv1(x)))))))) + downsample(x))

    Args:
        inplanes, planes, stride, downsample, groups, base_width, dilation, norm_layer: as for
            :class:`Bottleneck`.
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[T, N, inplanes, H, W] -> [T, N, 4*planes, H/stride, W/stride]``.

    Raises:
        TypeError: ``multi_step_neuron`` cannot be called.

    Source: ``clock_driven.model.spiking_resnet.MultiStepBottleneck``, SpikingJelly 0.0.0.0.14.
    """


class SpikingResNet(_resnet.OneStepNet):
    """A residual network with neurons for activations, one time step a call.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(maxpool(sn1(bn1(conv1(x))))))))))

    Convolutions start from Kaiming's normal distribution (fan out), normalisations with weight 1 and bias 0.

    Args:
        block: :class:`BasicBlock` or :class:`Bottleneck`.
        layers: number of blocks in each of the four stages.
        num_classes: default 1000.
        zero_init_residual: whether the last normalisation of each block starts with weight 0 (default
            False).
        groups, width_per_group: of the bottlenecks (default 1 and 64).
        replace_stride_with_dilation: for the last three stages (default: none).
        norm_layer: makes a normalisation of a number of channels (default ``torch.nn.BatchNorm2d``).
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``.

    Raises:
        TypeError: ``single_step_neuron`` cannot be called.
        ValueError: ``replace_stride_with_dilation`` has not three elements.

    Source: ``clock_driven.model.spiking_resnet.SpikingResNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        block: type[residual.ResidualBlock],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] | None = None,
        norm_layer: Callable[[int], nn.Module] | None = None,
        single_step_neuron: Callable[..., Any] | None = None,
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
            single_step_neuron,
            {},
            kwargs,
        )


class MultiStepSpikingResNet(_resnet.AllStepsNet):
    """A residual network with neurons for activations, all time steps in one call.

    Equation::

        x[t] = bn1(conv1(image))                                       t = 0...T-1, without time
        y = fc(avgpool(layer4(layer3(layer2(layer1(maxpool(sn1(x))))))))

    Args:
        block: :class:`MultiStepBasicBlock` or :class:`MultiStepBottleneck`.
        layers, num_classes, zero_init_residual, groups, width_per_group, replace_stride_with_dilation,
            norm_layer: as for :class:`SpikingResNet`.
        T: number of steps in which an input without time is shown (default: none, it needs time).
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[T, N, 3, H, W] -> [T, N, num_classes]``, and ``[N, 3, H, W] -> [T, N, num_classes]``.

    Raises:
        TypeError: ``multi_step_neuron`` cannot be called.
        ValueError: ``replace_stride_with_dilation`` has not three elements.
        AssertionError: at a call, an input without time and ``T`` is ``None``.

    Source: ``clock_driven.model.spiking_resnet.MultiStepSpikingResNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        block: type[residual.ResidualBlock],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] | None = None,
        norm_layer: Callable[[int], nn.Module] | None = None,
        T: int | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
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
            multi_step_neuron,
            {},
            kwargs,
        )
        self.T = T
