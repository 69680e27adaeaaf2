"""How a call is measured: its time, the floor of that time, and the memory that it needs.

``time`` is the process's CPU time, ``wall`` the time on the clock; of the calls within a slot the 25th
percentile counts, because other work on the machine can only add to it. ``floor`` is the time of copies with
the traffic that no kernel can avoid.

``peak`` is how far the resident memory of the process rises in one call that starts without a state: outputs,
gradients, what autograd keeps and all that is there for a moment. Linux counts it (``VmHWM``), so whoever
allocates is seen, torch or not. A call that fills holes which earlier calls left, or drops the state and the
gradients of the call before, looks cheaper than it is; so the state is dropped before the count, and the
process is one of its own, started with :data:`PROMPT`: freed memory goes back to the system at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from unisnn.core import engines

__all__ = ["PROMPT", "floor", "peak", "time_calls"]

PROMPT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "16384",
    "MALLOC_TOP_PAD_": "0",
    "MALLOC_TRIM_THRESHOLD_": "0",
}
"""The environment with which the GNU C library maps every larger block by itself and unmaps it when freed."""


def time_calls(
    call: Callable[[], object], seconds: float, least: int = 3, clock: Callable[[], float] = time.process_time
) -> float:
    """Return the 25th percentile of the seconds of repeated calls, over at least ``least`` of them."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < end:
        began = clock()
        call()
        times.append(clock() - began)
    return statistics.quantiles(times, n=4)[0]


def floor(shape: Sequence[int], mode: str) -> Callable[[], object]:
    """Return copies with the memory traffic of a call: ``infer`` reads x and writes s; ``train`` also writes
    the charged potential, and reads it and the gradient of s to write the gradient of x.
    """
    x, s, h, g = (torch.ones(*shape) for _ in range(4))

    def copies() -> object:
        if mode == "infer":
            return s.copy_(x)
        s.copy_(x)
        h.copy_(x)
        return torch.add(g, h, out=x)

    return copies


def peak(call: Callable[[], object], reset: Callable[[], object], size: int) -> float | None:
    """Return how far a call raises the memory in use, in multiples of ``size``.

    Args:
        call: what is measured, called before: what it does once in a process does not count.
        reset: drops the state that a call leaves, which may hold on to the call's gradients.
        size: bytes of the input.

    Returns:
        ``None`` where Linux does not tell.
    """
    refs = Path("/proc/self/clear_refs")
    if not refs.exists():
        return None
    reset()
    gc.collect()
    _give_back()
    before = _bytes("VmRSS")
    refs.write_text("5")  # from here on, VmHWM is the highest
    kept = call()
    rise = _bytes("VmHWM") - before
    del kept
    return max(0, rise) / size


def _give_back() -> None:
    """Hand freed memory back to the system, so that using it again counts."""
    engines.release()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _bytes(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])
