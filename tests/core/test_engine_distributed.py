"""Two processes train one net, replicated and sharded, with the engine: the loop's gradients."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import torch
from torch import distributed, nn

from unisnn.core import engines
from unisnn.core.engines import operator
from unisnn.spikingjelly.activation_based import functional, layer, neuron, surrogate

WORLD = 2
PARAMETERS = 5


def make_net():
    torch.manual_seed(0)
    return nn.Sequential(
        layer.Linear(3, 8, step_mode="m"),
        neuron.LIFNode(step_mode="m", surrogate_function=surrogate.ATan()),
        layer.Linear(8, 4, step_mode="m"),
        neuron.ParametricLIFNode(step_mode="m", surrogate_function=surrogate.ATan()),
    )


def gradients(net, call, x, engine):
    """Return every gradient, whole."""
    net.zero_grad()
    functional.reset_net(net)
    with engines.engine(engine):
        call(x).sum().backward()
    grads = [p.grad for p in net.parameters()]
    return [g.full_tensor() if hasattr(g, "full_tensor") else g.clone() for g in grads]


def replicated(x, engine):
    """Return the gradients under DDP."""
    net = make_net()
    return gradients(net, nn.parallel.DistributedDataParallel(net), x, engine)


def sharded(x, engine):
    """Return the gradients under FSDP; torch shards no parameter without dimensions."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    net, mesh = make_net(), init_device_mesh("cpu", (WORLD,))
    for part in (net[0], net[2]):
        fully_shard(part, mesh=mesh)
    fully_shard(net, mesh=mesh, ignored_params={net[3].w})
    return gradients(net, net, x, engine)


def work(rank, store):
    """Be one process: print whether the gradients agree, how many are there, and the calls of the engine."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=WORLD)
    called, real = [], operator.multi_step
    operator.multi_step = lambda *given: called.append(1) or real(*given)
    x = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(rank)) * 2
    for name, way in (("ddp", replicated), ("fsdp", sharded)):
        expected = way(x, "reference")
        before = len(called)
        found = way(x, "auto")
        same = [torch.equal(a, b) for a, b in zip(found, expected, strict=True)]
        means = [float(g.double().sum()) for g in found]
        print(json.dumps({"way": name, "same": same, "sums": means, "calls": len(called) - before}))
    distributed.barrier()
    sys.stdout.flush()
    os._exit(0)  # dropping a gloo group can deadlock


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return what each process prints, by rank."""
    store = tmp_path_factory.mktemp("distributed") / "store"
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, str(rank), str(store)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(WORLD)
    ]
    try:
        ended = [process.communicate(timeout=120) for process in processes]
    finally:
        for process in processes:
            process.kill()
    codes = [process.returncode for process in processes]
    assert codes == [0] * WORLD, ended
    return [[json.loads(line) for line in out.splitlines() if line.startswith("{")] for out, _ in ended]


@pytest.mark.skipif(not distributed.is_available(), reason="this torch is built without torch.distributed")
@pytest.mark.parametrize(("index", "way"), [(0, "ddp"), (1, "fsdp")])
def test_gradients_are_the_loop_s(results, index, way):
    found = [result[index] for result in results]
    for result in found:
        assert result["way"] == way
        assert result["same"] == [True] * PARAMETERS
        assert result["calls"] == 2
    sums = [result["sums"] for result in found]
    shared = PARAMETERS if way == "ddp" else PARAMETERS - 1
    assert sums[0][:shared] == sums[1][:shared]
    assert all(value != 0 for value in sums[0])


if __name__ == "__main__":
    work(int(sys.argv[1]), sys.argv[2])
