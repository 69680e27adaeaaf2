"""Parallel, gated, two-state, online and rate-trained neurons against loops written out here."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from unisnn.core import neuron_parallel, neuron_rate
from unisnn.spikingjelly.activation_based import base, functional, neuron, surrogate

T = 6


def drawn(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 1.5


def by_steps(node: Any, x_seq: Tensor) -> Tensor:
    return torch.stack([node(x) for x in x_seq])


NODES: dict[str, Callable[[], Any]] = {
    "PSN": lambda: neuron.PSN(T),
    "MaskedPSN": lambda: neuron.MaskedPSN(3, T, 1.0, step_mode="m"),
    "SlidingPSN": lambda: neuron.SlidingPSN(3, step_mode="m"),
    "GatedLIFNode": lambda: neuron.GatedLIFNode(T),
    "CUBALIFNode": lambda: neuron.CUBALIFNode(),
    "ComplementaryLIFNode": lambda: neuron.ComplementaryLIFNode(),
    "OTTTLIFNode": lambda: neuron.OTTTLIFNode(),
    "SLTTLIFNode": lambda: neuron.SLTTLIFNode(),
    "DSRIFNode": lambda: neuron.DSRIFNode(T),
    "DSRLIFNode": lambda: neuron.DSRLIFNode(T),
}


def test_psn_sees_every_step() -> None:
    node = neuron.PSN(T)
    x = drawn(T, 4, 3)
    h = torch.einsum("ij,jkl->ikl", node.weight, x) + node.bias.view(T, 1, 1)
    torch.testing.assert_close(neuron_parallel.charge_in_parallel(x, node.weight, node.bias), h)
    assert torch.equal(node(x), (h >= 0).float())
    assert node.step_mode == "m"
    with pytest.raises(ValueError, match="step_mode"):
        node.step_mode = "s"


@pytest.mark.parametrize("k", [1, 2, 3, 9])
def test_the_band_holds_the_last_k_steps(k: int) -> None:
    mask = neuron_parallel.band(T, k)
    for i in range(T):
        for j in range(T):
            assert mask[i, j] == float(j <= i <= j + k - 1)


def test_masked_psn_mixes_its_mask_and_takes_single_steps_at_the_end() -> None:
    node = neuron.MaskedPSN(3, T, lambda_init=0.25)
    expected = node.weight * (0.25 * node.mask0 + 0.75)
    torch.testing.assert_close(node.masked_weight(), expected)
    with pytest.raises(ValueError, match=r"lambda_=0\.25"):
        node(drawn(4))
    node.lambda_ = 1.0
    assert torch.equal(node.masked_weight(), node.weight * neuron_parallel.band(T, 3))
    x = drawn(T, 4, 3)
    one_by_one = by_steps(node, x)
    with pytest.raises(OverflowError, match="reset"):
        node(x[0])
    functional.reset_net(node)
    node.step_mode = "m"
    assert torch.equal(node(x), one_by_one)
    with pytest.raises(AssertionError, match="T=6 time steps"):
        node(x[:3])
    assert {"weight", "bias", "_lambda_", "mask0", "mask1"} == set(node.state_dict())


@pytest.mark.parametrize("k", [1, 3, 9])
def test_sliding_psn_is_a_causal_convolution(k: int) -> None:
    torch.manual_seed(3)
    node = neuron.SlidingPSN(k, exp_init=False)
    x = drawn(T, 4, 3)
    flat = x.flatten(1).t().unsqueeze(1)
    padded = nn.functional.pad(flat, (k - 1, 0))
    h = (
        nn.functional.conv1d(padded, node.weight.view(1, 1, k), node.bias.view(1))
        .squeeze(1)
        .t()
        .view(x.shape)
    )
    torch.testing.assert_close(neuron_parallel.charge_in_parallel(x, node.gen_gemm_weight(T), node.bias), h)
    one_by_one = by_steps(node, x)
    node.reset()
    node.step_mode = "m"
    assert torch.equal(node(x), one_by_one)


def test_sliding_psn_starts_with_powers_of_two() -> None:
    assert neuron.SlidingPSN(4).weight.tolist() == [0.125, 0.25, 0.5, 1.0]
    assert neuron.SlidingPSN(4).bias.item() == -1.0


def test_gated_lif_draws_its_gates_from_numpy_and_resets_a_step_later() -> None:
    np.random.seed(5)
    node = neuron.GatedLIFNode(T, inplane=2)
    np.random.seed(5)
    gates = [0.2 * (np.random.rand(2) - 0.5) for _ in range(3)]
    for name, gate in zip(("alpha", "beta", "gamma"), gates, strict=True):
        np.testing.assert_allclose(getattr(node, name).detach().numpy(), gate, rtol=1e-6)
    x = drawn(T, 3, 2, 4, 4)
    y = node(x)

    def sig(name: str, t: int | None = None) -> Tensor:
        value = getattr(node, name) if t is None else getattr(node, name)[t]
        return torch.sigmoid(value).view(1, -1, 1, 1)

    v = s = torch.zeros(3, 2, 4, 4)
    for t in range(T):
        i = x[t] * (1 - sig("beta") * (1 - sig("conduct", t)))
        decay = 1 - sig("alpha") * (1 - sig("tau"))
        h = decay * v * (1 - sig("gamma") * s) - (1 - sig("alpha")) * sig("linear_decay") + i
        v = h - (1 - sig("gamma")) * sig("v_subreset") * s
        s = (v >= sig("v_threshold")).float()
        assert torch.equal(y[t], s)
    torch.testing.assert_close(node.v, v)
    with pytest.raises(ValueError, match="T=6"):
        node(x[:4])


@pytest.mark.parametrize("arguments", [{"T": 1.5}, {"T": 2, "init_tau": 1.0}, {"T": 2, "step_mode": "s"}])
def test_gated_lif_refuses(arguments: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="GatedLIFNode"):
        neuron.GatedLIFNode(**arguments)


def test_cuba_lif_filters_its_input_and_has_its_old_name() -> None:
    assert neuron.CLIFNode is neuron.CUBALIFNode
    x = drawn(T, 5)
    node = neuron.CUBALIFNode(0.3, 0.6, 0.8)
    y = by_steps(node, x)
    c = v = torch.zeros(5)
    for t in range(T):
        c = c * 0.3 + x[t]
        v = v * 0.6 + c
        s = (v >= 0.8).float()
        v = v * (1 - s)
        assert torch.equal(y[t], s)
    torch.testing.assert_close(node.v, v)
    node.reset()
    assert node.v == node.c == 0.0


def test_complementary_lif_subtracts_more_the_oftener_it_fires() -> None:
    x = drawn(T, 5).abs()
    node = neuron.ComplementaryLIFNode(1.7, step_mode="m", store_state_seqs=True)
    y = node(x)
    v = m = torch.zeros(5)
    kept = node.state_seqs
    assert kept is not None
    for t in range(T):
        h = v * (1 - 1 / 1.7) + x[t]
        s = (h >= 1.0).float()
        m = m * torch.sigmoid(h / 1.7) + s
        v = h - s * (1.0 + torch.sigmoid(m))
        assert torch.equal(y[t], s)
        torch.testing.assert_close(kept[0][t], v)
        torch.testing.assert_close(kept[1][t], m)
    node.reset()
    assert node.state_seqs is None
    assert node.m == 0.0


def test_online_neurons_cut_the_graph_between_steps() -> None:
    x = drawn(3, 4)
    node = neuron.SLTTLIFNode(1.7)
    for step in x:
        leaf = step.clone().requires_grad_()
        h = node.v if isinstance(node.v, float) else node.v.detach()
        y = node(leaf)
        y.sum().backward()  # a second backward through the step before would fail
        above = h + (step - h) / 1.7 - 1.0
        slope = 4.0 * torch.sigmoid(4.0 * above) * (1 - torch.sigmoid(4.0 * above)) / 1.7
        torch.testing.assert_close(leaf.grad, slope)
    with pytest.raises(AssertionError, match="step_mode"):
        neuron.SLTTLIFNode(step_mode="m")
    node.step_mode = "m"
    with pytest.raises(ValueError, match="expected 's'"):
        node(x)


def test_ottt_hands_a_trace_on_in_training_only() -> None:
    x = drawn(T, 4).abs()
    node = neuron.OTTTLIFNode(1.7)
    trace = torch.zeros(4)
    for step in x:
        spike, given = node(step)
        trace = trace * (1 - 1 / 1.7) + spike
        torch.testing.assert_close(given, trace)
        assert not given.requires_grad
    assert isinstance(node, neuron.LIFNode)
    node.eval()
    assert isinstance(node(x[0]), Tensor)
    node.reset()
    assert node.trace is None


def test_sltt_keeps_its_membrane_potentials_where_asked() -> None:
    node = neuron.SLTTLIFNode(store_v_seq=True)
    x = drawn(T, 4)
    for step in x:
        node(step)
    assert node.v_seq is not None
    assert node.v_seq.shape == x.shape
    node.reset()
    assert node.v_seq is None


def test_dsr_if_is_differentiated_through_its_mean() -> None:
    node = neuron.DSRIFNode(T, v_threshold=1.5)
    x = (drawn(T, 40) + 0.7).requires_grad_()
    y = node(x)
    assert set(y.unique().tolist()) == {0.0, 1.5}
    g = drawn(T, 40, seed=2)
    y.backward(g)
    mean, rate = g.mean(0), x.detach().mean(0)
    inside = (rate >= 0) & (rate <= 1.5)
    assert inside.any()
    assert not inside.all()
    assert x.grad is not None
    assert node.v_threshold.grad is not None
    torch.testing.assert_close(x.grad, (mean * inside).expand(T, 40))
    torch.testing.assert_close(node.v_threshold.grad, (mean * T * (rate > 1.5)).sum())


def test_dsr_lif_weighs_its_rate() -> None:
    weights = torch.tensor([math.exp(-0.05 * (T - 1 - t) / 2.0) for t in range(T)])
    x = drawn(T, 40)
    rate = (weights.view(T, 1) * x).sum(0) / weights.sum()
    torch.testing.assert_close(neuron_rate.weighted_rate(x, 2.0, 0.05), rate)
    torch.testing.assert_close(neuron.DSRLIFNode.weight_rate_spikes(x, 2.0, 0.05), rate)
    node = neuron.DSRLIFNode(T, v_threshold=0.2, v_threshold_training=False)
    leaf = (x * 5).requires_grad_()
    node(leaf).sum().backward()
    highest = 0.2 / 0.05 * 2.0
    inside = (rate * 5 > 0) & (rate * 5 < highest)
    assert leaf.grad is not None
    torch.testing.assert_close(leaf.grad, (0.5 * inside).expand(T, 40))
    assert not list(node.parameters())


def test_a_threshold_cannot_fall_below_its_bound() -> None:
    node = neuron.DSRIFNode(T, v_threshold=1.0, v_threshold_lower_bound=0.5)
    with torch.no_grad():
        node.v_threshold.fill_(-3.0)
    assert node(drawn(T, 9) + 1).max() == 0.5
    node.step_mode = "s"
    with pytest.raises(NotImplementedError):
        node(drawn(9))


@pytest.mark.parametrize("name", NODES)
def test_every_neuron_is_copied_pickled_and_reset(name: str) -> None:
    torch.manual_seed(0)
    node = NODES[name]()
    x = drawn(T, 2, 1, 3, 3)

    def run(one: nn.Module) -> Any:
        functional.reset_net(one)
        return one(x if getattr(one, "step_mode", "m") == "m" else x[0])

    first = run(node)
    functional.reset_net(node)
    for copied in (copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
        assert type(copied) is type(node)
        torch.testing.assert_close(run(copied), first)
    assert type(node).__module__ == "unisnn.spikingjelly.activation_based.neuron"
    assert isinstance(node, base.StepModule)
    assert "(" in repr(node)


@pytest.mark.parametrize("name", NODES)
def test_no_neuron_here_has_a_neutral_description_yet(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name}: .* no neutral description"):
        NODES[name]().__describe__()


def test_surrogates_without_spikes_stay_smooth_in_eval() -> None:
    node = neuron.ComplementaryLIFNode(surrogate_function=surrogate.Sigmoid(spiking=False)).eval()
    y = node(torch.tensor([0.3]))
    assert 0.0 < y.item() < 1.0
