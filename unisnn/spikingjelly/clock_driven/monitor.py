"""Firing rates and silent neurons of a network's layers, counted while it runs.

Equation (``y`` is the output of a layer, a call of it adds)::

    firing_time += sum(y)                   cnt += number of elements of y
    fire_mask   |= sum(y over the batch) > 0

    rate          = sum of firing_time / sum of cnt                  over the layers asked for
    nonfire ratio = sum of not fire_mask / number of neurons         over the layers asked for
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.utils import hooks as _hooks

from unisnn.spikingjelly.clock_driven import neuron as _neuron

__all__ = ["Monitor"]

_COUNTERS = ("neuron_cnt", "fire_mask", "firing_time", "cnt")


class Monitor:
    """Count the spikes of every neuron layer of a network.

    Equation::

        get_avg_firing_rate() = sum of y / number of elements of y           over layers and calls
        get_nonfire_ratio()   = neurons whose output was never above 0 / neurons

    A neuron layer is a ``BaseNode`` of :mod:`unisnn.spikingjelly.clock_driven.neuron`. A class whose name
    starts with ``MultiStep`` takes ``[T, N, *]`` and has one neuron an element of ``*``; any other takes
    ``[N, *]``. The counts stand on the layers themselves (``firing_time``, ``cnt``, ``fire_mask``,
    ``neuron_cnt``) while the monitor is enabled.

    Args:
        net: the network. ``module_dict`` holds its neuron layers by name.
        device: where counts are kept with ``backend='torch'``: a string or a ``torch.device`` (default
            ``None``: the CPU). Without effect with ``'numpy'``.
        backend: ``'numpy'`` (default) gives NumPy scalars, ``'torch'`` tensors.

    Raises:
        ValueError: no backend has that name, or ``device`` is neither a string nor a ``torch.device``.

    Source: ``clock_driven.monitor.Monitor``, SpikingJelly 0.0.0.0.14 (there the defaults raise
        ``ValueError``, and ``disable`` leaves a hook behind after ``enable`` was called twice).
    """

    def __init__(
        self, net: nn.Module, device: str | torch.device | None = None, backend: str = "numpy"
    ) -> None:
        if backend not in ("numpy", "torch"):
            raise ValueError(f"Monitor: backend={backend!r} is not accepted; expected 'numpy' or 'torch'")
        if device is not None and not isinstance(device, str | torch.device):
            raise ValueError(
                f"Monitor: device={device!r} is not accepted; expected a string such as 'cpu' or 'cuda:0', "
                "or a torch.device"
            )
        self.module_dict = {name: m for name, m in net.named_modules() if isinstance(m, _neuron.BaseNode)}
        self.net = net
        self.backend = backend
        self.device = torch.device("cpu" if device is None else device)
        self.handle: dict[str, _hooks.RemovableHandle] = {}

    def enable(self) -> None:
        """Start counting, from zero."""
        self._let_go()
        self.reset()
        for name, module in self.module_dict.items():
            counts: Any = module
            counts.neuron_cnt = None
            self.handle[name] = module.register_forward_hook(self.forward_hook)

    def disable(self) -> None:
        """Stop counting and forget the counts."""
        self._let_go()
        for module in self.module_dict.values():
            for counter in _COUNTERS:
                vars(module).pop(counter, None)

    def _let_go(self) -> None:
        for handle in self.handle.values():
            handle.remove()
        self.handle.clear()

    @torch.no_grad()
    def forward_hook(self, module: nn.Module, input: Any, output: torch.Tensor) -> None:
        """Add one call of ``module`` to its counts."""
        counts: Any = module
        spikes: Any = output.detach()
        spikes = spikes.to(self.device) if self.backend == "torch" else spikes.cpu().numpy()
        multi_step = type(module).__name__.startswith("MultiStep")
        if counts.neuron_cnt is None:
            first = spikes[0][0] if multi_step else spikes[0]
            counts.neuron_cnt = int(first.numel() if self.backend == "torch" else first.size)
        counts.firing_time += spikes.sum()
        counts.cnt += output.numel()
        counts.fire_mask = counts.fire_mask | (spikes.sum((0, 1) if multi_step else 0) > 0)

    def reset(self) -> None:
        """Set the counts to zero."""
        for module in self.module_dict.values():
            counts: Any = module
            counts.fire_mask, counts.firing_time, counts.cnt = False, 0, 0

    def get_avg_firing_rate(self, all: bool = True, module_name: str | None = None) -> Any:
        """Return the mean output of all layers, or with ``all=False`` of the layer called ``module_name``.

        Raises ``ValueError`` for a name of no neuron layer, ``AttributeError`` while the monitor is disabled
        and ``ZeroDivisionError`` where nothing was counted yet.
        """
        fired, elements = 0, 0
        for layer in self._counted("get_avg_firing_rate", all, module_name):
            fired += layer.firing_time
            elements += layer.cnt
        return fired / elements

    def get_nonfire_ratio(self, all: bool = True, module_name: str | None = None) -> Any:
        """Return the share of neurons that were silent so far, in all layers or in ``module_name``.

        Layers that were not called are left out. Raises as :meth:`get_avg_firing_rate` does.
        """
        silent, neurons = 0, 0
        for layer in self._counted("get_nonfire_ratio", all, module_name):
            silent += (~layer.fire_mask).sum()
            neurons += layer.neuron_cnt
        return silent / neurons

    def _counted(self, owner: str, all: bool, module_name: str | None) -> list[Any]:
        """Return the layers asked for that have been called since the counts were zero."""
        if not all and module_name not in self.module_dict:
            names = list(self.module_dict)
            raise ValueError(f"{owner}: module_name={module_name!r} is not accepted; expected one of {names}")
        layers: list[Any] = [m for name, m in self.module_dict.items() if all or name == module_name]
        for layer in layers:
            if not hasattr(layer, "firing_time"):
                raise AttributeError(f"{owner}: the monitor counts nothing; call enable() first")
        found = [layer for layer in layers if layer.fire_mask is not False]
        if not found:
            raise ZeroDivisionError(f"{owner}: nothing was counted yet; call the network first")
        return found
