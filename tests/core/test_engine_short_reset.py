"""The fused engine's hard reset to zero in one operation: the loop's bits, and taken back where it errs."""

from __future__ import annotations

import pytest
import torch
from tensor_bits import randn, same

from unisnn.core import engines
from unisnn.core.engines import Plan, _fire, fused
from unisnn.core.surrogate import ATAN
from unisnn.spikingjelly.activation_based import neuron, surrogate

NODES = {
    "IF": neuron.IFNode,
    "LIF": neuron.LIFNode,
    "LIF without decay": lambda **given: neuron.LIFNode(3.0, decay_input=False, **given),
    "PLIF": neuron.ParametricLIFNode,
    "PLIF without decay": lambda **given: neuron.ParametricLIFNode(3.0, decay_input=False, **given),
    "KLIF": lambda **given: neuron.KLIFNode(scale_reset=False, **given),
    "QIF": lambda **given: neuron.QIFNode(v_reset=0.0, **given),
}


@pytest.fixture
def passes(monkeypatch):
    """Keep the resets that blocks were taken through time with: whether each was the short one."""
    seen = []
    real = fused._forward

    def forward(charge, fires, reset, *rest):
        seen.append(reset is fires.short_reset)
        return real(charge, fires, reset, *rest)

    monkeypatch.setattr(fused, "_forward", forward)
    return seen


def results(engine, make, x, train, threshold):
    node = make(
        step_mode="m", store_v_seq=True, surrogate_function=surrogate.ATan(), v_threshold=threshold
    ).train(train)
    leaf = x.clone().requires_grad_(train)
    with engines.engine(engine):
        outputs = [node(leaf), node(leaf * 0.5), node.v, node.v_seq]
    if train:
        torch.autograd.backward(outputs, [randn(*y.shape, dtype=y.dtype) for y in outputs])
    learned = [each.grad for each in node.parameters()]
    return [*outputs, leaf.grad, *learned]


def inputs(dtype):
    x = randn(5, 3, 37, dtype=dtype) * 1.5 + 0.4
    x[:, 0, :8] = torch.tensor([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 1e-42, -1e-42], dtype=dtype)
    return x


@pytest.mark.parametrize("threshold", [1.0, 0.3])
@pytest.mark.parametrize("train", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", NODES)
def test_finite_potentials_take_the_short_way(name, dtype, train, threshold, passes):
    x = inputs(dtype)
    loop = results("reference", NODES[name], x, train, threshold)
    ran = results("fused", NODES[name], x, train, threshold)
    assert all(map(same, loop, ran))
    assert passes == [True, True]


@pytest.mark.parametrize("train", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("value", [-torch.inf, torch.nan, torch.inf])
@pytest.mark.parametrize("name", NODES)
def test_what_is_not_finite_takes_the_long_one(name, value, train, passes):
    x = inputs(torch.float32)
    x[1, 2, 5] = value
    loop = results("reference", NODES[name], x, train, 1.0)
    ran = results("fused", NODES[name], x, train, 1.0)
    assert all(map(same, loop, ran))
    rectified = name == "KLIF" and value == -torch.inf
    assert passes == ([True, True] if rectified else [True, False, True, False])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_takes_the_long_one(dtype, passes):
    x = inputs(dtype)
    loop, ran = (results(engine, neuron.LIFNode, x, True, 1.0) for engine in ("reference", "fused"))
    assert all(map(same, loop, ran))
    assert passes == [False, False]


@pytest.mark.parametrize(
    ("reset", "v_reset", "there"),
    [("hard", 0.0, True), ("hard", -0.0, False), ("hard", 0.2, False), ("soft", 0.0, False)],
)
def test_which_resets_have_one(reset, v_reset, there):
    plan = Plan("charge_if", (), reset, v_reset, False, 1.0, False, ATAN, (2.0,))
    assert (_fire.fire(plan, torch.empty(3)).short_reset is not None) is there


def test_the_short_one_errs_where_it_is_said_to():
    plan = Plan("charge_if", (), "hard", 0.0, False, 1.0, False, ATAN, (2.0,))
    fires = _fire.fire(plan, torch.empty(6))
    h = torch.tensor([0.0, -0.0, 1.0, -3.0, torch.inf, -torch.inf])
    s = (h >= 1.0).float()
    long, short = torch.empty(6), torch.empty(6)
    fires.reset(h, s, long)
    fires.short_reset(h, s, short)
    assert same(long[:5], short[:5])
    assert long[5] == -torch.inf
    assert short[5].isnan()
