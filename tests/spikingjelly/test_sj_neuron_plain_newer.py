"""Ternary, half-threshold, resonating and simple neurons against loops written out here."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

from unisnn.spikingjelly.activation_based import neuron

T = 8


def drawn(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 1.5


@pytest.mark.parametrize("v_reset", [None, 0.0, 0.2])
@pytest.mark.parametrize("step_mode", ["s", "m"])
def test_ternary_if_fires_both_ways(v_reset: float | None, step_mode: str) -> None:
    x = drawn(T, 20)
    node = neuron.TernaryIFNode(0.8, v_reset, step_mode=step_mode)
    y = node(x) if step_mode == "m" else torch.stack([node(step) for step in x])
    v = torch.full((20,), v_reset or 0.0)
    for t in range(T):
        v = v + x[t]
        s = (v >= 0.8).float() - (v <= -0.8).float()
        v = v - 0.8 * s if v_reset is None else torch.where(s == 0, v, torch.tensor(v_reset))
        assert torch.equal(y[t], s)
    torch.testing.assert_close(node.v, v)
    assert set(y.unique().tolist()) == {-1.0, 0.0, 1.0}


@pytest.mark.parametrize("decay_input", [True, False])
def test_ternary_lif_leaks(decay_input: bool) -> None:
    x = drawn(T, 20)
    node = neuron.TernaryLIFNode(1.7, decay_input, 0.4, None)
    v = torch.zeros(20)
    for step in x:
        v = v + (step - v) / 1.7 if decay_input else v - v / 1.7 + step
        s = (v >= 0.4).float() - (v <= -0.4).float()
        v = v - 0.4 * s
        assert torch.equal(node(step), s)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: neuron.TernaryIFNode(v_threshold=1), TypeError),  # type: ignore[arg-type]
        (lambda: neuron.TernaryIFNode(v_threshold=math.inf), ValueError),
        (lambda: neuron.TernaryIFNode(v_reset=1.0), ValueError),
        (lambda: neuron.TernaryLIFNode(tau=1.0), ValueError),
        (lambda: neuron.HalfThresholdIFNode("high"), TypeError),
        (lambda: neuron.HalfThresholdIFNode(torch.ones(2)), ValueError),
        (lambda: neuron.HalfThresholdIFNode(0), ValueError),
        (lambda: neuron.RAFNode(b=0.1), AssertionError),
        (lambda: neuron.SimpleIFNode(step_mode="x"), ValueError),
    ],
)
def test_bad_arguments_are_named(make: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"=|step_mode"):
        make()


@pytest.mark.parametrize("threshold", [1, 1.5, torch.tensor(1.5)])
def test_half_threshold_starts_halfway_again_and_again(threshold: Any) -> None:
    node = neuron.HalfThresholdIFNode(threshold)
    assert node.v == float(threshold) / 2
    x = drawn(T, 9)
    first = torch.stack([node(step) for step in x])
    node.reset()
    assert node.v == float(threshold) / 2
    v = torch.full((9,), float(threshold) / 2)
    for t in range(T):
        v = v + x[t]
        s = (v >= float(threshold)).float()
        v = v - s * float(threshold)
        assert torch.equal(first[t], s)


def test_resonate_and_fire_is_a_damped_rotation() -> None:
    node = neuron.RAFNode(-0.1, 2.0, 0.5, v_threshold=1e9)
    z = torch.zeros(5, dtype=torch.complex128)
    for step in drawn(T, 5).double():
        z = z * complex(math.e) ** complex(-0.05, 1.0) + step
        assert not node(step).any()
        torch.testing.assert_close(torch.complex(node.u, node.v), z)
    node.reset()
    assert node.u == node.v == 0.0
    resonating, detuned = neuron.RAFNode(-0.05, 1.0), neuron.RAFNode(-0.05, 2.5)
    wave = torch.sin(torch.arange(60.0)).unsqueeze(1) * 0.3
    assert sum(resonating(x) for x in wave) > sum(detuned(x) for x in wave)


def test_a_simple_node_needs_a_charge_equation_only() -> None:
    with pytest.raises(NotImplementedError, match="neuronal_charge"):
        neuron.SimpleBaseNode()(torch.ones(2))

    class Quarter(neuron.SimpleBaseNode):
        def neuronal_charge(self, x: Tensor) -> None:
            self.v = self.v + 0.25 * x

    node = Quarter(v_threshold=0.5, step_mode="m")
    assert node(torch.ones(4, 1)).flatten().tolist() == [0.0, 1.0, 0.0, 1.0]
    x = drawn(T, 9)
    for simple, full in (
        (neuron.SimpleIFNode(0.7, None), neuron.IFNode(0.7, None)),
        (neuron.SimpleLIFNode(1.7, True, 0.7), neuron.LIFNode(1.7, True, 0.7)),
        (neuron.SimpleLIFNode(2.0, False, 0.7, None), neuron.LIFNode(2.0, False, 0.7, None)),
    ):
        for step in x:
            assert torch.equal(simple(step), full(step))
        torch.testing.assert_close(simple.v, full.v)


@pytest.mark.parametrize(
    "make",
    [
        neuron.TernaryIFNode,
        neuron.TernaryLIFNode,
        neuron.HalfThresholdIFNode,
        neuron.RAFNode,
        neuron.SimpleIFNode,
        lambda: neuron.SimpleLIFNode(2.0, True),
    ],
)
def test_they_are_copied_pickled_and_not_described(make: Any) -> None:
    node = make()
    x = drawn(5)
    first = node(x)
    node.reset()
    for copied in (copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
        assert torch.equal(copied(x), first)
        assert repr(copied) == repr(node)
    with pytest.raises(TypeError, match="no neutral description"):
        node.__describe__()
