"""BrainCog's nodes in the engines: an alpha that does not learn is a number, with a float32 tensor's bits."""

from __future__ import annotations

import pytest
import torch

import unisnn
from unisnn.braincog.base.node import node as nodes
from unisnn.braincog.base.strategy import surrogate
from unisnn.core import engines
from unisnn.core.engines import native

SURROGATES = (
    surrogate.AtanGrad,
    surrogate.GateGrad,
    surrogate.QGateGrad,
    surrogate.ReLUGrad,
    surrogate.SigmoidGrad,
)


def results(engine, cls, act_fun, x, alpha=None):
    node = cls(act_fun=act_fun, layer_by_layer=True, step=x.shape[0])
    if alpha is not None:
        node.act_fun.alpha.data.fill_(alpha)
    leaf = x.flatten(0, 1).clone().requires_grad_()
    with unisnn.engine(engine):
        y = node(leaf)
        (y * torch.linspace(-1, 2, y.numel(), dtype=y.dtype).view_as(y)).sum().backward()
    return [tensor.detach().nan_to_num(7.0) for tensor in (y, node.mem, node.spike, leaf.grad)]


@pytest.mark.parametrize("cls", [nodes.IFNode, nodes.LIFNode])
@pytest.mark.parametrize("act_fun", SURROGATES, ids=lambda each: each.__name__)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("engine", ["fused", "auto"])
def test_the_bits_are_the_loops(cls, act_fun, dtype, engine):
    x = torch.randn(5, 3, 37, dtype=dtype, generator=torch.Generator().manual_seed(0)) * 2 + 0.5
    x[1, 0, :3] = torch.tensor([float("nan"), float("inf"), -float("inf")])
    given = cls, act_fun, x, 1.7
    pairs = zip(results(engine, *given), results("reference", *given), strict=True)
    assert all(torch.equal(*pair) and torch.equal(*map(torch.signbit, pair)) for pair in pairs)


@pytest.mark.parametrize("act_fun", [surrogate.AtanGrad, surrogate.QGateGrad, surrogate.SigmoidGrad])
def test_a_fixed_alpha_is_the_native_engines_a_learned_one_is_not(act_fun, monkeypatch):
    if engines.status()["engines"]["native"]:
        monkeypatch.setattr(native, "takes", lambda x: True)
    x = torch.zeros(2, 2, 3)
    node = nodes.LIFNode(act_fun=act_fun, layer_by_layer=True, step=2)
    assert node._plan().parameters == (2.0,)
    assert native.covers(node._plan(), x)
    node.act_fun.alpha.requires_grad_()
    assert node._plan().more == ("alpha",)
    assert not native.covers(node._plan(), x)


def test_an_alpha_in_another_dtype_stays_a_tensor():
    node = nodes.LIFNode(act_fun=surrogate.AtanGrad, layer_by_layer=True).double()
    assert node._plan().more == ("alpha",)


def test_one_small_step_is_left_to_the_loop(monkeypatch):
    calls = []
    monkeypatch.setattr(engines.choice, "run", lambda *given: calls.append(given))
    node = nodes.IFNode(layer_by_layer=True, step=1)
    node(torch.rand(2, 3))
    assert not calls
    node.n_reset()
    with unisnn.engine("fused"):
        node(torch.rand(2, 3))
    assert len(calls) == 1
