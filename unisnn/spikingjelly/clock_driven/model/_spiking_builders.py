"""Spiking ResNets by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from unisnn.spikingjelly.clock_driven.model import _builders, _spiking_blocks

__all__ = [
    "multi_step_spiking_resnet18",
    "multi_step_spiking_resnet34",
    "multi_step_spiking_resnet50",
    "multi_step_spiking_resnet101",
    "multi_step_spiking_resnet152",
    "multi_step_spiking_resnext50_32x4d",
    "multi_step_spiking_resnext101_32x8d",
    "multi_step_spiking_wide_resnet50_2",
    "multi_step_spiking_wide_resnet101_2",
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

_MODULE = "unisnn.spikingjelly.clock_driven.model.spiking_resnet"
_EQUATION = "y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))"


class _OneStep(Protocol):
    def __call__(
        self,
        pretrained: bool = False,
        progress: bool = True,
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _spiking_blocks.SpikingResNet: ...


class _AllSteps(Protocol):
    def __call__(
        self,
        pretrained: bool = False,
        progress: bool = True,
        T: int | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _spiking_blocks.MultiStepSpikingResNet: ...


def _one_step(name: str) -> _OneStep:
    net, blocks = _spiking_blocks.SpikingResNet, (_spiking_blocks.BasicBlock, _spiking_blocks.Bottleneck)

    def made(
        pretrained: bool = False,
        progress: bool = True,
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _spiking_blocks.SpikingResNet:
        given = {**kwargs, "single_step_neuron": single_step_neuron}
        return _builders.residual_net(net, blocks, name, pretrained, progress, given)

    title, paper = _builders.RESIDUAL[name]
    what = f"spiking {title}"
    return _builders.described(made, _MODULE, f"spiking_{name}", net, what, _EQUATION, paper)


def _all_steps(name: str) -> _AllSteps:
    net = _spiking_blocks.MultiStepSpikingResNet
    blocks = (_spiking_blocks.MultiStepBasicBlock, _spiking_blocks.MultiStepBottleneck)

    def made(
        pretrained: bool = False,
        progress: bool = True,
        T: int | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _spiking_blocks.MultiStepSpikingResNet:
        given = {**kwargs, "T": T, "multi_step_neuron": multi_step_neuron}
        return _builders.residual_net(net, blocks, name, pretrained, progress, given)

    title, paper = _builders.RESIDUAL[name]
    what = f"spiking {title}"
    return _builders.described(made, _MODULE, f"multi_step_spiking_{name}", net, what, _EQUATION, paper)


spiking_resnet18 = _one_step("resnet18")
spiking_resnet34 = _one_step("resnet34")
spiking_resnet50 = _one_step("resnet50")
spiking_resnet101 = _one_step("resnet101")
spiking_resnet152 = _one_step("resnet152")
spiking_resnext50_32x4d = _one_step("resnext50_32x4d")
spiking_resnext101_32x8d = _one_step("resnext101_32x8d")
spiking_wide_resnet50_2 = _one_step("wide_resnet50_2")
spiking_wide_resnet101_2 = _one_step("wide_resnet101_2")
multi_step_spiking_resnet18 = _all_steps("resnet18")
multi_step_spiking_resnet34 = _all_steps("resnet34")
multi_step_spiking_resnet50 = _all_steps("resnet50")
multi_step_spiking_resnet101 = _all_steps("resnet101")
multi_step_spiking_resnet152 = _all_steps("resnet152")
multi_step_spiking_resnext50_32x4d = _all_steps("resnext50_32x4d")
multi_step_spiking_resnext101_32x8d = _all_steps("resnext101_32x8d")
multi_step_spiking_wide_resnet50_2 = _all_steps("wide_resnet50_2")
multi_step_spiking_wide_resnet101_2 = _all_steps("wide_resnet101_2")
