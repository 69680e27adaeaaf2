"""Blocks of memory that are used again, and gradients that take the memory of what was kept for them."""

from __future__ import annotations

import gc

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

import unisnn
from unisnn.core import engines
from unisnn.core.engines import _kept, _spent, fused, native
from unisnn.spikingjelly.activation_based import neuron, surrogate

SHAPE = (4, 8, 4096)  # half a MiB
MIB = 1 << 20


@pytest.fixture(autouse=True)
def _empty():
    """No block from another test, and the limit that the environment gives."""
    engines.release()
    _kept._limit.cache_clear()
    yield
    engines.release()
    _kept._limit.cache_clear()


def fresh(*shape, dtype=torch.float32):
    return _kept.empty_like(torch.empty(*(shape or SHAPE), dtype=dtype))


def test_a_block_is_used_again_once_nothing_refers_to_it():
    first = fresh()
    place = first.data_ptr()
    second = fresh()
    assert second.data_ptr() != place
    del first
    third = fresh()
    assert third.data_ptr() == place
    del second, third
    assert fresh(dtype=torch.float16).data_ptr() != place, "another size"


@pytest.mark.parametrize(
    "hold",
    [
        lambda t: t,
        lambda t: t[1, 2:3],
        lambda t: t.detach(),
        lambda t: t.numpy(),
        lambda t: t.untyped_storage(),
        lambda t: torch.nn.Parameter(t),
        lambda t: memoryview(t.numpy()),
    ],
    ids=["itself", "a view", "detached", "an array", "its storage", "a parameter", "a buffer"],
)
def test_a_block_in_use_is_left_alone(hold):
    tensor = fresh()
    place, held = tensor.data_ptr(), hold(tensor)
    del tensor
    assert fresh().data_ptr() != place
    del held
    gc.collect()
    assert place in {each.data_ptr() for each in [fresh(), fresh()]}


def test_a_result_is_an_ordinary_tensor():
    like = torch.empty(SHAPE, dtype=torch.float64)
    tensor = _kept.empty_like(like)
    assert (tensor.shape, tensor.dtype, tensor.stride()) == (like.shape, like.dtype, like.stride())
    assert tensor.untyped_storage().nbytes() == tensor.nbytes
    assert not tensor.requires_grad
    assert tensor.resize_(2 * tensor.numel()).numel() == 2 * like.numel()
    assert _kept.empty_like(like).untyped_storage().nbytes() == like.nbytes, "not the block that was resized"


def test_a_block_that_went_to_another_process_stays_there():
    tensor = fresh()
    tensor.share_memory_()
    place = tensor.data_ptr()
    del tensor
    assert fresh().data_ptr() != place
    assert not any(block.is_shared() for blocks in _kept._here().blocks.values() for block in blocks)


def test_a_forked_process_has_a_store_of_its_own(monkeypatch):
    fresh()
    mine = _kept._here()
    with mine.lock:  # as another thread may have it when the process forks
        monkeypatch.setattr(_kept.os, "getpid", lambda: mine.process + 1)
        fresh()
        theirs = _kept._here()
        engines.release()
    assert theirs.blocks is not mine.blocks
    assert len(mine.blocks) == 1


def test_no_more_is_kept_than_the_limit(monkeypatch):
    monkeypatch.setenv("UNISNN_KEEP_MIB", "2")
    held = [fresh() for _ in range(6)]
    assert sum(map(len, _kept._here().blocks.values())) == 4
    del held
    one = fresh(3, MIB // 8)  # 1.5 MiB of another size: the free ones make room
    assert sum(size * len(blocks) for size, blocks in _kept._here().blocks.items()) <= 2 * MIB
    assert one.untyped_storage().nbytes() in _kept._here().blocks
    fresh(3, MIB)
    assert 12 * MIB not in _kept._here().blocks, "more than the limit is never kept"


@pytest.mark.parametrize("given", ["-1", "much", "1.5"])
def test_a_limit_that_is_no_number_is_refused(monkeypatch, given):
    monkeypatch.setenv("UNISNN_KEEP_MIB", given)
    with pytest.raises(
        ValueError, match=r"UNISNN_KEEP_MIB=.* is not accepted; expected a whole number of MiB"
    ):
        fresh()


def test_nothing_is_kept_at_a_limit_of_zero_or_without_a_count(monkeypatch):
    monkeypatch.setenv("UNISNN_KEEP_MIB", "0")
    fresh()
    _kept._limit.cache_clear()
    monkeypatch.delenv("UNISNN_KEEP_MIB")
    monkeypatch.setattr(_kept, "use_count", None)
    fresh()
    assert not _kept._here().blocks


def test_small_results_are_the_allocators():
    fresh(8, 8)
    assert not _kept._here().blocks


def test_release_gives_back_what_is_free_and_leaves_what_is_used():
    used = fresh().fill_(3.0)
    fresh()
    engines.release()
    assert not _kept._here().blocks
    assert used.eq(3.0).all()


@pytest.mark.parametrize("name", ["fused", "native"])
def test_outputs_of_two_calls_do_not_share_memory(name):
    x = torch.randn(SHAPE) + 0.5
    node = neuron.LIFNode(step_mode="m")
    with unisnn.engine("reference"):
        expected = node(x)
    node.reset()
    with choose(name):
        one = node(x)
        node.reset()
        two = node(2 * x)
    assert one.data_ptr() != two.data_ptr()
    assert torch.equal(one, expected)


def choose(name):
    """Return the engine; the default one, which is fused then, where there is no native one."""
    missing = engines.status()["engines"][name]
    return unisnn.engine("auto" if missing else name)


class Run:
    """A forward pass; ``h`` lies where autograd keeps the charged potential."""

    def __init__(self, x, kind=neuron.LIFNode):
        self.x = x.clone().requires_grad_()
        self.node = kind(step_mode="m", surrogate_function=surrogate.ATan())
        self.y = self.node(self.x)

    @property
    def h(self):
        return self.y.grad_fn.saved_tensors[0].data_ptr()

    def back(self, **given):
        self.x.grad = None
        self.y.backward(torch.ones_like(self.y), **given)
        return self.x.grad


@pytest.fixture
def x():
    return torch.randn(5, 3, 17, generator=torch.Generator().manual_seed(0)) + 0.5


@pytest.fixture
def expected(x):
    with unisnn.engine("reference"):
        return Run(x).back().clone()


@pytest.mark.parametrize("name", ["fused", "native"])
@pytest.mark.parametrize("kind", [neuron.IFNode, neuron.LIFNode, neuron.ParametricLIFNode, neuron.QIFNode])
def test_the_last_backward_pass_writes_over_the_potential(name, kind, x):
    with unisnn.engine("reference"):
        wanted = Run(x, kind).back()
    with choose(name):
        run = Run(x, kind)
        place = run.h
        gradient = run.back()
    assert gradient.data_ptr() == place
    assert torch.equal(gradient, wanted)


@pytest.mark.parametrize("name", ["fused", "native"])
def test_a_graph_that_is_kept_gives_the_gradient_again(name, x, expected):
    with choose(name):
        run = Run(x)
        place = run.h
        first = run.back(retain_graph=True)
        assert first.data_ptr() != place
        again = run.back(retain_graph=True)
        last = run.back()
    assert last.data_ptr() == place
    assert all(torch.equal(gradient, expected) for gradient in (first, again, last))


@pytest.mark.parametrize("name", ["fused", "native"])
def test_a_saved_tensor_that_somebody_holds_stays_as_it_is(name, x, expected):
    with choose(name):
        run = Run(x)
        held = run.y.grad_fn.saved_tensors[0]
        before = held.detach().clone()
        assert torch.equal(run.back(), expected)
    assert torch.equal(held, before)


@pytest.mark.parametrize("name", ["fused", "native"])
def test_a_tensor_that_hooks_saw_stays_as_it_is(name, x, expected):
    seen = []

    def pack(tensor):
        seen.append((tensor, tensor.detach().clone()))
        return tensor

    with choose(name), saved_tensors_hooks(pack, lambda tensor: tensor):
        run = Run(x)
    assert torch.equal(run.back(), expected)
    assert seen
    assert all(torch.equal(tensor, before) for tensor, before in seen)


@pytest.mark.parametrize("name", ["fused", "native"])
def test_a_backward_pass_that_was_broken_off_is_not_taken_up_again(name, monkeypatch, x):
    def interrupted(*given, **named):
        raise KeyboardInterrupt

    with choose(name):
        run = Run(x)
        with monkeypatch.context() as broken:
            for module in (fused, native):
                broken.setattr(module, "backward", interrupted)
            with pytest.raises(KeyboardInterrupt):
                run.back()
        with pytest.raises(RuntimeError, match=r"broken off while .* run the forward pass again"):
            run.back()


@pytest.mark.parametrize("lacks", ["_keeps_graph", "_count", "_hooks"])
def test_a_torch_that_does_not_tell_has_its_tensors_left_alone(monkeypatch, lacks, x, expected):
    monkeypatch.setattr(_spent, lacks, None)
    with unisnn.engine("fused"):
        run = Run(x)
        place = run.h
        gradient = run.back()
    assert gradient.data_ptr() != place
    assert torch.equal(gradient, expected)


def test_what_refers_to_a_saved_tensor_is_counted_not_supposed():
    assert _spent._owners.__wrapped__() == _spent._owners() >= 2
    with torch.inference_mode():
        assert _spent._owners.__wrapped__() == _spent._owners()
