"""``python -m benchmarks.memory``: what a spiking VGG keeps between forward and backward, and what bits save.

Kept is what torch's allocator has given out and not got back in a forward pass (the profiler's account of
every allocation), so it holds saved tensors, states and outputs, not parameters and not the input. Time is
the process's CPU time of forward and backward on one thread, the median of turns taken in pairs. Before
anything is printed the gradients of both ways are compared bit for bit.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

import unisnn
from unisnn.core import engines
from unisnn.spikingjelly.activation_based import functional, neuron, surrogate
from unisnn.spikingjelly.activation_based.model import spiking_vgg

__all__ = ["kept", "main", "measure", "table"]

_MODELS = ("spiking_vgg11_bn", "spiking_vgg16_bn")
_Block = Callable[[], contextlib.AbstractContextManager[Any]]


def _network(name: str) -> nn.Module:
    torch.manual_seed(0)
    net = getattr(spiking_vgg, name)(
        spiking_neuron=neuron.LIFNode, surrogate_function=surrogate.ATan(), num_classes=10
    )
    for layer in net.modules():
        if isinstance(layer, nn.Linear):
            layer.weight.data.mul_(10)  # so that the classifier's neurons fire
    functional.set_step_mode(net, "m")
    return net


def kept(net: nn.Module, x: Tensor, block: _Block) -> int:
    """Return the bytes that are there after a forward pass and were not before."""
    functional.reset_net(net)
    engines.release()  # a block that is used again is no allocation
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as account, block():
        y = net(x)
    total = sum(event.self_cpu_memory_usage for event in account.events())
    del y
    return total


def _rates(net: nn.Module, x: Tensor) -> list[float]:
    """Return the firing rate of every layer of neurons: a silent layer's potential would be bits, too."""
    rates: list[float] = []
    layers = [each for each in net.modules() if isinstance(each, neuron.BaseNode)]
    hooks = [each.register_forward_hook(lambda _, __, s: rates.append(s.mean().item())) for each in layers]
    functional.reset_net(net)
    with torch.no_grad():
        net(x)
    for hook in hooks:
        hook.remove()
    return rates


def _step(net: nn.Module, x: Tensor, block: _Block) -> tuple[float, list[Tensor]]:
    """Return the CPU seconds of a forward and backward pass, and its gradients."""
    functional.reset_net(net)
    net.zero_grad()
    torch.manual_seed(0)  # dropout
    start = time.process_time()
    with block():
        loss = net(x).square().mean()
    loss.backward()
    seconds = time.process_time() - start
    return seconds, [each.grad for each in net.parameters() if each.grad is not None]


def measure(name: str, engine: str, shape: Sequence[int], rounds: int) -> dict[str, Any]:
    """Return a row of the table: a model and an engine, spikes as they are and as bits.

    Raises:
        RuntimeError: the gradients are not bit for bit the same.
    """
    net, x = _network(name), torch.rand(*shape, generator=torch.Generator().manual_seed(1))
    ways: dict[str, _Block] = {"plain": contextlib.nullcontext, "bits": unisnn.spikes_as_bits}
    with unisnn.engine(engine):
        gradients = {way: _step(net, x, block)[1] for way, block in ways.items()}
        if not all(map(torch.equal, gradients["plain"], gradients["bits"])):
            raise RuntimeError(f"{name}, {engine}: the gradients differ")
        memory = {way: kept(net, x, block) for way, block in ways.items()}
        rates = _rates(net, x)
        turns = [{way: _step(net, x, block)[0] for way, block in ways.items()} for _ in range(rounds)]
    return {
        "model": name,
        "engine": engine,
        "shape": list(shape),
        "firing": [min(rates), max(rates)],
        "plain_bytes": memory["plain"],
        "bits_bytes": memory["bits"],
        "ratio": memory["bits"] / memory["plain"],
        "time_ratio": statistics.median(turn["bits"] / turn["plain"] for turn in turns),
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| model | engine | input | firing, least to most | kept, MiB | as bits, MiB | saved | time |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        shape = "x".join(map(str, row["shape"]))
        firing = "{:.1%} to {:.1%}".format(*row["firing"])
        plain, packed = (row[name] / 2**20 for name in ("plain_bytes", "bits_bytes"))
        lines.append(
            f"| {row['model']} | {row['engine']} | {shape} | {firing} | {plain:.1f} | {packed:.1f} "
            f"| {1 - row['ratio']:.0%} | {row['time_ratio']:.2f} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table; ``--json`` writes the numbers too."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--model", action="append", choices=_MODELS, help="default: all")
    parser.add_argument("--engine", action="append", choices=("fused", "reference", "native"))
    parser.add_argument("--shape", type=int, nargs=5, default=(4, 4, 3, 32, 32), metavar=tuple("TNCHW"))
    parser.add_argument("--rounds", type=int, default=5, help="turns that are timed")
    parser.add_argument("--json", type=Path, help="where the numbers are written")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    rows = []
    for name in given.model or _MODELS:
        for engine in given.engine or ("fused", "reference"):
            print(f"{name}, {engine} ...", file=sys.stderr)
            rows.append(measure(name, engine, given.shape, given.rounds))
    print(table(rows))
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps({"torch": torch.__version__, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
