"""How the tools around a network are driven: monitors, the spike cache, the module-wise converter.

::

    clock_monitor       a network watched while the script ``calls["script"]`` runs
    gpu_monitor         two samples of a stand-in for nvidia-smi, printed or logged
    spike_cache         what a tensor's key says, and the cache's counts
    spike_bits          spikes to bits and back
    clock_conversion    the converter's two steps by themselves
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy
import torch
from torch import nn

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.ann2snn import NETS

__all__ = ["bits", "cache", "conversion", "gpu", "monitor"]

_COUNTERS = ("neuron_cnt", "fire_mask", "firing_time", "cnt")


def _tensor(value: Any) -> Any:
    """Return NumPy values as tensors, and anything else as it is."""
    return torch.from_numpy(numpy.array(value)) if isinstance(value, numpy.ndarray | numpy.generic) else value


def _called(function: Callable[..., Any], *arguments: Any) -> Any:
    return _tensor(function(*arguments))


@protocol("clock_monitor")
def monitor(case: Case, library: Library, out: Outputs) -> None:
    """Counts of every layer, rates and shares of silent neurons, wherever the script says ``tell``."""
    net = nn.Sequential(*(library.value(each) for each in case.calls["modules"]))
    words = {"object": torch.device("cpu"), "none": None}
    device = case.calls.get("device", "object")
    watcher = library.resolve(case.symbol)(net, words.get(device, device), **case.kwargs)
    out.put("layers", list(watcher.module_dict))
    inputs = iter(library.input(case, "x"))

    def ratio(number: int, name: str, function: Callable[..., Any]) -> None:
        for layer in (None, *watcher.module_dict, "none"):
            label = f"{number}/{name}/{'all' if layer is None else layer}"
            arguments = () if layer is None else (False, layer)
            value = out.attempt(label, functools.partial(_called, function, *arguments))
            out.put(f"{label}.type", type(value).__name__)

    def tell(number: int) -> None:
        for path, module in net.named_modules():
            for name in _COUNTERS:
                if hasattr(module, name):
                    out.put(f"{number}/{path}.{name}", _tensor(getattr(module, name)))
        ratio(number, "rate", watcher.get_avg_firing_rate)
        ratio(number, "silent", watcher.get_nonfire_ratio)

    for number, action in enumerate(case.calls["script"]):
        if action == "tell":
            tell(number)
        elif action == "run":
            out.attempt(f"{number}/y", lambda: net(next(inputs)))
        elif action == "hooks":
            out.put(f"{number}/hooks", [len(module._forward_hooks) for module in net.modules()])
        else:
            out.attempt(f"{number}/{action}", getattr(watcher, action))


@contextlib.contextmanager
def _nvidia_smi(folder: Path) -> Iterator[Path]:
    """Put a stand-in for nvidia-smi on PATH; the file it yields has a line a call."""
    told = folder / "calls"
    script = folder / "nvidia-smi"
    numbers = "utilization.gpu [%], memory.used [MiB]\n7 %, 376 MiB\n19 %, 4000 MiB\n"
    script.write_text(f"#!/bin/sh\necho \"$@\" >> '{told}'\ncat <<END\n{numbers}END\n")
    script.chmod(0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}{os.pathsep}{before}"
    try:
        yield told
    finally:
        os.environ["PATH"] = before


class _Recorder:
    """A ``SummaryWriter`` that keeps what it is told."""

    records: list[list[Any]] = []

    def __init__(self, log_dir: str) -> None:
        self.name = Path(log_dir).name

    def add_scalar(self, tag: str, value: Any, step: int) -> None:
        self.records.append([self.name, tag, value, step])


@contextlib.contextmanager
def _tensorboard(owner: str) -> Iterator[None]:
    """Put the recorder where ``SummaryWriter`` is imported from, and where it was imported to."""
    board: Any = ModuleType("torch.utils.tensorboard")
    board.SummaryWriter = _Recorder
    before = sys.modules.get(board.__name__)
    sys.modules[board.__name__] = board
    module: Any = sys.modules[owner]
    if hasattr(module, "SummaryWriter"):
        module.SummaryWriter = _Recorder
    _Recorder.records.clear()
    try:
        yield
    finally:
        del sys.modules[board.__name__]
        if before is not None:
            sys.modules[board.__name__] = before


@protocol("gpu_monitor")
def gpu(case: Case, library: Library, out: Outputs) -> None:
    """Two samples: the command, what is printed, what is logged."""
    make = library.resolve(case.symbol)
    with (
        tempfile.TemporaryDirectory() as folder,
        _nvidia_smi(Path(folder)) as told,
        _tensorboard(make.__module__),
        contextlib.redirect_stdout(io.StringIO()) as printed,
    ):
        given = {**case.kwargs, "interval": 0.02}
        if case.calls.get("log"):
            given["log_dir"] = f"{folder}/log"
        thread = make(**given)
        out.put("alive", thread.is_alive())
        out.put("daemon", thread.daemon)
        out.put("stopped", thread.stopped)
        if not thread.is_alive():
            thread.start()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and (not told.exists() or told.read_text().count("\n") < 4):
            time.sleep(0.01)
        thread.stop()
        thread.join()
        out.put("after", [thread.stopped, thread.is_alive()])
        out.put("command", told.read_text().split("\n")[0])
    out.put("cmds", thread.cmds)
    moments = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", printed.getvalue()).split("TIME")
    out.put("printed", moments[:3])
    out.put("logged", [record for record in _Recorder.records if record[-1] < 2])


@protocol("spike_cache")
def cache(case: Case, library: Library, out: Outputs) -> None:
    """The key of ``x``; stored twice in a cache and taken back twice, with the counts."""
    x = library.input(case, "x")
    x = x.t() if case.calls.get("transposed") else x
    module = case.symbol.rpartition(".")[0]
    key = library.resolve(f"{module}.tensor_key")

    def relative() -> list[int]:
        first, last, count = key(x)
        return [last - first, count]

    out.attempt("key", relative)
    store = library.resolve(f"{module}.BoolTensorCache")()
    known = out.attempt("stored", lambda: len({store.store_bool(x), store.store_bool(x)}))
    for turn in range(2 if known else 0):
        name = next(iter(store.cache_dict))
        out.put(f"back/{turn}", store.get_float(name, x.shape))
        out.put(f"counts/{turn}", list(store.cache_refcount_dict.values()))
    out.put("left", len(store.cache_dict))


@protocol("spike_bits")
def bits(case: Case, library: Library, out: Outputs) -> None:
    """Spikes as bits, and back."""
    module = case.symbol.rpartition(".")[0]
    packed = library.resolve(f"{module}.float_spike_to_bool")(library.input(case, "x"))
    for number, part in enumerate(packed):
        out.put(f"packed/{number}", part if isinstance(part, torch.Tensor) else str(part))
    out.put("back", library.resolve(f"{module}.bool_spike_to_float")(*packed))


@protocol("clock_conversion")
def conversion(case: Case, library: Library, out: Outputs) -> None:
    """Hooks set, data passed, neurons put in: what the network is after each."""
    net = NETS[case.calls["net"]]()
    batches = library.input(case, "x")
    converter = library.resolve(case.symbol)
    hooked = converter.set_voltagehook(net, **case.kwargs)
    out.put("in_place", hooked is net)
    out.put("hooked", repr(hooked))
    hooked.eval()
    for x in batches:
        hooked(x)
    spiking = converter.replace_by_ifnode(hooked)
    out.put("replaced_in_place", spiking is net)
    out.put("spiking", repr(spiking))
    out.put("modes", [f"{name}:{module.training}" for name, module in spiking.named_modules()])
    for name, tensor in spiking.state_dict().items():
        out.put(f"state/{name}", tensor)
    out.put("y", torch.stack([spiking(batches[0]) for _ in range(4)]))
