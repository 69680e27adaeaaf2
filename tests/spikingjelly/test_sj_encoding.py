"""Encoders of ``activation_based``: codes by hand, step modes, what they refuse."""

import copy

import pytest
import torch

from unisnn.spikingjelly.activation_based import encoding, functional

X = torch.tensor([[0.0, 0.125], [0.5, 0.875]])


def test_poisson_draws_once_a_call() -> None:
    torch.manual_seed(4)
    y = encoding.PoissonEncoder()(X)
    torch.manual_seed(4)
    assert torch.equal(y, (torch.rand(2, 2) <= X).float())
    assert encoding.PoissonEncoder("m")(torch.ones(3, 2).double()).eq(1).all()


def test_latency_is_earlier_for_larger_values() -> None:
    encoder = encoding.LatencyEncoder(5)
    code = torch.stack([encoder(X) for _ in range(5)])
    assert code.sum(0).eq(1).all()
    assert code.argmax(0).tolist() == [[4, 4], [2, 0]]
    assert torch.equal(encoder(), code[0])
    encoder.reset()
    assert (encoder.spike, encoder.t) == (None, 0)
    logarithmic = encoding.LatencyEncoder(5, "log")
    times = torch.stack([logarithmic(X) for _ in range(5)]).argmax(0)
    assert times.tolist() == [[4, 2], [1, 0]]


def test_weighted_phase_gives_binary_digits() -> None:
    encoder = encoding.WeightedPhaseEncoder(4)
    digits = torch.stack([encoder(X) for _ in range(4)])
    weights = torch.tensor([0.5, 0.25, 0.125, 0.0625]).view(4, 1, 1)
    assert torch.equal((digits * weights).sum(0), X)
    with pytest.raises(AssertionError, match=r"values from 0 to 0\.75"):
        encoding.WeightedPhaseEncoder(2)(torch.ones(2))


def test_periodic_gives_its_train_over_and_over() -> None:
    encoder = encoding.PeriodicEncoder(torch.eye(3))
    assert torch.equal(torch.stack([encoder() for _ in range(6)]), torch.eye(3).repeat(2, 1))
    functional.reset_net(encoder)
    assert torch.equal(encoder(2 * torch.eye(3)), 2 * torch.eye(3)[0])
    assert torch.equal(encoder(), 2 * torch.eye(3)[1])


@pytest.mark.parametrize("steps", [2, 4, 7])
def test_all_steps_at_once(steps: int) -> None:
    x = X.expand(steps, 2, 2)
    for one, many in (
        (encoding.LatencyEncoder(4), encoding.LatencyEncoder(4, step_mode="m")),
        (encoding.WeightedPhaseEncoder(3), encoding.WeightedPhaseEncoder(3, "m")),
    ):
        assert torch.equal(many(x), torch.stack([one(step) for step in x]))
        assert one.t == many.t == steps % one.T
        assert torch.equal(copy.deepcopy(many).spike, one.spike)


def test_refusals_name_what_is_accepted() -> None:
    with pytest.raises(AssertionError, match=r"T=0 .* an int from 1 on"):
        encoding.LatencyEncoder(0)
    with pytest.raises(NotImplementedError, match="enc_function='cubic'"):
        encoding.LatencyEncoder(3, "cubic")
    with pytest.raises(TypeError, match="x=None is not accepted in the first call"):
        encoding.LatencyEncoder(3)()
    with pytest.raises(ValueError, match="step_mode"):
        encoding.PoissonEncoder("x")
    with pytest.raises(NotImplementedError, match="single_step_encode"):
        encoding.StatefulEncoder(3)(X)
    with pytest.raises(NotImplementedError, match="forward"):
        encoding.StatelessEncoder()(X)
