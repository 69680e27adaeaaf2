"""Spiking VGGs by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from torch import nn

from unisnn.spikingjelly.clock_driven.model import _builders, _vgg

__all__ = [
    "multi_step_spiking_vgg11",
    "multi_step_spiking_vgg11_bn",
    "multi_step_spiking_vgg13",
    "multi_step_spiking_vgg13_bn",
    "multi_step_spiking_vgg16",
    "multi_step_spiking_vgg16_bn",
    "multi_step_spiking_vgg19",
    "multi_step_spiking_vgg19_bn",
    "spiking_vgg11",
    "spiking_vgg11_bn",
    "spiking_vgg13",
    "spiking_vgg13_bn",
    "spiking_vgg16",
    "spiking_vgg16_bn",
    "spiking_vgg19",
    "spiking_vgg19_bn",
]

_MODULE = "unisnn.spikingjelly.clock_driven.model.spiking_vgg"


class _OneStep(Protocol):
    def __call__(
        self,
        pretrained: bool = False,
        progress: bool = True,
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _vgg.SpikingVGG: ...


class _OneStepNormalised(Protocol):
    def __call__(
        self,
        pretrained: bool = False,
        progress: bool = True,
        norm_layer: Callable[[int], nn.Module] | None = None,
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _vgg.SpikingVGG: ...


class _AllSteps(Protocol):
    def __call__(
        self,
        pretrained: bool = False,
        progress: bool = True,
        T: int | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _vgg.MultiStepSpikingVGG: ...


class _AllStepsNormalised(Protocol):
    def __call__(
        self,
        pretrained: bool = False,
        progress: bool = True,
        norm_layer: Callable[[int], nn.Module] | None = None,
        T: int | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _vgg.MultiStepSpikingVGG: ...


def _described(made: _builders.Function, prefix: str, name: str, net: type[nn.Module]) -> _builders.Function:
    configuration, title, paper = _builders.VGG[name]
    equation = f"y = classifier(flatten(avgpool(features(x))))          features of cfgs['{configuration}']"
    return _builders.described(made, _MODULE, prefix + name, net, f"spiking {title}", equation, paper)


def _one_step(name: str) -> _OneStep:
    def made(
        pretrained: bool = False,
        progress: bool = True,
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _vgg.SpikingVGG:
        given = {**kwargs, "single_step_neuron": single_step_neuron}
        return _builders.vgg_net(_vgg.SpikingVGG, name, pretrained, progress, given)

    return _described(made, "spiking_", name, _vgg.SpikingVGG)


def _one_step_normalised(name: str) -> _OneStepNormalised:
    def made(
        pretrained: bool = False,
        progress: bool = True,
        norm_layer: Callable[[int], nn.Module] | None = None,
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _vgg.SpikingVGG:
        given = {**kwargs, "norm_layer": norm_layer, "single_step_neuron": single_step_neuron}
        return _builders.vgg_net(_vgg.SpikingVGG, name, pretrained, progress, given)

    return _described(made, "spiking_", name, _vgg.SpikingVGG)


def _all_steps(name: str) -> _AllSteps:
    def made(
        pretrained: bool = False,
        progress: bool = True,
        T: int | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _vgg.MultiStepSpikingVGG:
        given = {**kwargs, "T": T, "multi_step_neuron": multi_step_neuron}
        return _builders.vgg_net(_vgg.MultiStepSpikingVGG, name, pretrained, progress, given)

    return _described(made, "multi_step_spiking_", name, _vgg.MultiStepSpikingVGG)


def _all_steps_normalised(name: str) -> _AllStepsNormalised:
    def made(
        pretrained: bool = False,
        progress: bool = True,
        norm_layer: Callable[[int], nn.Module] | None = None,
        T: int | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _vgg.MultiStepSpikingVGG:
        given = {**kwargs, "norm_layer": norm_layer, "T": T, "multi_step_neuron": multi_step_neuron}
        return _builders.vgg_net(_vgg.MultiStepSpikingVGG, name, pretrained, progress, given)

    return _described(made, "multi_step_spiking_", name, _vgg.MultiStepSpikingVGG)


spiking_vgg11 = _one_step("vgg11")
spiking_vgg11_bn = _one_step_normalised("vgg11_bn")
spiking_vgg13 = _one_step("vgg13")
spiking_vgg13_bn = _one_step_normalised("vgg13_bn")
spiking_vgg16 = _one_step("vgg16")
spiking_vgg16_bn = _one_step_normalised("vgg16_bn")
spiking_vgg19 = _one_step("vgg19")
spiking_vgg19_bn = _one_step_normalised("vgg19_bn")
multi_step_spiking_vgg11 = _all_steps("vgg11")
multi_step_spiking_vgg11_bn = _all_steps_normalised("vgg11_bn")
multi_step_spiking_vgg13 = _all_steps("vgg13")
multi_step_spiking_vgg13_bn = _all_steps_normalised("vgg13_bn")
multi_step_spiking_vgg16 = _all_steps("vgg16")
multi_step_spiking_vgg16_bn = _all_steps_normalised("vgg16_bn")
multi_step_spiking_vgg19 = _all_steps("vgg19")
multi_step_spiking_vgg19_bn = _all_steps_normalised("vgg19_bn")
