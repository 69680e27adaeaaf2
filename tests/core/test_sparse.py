"""Gathered linear layers: only if asked, within the stated bound, and with the dense gradients."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks import gather
from unisnn.core import sparse
from unisnn.core.spike_tensor import SpikeTensor
from unisnn.spikingjelly.activation_based import spike_op


def spikes_of(*shape: int, rate: float = 0.3, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(shape, generator=generator) < rate).to(dtype)


def same_bits(x: Tensor, y: Tensor) -> bool:
    pattern = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[x.element_size()]
    same = x.dtype == y.dtype and x.shape == y.shape
    return same and torch.equal(x.contiguous().view(pattern), y.contiguous().view(pattern))


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


def test_gathering_is_timed():
    found, chosen = gather.ratio((1024, 512, 512), 0.01, rounds=1)
    assert found > 0
    assert chosen
    assert not gather.ratio((1024, 512, 512), 0.2, rounds=1)[1]
