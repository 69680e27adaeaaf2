"""A trained network into a spiking one, module by module."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from unisnn.spikingjelly.activation_based.ann2snn import modules as _shared
from unisnn.spikingjelly.clock_driven import neuron as _neuron
from unisnn.spikingjelly.clock_driven.ann2snn import modules as _modules

__all__ = ["Converter"]


class Converter(nn.Module):
    """Convert a trained network whose nonlinearities are ``nn.ReLU`` modules.

    Equation::

        relu(x)  ->  lam * IF(x * (1/lam))          IF: IFNode(v_threshold=1, v_reset=None)

    In a copy of the network every ReLU becomes a ``Sequential`` of a scaling, a neuron and a scaling; a
    :class:`~unisnn.spikingjelly.clock_driven.ann2snn.modules.VoltageHook` measured its scale ``lam`` over the
    data, in eval. Calls of ``torch.relu`` and subclasses of ``nn.ReLU`` remain what they are, and so do batch
    norms. The result takes one time step a call; reset it with ``functional.reset_net`` between samples.

    Args:
        dataloader: pairs ``(x, label)``, each ``x`` a batch for the network; the labels are not used.
        mode: how a scale is measured: ``'max'`` in any case (the default is ``'Max'``), a percentile such
            as ``'99.9%'``, or a float in ``(0, 1]`` that multiplies the maximum.

    Raises:
        NotImplementedError: a mode that is none of these.
        ZeroDivisionError: a ReLU that gave nothing but zeros over the data has no scale.

    Source: ``clock_driven.ann2snn.Converter``, SpikingJelly 0.0.0.0.14; B. Rueckauer et al., Conversion of
        continuous-valued deep networks to efficient event-driven networks for image classification,
        Frontiers in Neuroscience 2017.
    """

    def __init__(self, dataloader: Iterable[Any], mode: str | float = "Max") -> None:
        super().__init__()
        self.mode = _shared._checked_mode(self._get_name(), mode)
        self.dataloader = dataloader
        self.device: torch.device | None = None

    def forward(self, relu_model: nn.Module) -> nn.Module:
        """Convert a copy of ``relu_model`` and return it, where the network's parameters are."""
        self.device = next((each.device for each in relu_model.parameters()), torch.device("cpu"))
        holder = nn.Sequential(copy.deepcopy(relu_model))
        self.set_voltagehook(holder, mode=self.mode).to(self.device).eval()
        for x, _ in self.dataloader:
            holder(x.to(self.device))
        return self.replace_by_ifnode(holder)[0].to(self.device)

    @staticmethod
    def set_voltagehook(model: nn.Module, mode: str | float = "MaxNorm") -> nn.Module:
        """Put a hook behind every ``nn.ReLU`` inside ``model``, in place.

        Upstream's default ``mode`` is none that a hook accepts, so give one.
        """

        def hooked(module: nn.Module) -> nn.Module | None:
            if type(module) is not nn.ReLU:
                return None
            return nn.Sequential(nn.ReLU(), _modules.VoltageHook(mode=mode))

        return _replaced(model, hooked)

    @staticmethod
    def replace_by_ifnode(model: nn.Module) -> Any:
        """Replace every ReLU with a hook behind it by scaling, neuron and scaling, in place."""

        def spiking(module: nn.Module) -> nn.Module | None:
            if not isinstance(module, nn.Sequential) or len(module) != 2:
                return None
            relu, hook = module
            if type(relu) is not nn.ReLU or not isinstance(hook, _modules.VoltageHook):
                return None
            s = hook.scale.item()
            if s == 0:
                raise ZeroDivisionError(
                    "Converter: a ReLU gave nothing but zeros over the data, so it has no scale; convert "
                    "with data that drives it, or remove it"
                )
            return nn.Sequential(
                _modules.VoltageScaler(1.0 / s),
                _neuron.IFNode(v_threshold=1.0, v_reset=None),
                _modules.VoltageScaler(s),
            )

        return _replaced(model, spiking)


def _replaced(model: nn.Module, make: Callable[[nn.Module], nn.Module | None]) -> nn.Module:
    """Put ``make(module)`` in the place of every module inside for which it is not ``None``."""
    for name, module in list(model._modules.items()):
        if module is not None:
            made = make(module)
            model._modules[name] = _replaced(module, make) if made is None else made
    return model
