"""Spikes that wait for the backward pass as bits: nothing is lost, and memory is saved."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

import unisnn
from benchmarks import memory
from unisnn.core import bits, saved_spikes
from unisnn.snngrow.base.neuron.LIFNode import LIFNode as SNNGrowLIF
from unisnn.spikingjelly.activation_based import functional, layer, neuron, surrogate

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16]


def spikes_of(*shape: int, rate: float = 0.3, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(shape, generator=generator) < rate).to(dtype)


def same_bits(x: Tensor, y: Tensor) -> bool:
    pattern = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[x.element_size()]
    same = x.dtype == y.dtype and x.shape == y.shape
    return same and torch.equal(x.contiguous().view(pattern), y.contiguous().view(pattern))


STRIDED = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.transpose(1, 3),
    "channels_last": lambda x: x.contiguous(memory_format=torch.channels_last),
    "expanded": lambda x: x[:1].expand(6, *x.shape[1:]),
    "from the middle": lambda x: x[1:3],
}


class Kept:
    """Bytes that the graphs of a block keep beside ``known`` tensors: what the packing hook returns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.saved: list = []
        pack = saved_spikes._pack

        def record(*arguments):
            self.saved.append(pack(*arguments))
            return self.saved[-1]

        monkeypatch.setattr(saved_spikes, "_pack", record)

    @property
    def spikes(self) -> list:
        return [each for each in self.saved if isinstance(each, saved_spikes._Spikes)]

    @property
    def untouched(self) -> list:
        return [each.tensor for each in self.saved if isinstance(each, saved_spikes._Untouched)]


@pytest.fixture
def kept(monkeypatch):
    return Kept(monkeypatch)


def network(dtype: torch.dtype = torch.float32, norm: bool = True) -> nn.Sequential:
    torch.manual_seed(0)
    lif = {"surrogate_function": surrogate.ATan(), "step_mode": "m"}
    net = nn.Sequential(
        layer.Conv2d(2, 8, 3, padding=1, bias=False, step_mode="m"),
        layer.BatchNorm2d(8, step_mode="m") if norm else nn.Identity(),
        neuron.LIFNode(**lif),
        layer.MaxPool2d(2, step_mode="m"),
        layer.Conv2d(8, 8, 3, padding=1, step_mode="m"),
        neuron.IFNode(**lif),
        layer.AvgPool2d(2, step_mode="m"),
        layer.Flatten(step_mode="m"),
        layer.Linear(32, 16, step_mode="m"),
        neuron.LIFNode(**lif),
        layer.Linear(16, 5, step_mode="m"),
    )
    for module in net:
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.weight.data.mul_(12)  # every layer fires
    return net.to(dtype)


def gradients(net: nn.Module, run) -> list[Tensor]:
    net.zero_grad()
    functional.reset_net(net)
    x = torch.randn(4, 3, 2, 8, 8, generator=torch.Generator().manual_seed(1))
    x = (2 * x).to(next(net.parameters()).dtype).requires_grad_()
    run(net, x)
    return [x.grad, *(each.grad for each in net.parameters())]


def plainly(net: nn.Module, x: Tensor) -> None:
    net(x).float().square().mean().backward()


def as_bits(net: nn.Module, x: Tensor) -> None:
    with unisnn.spikes_as_bits(least=64):
        loss = net(x).float().square().mean()
    loss.backward()


@pytest.mark.parametrize("engine", ["auto", "fused", "reference"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_gradients_are_the_same_bits(dtype, engine, kept):
    net = network(dtype)
    with unisnn.engine(engine):
        expected = gradients(net, plainly)
        assert not kept.saved
        found = gradients(net, as_bits)
    assert all(map(same_bits, found, expected))
    assert all(grad.abs().sum() > 0 for grad in found)
    assert len(kept.spikes) >= 3
    assert kept.untouched


def test_every_saved_tensor_comes_back_whole(monkeypatch):
    pairs = []
    pack, unpack = saved_spikes._pack, saved_spikes._unpack

    def both(shared, least, x):
        saved = pack(shared, least, x)
        pairs.append((x.clone() if isinstance(saved, saved_spikes._Spikes) else x, x.stride(), unpack(saved)))
        return saved

    monkeypatch.setattr(saved_spikes, "_pack", both)
    gradients(network(), as_bits)
    assert len(pairs) > 10
    for x, stride, back in pairs:
        assert same_bits(back, x)
        assert (back.stride(), back.device) == (stride, x.device)


NO_SPIKES = {
    "minus zero": -0.0,
    "two": 2.0,
    "nan": float("nan"),
    "infinite": float("inf"),
    "nearly one": 1 - 2**-24,
    "denormal": 1e-45,
    "minus one": -1.0,
}


@pytest.mark.parametrize("value", NO_SPIKES.values(), ids=NO_SPIKES)
@pytest.mark.parametrize("place", [0, 1500, -1])
@pytest.mark.parametrize("size", [2000, 2003, 300_000])
def test_one_element_that_is_no_spike_is_seen(value, place, size, kept):
    x = spikes_of(size)
    x[place] = value
    weight = torch.ones(size, requires_grad=True)
    with unisnn.spikes_as_bits():
        y = weight * x
    assert not kept.spikes
    y.sum().backward()
    assert same_bits(weight.grad, x)


@pytest.mark.parametrize("dtype", [*DTYPES, torch.bool, torch.int64], ids=str)
@pytest.mark.parametrize("how", STRIDED.values(), ids=STRIDED)
def test_spikes_of_every_kind_are_kept(how, dtype, kept):
    x = how(spikes_of(4, 6, 7, 12, dtype=dtype))
    weight = torch.ones(x.shape, requires_grad=True)
    with unisnn.spikes_as_bits(1):
        y = weight * x
    y.sum().backward()
    assert same_bits(weight.grad, x.float())
    (spikes,) = kept.spikes
    assert spikes.stride == x.stride()


def test_small_tensors_and_wide_gaps_are_left_alone(kept):
    weight = torch.ones(100, requires_grad=True)
    with unisnn.spikes_as_bits():
        weight * spikes_of(100)
    with unisnn.spikes_as_bits(least=100):
        weight * spikes_of(100, 10)[:, 3]
    assert not kept.spikes
    with unisnn.spikes_as_bits(least=100):
        weight * spikes_of(100, 3)[:, 1]
    assert len(kept.spikes) == 1
    for least in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match=r"least=.* is not accepted; expected a positive integer"):
            unisnn.spikes_as_bits(least=least).__enter__()


def test_shared_memory_is_kept_once_and_let_go(kept):
    x = spikes_of(4, 16, 32)
    weights = [torch.ones(4, 16, 32, requires_grad=True), torch.ones(64, 32, requires_grad=True)]
    with unisnn.spikes_as_bits():
        y = (weights[0] * x).sum() + (weights[1] * x.flatten(0, 1)).sum()
        first, second = kept.spikes
        assert first.kept is second.kept
        assert first.kept.data.nbytes == x.numel() // 8
        x.mul_(0)
        x[0] = 1
        z = (weights[0] * x).sum()
        assert kept.spikes[2].kept is not first.kept
    y.backward()
    assert torch.equal(weights[0].grad, spikes_of(4, 16, 32))
    z.backward()
    assert torch.equal(weights[0].grad, spikes_of(4, 16, 32) + x)
    held = [weakref.ref(each.kept) for each in kept.spikes]
    kept.saved.clear()
    del first, second, y, z
    gc.collect()
    assert [each() for each in held] == [None] * 3


def test_writes_after_saving():
    x = torch.randn(2000, requires_grad=True)
    with unisnn.spikes_as_bits():
        y = torch.sigmoid(x)
    y.mul_(2)
    with pytest.raises(RuntimeError, match=r"spikes_as_bits: .* modified by an inplace operation"):
        y.sum().backward()
    spikes = spikes_of(2000)
    with unisnn.spikes_as_bits():
        z = x * spikes
    spikes.mul_(3)  # what was saved is a copy
    z.sum().backward()
    assert torch.equal(x.grad, spikes_of(2000))


def test_in_place_layers_are_no_writes():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(40, 50), nn.ReLU(inplace=True), nn.Linear(50, 40), nn.Sigmoid())
    x = torch.randn(30, 40)
    net(x).sum().backward()
    expected = [each.grad for each in net.parameters()]
    net.zero_grad()
    with unisnn.spikes_as_bits():
        y = net(x).sum()
    y.backward()
    assert all(same_bits(p.grad, grad) for p, grad in zip(net.parameters(), expected, strict=True))


def test_a_graph_that_is_retained_and_one_that_is_created():
    x = spikes_of(40, 50).requires_grad_()
    weight = torch.randn(30, 50, requires_grad=True)
    with unisnn.spikes_as_bits():
        y = F.linear(x, weight).pow(3).sum()
    first = torch.autograd.grad(y, weight, retain_graph=True)[0]
    assert same_bits(torch.autograd.grad(y, weight, retain_graph=True)[0], first)
    created = torch.autograd.grad(y, (weight, x), create_graph=True)
    second = torch.autograd.grad(sum(g.square().sum() for g in created), (weight, x))
    plain = F.linear(x, weight).pow(3).sum()
    expected = torch.autograd.grad(plain, (weight, x), create_graph=True)
    assert all(
        map(same_bits, second, torch.autograd.grad(sum(g.square().sum() for g in expected), (weight, x)))
    )


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("reentrant", [False, True])
def test_checkpointing(inside, reentrant, kept):
    net = network(norm=False)

    def reset_and_run(x: Tensor) -> Tensor:
        functional.reset_net(net)
        if not inside:
            return net(x)
        with unisnn.spikes_as_bits(least=64):
            return net(x)

    def run(net: nn.Module, x: Tensor) -> None:
        with unisnn.spikes_as_bits(least=64):
            y = checkpoint(reset_and_run, x, use_reentrant=reentrant)
        y.square().mean().backward()

    expected = gradients(net, plainly)
    assert all(map(same_bits, gradients(net, run), expected))
    assert bool(kept.spikes) or not inside


def as_bits_in_parallel(store):
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=0, world_size=1)
    net = network()
    expected = gradients(net, plainly)
    wrapped = nn.parallel.DistributedDataParallel(net)
    found = gradients(net, lambda _, x: as_bits(wrapped, x))
    print(all(map(same_bits, found, expected)), len(found))


def test_data_parallel(tmp_path, alone):
    assert alone(as_bits_in_parallel, str(tmp_path / "store")).split() == ["True", "10"]


def test_a_compiled_layer():
    torch.manual_seed(0)
    linear = nn.Linear(64, 32)
    x = spikes_of(40, 64)
    linear(x).square().sum().backward()
    expected = linear.weight.grad
    linear.zero_grad()
    with unisnn.spikes_as_bits():
        y = torch.compile(linear, backend="aot_eager")(x).square().sum()
    y.backward()
    assert same_bits(linear.weight.grad, expected)


def test_spike_tensors_are_kept_as_bits_too(kept):
    torch.manual_seed(0)
    lif, linear = SNNGrowLIF(spike_out=True), nn.Linear(64, 32)
    x = torch.randn(40, 64, requires_grad=True)
    linear(lif(2 * x)).square().sum().backward()
    expected = [x.grad, linear.weight.grad]
    lif.reset()
    linear.zero_grad()
    x.grad = None
    with unisnn.spikes_as_bits():
        y = linear(lif(2 * x)).square().sum()
    y.backward()
    assert all(map(same_bits, [x.grad, linear.weight.grad], expected))
    assert any(each.shown == torch.float32 and each.dtype == torch.bool for each in kept.spikes)


def test_spikes_of_a_network_take_a_32nd(kept):
    gradients(network(), as_bits)
    for each in kept.spikes:
        if each.dtype == torch.float32:
            elements = torch.Size(each.size).numel()
            assert each.kept.data.nbytes <= elements / 8 + 1


def test_what_a_network_keeps_is_measured(monkeypatch):
    monkeypatch.setattr(memory, "_network", lambda name: network())
    row = memory.measure("spiking_vgg11_bn", "fused", (4, 3, 2, 8, 8), rounds=1)
    assert 0.5 < row["ratio"] < 0.9
    assert row["plain_bytes"] > 4 * 3 * 8 * 64 * 4 * 2  # what batch normalisation and the first neurons keep
    assert row["firing"][0] > 0.01
    assert "| spiking_vgg11_bn | fused | 4x3x2x8x8 |" in memory.table([row])


def test_gradients_that_differ_are_no_measurement(monkeypatch):
    monkeypatch.setattr(memory, "_network", lambda name: network())
    monkeypatch.setattr(bits, "unpack_strided", lambda packed, dtype: torch.ones(packed.size, dtype=dtype))
    with pytest.raises(RuntimeError, match="the gradients differ"):
        memory.measure("spiking_vgg11_bn", "fused", (4, 3, 2, 8, 8), rounds=1)
