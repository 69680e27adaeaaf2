"""How the exchange with Lava-DL is driven: a recorder stands where Lava-DL is imported.

No Lava-DL is installed, on either side: what a function asks of it is compared, call by call, and every
weight that it writes.

::

    lava_call        a function of modules: what it asks ``slayer`` for, and what it returns
    lava_forward     ``lava_neuron_forward`` around a small neuron that takes ``[N, X, T]``
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["call", "forward"]

_PACKAGES = ("lava", "lava.lib", "lava.lib.dl")
_SLAYER = "lava.lib.dl.slayer"


class _Recorder:
    """Whatever is asked for by name, called or written to, is told to ``log``."""

    def __init__(self, path: str, log: list[tuple[Any, ...]]) -> None:
        self.path, self.log = path, log

    def __getattr__(self, name: str) -> _Recorder:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Recorder(f"{self.path}.{name}", self.log)

    def __call__(self, *args: Any, **kwargs: Any) -> _Recorder:
        self.log.append((self.path, list(args), kwargs))
        return _Recorder(f"{self.path}()", self.log)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.log.append((f"{self.path}[{index}]", [value], {}))


class _Slayer(ModuleType):
    """The stand-in for ``lava.lib.dl.slayer``."""

    def __init__(self, log: list[tuple[Any, ...]]) -> None:
        super().__init__(_SLAYER)
        self.log = log

    def __getattr__(self, name: str) -> _Recorder:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Recorder(name, self.log)


@contextlib.contextmanager
def _module(library: Library, path: str, log: list[tuple[Any, ...]]) -> Iterator[Any]:
    """Import a copy of the module at ``path`` where Lava-DL is, and leave everything as it was."""
    stand_ins = {name: ModuleType(name) for name in _PACKAGES}
    for made in stand_ins.values():
        made.__path__ = []
    slayer = _Slayer(log)
    last: Any = stand_ins[_PACKAGES[-1]]
    last.slayer = slayer
    name = f"{library.root}.{path}"
    importlib.import_module(name)
    exchange = library.resolve("clock_driven.lava_exchange")
    held = vars(exchange).get("slayer", exchange)
    sys.modules.update({**stand_ins, _SLAYER: slayer})
    if held is not exchange:
        exchange.slayer = slayer
    try:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        copy = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(copy)
        yield copy
    finally:
        if held is not exchange:
            exchange.slayer = held
        for each in (*_PACKAGES, _SLAYER):
            sys.modules.pop(each, None)


def _told(out: Outputs, label: str, value: Any) -> None:
    if isinstance(value, Tensor):
        out.put(label, value)
    elif isinstance(value, dict):
        for key in sorted(value):
            _told(out, f"{label}.{key}", value[key])
    elif isinstance(value, list | tuple):
        out.put(f"{label}.type", type(value).__name__)
        for number, item in enumerate(value):
            _told(out, f"{label}/{number}", item)
    elif isinstance(value, _Recorder):
        out.put(label, value.path)
    elif callable(value):
        out.put(label, "callable")
    else:
        out.put(label, repr(value))


@protocol("lava_call")
def call(case: Case, library: Library, out: Outputs) -> None:
    """The function, or ``calls["method"]`` of the object that the symbol and its arguments make."""
    log: list[tuple[Any, ...]] = []
    path, _, name = case.symbol.rpartition(".")
    torch.manual_seed(case.seed)
    arguments = [library.value(item) for item in case.args]
    with _module(library, path, log) as module:
        callee = getattr(module, name) if path.endswith("lava_exchange") else library.resolve(case.symbol)
        try:
            result = callee(*arguments, **case.kwargs)
            if "method" in case.calls:
                result = getattr(result, case.calls["method"])()
            _told(out, "result", result)
        finally:
            for number, (where, given, named) in enumerate(log):
                out.put(f"{number}", where)
                _told(out, f"{number}.args", given)
                _told(out, f"{number}.kwargs", named)


class _Neuron(nn.Module):
    """Keeps half of its voltage, and leaks it into the spikes."""

    voltage_state: Any = None

    def forward(self, x: Tensor) -> Tensor:
        y = x - self.voltage_state.unsqueeze(-1)
        self.voltage_state = self.voltage_state * 0.5 + x.sum(-1)
        return y


@protocol("lava_forward")
def forward(case: Case, library: Library, out: Outputs) -> None:
    """Spikes, voltage and gradients of ``lava_neuron_forward`` on ``x`` from ``calls["v"]`` or ``v``."""
    path, _, name = case.symbol.rpartition(".")
    x = library.input(case, "x").requires_grad_()
    v = library.input(case, "v").requires_grad_() if "v" in case.inputs else case.calls["v"]
    with _module(library, path, []) as module:
        spikes, voltage = getattr(module, name)(_Neuron(), x, v)
    out.put("y", spikes)
    out.put("v", voltage)
    (spikes * cotangent(spikes.shape, spikes.dtype)).sum().backward(retain_graph=True)
    (voltage * cotangent(voltage.shape, voltage.dtype, seed=8)).sum().backward()
    out.put("grad_x", x.grad)
    if isinstance(v, Tensor):
        out.put("grad_v", v.grad)
