"""One library in a process of its own, measuring what it is told to, one JSON line in, one out.

``time`` is the process's CPU time on one thread, ``wall`` the time on the clock with all threads; of the
calls within a slot the 25th percentile counts, because other work on the machine can only add to it.
``peak`` is how far the memory in use rises in a call, as a multiple of the input's bytes. ``floor`` is the
time of copies with the traffic that no kernel can avoid.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from unisnn.core import engines
from unisnn.parity import stubs
from unisnn.parity.editions import edition
from unisnn.parity.library import Library

__all__ = ["floor", "main", "peak", "prepare", "time_calls"]


def prepare(library: Library, subject: dict[str, Any]) -> tuple[Callable[[], object], int]:
    """Build the subject, and return one call of it and the bytes of its input."""
    torch.manual_seed(0)
    if subject["kind"] == "network":
        return _network(library, subject)
    node = library.new(subject["symbol"], (), library.value(subject["kwargs"]))
    x = torch.randn(*subject["shape"]) + 0.8
    if not _time_first(subject):
        x = x.flatten(0, 1)
    return _calls(node, _resetter(node), x, subject["mode"]), x.nbytes


def _time_first(subject: dict[str, Any]) -> bool:
    return "step_mode" in subject["kwargs"]


def _resetter(node: Any) -> Callable[[], object]:
    return node.n_reset if hasattr(node, "n_reset") else node.reset


def _calls(node: Any, reset: Callable[[], object], x: torch.Tensor, mode: str) -> Callable[[], object]:
    if mode == "infer":
        node.eval()

        def infer() -> object:
            reset()
            with torch.no_grad():
                return node(x)

        return infer
    node.train()
    gradient = torch.ones_like(x)

    def train() -> object:
        reset()
        leaf = x.detach().requires_grad_()
        y = node(leaf)
        y.backward(gradient)
        return y, leaf.grad

    return train


class _Network(nn.Module):
    """Conv-BN-LIF, pool, Conv-BN-LIF, Linear; the spikes of all steps are averaged."""

    def __init__(self, nodes: list[Any], steps: int, time_first: bool, channels: int = 32) -> None:
        super().__init__()
        self.steps, self.time_first = steps, time_first
        self.first = nn.Sequential(nn.Conv2d(1, channels, 3, padding=1), nn.BatchNorm2d(channels))
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels))
        self.nodes = nn.ModuleList(nodes)
        self.pool, self.last = nn.MaxPool2d(2), nn.Linear(channels * 14 * 14, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self._spikes(0, self.first(x)))
        x = self._spikes(1, self.second(x))
        return self.last(x.flatten(1)).unflatten(0, (self.steps, -1)).mean(0)

    def _spikes(self, index: int, x: torch.Tensor) -> torch.Tensor:
        node = self.nodes[index]
        return node(x.unflatten(0, (self.steps, -1))).flatten(0, 1) if self.time_first else node(x)


def _network(library: Library, subject: dict[str, Any]) -> tuple[Callable[[], object], int]:
    steps, batch, _ = subject["shape"]
    nodes = [library.new(subject["symbol"], (), library.value(subject["kwargs"])) for _ in range(2)]
    torch.manual_seed(0)
    net = _Network(nodes, steps, _time_first(subject))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.01)
    x, y = torch.rand(steps * batch, 1, 28, 28), torch.arange(batch) % 10

    def step() -> object:
        for node in nodes:
            _resetter(node)()
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimiser.step()
        return loss

    return step, x.nbytes


def floor(shape: list[int], mode: str) -> Callable[[], object]:
    """Return copies with the memory traffic of a call: ``infer`` reads x and writes s; ``train`` also writes
    the charged potential, and reads it and the gradient of s to write the gradient of x.
    """
    x, s, h, g = (torch.ones(shape) for _ in range(4))

    def copies() -> object:
        if mode == "infer":
            return s.copy_(x)
        s.copy_(x)
        h.copy_(x)
        return torch.add(g, h, out=x)

    return copies


def time_calls(
    call: Callable[[], object], seconds: float, least: int = 5, clock: Callable[[], float] = time.process_time
) -> float:
    """Return the 25th percentile of the seconds of repeated calls, over at least ``least`` of them."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < end:
        began = clock()
        call()
        times.append(clock() - began)
    return statistics.quantiles(times, n=4)[0]


def peak(call: Callable[[], object], size: int) -> float | None:
    """Return how far a call raises the memory in use, in multiples of ``size``; ``None`` where Linux does not
    tell.
    """
    status, refs = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not refs.exists():
        return None
    call()
    gc.collect()
    _give_back()
    before = _kilobytes(status, "VmRSS")
    refs.write_text("5")
    kept = call()
    rise = _kilobytes(status, "VmHWM") - before
    del kept
    return 1024 * max(0, rise) / size


def _give_back() -> None:
    """Hand freed memory back to the system, so that using it again counts."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _kilobytes(status: Path, field: str) -> int:
    return int(next(line for line in status.read_text().splitlines() if line.startswith(field)).split()[1])


def main(name: str, genuine: bool) -> None:
    """Serve measurements of edition ``name`` until standard input ends."""
    entry = edition(name)
    if genuine:
        stubs.install(entry.stubs, entry.bare_packages)
    torch.set_num_threads(1)
    library = Library(entry.root if genuine else entry.ours, entry.name)
    answers, calls = sys.stdout, {}
    with contextlib.redirect_stdout(sys.stderr):
        for line in sys.stdin:
            order = json.loads(line)
            subject, what, engine = order["subject"], order["what"], order["engine"]
            key = json.dumps([subject, what == "floor"], sort_keys=True)
            with engines.engine(engine):
                if key not in calls:
                    calls.clear()  # one input at a time is enough
                    calls[key] = (
                        (floor(subject["shape"], subject["mode"]), 1)
                        if what == "floor"
                        else prepare(library, subject)
                    )
                    calls[key][0]()
                call, size = calls[key]
                print(json.dumps(_measure(what, call, size, order["seconds"])), file=answers, flush=True)


def _measure(what: str, call: Callable[[], object], size: int, seconds: float) -> float | None:
    if what == "peak":
        return peak(call, size)
    if what != "wall":
        return time_calls(call, seconds)
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        return time_calls(call, seconds, clock=time.perf_counter)
    finally:
        torch.set_num_threads(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "genuine")
