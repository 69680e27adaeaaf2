"""Monitors: what goes into modules, comes out of them, or stands in their attributes, call after call.

Equation (``f`` is the monitor's function, ``m`` a monitored module, one record a call)::

    records += [f(y)]            OutputMonitor,      y = m(x)
    records += [f(x)]            InputMonitor
    records += [f(m.attribute)]  AttributeMonitor,   before or after the call
    records += [f(dL/dx)]        GradInputMonitor,   in a backward pass
    records += [f(dL/dy)]        GradOutputMonitor

``monitor[i]`` is record ``i``, ``monitor[name]`` the list of the records of one module. Records are kept as
they are, graph included: hand in ``lambda y: y.detach()`` where that is too much.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from torch import nn

from unisnn.spikingjelly import _gpu_monitor

__all__ = [
    "AttributeMonitor",
    "BaseMonitor",
    "GPUMonitor",
    "GradInputMonitor",
    "GradOutputMonitor",
    "InputMonitor",
    "OutputMonitor",
    "unpack_len1_tuple",
]


def unpack_len1_tuple(x: Any) -> Any:
    """Return the only element of a tuple of one, and anything else as it is.

    Equation::

        (x,) -> x

    Args:
        x: anything.

    Source: ``monitor.unpack_len1_tuple``, SpikingJelly 0.0.0.0.14.
    """
    return x[0] if isinstance(x, tuple) and len(x) == 1 else x


def _same(x: Any) -> Any:
    return x


class BaseMonitor:
    """Records, in the order in which they were made, and by the name of their module.

    Equation::

        monitor[i] = records[i];  monitor[name] = [records[i] for i in name_records_index[name]]

    A subclass hooks modules. ``monitored_layers`` holds the names of the modules, ``hooks`` the handles.

    Raises:
        KeyError: no monitored module has that name.
        ValueError: the index is neither an ``int`` nor a ``str``.

    Source: ``monitor.BaseMonitor``, SpikingJelly 0.0.0.0.14.
    """

    create_hook: Callable[[str], Callable[..., None]]

    def __init__(self) -> None:
        self.hooks: list[Any] = []
        self.monitored_layers: list[str] = []
        self.records: list[Any] = []
        self.name_records_index: dict[str, list[int]] = {}
        self._enable = True

    def __getitem__(self, i: int | str) -> Any:
        if isinstance(i, int):
            return self.records[i]
        if isinstance(i, str):
            return [self.records[index] for index in self.name_records_index[i]]
        raise ValueError(
            f"{type(self).__name__}: index {i!r} is not accepted; expected an int or a module's name"
        )

    def clear_recorded_data(self) -> None:
        """Forget every record; the modules stay monitored."""
        self.records.clear()
        for indices in self.name_records_index.values():
            indices.clear()

    def enable(self) -> None:
        """Go on recording."""
        self._enable = True

    def disable(self) -> None:
        """Record nothing until :meth:`enable`."""
        self._enable = False

    def is_enable(self) -> bool:
        """Say whether the monitor records."""
        return self._enable

    def remove_hooks(self) -> None:
        """Let go of the modules; the records stay."""
        for hook in self.hooks:
            hook.remove()

    def _record(self, name: str, value: Any) -> None:
        self.name_records_index[name].append(len(self.records))
        self.records.append(value)

    def _watch(self, net: nn.Module, instance: Any, register: str) -> None:
        """Hook every module of ``net`` that is an ``instance`` (default: of the class of ``net``)."""
        instance = type(net) if instance is None else instance
        for name, module in net.named_modules():
            if isinstance(module, instance):
                self.monitored_layers.append(name)
                self.name_records_index[name] = []
                self.hooks.append(getattr(module, register)(self.create_hook(name)))


class OutputMonitor(BaseMonitor):
    """Record the outputs of modules.

    Equation::

        records += [function_on_output(y)]           y = module(x), at each call

    Args:
        net: network; every module inside that is an ``instance`` is monitored.
        instance: a class, or a tuple of them (default: the class of ``net``).
        function_on_output: what is recorded of an output (default: itself). A tuple of one is unpacked.

    Source: ``monitor.OutputMonitor``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, net: nn.Module, instance: Any = None, function_on_output: Callable[[Any], Any] = _same
    ) -> None:
        super().__init__()
        self.function_on_output = function_on_output
        self._watch(net, instance, "register_forward_hook")

    def create_hook(self, name: str) -> Callable[..., None]:
        """Return a forward hook that records the output of ``name``."""

        def hook(module: nn.Module, x: Any, y: Any) -> None:
            if self.is_enable():
                self._record(name, self.function_on_output(unpack_len1_tuple(y)))

        return hook


class InputMonitor(BaseMonitor):
    """Record the inputs of modules.

    Equation::

        records += [function_on_input(x)]            y = module(x), after each call

    Args:
        net: network; every module inside that is an ``instance`` is monitored.
        instance: a class, or a tuple of them (default: the class of ``net``).
        function_on_input: what is recorded of an input (default: itself). Several inputs are a tuple.

    Source: ``monitor.InputMonitor``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, net: nn.Module, instance: Any = None, function_on_input: Callable[[Any], Any] = _same
    ) -> None:
        super().__init__()
        self.function_on_input = function_on_input
        self._watch(net, instance, "register_forward_hook")

    def create_hook(self, name: str) -> Callable[..., None]:
        """Return a forward hook that records the input of ``name``."""

        def hook(module: nn.Module, x: Any, y: Any) -> None:
            if self.is_enable():
                self._record(name, self.function_on_input(unpack_len1_tuple(x)))

        return hook


class AttributeMonitor(BaseMonitor):
    """Record an attribute of modules, such as the membrane potential ``'v'``.

    Equation::

        records += [function_on_attribute(module.attribute_name)]      at each call

    Args:
        attribute_name: name of the attribute.
        pre_forward: whether the attribute is read before the call instead of after it. SpikingJelly
            0.0.0.0.14 raises ``TypeError`` at the first call then.
        net: network; every module inside that is an ``instance`` is monitored.
        instance: a class, or a tuple of them (default: the class of ``net``).
        function_on_attribute: what is recorded of it (default: itself).

    Raises:
        AttributeError: at a call, a monitored module has no such attribute.

    Source: ``monitor.AttributeMonitor``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        attribute_name: str,
        pre_forward: bool,
        net: nn.Module,
        instance: Any = None,
        function_on_attribute: Callable[[Any], Any] = _same,
    ) -> None:
        super().__init__()
        self.attribute_name = attribute_name
        self.function_on_attribute = function_on_attribute
        self._watch(net, instance, "register_forward_pre_hook" if pre_forward else "register_forward_hook")

    def create_hook(self, name: str) -> Callable[..., None]:
        """Return a forward hook, or a hook before the forward, that records the attribute of ``name``."""

        def hook(module: nn.Module, x: Any, y: Any = None) -> None:
            if self.is_enable():
                self._record(name, self.function_on_attribute(getattr(module, self.attribute_name)))

        return hook


class GradInputMonitor(BaseMonitor):
    """Record the gradients of modules' inputs, in the order of the backward pass.

    Equation::

        records += [function_on_grad_input(dL/dx)]   y = module(x), at each backward pass

    Args:
        net: network; every module inside that is an ``instance`` is monitored.
        instance: a class, or a tuple of them (default: the class of ``net``).
        function_on_grad_input: what is recorded of a gradient (default: itself); it is ``None`` for an
            input that needs none.

    Source: ``monitor.GradInputMonitor``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, net: nn.Module, instance: Any = None, function_on_grad_input: Callable[[Any], Any] = _same
    ) -> None:
        super().__init__()
        self.function_on_grad_input = function_on_grad_input
        self._watch(net, instance, "register_full_backward_hook")

    def create_hook(self, name: str) -> Callable[..., None]:
        """Return a backward hook that records the gradient of the input of ``name``."""

        def hook(module: nn.Module, grad_input: Any, grad_output: Any) -> None:
            if self.is_enable():
                self._record(name, self.function_on_grad_input(unpack_len1_tuple(grad_input)))

        return hook


class GradOutputMonitor(BaseMonitor):
    """Record the gradients of modules' outputs, in the order of the backward pass.

    Equation::

        records += [function_on_grad_output(dL/dy)]  y = module(x), at each backward pass

    Args:
        net: network; every module inside that is an ``instance`` is monitored.
        instance: a class, or a tuple of them (default: the class of ``net``).
        function_on_grad_output: what is recorded of a gradient (default: itself).

    Source: ``monitor.GradOutputMonitor``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, net: nn.Module, instance: Any = None, function_on_grad_output: Callable[[Any], Any] = _same
    ) -> None:
        super().__init__()
        self.function_on_grad_output = function_on_grad_output
        self._watch(net, instance, "register_full_backward_hook")

    def create_hook(self, name: str) -> Callable[..., None]:
        """Return a backward hook that records the gradient of the output of ``name``."""

        def hook(module: nn.Module, grad_input: Any, grad_output: Any) -> None:
            if self.is_enable():
                self._record(name, self.function_on_grad_output(unpack_len1_tuple(grad_output)))

        return hook


class GPUMonitor(_gpu_monitor.GPUMonitorBase):
    """A thread that records how busy GPUs are, and how much of their memory is used.

    Equation::

        record[step] = (utilization in %, memory used in MiB) of every GPU       each interval seconds

    The numbers come from ``nvidia-smi``. Call :meth:`stop` when the work is done: the thread keeps the
    process alive until then.

    Args:
        log_dir: folder of a tensorboard log, which is written to ``log_dir/gpu_monitor`` under the tags
            ``utilization_ID`` and ``memory_used_ID`` (default ``None``: print instead).
        gpu_ids: which GPUs (default ``(0,)``).
        interval: seconds between two records. Default 600.
        start_now: whether to begin at once instead of at :meth:`start`. Default ``True``.

    Raises:
        FileNotFoundError: there is no ``nvidia-smi`` on ``PATH``, when the thread is started.
        ImportError: ``log_dir`` is given and tensorboard is not installed.
        ValueError: no GPU is named, or ``interval`` is not positive.

    Source: ``activation_based.monitor.GPUMonitor``, SpikingJelly 0.0.0.0.14.
    """

    def _open(self, log_dir: str) -> Any:
        return _gpu_monitor.summary_writer(os.path.join(log_dir, "gpu_monitor"))

    def _write(self, index: int, utilization: int, memory: int) -> None:
        gpu = self.gpu_ids[index]
        self.writer.add_scalar(f"utilization_{gpu}", utilization, self.step)
        self.writer.add_scalar(f"memory_used_{gpu}", memory, self.step)
