"""Spiking VGG: stacked 3x3 convolutions whose activations are neurons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.spikingjelly._networks import build, vgg
from unisnn.spikingjelly.activation_based import functional, layer, neuron

__all__ = [
    "SpikingVGG",
    "cfgs",
    "model_urls",
    "sequential_forward",
    "spiking_vgg11",
    "spiking_vgg11_bn",
    "spiking_vgg13",
    "spiking_vgg13_bn",
    "spiking_vgg16",
    "spiking_vgg16_bn",
    "spiking_vgg19",
    "spiking_vgg19_bn",
]

model_urls = vgg.MODEL_URLS
"""Where torchvision's weights for ImageNet lie, asked of torchvision at the look-up."""

cfgs = vgg.CONFIGURATIONS
"""The stages of VGG-11, 13, 16 and 19: channels of a convolution, or ``'M'`` for a pooling of 2x2."""

_KIT = build.Kit(layer)


def sequential_forward(sequential: nn.Sequential, x_seq: Tensor) -> Tensor:
    """Run a sequence through stateless modules, with time folded into the batch, and through neurons.

    Equation::

        x = module(x)                            a neuron
        x[t, n] = module(x.flatten(0, 1))[t*N + n]       any other module

    Args:
        sequential: the modules; the neurons among them in step mode ``'m'``.
        x_seq: shape ``[T, N, *]``.

    Shape: ``[T, N, *] -> [T, N, *]``.

    Raises:
        ValueError: ``x_seq`` has fewer than two dimensions.

    Source: ``model.spiking_vgg.sequential_forward``, SpikingJelly 0.0.0.0.14.
    """
    for part in sequential:
        x_seq = (
            part(x_seq) if isinstance(part, neuron.BaseNode) else functional.seq_to_ann_forward(x_seq, part)
        )
    return x_seq


class SpikingVGG(nn.Module):
    """Convolutions and poolings, then three linear layers, with neurons for activations.

    Equation::

        y = classifier(flatten(avgpool(features(x))))

    With ``init_weights`` convolutions start from Kaiming's normal distribution (fan out) and linear layers
    from ``N(0, 0.01^2)``, both with bias 0, normalisations with weight 1 and bias 0. The network starts in
    step mode ``'s'``; ``functional.set_step_mode`` sets another.

    Args:
        cfg: stages, as in :data:`cfgs`; the last convolution must have 512 channels.
        batch_norm: whether each convolution is normalised (default False).
        norm_layer: makes a normalisation (default ``layer.BatchNorm2d``).
        num_classes: default 1000.
        init_weights: default True.
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, and ``[T, N, 3, H, W] -> [T, N, num_classes]`` in ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.spiking_vgg.SpikingVGG``, SpikingJelly 0.0.0.0.14; Simonyan and Zisserman, "Very Deep
        Convolutional Networks for Large-Scale Image Recognition", ICLR 2015.
    """

    def __init__(
        self,
        cfg: Sequence[int | str],
        batch_norm: bool = False,
        norm_layer: Callable[[int], nn.Module] | None = None,
        num_classes: int = 1000,
        init_weights: bool = True,
        spiking_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        made = _KIT.neuron_maker("SpikingVGG", spiking_neuron, kwargs)
        self.features = self.make_layers(cfg, batch_norm, norm_layer, spiking_neuron, **kwargs)
        self.avgpool = layer.AdaptiveAvgPool2d((7, 7))
        self.classifier = vgg.classifier(layer, num_classes, made)
        if init_weights:
            vgg.initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return the class scores of one time step, or of all of them in step mode ``'m'``."""
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1 if self.avgpool.step_mode == "s" else 2))

    @staticmethod
    def make_layers(
        cfg: Sequence[int | str],
        batch_norm: bool = False,
        norm_layer: Callable[[int], nn.Module] | None = None,
        neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> nn.Sequential:
        """Return the convolutions, normalisations, neurons and poolings of ``cfg``."""
        made = _KIT.neuron_maker("SpikingVGG.make_layers", neuron, kwargs)
        return vgg.features(layer, cfg, batch_norm, norm_layer, made)


def _make(
    name: str,
    cfg: str,
    pretrained: bool,
    progress: bool,
    norm_layer: Callable[[int], nn.Module] | None,
    spiking_neuron: Callable[..., Any] | None,
    kwargs: dict[str, Any],
) -> SpikingVGG:
    if pretrained:
        kwargs["init_weights"] = False
    net = SpikingVGG(cfgs[cfg], name.endswith("_bn"), norm_layer, spiking_neuron=spiking_neuron, **kwargs)
    if pretrained:
        build.load_imagenet_weights(net, model_urls[name], progress)
    return net


def spiking_vgg11(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingVGG:
    """Return a spiking VGG-11 without normalisation.

    Equation::

        y = classifier(flatten(avgpool(features(x))))          features of cfgs['A']

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingVGG`; what it does not know goes to ``spiking_neuron``.

    Shape, errors: as :class:`SpikingVGG`; ``RuntimeError`` where the weights cannot be downloaded.

    Source: ``model.spiking_vgg.spiking_vgg11``, SpikingJelly 0.0.0.0.14.
    """
    return _make("vgg11", "A", pretrained, progress, None, spiking_neuron, kwargs)


def spiking_vgg11_bn(
    pretrained: bool = False,
    progress: bool = True,
    norm_layer: Callable[[int], nn.Module] | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingVGG:
    """Return a spiking VGG-11 with normalisation.

    Equation::

        y = classifier(flatten(avgpool(features(x))))          features of cfgs['A']

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        norm_layer: makes a normalisation (default ``layer.BatchNorm2d``).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingVGG`; what it does not know goes to ``spiking_neuron``.

    Shape, errors: as :class:`SpikingVGG`; ``RuntimeError`` where the weights cannot be downloaded.

    Source: ``model.spiking_vgg.spiking_vgg11_bn``, SpikingJelly 0.0.0.0.14.
    """
    return _make("vgg11_bn", "A", pretrained, progress, norm_layer, spiking_neuron, kwargs)


def spiking_vgg13(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingVGG:
    """Return a spiking VGG-13 without normalisation.

    Equation::

        y = classifier(flatten(avgpool(features(x))))          features of cfgs['B']

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingVGG`; what it does not know goes to ``spiking_neuron``.

    Shape, errors: as :class:`SpikingVGG`; ``RuntimeError`` where the weights cannot be downloaded.

    Source: ``model.spiking_vgg.spiking_vgg13``, SpikingJelly 0.0.0.0.14.
    """
    return _make("vgg13", "B", pretrained, progress, None, spiking_neuron, kwargs)


def spiking_vgg13_bn(
    pretrained: bool = False,
    progress: bool = True,
    norm_layer: Callable[[int], nn.Module] | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingVGG:
    """Return a spiking VGG-13 with normalisation.

    Equation::

        y = classifier(flatten(avgpool(features(x))))          features of cfgs['B']

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        norm_layer: makes a normalisation (default ``layer.BatchNorm2d``).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingVGG`; what it does not know goes to ``spiking_neuron``.

    Shape, errors: as :class:`SpikingVGG`; ``RuntimeError`` where the weights cannot be downloaded.

    Source: ``model.spiking_vgg.spiking_vgg13_bn``, SpikingJelly 0.0.0.0.14.
    """
    return _make("vgg13_bn", "B", pretrained, progress, norm_layer, spiking_neuron, kwargs)


def spiking_vgg16(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingVGG:
    """Return a spiking VGG-16 without normalisation.

    Equation::

        y = classifier(flatten(avgpool(features(x))))          features of cfgs['D']

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingVGG`; what it does not know goes to ``spiking_neuron``.

    Shape, errors: as :class:`SpikingVGG`; ``RuntimeError`` where the weights cannot be downloaded.

    Source: ``model.spiking_vgg.spiking_vgg16``, SpikingJelly 0.0.0.0.14.
    """
    return _make("vgg16", "D", pretrained, progress, None, spiking_neuron, kwargs)


def spiking_vgg16_bn(
    pretrained: bool = False,
    progress: bool = True,
    norm_layer: Callable[[int], nn.Module] | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingVGG:
    """Return a spiking VGG-16 with normalisation.

    Equation::

        y = classifier(flatten(avgpool(features(x))))          features of cfgs['D']

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        norm_layer: makes a normalisation (default ``layer.BatchNorm2d``).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingVGG`; what it does not know goes to ``spiking_neuron``.

    Shape, errors: as :class:`SpikingVGG`; ``RuntimeError`` where the weights cannot be downloaded.

    Source: ``model.spiking_vgg.spiking_vgg16_bn``, SpikingJelly 0.0.0.0.14.
    """
    return _make("vgg16_bn", "D", pretrained, progress, norm_layer, spiking_neuron, kwargs)


def spiking_vgg19(
    pretrained: bool = False,
    progress: bool = True,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingVGG:
    """Return a spiking VGG-19 without normalisation.

    Equation::

        y = classifier(flatten(avgpool(features(x))))          features of cfgs['E']

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingVGG`; what it does not know goes to ``spiking_neuron``.

    Shape, errors: as :class:`SpikingVGG`; ``RuntimeError`` where the weights cannot be downloaded.

    Source: ``model.spiking_vgg.spiking_vgg19``, SpikingJelly 0.0.0.0.14.
    """
    return _make("vgg19", "E", pretrained, progress, None, spiking_neuron, kwargs)


def spiking_vgg19_bn(
    pretrained: bool = False,
    progress: bool = True,
    norm_layer: Callable[[int], nn.Module] | None = None,
    spiking_neuron: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> SpikingVGG:
    """Return a spiking VGG-19 with normalisation.

    Equation::

        y = classifier(flatten(avgpool(features(x))))          features of cfgs['E']

    Args:
        pretrained: whether to load torchvision's weights for ImageNet (default False).
        progress: whether the download shows its progress (default True).
        norm_layer: makes a normalisation (default ``layer.BatchNorm2d``).
        spiking_neuron: class of the neurons.
        kwargs: for :class:`SpikingVGG`; what it does not know goes to ``spiking_neuron``.

    Shape, errors: as :class:`SpikingVGG`; ``RuntimeError`` where the weights cannot be downloaded.

    Source: ``model.spiking_vgg.spiking_vgg19_bn``, SpikingJelly 0.0.0.0.14.
    """
    return _make("vgg19_bn", "E", pretrained, progress, norm_layer, spiking_neuron, kwargs)
