"""SEW-ResNet: residual networks that join spikes to spikes, element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unisnn.spikingjelly._networks import build, residual
from unisnn.spikingjelly._networks.residual import MODEL_URLS as model_urls
from unisnn.spikingjelly.activation_based.model._resnet import conv1x1, conv3x3
from unisnn.spikingjelly.activation_based.model._sew_blocks import (
    BasicBlock,
    Bottleneck,
    SEWResNet,
    sew_function,
)

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "SEWResNet",
    "conv1x1",
    "conv3x3",
    "model_urls",
    "sew_function",
    "sew_resnet18",
    "sew_resnet34",
    "sew_resnet50",
    "sew_resnet101",
    "sew_resnet152",
    "sew_resnext50_32x4d",
    "sew_resnext101_32x8d",
    "sew_wide_resnet50_2",
    "sew_wide_resnet101_2",
]

for _class in (BasicBlock, Bottleneck, SEWResNet):
    _class.__module__ = __name__  # a pickle names the path that upstream has too


def _make(
    name: str,
    pretrained: bool,
    progress: bool,
    cnf: str | None,
    spiking_neuron: Callable[..., Any] | None,
    kwargs: dict[str, Any],
) -> SEWResNet:
    bottleneck, layers, given = residual.ARCHITECTURES[name]
    block = Bottleneck if bottleneck else BasicBlock
    net = SEWResNet(block, layers, cnf=cnf, spiking_neuron=spiking_neuron, **{**kwargs, **given})
    if pretrained:
        build.load_imagenet_weights(net, model_urls[name], progress)
    return net


def sew_resnet18(
    pretrained: bool = False,
    progress: bool = True,
    cnf: str | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SEWResNet:
    """Return a spike-element-wise ResNet-18.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SEWResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        cnf: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SEWResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.sew_resnet.sew_resnet18``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual Learning
        for Image Recognition", CVPR 2016.
    """
    return _make("resnet18", pretrained, progress, cnf, spiking_neuron, kwargs)


def sew_resnet34(
    pretrained: bool = False,
    progress: bool = True,
    cnf: str | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SEWResNet:
    """Return a spike-element-wise ResNet-34.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SEWResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        cnf: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SEWResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.sew_resnet.sew_resnet34``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual Learning
        for Image Recognition", CVPR 2016.
    """
    return _make("resnet34", pretrained, progress, cnf, spiking_neuron, kwargs)


def sew_resnet50(
    pretrained: bool = False,
    progress: bool = True,
    cnf: str | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SEWResNet:
    """Return a spike-element-wise ResNet-50.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SEWResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        cnf: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SEWResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.sew_resnet.sew_resnet50``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual Learning
        for Image Recognition", CVPR 2016.
    """
    return _make("resnet50", pretrained, progress, cnf, spiking_neuron, kwargs)


def sew_resnet101(
    pretrained: bool = False,
    progress: bool = True,
    cnf: str | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SEWResNet:
    """Return a spike-element-wise ResNet-101.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SEWResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        cnf: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SEWResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.sew_resnet.sew_resnet101``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual
        Learning for Image Recognition", CVPR 2016.
    """
    return _make("resnet101", pretrained, progress, cnf, spiking_neuron, kwargs)


def sew_resnet152(
    pretrained: bool = False,
    progress: bool = True,
    cnf: str | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SEWResNet:
    """Return a spike-element-wise ResNet-152.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SEWResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        cnf: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SEWResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.sew_resnet.sew_resnet152``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual
        Learning for Image Recognition", CVPR 2016.
    """
    return _make("resnet152", pretrained, progress, cnf, spiking_neuron, kwargs)


def sew_resnext50_32x4d(
    pretrained: bool = False,
    progress: bool = True,
    cnf: str | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SEWResNet:
    """Return a spike-element-wise ResNeXt-50 32x4d.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SEWResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        cnf: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SEWResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.sew_resnet.sew_resnext50_32x4d``, SpikingJelly 0.0.0.0.14; Xie et al., "Aggregated
        Residual Transformations for Deep Neural Networks", CVPR 2017.
    """
    return _make("resnext50_32x4d", pretrained, progress, cnf, spiking_neuron, kwargs)


def sew_resnext101_32x8d(
    pretrained: bool = False,
    progress: bool = True,
    cnf: str | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SEWResNet:
    """Return a spike-element-wise ResNeXt-101 32x8d.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SEWResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        cnf: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SEWResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.sew_resnet.sew_resnext101_32x8d``, SpikingJelly 0.0.0.0.14; Xie et al., "Aggregated
        Residual Transformations for Deep Neural Networks", CVPR 2017.
    """
    return _make("resnext101_32x8d", pretrained, progress, cnf, spiking_neuron, kwargs)


def sew_wide_resnet50_2(
    pretrained: bool = False,
    progress: bool = True,
    cnf: str | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SEWResNet:
    """Return a spike-element-wise Wide ResNet-50-2.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SEWResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        cnf: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SEWResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.sew_resnet.sew_wide_resnet50_2``, SpikingJelly 0.0.0.0.14; Zagoruyko and Komodakis,
        "Wide Residual Networks", BMVC 2016.
    """
    return _make("wide_resnet50_2", pretrained, progress, cnf, spiking_neuron, kwargs)


def sew_wide_resnet101_2(
    pretrained: bool = False,
    progress: bool = True,
    cnf: str | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SEWResNet:
    """Return a spike-element-wise Wide ResNet-101-2.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SEWResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        cnf: ``'ADD'``, ``'AND'`` or ``'IAND'``.
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SEWResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.sew_resnet.sew_wide_resnet101_2``, SpikingJelly 0.0.0.0.14; Zagoruyko and Komodakis,
        "Wide Residual Networks", BMVC 2016.
    """
    return _make("wide_resnet101_2", pretrained, progress, cnf, spiking_neuron, kwargs)
