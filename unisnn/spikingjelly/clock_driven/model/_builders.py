"""What the functions have in common that return a network by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from torch import nn

from unisnn.spikingjelly._networks import build, residual, vgg

__all__ = ["RESIDUAL", "VGG", "Function", "described", "residual_net", "vgg_net"]

Function = TypeVar("Function", bound=Callable[..., nn.Module])
_Net = TypeVar("_Net", bound=nn.Module)

_HE = 'He et al., "Deep Residual Learning for Image Recognition", CVPR 2016'
_XIE = 'Xie et al., "Aggregated Residual Transformations for Deep Neural Networks", CVPR 2017'
_WIDE = 'Zagoruyko and Komodakis, "Wide Residual Networks", BMVC 2016'
_VGG = (
    'Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015'
)

RESIDUAL: dict[str, tuple[str, str]] = {
    "resnet18": ("ResNet-18", _HE),
    "resnet34": ("ResNet-34", _HE),
    "resnet50": ("ResNet-50", _HE),
    "resnet101": ("ResNet-101", _HE),
    "resnet152": ("ResNet-152", _HE),
    "resnext50_32x4d": ("ResNeXt-50 of 32 groups of 4 channels", _XIE),
    "resnext101_32x8d": ("ResNeXt-101 of 32 groups of 8 channels", _XIE),
    "wide_resnet50_2": ("ResNet-50 of twice the width", _WIDE),
    "wide_resnet101_2": ("ResNet-101 of twice the width", _WIDE),
}
"""What each residual network is called, and the paper."""

VGG: dict[str, tuple[str, str, str]] = {
    "vgg11": ("A", "VGG-11 without normalisation", _VGG),
    "vgg11_bn": ("A", "VGG-11 with normalisation", _VGG),
    "vgg13": ("B", "VGG-13 without normalisation", _VGG),
    "vgg13_bn": ("B", "VGG-13 with normalisation", _VGG),
    "vgg16": ("D", "VGG-16 without normalisation", _VGG),
    "vgg16_bn": ("D", "VGG-16 with normalisation", _VGG),
    "vgg19": ("E", "VGG-19 without normalisation", _VGG),
    "vgg19_bn": ("E", "VGG-19 with normalisation", _VGG),
}
"""The configuration of each VGG, what it is called, and the paper."""

_ARGUMENTS = {
    "pretrained": "whether to load torchvision's weights for ImageNet (default False).",
    "progress": "whether the download shows its progress (default True).",
    "norm_layer": "makes a normalisation (default ``torch.nn.BatchNorm2d``).",
    "T": "number of steps in which an input without time is shown (default: none, it needs time).",
    "cnf": "``'ADD'``, ``'AND'`` or ``'IAND'``.",
    "single_step_neuron": "class of the neurons.",
    "multi_step_neuron": "class of the neurons, which take all steps.",
    "kwargs": "for ``{net}``; what it does not know goes to ``{neuron}``.",
}


def described(
    function: Function, module: str, name: str, net: type[nn.Module], what: str, equation: str, paper: str
) -> Function:
    """Give ``function`` its name in ``module``, and a docstring that fits its signature."""
    parameters = list(inspect.signature(function).parameters)
    neuron = next(each for each in parameters if each.endswith("_step_neuron"))
    one = "``[N, 3, H, W] -> [N, num_classes]``, one time step."
    every = "``[T, N, 3, H, W] -> [T, N, num_classes]``, and ``[N, 3, H, W] -> [T, N, num_classes]``."
    arguments = (f"    {each}: {_ARGUMENTS[each]}" for each in parameters)
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.__doc__ = "\n".join(
        (
            f"Return a {what}, {'all time steps in one call' if 'T' in parameters else 'one step a call'}.",
            "",
            "Equation::",
            "",
            f"    {equation}",
            "",
            "Args:",
            *(line.format(net=net.__name__, neuron=neuron) for line in arguments),
            "",
            f"Shape: {every if 'T' in parameters else one}",
            "",
            "Raises:",
            f"    TypeError: ``{neuron}`` cannot be called.",
            "    RuntimeError: ``pretrained`` and the weights cannot be downloaded.",
            "",
            f"Source: ``{module.removeprefix('unisnn.spikingjelly.')}.{name}``, SpikingJelly 0.0.0.0.14;",
            f"    {paper}.",
            "",
        )
    )
    return function


def residual_net(
    net: Callable[..., _Net],
    blocks: tuple[type[nn.Module], type[nn.Module]],
    name: str,
    pretrained: bool,
    progress: bool,
    kwargs: dict[str, Any],
) -> _Net:
    """Return the residual network ``name`` of class ``net``, made of a basic block or a bottleneck."""
    bottleneck, layers, given = residual.ARCHITECTURES[name]
    made = net(blocks[bottleneck], layers, **{**kwargs, **given})
    if pretrained:
        build.load_imagenet_weights(made, residual.MODEL_URLS[name], progress)
    return made


def vgg_net(
    net: Callable[..., _Net], name: str, pretrained: bool, progress: bool, kwargs: dict[str, Any]
) -> _Net:
    """Return the VGG ``name`` of class ``net``."""
    if pretrained:
        kwargs["init_weights"] = False
    made = net(vgg.CONFIGURATIONS[VGG[name][0]], name.endswith("_bn"), **kwargs)
    if pretrained:
        build.load_imagenet_weights(made, vgg.MODEL_URLS[name], progress)
    return made
