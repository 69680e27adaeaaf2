"""Memories: registered, read like attributes, reset, detached, moved, copied and never saved."""

import copy
import pickle

import pytest
import torch
from torch import nn

from unisnn.core.memory import MemoryModule, fill_like
from unisnn.core.scan import scan


class Integrator(MemoryModule):
    """Sums its inputs through a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.register_memory("v", 0.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add one input."""
        self.v = fill_like(self.v, x) + self.linear(x)
        return self.v


def test_a_memory_reads_and_writes_like_an_attribute() -> None:
    module = Integrator()
    assert module.v == 0.0
    module.v = 2.5
    assert module.v == 2.5
    assert module._memories == {"v": 2.5}
    assert "v" not in vars(module)
    assert "v" in dir(module)
    assert list(module.memories()) == [2.5]
    assert dict(module.named_memories()) == {"v": 2.5}


def test_a_memory_is_not_saved() -> None:
    module = Integrator()
    module(torch.ones(2, 3))
    assert list(module.state_dict()) == ["linear.weight", "linear.bias"]


@pytest.mark.parametrize("name", ["v", "linear", "forward"])
def test_a_taken_name_is_refused(name: str) -> None:
    with pytest.raises(AssertionError, match=f"{name} has been set as a member variable!"):
        Integrator().register_memory(name, 1.0)


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        Integrator().nothing  # noqa: B018


def test_reset_restores_a_copy_of_the_reset_value() -> None:
    module = Integrator()
    start = torch.zeros(2, 3)
    module.set_reset_value("v", start)
    assert module.v == 0.0, "the present value stays until reset"
    start += 1.0
    module.reset()
    assert torch.equal(module.v, torch.zeros(2, 3))
    module.v += 5.0
    module.reset()
    assert torch.equal(module.v, torch.zeros(2, 3))


def test_a_reset_value_without_a_memory_has_no_effect() -> None:
    module = Integrator()
    module.set_reset_value("u", 1.0)
    module.reset()
    assert not hasattr(module, "u")
    assert dict(module.named_memories()) == {"v": 0.0}


def test_deleting_forgets_value_and_reset_value() -> None:
    module = Integrator()
    del module.v
    assert not hasattr(module, "v")
    assert module._memories_rv == {}
    module.register_memory("v", 1.0)
    del module.linear
    assert not hasattr(module, "linear")


def test_detach_is_in_place_and_cuts_the_graph() -> None:
    module = Integrator()
    module(torch.ones(2, 3))
    state = module.v
    assert state.grad_fn is not None
    module.detach()
    assert module.v is state
    assert not state.requires_grad


def test_detach_works_on_a_view() -> None:
    module = Integrator()
    module.v = torch.ones(2, 3, requires_grad=True).unbind(0)[0]
    module.detach()
    assert not module.v.requires_grad


def test_moving_takes_tensor_memories_and_leaves_reset_values() -> None:
    module = Integrator()
    module.set_reset_value("v", torch.ones(2, 3))
    module.reset()
    module.double()
    assert module.v.dtype == torch.float64
    assert module.linear.weight.dtype == torch.float64
    assert module._memories_rv["v"].dtype == torch.float32


def test_copies_and_pickles_keep_the_state_and_share_nothing() -> None:
    module = Integrator()
    module(torch.ones(2, 3))
    module.detach()
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(other.v, module.v)
        assert other.v is not module.v
        assert other.linear is not module.linear
        other.reset()
        assert isinstance(module.v, torch.Tensor)


def test_a_deep_copy_of_a_graph_is_refused_and_says_what_to_do() -> None:
    module = Integrator()
    module(torch.ones(2, 3))
    with pytest.raises(RuntimeError, match=r"the memory .v. is attached .* call reset\(\) or detach"):
        copy.deepcopy(nn.Sequential(module))


def test_a_deep_copy_keeps_shared_modules_shared() -> None:
    module = Integrator()
    pair = copy.deepcopy(nn.ModuleList([module, module]))
    assert pair[0] is pair[1]


def test_a_replica_starts_with_the_values_in_a_dict_of_its_own() -> None:
    module = Integrator()
    module(torch.ones(2, 3))
    replica = module._replicate_for_data_parallel()
    assert replica.v is module.v
    replica.v = 1.0
    assert isinstance(module.v, torch.Tensor)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int64])
def test_a_float_fills_a_tensor_like_the_input(dtype: torch.dtype) -> None:
    x = torch.ones(2, 0, 3, dtype=dtype)
    state = fill_like(0.75, x)
    assert (state.shape, state.dtype) == (x.shape, dtype)
    kept = torch.ones(1)
    assert fill_like(kept, x) is kept
    assert fill_like(None, x) is None
    assert not fill_like(1.0, torch.ones(2, requires_grad=True)).requires_grad


def test_scan_is_the_loop_over_time() -> None:
    x = torch.arange(6.0).view(3, 2).requires_grad_()
    module = Integrator()
    module.linear = nn.Identity()  # type: ignore[assignment]
    y = scan(module, x)
    assert torch.equal(y, x.cumsum(0))
    y.sum().backward()
    assert torch.equal(x.grad, torch.tensor([[3.0, 3.0], [2.0, 2.0], [1.0, 1.0]]))


@pytest.mark.parametrize("shape", [(0, 3), ()])
def test_scan_refuses_a_sequence_without_time_steps(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"Owner: an input of shape .* at least one time step"):
        scan(lambda x: x, torch.zeros(shape), "Owner")
