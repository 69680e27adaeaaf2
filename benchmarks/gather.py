"""``python -m benchmarks.gather``: sums over the firing inputs, in times of the dense linear layer.

CPU time of a forward pass on one thread, finding the spikes and turning the weight included; the median of
turns taken in pairs. ``*`` marks what ``unisnn.core.sparse.gathers`` gathers where the bound allows it.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from unittest import mock

import torch

from unisnn.core import sparse

__all__ = ["main", "ratio"]

_SHAPES = ((64, 1024, 1024), (256, 1024, 1024), (1024, 1024, 1024), (256, 4096, 1024), (1024, 512, 100))
_RATES = (0.01, 0.03, 0.05, 0.1, 0.2)


def _seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def ratio(shape: Sequence[int], rate: float, rounds: int) -> tuple[float, bool]:
    """Return the time of gathering over that of the dense layer, and whether it is gathered.

    Args:
        shape: rows, inputs and outputs.
        rate: how many inputs fire.
        rounds: turns that are timed.
    """
    rows, inputs, outputs = shape
    x = (torch.rand(rows, inputs) < rate).float()
    weight, bias = torch.randn(outputs, inputs), torch.randn(outputs)
    chosen = sparse.gathers(x != 0, weight, 1.0)
    gathers = sparse.gathers

    def asked(*given: object) -> bool:
        gathers(*given)  # its time counts
        return True

    def gathered() -> None:
        with sparse.tolerance(1.0):
            sparse.linear(x, weight, bias)

    with torch.no_grad(), mock.patch.object(sparse, "gathers", asked):
        turns = [_seconds(gathered) / _seconds(lambda: sparse.linear(x, weight, bias)) for _ in range(rounds)]
    return statistics.median(turns), chosen


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gather", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="turns that are timed")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print("| rows x inputs x outputs |", *(f"{rate:.0%} |" for rate in _RATES))
    print("|---" * (1 + len(_RATES)) + "|")
    for shape in _SHAPES:
        cells = []
        for rate in _RATES:
            found, chosen = ratio(shape, rate, given.rounds)
            cells.append(f"{found:.2f}{'*' if chosen else ''} |")
        print("|", "x".join(map(str, shape)), "|", *cells, flush=True)


if __name__ == "__main__":
    main()
