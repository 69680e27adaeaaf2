"""Blocks of the fused engine: cut where it may be, the bits stay; each step's sum goes over all of it."""

from __future__ import annotations

import pytest
import torch

import unisnn
from unisnn.core.engines import Plan, _blocks
from unisnn.core.surrogate import ATAN, SIGMOID
from unisnn.spikingjelly.activation_based import neuron, surrogate

KINDS = {
    "LIF": lambda **given: neuron.LIFNode(3.0, **given),
    "IF": neuron.IFNode,
    "PLIF": lambda **given: neuron.ParametricLIFNode(3.0, **given),
    "PLIF towards rest": lambda **given: neuron.ParametricLIFNode(3.0, **{**given, "v_reset": 0.3}),
    "PLIF without decay": lambda **given: neuron.ParametricLIFNode(3.0, False, **given),
    "PLIF without decay, towards rest": lambda **given: neuron.ParametricLIFNode(
        3.0, False, **{**given, "v_reset": 0.3}
    ),
    "KLIF": lambda **given: neuron.KLIFNode(scale_reset=False, **given),
    "KLIF scaled": lambda **given: neuron.KLIFNode(scale_reset=True, **given),
    "QIF": neuron.QIFNode,
    "Izhikevich": neuron.IzhikevichNode,
}


@pytest.fixture
def small(monkeypatch):
    """Blocks of 16 neurons a thread, and how many were cut."""
    cut = []
    real = _blocks.blocks

    def blocks(size, step, *tensors):
        parts = list(real(size, step, *tensors))
        cut.append(len(parts))
        return iter(parts)

    monkeypatch.setattr(_blocks, "_BLOCK", 16)
    for module in ("fused", "fused_adaptive"):
        monkeypatch.setattr(f"unisnn.core.engines.{module}.blocks", blocks)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield cut
    torch.set_num_threads(threads)


def results(engine, make, x, seed, **given):
    node = make(step_mode="m", store_v_seq=True, surrogate_function=surrogate.ATan(), **given)
    leaf = x.clone().requires_grad_()
    with unisnn.engine(engine):
        y = node(leaf)
        weight = torch.randn(y.shape, generator=torch.Generator().manual_seed(seed)).to(y)
        ((y + node.v_seq) * weight).sum().backward()
    learned = [each.grad for each in node.parameters() if each.grad is not None]
    return [y.detach(), node.v.detach(), node.v_seq.detach(), leaf.grad, *learned]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16])
@pytest.mark.parametrize("steps", [1, 5])
def test_blocks_have_the_loops_bits(small, kind, dtype, steps):
    x = torch.randn(steps, 5, 19, generator=torch.Generator().manual_seed(steps)).to(dtype) + 0.7
    fused, loop = (results(engine, KINDS[kind], x, 3) for engine in ("fused", "reference"))
    assert len(fused) == len(loop)
    assert all(map(torch.equal, fused, loop))
    way_there, back = small
    assert way_there == 6
    assert back == (1 if kind == "KLIF scaled" else 6)


@pytest.mark.parametrize(
    ("family", "charge", "learns", "threads", "size"),
    [
        (ATAN, "charge_if", False, 1, 65536),
        (ATAN, "charge_if", False, 4, 4 * 65536),
        (ATAN, "charge_if", True, 1, 10),
        (SIGMOID, "charge_if", False, 1, 65536),
        (SIGMOID, "charge_if", False, 2, 10),
        (ATAN, "charge_eif", False, 2, 10),
    ],
)
def test_where_a_step_is_cut(monkeypatch, family, charge, learns, threads, size):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    plan = Plan(charge, (), "hard", 0.0, False, 1.0, False, family, (2.0,))
    assert _blocks.block(plan, torch.empty(10), learns) == size
