"""Sums of a learned time constant's terms: the library's have torch's bits, or torch makes them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import unisnn
from unisnn.core.engines import _codes, _library, native
from unisnn.spikingjelly.activation_based import neuron, surrogate

built = pytest.mark.skipif(not native.available(), reason=f"the native engine is not here: {native.reason()}")
DTYPES = (torch.float32, torch.float64)


@pytest.fixture
def alone():
    """One thread: torch's threads share a long sum."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def summed(row):
    levels = torch.zeros(_library.sum_levels(row.dtype), dtype=row.dtype)
    total = torch.empty((), dtype=row.dtype)
    _library.kernels(row.dtype).sum(row.data_ptr(), row.numel(), levels.data_ptr(), total.data_ptr())
    return total


@built
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_processor_with_avx2_has_the_sums(alone, dtype):
    vectors = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")
    assert _library.sums(dtype, 400_000) or not vectors


@built
@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(DTYPES),
    st.one_of(st.integers(32, 5000), st.integers(32, 400_000)),
    st.integers(0, 2**31),
    st.floats(0, 6),
)
def test_the_librarys_sum_is_torchs(dtype, n, seed, spread):
    if not _library.sums(dtype, 400_000):
        return  # another processor, where torch makes the sums: see the test above
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        generator = torch.Generator().manual_seed(seed)
        row = torch.randn(n, dtype=dtype, generator=generator)
        row *= torch.randn(n, dtype=dtype, generator=generator).mul_(spread).exp_()
        assert torch.equal(summed(row), row.sum())
    finally:
        torch.set_num_threads(threads)


def gradients(engine, x, reset=0.0):
    node = neuron.ParametricLIFNode(step_mode="m", surrogate_function=surrogate.ATan(), v_reset=reset)
    leaf = x.clone().requires_grad_()
    with unisnn.engine(engine):
        y = node.to(x.dtype)(leaf)
        (y * torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view_as(y)).sum().backward()
    return leaf.grad, node.w.grad


@built
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reset", [0.0, 0.3, None])
@pytest.mark.parametrize("n", [1, 7, 31, 32, 513, 1536, 40_003])
def test_the_gradient_of_w_is_the_loops(alone, dtype, reset, n):
    x = torch.randn(6, n, dtype=dtype, generator=torch.Generator().manual_seed(n)) + 0.6
    assert all(map(torch.equal, gradients("native", x, reset), gradients("reference", x, reset)))


@built
@pytest.mark.parametrize("n", [600, 40_003])
def test_torch_sums_where_the_librarys_bits_are_not_its(alone, monkeypatch, n):
    x = torch.randn(6, n) + 0.6
    expected = gradients("native", x)
    asked = []
    monkeypatch.setattr(_library, "sums", lambda *given: bool(asked.append(given)))
    assert all(map(torch.equal, gradients("native", x), expected))
    assert asked == [(torch.float32, n)]


@built
def test_a_sum_with_other_bits_is_found_out(monkeypatch):
    real = _library.kernels(torch.float32)
    wrong = real._replace(sum=lambda row, n, levels, total: real.sum(row, n - 1, levels, total))
    monkeypatch.setattr(_library, "kernels", lambda dtype: wrong)
    assert not _library._adds_up.__wrapped__(torch.float32, _library._LENGTHS[0])
    monkeypatch.setattr(_library, "kernels", lambda dtype: None)
    assert not _library._adds_up.__wrapped__(torch.float32, _library._LENGTHS[0])


def test_no_row_is_added_here_that_torch_would_add_in_another_order(monkeypatch):
    compared = []
    monkeypatch.setattr(_library, "sums", lambda dtype, longest: compared.append(longest) is None)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    width = 128 // torch.float32.itemsize
    assert not native._adds(torch.float32, width - 1), "torch adds so few one by one"
    assert not native._adds(torch.float32, (width << 19) + 1), "torch makes larger chunks of so many"
    assert not compared
    assert native._adds(torch.float32, 1 << 20)
    assert compared == [(1 << 15) - 1], "torch's threads share what is longer"


@built
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_first_potential_may_be_a_number(dtype):
    x = torch.randn(4, 33, dtype=dtype) + 0.5
    results = []
    for engine in ("native", "reference"):
        node = neuron.ParametricLIFNode(step_mode="m", v_reset=-0.7)
        leaf = x.clone().requires_grad_()
        node.v = 0.1
        with unisnn.engine(engine):
            y = node.to(dtype)(leaf)
            (y.sum() + node.v.sum()).backward()
        results.append((y.detach(), node.v.detach(), leaf.grad, node.w.grad))
    assert all(map(torch.equal, *results))


def test_a_number_is_told_to_the_library():
    plan = neuron.LIFNode()._plan()
    chosen = _codes.surrogate(plan, needed=False)
    words = {_codes.constants(plan, None, chosen, first) for first in (0.0, 0.25, None, torch.ones(3))}
    assert len(words) == 2
