"""SEW-ResNets by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from unisnn.spikingjelly.clock_driven.model import _builders, _sew_blocks

__all__ = [
    "multi_step_sew_resnet18",
    "multi_step_sew_resnet34",
    "multi_step_sew_resnet50",
    "multi_step_sew_resnet101",
    "multi_step_sew_resnet152",
    "multi_step_sew_resnext50_32x4d",
    "multi_step_sew_resnext101_32x8d",
    "multi_step_sew_wide_resnet50_2",
    "multi_step_sew_wide_resnet101_2",
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

_MODULE = "unisnn.spikingjelly.clock_driven.model.sew_resnet"
_EQUATION = "y = fc(avgpool(layer4(layer3(layer2(layer1(stem(x)))))))       blocks joined by sew_function"


class _OneStep(Protocol):
    def __call__(
        self,
        pretrained: bool = False,
        progress: bool = True,
        cnf: str | None = None,
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _sew_blocks.SEWResNet: ...


class _AllSteps(Protocol):
    def __call__(
        self,
        pretrained: bool = False,
        progress: bool = True,
        T: int | None = None,
        cnf: str | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _sew_blocks.MultiStepSEWResNet: ...


def _one_step(name: str) -> _OneStep:
    net, blocks = _sew_blocks.SEWResNet, (_sew_blocks.BasicBlock, _sew_blocks.Bottleneck)

    def made(
        pretrained: bool = False,
        progress: bool = True,
        cnf: str | None = None,
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _sew_blocks.SEWResNet:
        given = {**kwargs, "cnf": cnf, "single_step_neuron": single_step_neuron}
        return _builders.residual_net(net, blocks, name, pretrained, progress, given)

    title, paper = _builders.RESIDUAL[name]
    what = f"spike-element-wise {title}"
    return _builders.described(made, _MODULE, f"sew_{name}", net, what, _EQUATION, paper)


def _all_steps(name: str) -> _AllSteps:
    net = _sew_blocks.MultiStepSEWResNet
    blocks = (_sew_blocks.MultiStepBasicBlock, _sew_blocks.MultiStepBottleneck)

    def made(
        pretrained: bool = False,
        progress: bool = True,
        T: int | None = None,
        cnf: str | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> _sew_blocks.MultiStepSEWResNet:
        given = {**kwargs, "T": T, "cnf": cnf, "multi_step_neuron": multi_step_neuron}
        return _builders.residual_net(net, blocks, name, pretrained, progress, given)

    title, paper = _builders.RESIDUAL[name]
    what = f"spike-element-wise {title}"
    return _builders.described(made, _MODULE, f"multi_step_sew_{name}", net, what, _EQUATION, paper)


sew_resnet18 = _one_step("resnet18")
sew_resnet34 = _one_step("resnet34")
sew_resnet50 = _one_step("resnet50")
sew_resnet101 = _one_step("resnet101")
sew_resnet152 = _one_step("resnet152")
sew_resnext50_32x4d = _one_step("resnext50_32x4d")
sew_resnext101_32x8d = _one_step("resnext101_32x8d")
sew_wide_resnet50_2 = _one_step("wide_resnet50_2")
sew_wide_resnet101_2 = _one_step("wide_resnet101_2")
multi_step_sew_resnet18 = _all_steps("resnet18")
multi_step_sew_resnet34 = _all_steps("resnet34")
multi_step_sew_resnet50 = _all_steps("resnet50")
multi_step_sew_resnet101 = _all_steps("resnet101")
multi_step_sew_resnet152 = _all_steps("resnet152")
multi_step_sew_resnext50_32x4d = _all_steps("resnext50_32x4d")
multi_step_sew_resnext101_32x8d = _all_steps("resnext101_32x8d")
multi_step_sew_wide_resnet50_2 = _all_steps("wide_resnet50_2")
multi_step_sew_wide_resnet101_2 = _all_steps("wide_resnet101_2")
