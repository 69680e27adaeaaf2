"""One library in a process of its own, timing what it is told to, one JSON line in, one out.

Time is the process's CPU time on one thread; of the calls within a slot the 25th percentile counts, because
other work on the machine can only add to it.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch

from benchmarks.subjects import SIZES
from unisnn.parity import stubs
from unisnn.parity.editions import edition
from unisnn.parity.library import Library

__all__ = ["main", "prepare", "time_calls"]


def prepare(library: Library, subject: dict[str, Any]) -> Callable[[], None]:
    """Build the subject's neuron and input, and return one call of it."""
    torch.manual_seed(0)
    node = library.new(subject["symbol"], (), subject["kwargs"])
    steps, batch, features = SIZES[subject["size"]]
    x = torch.randn(steps, batch, features) + 0.8
    if "step_mode" not in subject["kwargs"]:
        x = x.flatten(0, 1)
    reset = node.n_reset if hasattr(node, "n_reset") else node.reset
    if subject["mode"] == "forward":
        node.eval()

        def call() -> None:
            reset()
            with torch.no_grad():
                node(x)
    else:
        node.train()
        gradient = torch.ones_like(x)

        def call() -> None:
            reset()
            leaf = x.detach().requires_grad_()
            node(leaf).backward(gradient)

    return call


def time_calls(call: Callable[[], None], seconds: float, least: int = 5) -> float:
    """Return the 25th percentile of the CPU seconds of repeated calls, over at least ``least`` of them."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < end:
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return statistics.quantiles(times, n=4)[0]


def main(name: str, genuine: bool) -> None:
    """Serve timings of edition ``name`` until standard input ends."""
    entry = edition(name)
    if genuine:
        stubs.install(entry.stubs, entry.bare_packages)
    torch.set_num_threads(1)
    library = Library(entry.root if genuine else entry.ours, entry.name)
    answers, calls = sys.stdout, {}
    with contextlib.redirect_stdout(sys.stderr):
        for line in sys.stdin:
            order = json.loads(line)
            key = json.dumps(order["subject"], sort_keys=True)
            if key not in calls:
                calls[key] = prepare(library, order["subject"])
                calls[key]()
            print(json.dumps(time_calls(calls[key], order["seconds"])), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "genuine")
