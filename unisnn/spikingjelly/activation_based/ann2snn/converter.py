"""A trained network into a spiking one, on its :mod:`torch.fx` graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import fx, nn
from torch.nn.utils import fusion as _fusion

from unisnn.spikingjelly.activation_based import neuron as _neuron
from unisnn.spikingjelly.activation_based.ann2snn import modules as _modules

__all__ = ["Converter"]

_NORM_OF = {nn.Conv1d: nn.BatchNorm1d, nn.Conv2d: nn.BatchNorm2d, nn.Conv3d: nn.BatchNorm3d}
_TAILOR = "snn tailor"


class Converter(nn.Module):
    """Convert a trained network whose nonlinearities are ``nn.ReLU`` modules.

    Equation::

        relu(x)  ->  lam * IF(x * (1/lam))          IF: IFNode(v_threshold=1, v_reset=None)

    Batch norms are fused into the convolutions before them, a
    :class:`~unisnn.spikingjelly.activation_based.ann2snn.modules.VoltageHook` behind every ReLU measures
    ``lam`` over the data, and each ReLU is replaced by a scaling, a neuron and a scaling. The network is
    traced by :func:`torch.fx.symbolic_trace`, so its ``forward`` has no control flow on tensors; calls of
    ``torch.relu`` remain what they are. The result is a ``torch.fx.GraphModule`` that takes one time step a
    call; reset it with ``functional.reset_net`` between samples.

    The network itself keeps its weights; its submodules, which the result shares, are switched to eval and
    moved to ``device``. A convolution that is called several times is fused with the batch norm behind
    its first call, for all calls, as upstream does it.

    Args:
        dataloader: pairs ``(x, label)``, each ``x`` a batch for the network; the labels are not used.
        device: where to convert; by default where the network's parameters are (``cpu`` if it has none).
        mode: how a scale is measured: ``'max'`` in any case (the default is ``'Max'``), a percentile such
            as ``'99.9%'``, or a float in ``(0, 1]`` that multiplies the maximum.
        momentum: of the measurement over batches. Default 0.1.
        fuse_flag: fuse convolutions and batch norms. Default ``True``.

    Raises:
        NotImplementedError: a mode that is none of these.
        ZeroDivisionError: a ReLU that gave nothing but zeros over the data has no scale.

    Source: ``activation_based.ann2snn.Converter``, SpikingJelly 0.0.0.0.14; B. Rueckauer et al., Conversion
        of continuous-valued deep networks to efficient event-driven networks for image classification,
        Frontiers in Neuroscience 2017.
    """

    def __init__(
        self,
        dataloader: Iterable[Any],
        device: str | torch.device | None = None,
        mode: str | float = "Max",
        momentum: float = 0.1,
        fuse_flag: bool = True,
    ) -> None:
        super().__init__()
        self.mode = mode
        self.fuse_flag = fuse_flag
        self.dataloader = dataloader
        self._check_mode()
        self.device = device
        self.momentum = momentum

    def forward(self, ann: nn.Module) -> fx.GraphModule:
        """Convert ``ann`` and return the spiking network."""
        if self.device is None:
            self.device = next((parameter.device for parameter in ann.parameters()), torch.device("cpu"))
        model = fx.symbolic_trace(ann).to(self.device)
        model.eval()
        fused = self.fuse(model, fuse_flag=self.fuse_flag).to(self.device)
        hooked = self.set_voltagehook(fused, mode=self.mode, momentum=self.momentum).to(self.device)
        for x, _ in self.dataloader:
            hooked(x.to(self.device))
        return self.replace_by_ifnode(hooked).to(self.device)

    def _check_mode(self) -> None:
        _modules._checked_mode(self._get_name(), self.mode)

    @staticmethod
    def fuse(fx_model: fx.GraphModule, fuse_flag: bool = True) -> fx.GraphModule:
        """Fuse every batch norm into the convolution before it, in place; both must be in eval.

        A convolution whose output is also used elsewhere is left alone. ``fuse_flag=False`` does nothing.
        """
        if not fuse_flag:
            return fx_model
        modules = dict(fx_model.named_modules())
        for node in list(fx_model.graph.nodes):
            before = node.args[0] if node.op == "call_module" and node.args else None
            if not isinstance(before, fx.Node) or before.op != "call_module" or len(before.users) > 1:
                continue
            convolution, norm = modules[str(before.target)], modules[node.target]
            wanted = _NORM_OF.get(type(convolution))
            if wanted is None or type(norm) is not wanted:
                continue
            fused = _fusion.fuse_conv_bn_eval(convolution, norm)
            modules[str(before.target)] = fused
            _place(fx_model, str(before.target), fused)
            node.replace_all_uses_with(before)
            fx_model.graph.erase_node(node)
        return _finished(fx_model)

    @staticmethod
    def set_voltagehook(
        fx_model: fx.GraphModule, mode: str | float = "Max", momentum: float = 0.1
    ) -> fx.GraphModule:
        """Put a hook behind every call of an ``nn.ReLU`` module, in place."""
        hooks = 0
        for node in list(fx_model.graph.nodes):
            if node.op == "call_module" and type(fx_model.get_submodule(node.target)) is nn.ReLU:
                hook = _modules.VoltageHook(momentum=momentum, mode=mode)
                Converter._add_module_and_node(fx_model, f"{_TAILOR}.{hooks}.0", node, hook, (node,))
                hooks += 1
        fx_model.graph.lint()
        fx_model.recompile()
        return fx_model

    @staticmethod
    def replace_by_ifnode(fx_model: fx.GraphModule) -> fx.GraphModule:
        """Replace every ReLU with a hook behind it by scaling, neuron and scaling, in place."""
        hooks = 0
        for node in list(fx_model.graph.nodes):
            hook = fx_model.get_submodule(node.target) if node.op == "call_module" else None
            if not isinstance(hook, _modules.VoltageHook):
                continue
            relu, s = node.args[0], hook.scale.item()
            if s == 0:
                raise ZeroDivisionError(
                    f"Converter: the ReLU {relu.target!r} gave nothing but zeros over the data, so it has no "
                    "scale; convert with data that drives it, or remove it"
                )
            chain = (
                _modules.VoltageScaler(1.0 / s),
                _neuron.IFNode(v_threshold=1.0, v_reset=None),
                _modules.VoltageScaler(s),
            )
            last, argument = node, relu.args
            for position, module in enumerate(chain):
                target = f"{_TAILOR}.{hooks}.{position}"
                last = Converter._add_module_and_node(fx_model, target, last, module, argument)
                argument = (last,)
            relu.replace_all_uses_with(last)
            fx_model.graph.erase_node(node)
            fx_model.graph.erase_node(relu)
            hooks += 1
        return _finished(fx_model)

    @staticmethod
    def _add_module_and_node(
        fx_model: fx.GraphModule, target: str, after: fx.Node, m: nn.Module, args: tuple[Any, ...]
    ) -> fx.Node:
        """Add ``m`` under the name ``target`` and a call of it behind the node ``after``; return the call."""
        fx_model.add_submodule(target, m)
        with fx_model.graph.inserting_after(after):
            return fx_model.graph.call_module(target, args=args)


def _place(model: fx.GraphModule, target: str, module: nn.Module) -> None:
    parent, _, name = target.rpartition(".")
    setattr(model.get_submodule(parent), name, module)


def _finished(model: fx.GraphModule) -> fx.GraphModule:
    """Drop the modules that are called no more and compile the graph."""
    model.delete_all_unused_submodules()
    model.graph.lint()
    model.recompile()
    return model
