"""Spikes as bits: the packing, and SpikeTensor kept as bits."""

from __future__ import annotations

import copy
import io
import pickle

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unisnn.core import bits
from unisnn.core.spike_tensor import SpikeTensor, add_safe_globals, from_dense, to_dense

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
