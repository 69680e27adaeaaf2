"""Spikes as bits: the packing, SpikeTensor kept as bits, what autograd saves, and gathered linear layers."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import weakref

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

import unisnn
from benchmarks import gather, memory
from unisnn.core import bits, saved_spikes, sparse
from unisnn.core.spike_tensor import SpikeTensor, add_safe_globals, from_dense, to_dense
from unisnn.snngrow.base.neuron.LIFNode import LIFNode as SNNGrowLIF
from unisnn.spikingjelly.activation_based import functional, layer, neuron, spike_op, surrogate

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16]


def spikes_of(*shape: int, rate: float = 0.3, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(shape, generator=generator) < rate).to(dtype)


def same_bits(x: Tensor, y: Tensor) -> bool:
    pattern = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[x.element_size()]
    same = x.dtype == y.dtype and x.shape == y.shape
    return same and torch.equal(x.contiguous().view(pattern), y.contiguous().view(pattern))


# The packing


@pytest.mark.parametrize("dtype", [*DTYPES, torch.bool, torch.uint8, torch.int64], ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (7,), (8,), (9,), (3, 0, 2), (5, 3, 11)], ids=str)
def test_packing_is_lossless(shape, dtype):
    x = spikes_of(*shape, dtype=dtype)
    packed = bits.pack(x)
    assert packed.dtype == torch.uint8
    assert packed.shape == (-(-x.numel() // 8),)
    assert same_bits(bits.unpack(packed, dtype, shape), x)


def test_each_bit_has_its_place():
    x = torch.eye(8, dtype=torch.bool)
    assert bits.pack(x).tolist() == [1, 2, 4, 8, 16, 32, 64, 128]
    every = torch.arange(256)[:, None] >> torch.arange(8) & 1
    assert bits.pack(every).tolist() == list(range(256))
    assert bits.pack(every.view(-1)[3:-5], padding=8).numel() == 256


def test_bits_of_a_view_that_starts_between_bytes():
    x = spikes_of(64, dtype=torch.bool)
    assert torch.equal(bits.unpack(bits.pack(x[3:43]), torch.bool, (40,)), x[3:43])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"pack: padding=1 is not accepted for 8 elements"):
        bits.pack(torch.ones(8), padding=1)
    with pytest.raises(ValueError, match=r"unpack: shape=\(17,\) is not accepted"):
        bits.unpack(bits.pack(torch.ones(16)), torch.float32, (17,))


STRIDED = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.transpose(1, 3),
    "channels_last": lambda x: x.contiguous(memory_format=torch.channels_last),
    "expanded": lambda x: x[:1].expand(6, *x.shape[1:]),
    "from the middle": lambda x: x[1:3],
}


@pytest.mark.parametrize("how", STRIDED.values(), ids=STRIDED)
def test_strides_come_back(how):
    x = how(spikes_of(4, 3, 5, 2))
    back = bits.unpack_strided(bits.pack_strided(x), x.dtype)
    assert same_bits(back, x)
    assert back.stride() == x.stride()


def test_gaps_are_closed():
    x = spikes_of(6, 9)[:, ::2]
    packed = bits.pack_strided(x)
    assert packed.stride == (5, 1)
    assert same_bits(bits.unpack_strided(packed, x.dtype), x)


# SpikeTensor kept as bits


OPERATIONS = {
    "select": lambda s: s[1],
    "slice": lambda s: s[:, 1:3],
    "mask": lambda s: s[s.to(torch.bool)],
    "view": lambda s: s.view(-1, 4),
    "flatten": lambda s: s.flatten(1),
    "permute": lambda s: s.permute(2, 0, 1),
    "unsqueeze": lambda s: s.unsqueeze(0),
    "expand": lambda s: s[None].expand(3, *s.shape),
    "channels": lambda s: s.transpose(0, 1).contiguous(),
    "clone": lambda s: s.clone(),
    "detach": lambda s: s.detach(),
    "split": lambda s: s.split(2)[1],
    "unbind": lambda s: s.unbind(1)[0],
    "cat": lambda s: torch.cat((s, s)),
    "stack": lambda s: torch.stack((s, s), 1),
    "where": lambda s: torch.where(s.to(torch.bool), s, torch.zeros_like(s)),
    "and": lambda s: torch.logical_and(s, ~s),
    "invert": lambda s: ~s,
    "flip": lambda s: s.flip(0),
    "zeros_like": torch.zeros_like,
    "to": lambda s: s.to("cpu", copy=True),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_spikes_of_bits_are_bits(operation):
    elem = spikes_of(4, 3, 4, dtype=torch.bool)
    expected, found = operation(SpikeTensor(elem)), operation(SpikeTensor(elem, bits=True))
    assert isinstance(found, SpikeTensor)
    assert (found.bits, expected.bits) == (True, False)
    assert found.packed.dtype == torch.uint8
    assert torch.equal(found.elem, expected.elem)
    assert found.shape == found.elem.shape
    assert found.stride() == found.elem.stride()


COMPUTED = {
    "add": lambda s: s + 1.5,
    "sum": lambda s: s.sum(0),
    "matmul": lambda s: s @ torch.ones(4, 2),
    "cast": lambda s: s.half(),
    "mixed": lambda s: to_dense(torch.cat((s, SpikeTensor(torch.ones(1, 3, 4, dtype=torch.bool))))),
    "numpy": lambda s: torch.from_numpy(s.numpy()),
    "list": lambda s: torch.tensor(s.tolist()),
    "pool": lambda s: F.max_pool1d(s, 2),
    "to_dense": lambda s: s.to_dense(torch.float64),
}


@pytest.mark.parametrize("operation", COMPUTED.values(), ids=COMPUTED)
def test_numbers_of_bits_are_the_float_tensors(operation):
    elem = spikes_of(4, 3, 4, dtype=torch.bool)
    assert same_bits(operation(SpikeTensor(elem, bits=True)), operation(SpikeTensor(elem)))


def test_one_bit_a_spike_is_stored_and_views_share_it():
    s = SpikeTensor(spikes_of(100, 80, dtype=torch.bool), bits=True)
    assert s.packed.nbytes == 1000
    for view in (s.view(80, 100), s.t(), s.detach(), s[None]):
        assert view.packed.data_ptr() == s.packed.data_ptr()
    assert s[1:].packed.data_ptr() != s.packed.data_ptr()


def test_bits_refuse_every_write():
    s = SpikeTensor(torch.zeros(8, dtype=torch.bool), bits=True)
    for write in (lambda: s.copy_(torch.ones(8, dtype=torch.bool)), lambda: s.add_(1), lambda: s.zero_()):
        with pytest.raises(TypeError, match="would write into spikes, whose payload is bits"):
            write()


def test_bits_from_dense_and_back():
    x = torch.tensor([[0.0, -2.0, 1.0], [float("nan"), -0.0, 0.5]], requires_grad=True)
    s = from_dense(x, bits=True)
    assert s.bits
    assert s.tolist() == [[0, 1, 1], [1, 0, 0.0 + 1]]
    assert from_dense(s) is s
    whole = from_dense(s, bits=False)
    assert not whole.bits
    assert torch.equal(whole.elem, s.elem)
    assert SpikeTensor.from_dense(whole, torch.float64, True).bits
    weight = torch.randn(2, 3)
    (to_dense(whole) * weight).sum().backward()
    assert torch.equal(x.grad, weight)


def test_copies_and_pickles_of_bits():
    add_safe_globals()
    s = SpikeTensor(spikes_of(50, 9, dtype=torch.bool).t(), torch.float64, bits=True).requires_grad_()
    file = io.BytesIO()
    torch.save(s, file)
    file.seek(0)
    for other in (pickle.loads(pickle.dumps(s)), copy.deepcopy(s), torch.load(file, weights_only=True)):
        assert (other.bits, other.dtype, other.requires_grad, other.stride()) == (
            True,
            torch.float64,
            True,
            s.stride(),
        )
        assert torch.equal(other.elem, s.elem)
        assert other.packed.data_ptr() != s.packed.data_ptr()
    assert repr(s) == repr(SpikeTensor(s.elem, torch.float64).requires_grad_())


def test_bits_compile():
    s = SpikeTensor(spikes_of(8, 8, dtype=torch.bool), bits=True)
    compiled = torch.compile(lambda x: (x + 1) @ x, backend="eager", fullgraph=True)
    dense = s.to_dense()
    assert torch.equal(compiled(s), (dense + 1) @ dense)


def test_layers_of_bits_have_the_dense_gradients():
    torch.manual_seed(0)
    dense = spikes_of(2, 3, 8, 8)
    conv = nn.Conv2d(3, 4, 3)
    grads = []
    for x in (dense, SpikeTensor(dense != 0, bits=True)):
        conv.zero_grad()
        conv(x).square().sum().backward()
        grads.append(conv.weight.grad)
    assert same_bits(*grads)


# What autograd saves


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


@pytest.mark.parametrize("engine", ["fused", "reference"])
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


def test_data_parallel(tmp_path):
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        net = network()
        expected = gradients(net, plainly)
        wrapped = nn.parallel.DistributedDataParallel(net)
        found = gradients(net, lambda _, x: as_bits(wrapped, x))
        assert all(map(same_bits, found, expected))
    finally:
        dist.destroy_process_group()


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


# Gathered linear layers


def dense_and_gathered(x: Tensor, weight: Tensor, bias: Tensor | None, bound: float = 1e-5):
    found = []
    for accept in (0.0, bound):
        leaves = [None if each is None else each.detach().requires_grad_() for each in (x, weight, bias)]
        with sparse.tolerance(accept):
            y = sparse.linear(*leaves)
        y.backward(torch.randn(y.shape, dtype=y.dtype, generator=torch.Generator().manual_seed(2)))
        found.append((y, [each.grad for each in leaves if each is not None]))
    return found


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("shape", [(600, 300), (4, 150, 300)], ids=str)
@pytest.mark.parametrize("biased", [True, False])
def test_gathering_is_within_its_bound_and_has_the_dense_gradients(dtype, shape, biased):
    torch.manual_seed(0)
    x = spikes_of(*shape, rate=0.02, dtype=dtype)
    weight = torch.randn(400, 300, dtype=dtype)
    bias = torch.randn(400, dtype=dtype) if biased else None
    (dense, expected), (found, grads) = dense_and_gathered(x, weight, bias)
    assert type(found.grad_fn).__name__ == "_GatherBackward"
    size = F.linear(x, weight.abs(), None if bias is None else bias.abs())
    assert ((found - dense).abs() <= 1e-5 * size).all()
    assert same_bits(dense, F.linear(x, weight, bias))
    assert all(map(same_bits, grads, expected))


def test_spike_tensors_are_gathered():
    torch.manual_seed(0)
    x, weight = spikes_of(600, 300, rate=0.02), torch.randn(400, 300)
    for kept_as_bits in (False, True):
        with sparse.tolerance(1e-4):
            y = sparse.linear(SpikeTensor(x != 0, bits=kept_as_bits), weight)
        torch.testing.assert_close(y, F.linear(x, weight), rtol=1e-4, atol=1e-5)


def gathers(x: Tensor, weight: Tensor, bound: float) -> bool:
    weight = weight.detach().requires_grad_()
    with sparse.tolerance(bound):
        return type(sparse.linear(x, weight).grad_fn).__name__ == "_GatherBackward"


def test_dense_unless_asked_quick_and_within_the_bound():
    torch.manual_seed(0)
    x, weight = spikes_of(600, 300, rate=0.02), torch.randn(400, 300)
    assert gathers(x, weight, 1e-5)
    assert not gathers(x, weight, 0.0)
    assert not gathers(x, weight, 1e-6)  # up to 15 terms in a row are rounded
    assert not gathers(spikes_of(600, 300, rate=0.2), weight, 1.0)
    assert not gathers(x[:64], weight, 1.0)
    assert not gathers(x, weight[:64], 1.0)
    assert not gathers(x * 2, weight, 1.0)
    assert not gathers(x[0], weight, 1.0)
    assert not gathers(x.half(), weight.half(), 1.0)
    for value in (float("nan"), float("inf")):
        bad = weight.clone()
        bad[3, 5] = value
        assert not gathers(x, bad, 1.0)
    with torch.autocast("cpu"):
        assert not gathers(x, weight, 1.0)


def test_the_bound_belongs_to_the_block():
    assert sparse.accepted() == 0.0
    with sparse.tolerance(1e-5):
        with sparse.tolerance(0):
            assert sparse.accepted() == 0.0
        assert sparse.accepted() == 1e-5
    assert sparse.accepted() == 0.0
    for bound in (-1.0, float("nan"), "1", None, True):
        with pytest.raises(ValueError, match=r"tolerance: bound=.* is not accepted"):
            sparse.tolerance(bound).__enter__()


def test_spikingjellys_linear_gathers_where_it_may():
    torch.manual_seed(0)
    x, linear = spikes_of(600, 300, rate=0.02), spike_op.SpikeLinear(300, 400)
    assert same_bits(linear(x), F.linear(x, linear.weight, linear.bias))
    with sparse.tolerance(1e-5):
        y = linear(x)
    assert type(y.grad_fn).__name__ == "_GatherBackward"
    torch.testing.assert_close(y, F.linear(x, linear.weight, linear.bias), rtol=1e-5, atol=1e-6)


# The figures of docs/spike-tensors.md


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


def test_gathering_is_timed():
    found, chosen = gather.ratio((1024, 512, 512), 0.01, rounds=1)
    assert found > 0
    assert chosen
    assert not gather.ratio((1024, 512, 512), 0.2, rounds=1)[1]
