"""Tempotrons and Gaussian tuning curves: against their equations, written out."""

from __future__ import annotations

import math

import pytest
import torch

from unisnn.core import timing
from unisnn.spikingjelly import event_driven, timing_based
from unisnn.spikingjelly.event_driven import encoding as old_encoding
from unisnn.spikingjelly.event_driven import neuron as old_neuron
from unisnn.spikingjelly.timing_based.encoding import GaussianTuning
from unisnn.spikingjelly.timing_based.neuron import Tempotron


def test_both_paths_name_the_same_classes():
    assert old_neuron.Tempotron is Tempotron
    assert old_encoding.GaussianTuning is GaussianTuning
    assert timing_based.__all__ == event_driven.__all__ == []


def test_one_spike_through_a_weight_of_one_just_fires():
    made = Tempotron(1, 1, 400, tau=15.0, tau_s=3.75, v_threshold=1.5)
    with torch.no_grad():
        made.fc.weight.fill_(1.0)
    v = made(torch.tensor([[0.0]]), "v")[0, 0].detach()
    t_max = 15.0 * 3.75 * math.log(4.0) / 11.25
    assert int(v.argmax()) == round(t_max)
    assert 1.49 < float(v.max()) <= 1.5
    assert float(v[0]) == 0.0


def test_the_potential_is_the_sum_over_spikes_and_silence_adds_nothing():
    torch.manual_seed(0)
    made = Tempotron(3, 2, 12, tau=7.0, tau_s=2.0).requires_grad_(False)
    spikes = torch.tensor([[1.5, 4.0, -1.0], [-3.0, -1.0, -2.0]])
    v = made(spikes, "v")
    assert v.shape == (2, 2, 12)
    assert not v[1].any()
    for o in range(2):
        for t in range(12):
            terms = [
                float(made.fc.weight[o, i]) * made.v0 * (math.exp(-(t - s) / 7) - math.exp(-(t - s) / 2))
                for i, s in enumerate((1.5, 4.0))
                if t >= s
            ]
            assert float(v[0, o, t]) == pytest.approx(sum(terms), abs=1e-6)
    assert torch.equal(made(spikes, "v_max"), v.max(2).values)


def test_spike_times_are_negative_where_the_threshold_is_not_reached():
    v = torch.zeros(2, 2, 6)
    v[0, 0, 3], v[0, 1, 4], v[1, 0, 5] = 1.0, 0.5, 2.0
    assert timing.peak_time(v, 1.0).tolist() == [[3.0, -4.0], [5.0, 0.0]]
    leaf = v.requires_grad_()
    timing.peak_time(leaf, 1.0)[0, 0].backward()
    p = torch.softmax(v.detach()[0, 0] * 6, 0)
    mean = (p * torch.arange(6)).sum()
    assert torch.allclose(leaf.grad[0, 0], 6 * p * (torch.arange(6) - mean), atol=1e-5)


def test_one_neuron_gives_one_column():
    assert Tempotron(3, 1, 5)(torch.rand(4, 3), "spikes").shape == (4, 1)


def test_the_loss_counts_wrong_neurons_alone():
    v_max = torch.tensor([[1.2, 0.3, 0.9], [0.1, 1.0, 2.0]])
    found = Tempotron.mse_loss(v_max, 1.0, torch.tensor([1, 2]), 3)
    assert found.item() == pytest.approx((0.2**2 + 0.7**2 + 0.0) / 2)


def test_a_tempotron_learns_two_patterns():
    torch.manual_seed(1)
    made = Tempotron(20, 2, 50)
    spikes, label = torch.rand(8, 20) * 50, torch.arange(8) % 2
    optimizer = torch.optim.Adam(made.parameters(), lr=0.05)
    for _ in range(120):
        optimizer.zero_grad()
        made.mse_loss(made(spikes, "v_max"), made.v_threshold, label, 2).backward()
        optimizer.step()
    assert torch.equal(made(spikes, "v_max").argmax(1), label)


def test_the_best_curve_spikes_first():
    made = GaussianTuning(2, 6, torch.tensor([0.0, -1.0]), torch.tensor([1.0, 3.0]))
    assert made.mu[0].tolist() == pytest.approx([-0.125, 0.125, 0.375, 0.625, 0.875, 1.125])
    assert made.sigma2[1].tolist() == pytest.approx([4 / 9] * 6)
    times = made.encode(torch.tensor([[[0.375, 0.9], [-0.5, 3.0]]]), 100)
    assert times.shape == (1, 2, 2, 6)
    assert times[0, 0, 0, 2] == 0
    assert times[0, 1, 0, 1] == 0
    assert times[0, 0, 0, 5] == -1
    expected = round((1 - math.exp(-(0.25**2) / 2 / float(made.sigma2[0, 0]))) * 100)
    assert times[0, 0, 0, 1] == expected


@pytest.mark.parametrize(
    ("call", "kind", "told"),
    [
        (lambda: Tempotron(2, 2, 5, tau=3.0, tau_s=3.0), ValueError, "tau=3.0 with tau_s=3.0"),
        (lambda: Tempotron(2, 2, 5, tau=-1.0), ValueError, "greater than 0"),
        (lambda: Tempotron(2, 2, 5)(torch.rand(1, 2), "spike"), ValueError, "ret_type='spike'"),
        (lambda: GaussianTuning(1, 2, torch.zeros(1), torch.ones(1)), AssertionError, "m=2"),
        (lambda: GaussianTuning(2, 4, torch.zeros(3), torch.ones(3)), RuntimeError, r"x_min of shape \[3\]"),
        (
            lambda: GaussianTuning(2, 4, torch.zeros(2), torch.ones(2)).encode(torch.rand(2, 3)),
            RuntimeError,
            r"x of shape \[2, 3\]",
        ),
    ],
)
def test_what_is_refused_is_named(call, kind, told):
    with pytest.raises(kind, match=told):
        call()
