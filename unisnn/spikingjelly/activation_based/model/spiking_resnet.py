"""Spiking ResNet: residual networks whose activations are neurons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unisnn.spikingjelly._networks import build, residual
from unisnn.spikingjelly._networks.residual import MODEL_URLS as model_urls
from unisnn.spikingjelly.activation_based.model._resnet import conv1x1, conv3x3
from unisnn.spikingjelly.activation_based.model._spiking_blocks import (
    BasicBlock,
    Bottleneck,
    SpikingResNet,
)

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "SpikingResNet",
    "conv1x1",
    "conv3x3",
    "model_urls",
    "spiking_resnet18",
    "spiking_resnet34",
    "spiking_resnet50",
    "spiking_resnet101",
    "spiking_resnet152",
    "spiking_resnext50_32x4d",
    "spiking_resnext101_32x8d",
    "spiking_wide_resnet50_2",
    "spiking_wide_resnet101_2",
]

for _class in (BasicBlock, Bottleneck, SpikingResNet):
    _class.__module__ = __name__  # a pickle names the path that upstream has too


def _make(
    name: str,
    pretrained: bool,
    progress: bool,
    spiking_neuron: Callable[..., Any] | None,
    kwargs: dict[str, Any],
) -> SpikingResNet:
    bottleneck, layers, given = residual.ARCHITECTURES[name]
    block = Bottleneck if bottleneck else BasicBlock
    net = SpikingResNet(block, layers, spiking_neuron=spiking_neuron, **{**kwargs, **given})
    if pretrained:
        build.load_imagenet_weights(net, model_urls[name], progress)
    return net


def spiking_resnet18(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingResNet:
    """Return a spiking ResNet-18.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SpikingResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.spiking_resnet.spiking_resnet18``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual
        Learning for Image Recognition", CVPR 2016.
    """
    return _make("resnet18", pretrained, progress, spiking_neuron, kwargs)


def spiking_resnet34(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingResNet:
    """Return a spiking ResNet-34.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SpikingResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.spiking_resnet.spiking_resnet34``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual
        Learning for Image Recognition", CVPR 2016.
    """
    return _make("resnet34", pretrained, progress, spiking_neuron, kwargs)


def spiking_resnet50(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingResNet:
    """Return a spiking ResNet-50.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SpikingResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.spiking_resnet.spiking_resnet50``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual
        Learning for Image Recognition", CVPR 2016.
    """
    return _make("resnet50", pretrained, progress, spiking_neuron, kwargs)


def spiking_resnet101(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingResNet:
    """Return a spiking ResNet-101.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SpikingResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.spiking_resnet.spiking_resnet101``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual
        Learning for Image Recognition", CVPR 2016.
    """
    return _make("resnet101", pretrained, progress, spiking_neuron, kwargs)


def spiking_resnet152(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingResNet:
    """Return a spiking ResNet-152.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SpikingResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.spiking_resnet.spiking_resnet152``, SpikingJelly 0.0.0.0.14; He et al., "Deep Residual
        Learning for Image Recognition", CVPR 2016.
    """
    return _make("resnet152", pretrained, progress, spiking_neuron, kwargs)


def spiking_resnext50_32x4d(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingResNet:
    """Return a spiking ResNeXt-50 32x4d.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SpikingResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.spiking_resnet.spiking_resnext50_32x4d``, SpikingJelly 0.0.0.0.14; Xie et al.,
        "Aggregated Residual Transformations for Deep Neural Networks", CVPR 2017.
    """
    return _make("resnext50_32x4d", pretrained, progress, spiking_neuron, kwargs)


def spiking_resnext101_32x8d(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingResNet:
    """Return a spiking ResNeXt-101 32x8d.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SpikingResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.spiking_resnet.spiking_resnext101_32x8d``, SpikingJelly 0.0.0.0.14; Xie et al.,
        "Aggregated Residual Transformations for Deep Neural Networks", CVPR 2017.
    """
    return _make("resnext101_32x8d", pretrained, progress, spiking_neuron, kwargs)


def spiking_wide_resnet50_2(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingResNet:
    """Return a spiking Wide ResNet-50-2.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SpikingResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.spiking_resnet.spiking_wide_resnet50_2``, SpikingJelly 0.0.0.0.14; Zagoruyko and
        Komodakis, "Wide Residual Networks", BMVC 2016.
    """
    return _make("wide_resnet50_2", pretrained, progress, spiking_neuron, kwargs)


def spiking_wide_resnet101_2(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingResNet:
    """Return a spiking Wide ResNet-101-2.

    Equation::

        y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       see :class:`SpikingResNet`

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingResNet`; what it does not know goes to ``spiking_neuron``.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.
        RuntimeError: ``pretrained`` and the weights cannot be downloaded.

    Source: ``model.spiking_resnet.spiking_wide_resnet101_2``, SpikingJelly 0.0.0.0.14; Zagoruyko and
        Komodakis, "Wide Residual Networks", BMVC 2016.
    """
    return _make("wide_resnet101_2", pretrained, progress, spiking_neuron, kwargs)
