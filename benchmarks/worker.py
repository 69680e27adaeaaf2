"""One library in a process of its own, measuring what it is told to, one JSON line in, one out.

An order names a subject, an engine and what to measure (:mod:`benchmarks.measures`); the answer holds the
``value``, or the ``error`` that kept the library from running.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from benchmarks import others
from benchmarks.measures import floor, peak, time_calls
from unisnn.core import engines
from unisnn.parity import stubs
from unisnn.parity.editions import edition
from unisnn.parity.library import Library

__all__ = ["Ready", "main", "prepare"]


@dataclass(frozen=True)
class Ready:
    """A subject that can be called: the call (which resets first), the reset alone, the input's bytes."""

    call: Callable[[], object]
    reset: Callable[[], object]
    size: int


def prepare(library: Library | str, subject: Mapping[str, Any]) -> Ready:
    """Build a subject of a library, which is an edition or the name of another library."""
    torch.manual_seed(0)
    if isinstance(library, str):
        node, reset = others.build(library)
        x = torch.randn(*subject["shape"]) + 0.8
        return Ready(_calls(node, reset, x, subject["mode"]), reset, x.nbytes)
    if subject["kind"] == "network":
        return _network(library, subject)
    node = library.new(subject["symbol"], (), library.value(subject["kwargs"]))
    x = torch.randn(*subject["shape"]) + 0.8
    if not _time_first(subject):
        x = x.flatten(0, 1)
    reset = _resetter(node)
    return Ready(_calls(node, reset, x, subject["mode"]), reset, x.nbytes)


def _time_first(subject: Mapping[str, Any]) -> bool:
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


def _network(library: Library, subject: Mapping[str, Any]) -> Ready:
    steps, batch, _ = subject["shape"]
    nodes = [library.new(subject["symbol"], (), library.value(subject["kwargs"])) for _ in range(2)]
    torch.manual_seed(0)
    net = _Network(nodes, steps, _time_first(subject))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.01)
    x, y = torch.rand(steps * batch, 1, 28, 28), torch.arange(batch) % 10

    def reset() -> None:
        for node in nodes:
            _resetter(node)()

    def step() -> object:
        reset()
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimiser.step()
        return loss

    return Ready(step, reset, x.nbytes)


def main(name: str, side: str) -> None:
    """Serve measurements until standard input ends.

    Args:
        name: an edition, or one of :data:`benchmarks.others.NAMES`.
        side: ``unisnn``, ``genuine`` or, for another library, ``other``.
    """
    library = name if side == "other" else _library(name, side == "genuine")
    torch.set_num_threads(1)
    answers, ready = sys.stdout, _Last(library)
    with contextlib.redirect_stdout(sys.stderr):
        for line in sys.stdin:
            try:
                answer = {"value": _obey(ready, json.loads(line))}
            except Exception as error:  # whatever a library raises is told, not what this process ends with
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), file=answers, flush=True)


def _library(name: str, genuine: bool) -> Library:
    entry = edition(name)
    if genuine:
        stubs.install(entry.stubs, entry.bare_packages)
    return Library(entry.root if genuine else entry.ours, entry.name)


class _Last:
    """The subject asked for last, and its floor: one input at a time is enough."""

    def __init__(self, library: Library | str) -> None:
        self._library, self._key = library, ""
        self._made: dict[bool, Ready] = {}

    def get(self, subject: Mapping[str, Any], floored: bool) -> Ready:
        """Return the subject, or the copies that are its floor, called once."""
        key = json.dumps(subject, sort_keys=True)
        if key != self._key:
            self._made.clear()
            self._key = key
        if floored not in self._made:
            if floored:
                self._made[True] = Ready(floor(subject["shape"], subject["mode"]), lambda: None, 1)
            else:
                self._made[False] = prepare(self._library, subject)
            self._made[floored].call()
        return self._made[floored]


def _obey(last: _Last, order: Mapping[str, Any]) -> float | None:
    what, seconds = order["what"], order["seconds"]
    with engines.engine(order["engine"]):
        ready = last.get(order["subject"], what == "floor")
        if what == "peak":
            return peak(ready.call, ready.reset, ready.size)
        if what != "wall":
            return time_calls(ready.call, seconds)
        torch.set_num_threads(os.cpu_count() or 1)
        try:
            return time_calls(ready.call, seconds, clock=time.perf_counter)
        finally:
            torch.set_num_threads(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
