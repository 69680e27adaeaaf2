"""The fused engine on the neurons beyond IF, LIF and PLIF of SpikingJelly: the reference loop's bits."""

from __future__ import annotations

import itertools

import pytest
import torch

from unisnn.braincog.base.node import node as braincog
from unisnn.core import engines
from unisnn.core.engines import operator

DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)


@pytest.fixture
def runs(monkeypatch):
    """Count the calls that reach the fused engine."""
    count = []
    real = operator.multi_step
    monkeypatch.setattr(operator, "multi_step", lambda *given: count.append(given[0]) or real(*given))
    return count


def bits(tensor):
    if tensor is None:
        return None
    whole = {2: torch.int16, 4: torch.int32, 8: torch.int64}[tensor.element_size()]
    tensor = tensor.detach().contiguous()
    return torch.where(tensor.isnan(), torch.full_like(tensor, torch.nan), tensor).view(whole)


def same(one, other):
    if one is None or other is None:
        return one is other
    return one.dtype == other.dtype and one.shape == other.shape and torch.equal(bits(one), bits(other))


def randn(*shape, dtype, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)


def inputs(shape, dtype, seed):
    x = randn(*shape, dtype=dtype, seed=seed) * 1.5 + 0.4
    x.view(-1)[:3] = torch.tensor([1.0, 2.0, -0.0], dtype=dtype)
    return x


def backward(outputs, start):
    """Give every output that has a graph a gradient with zeros of both signs, and go back."""
    pairs = []
    for index, y in enumerate(outputs):
        if not y.requires_grad:
            continue
        g = randn(*y.shape, dtype=y.dtype, seed=start + index)
        g[g.abs() < 0.3] = 0
        g[..., ::5] *= -0.0
        pairs.append((y, g))
    if pairs:
        torch.autograd.backward([y for y, _ in pairs], [g for _, g in pairs])


def differences(one, other):
    return [index for index, pair in enumerate(zip(one, other, strict=True)) if not same(*pair)]


# BrainCog

NODES = {"IF": braincog.IFNode, "LIF": braincog.LIFNode, "PLIF": braincog.PLIFNode}
LAYOUTS = {"folded": {"layer_by_layer": True}, "grouped": {"n_groups": 2}}
SURROGATES = ("SigmoidGrad", "AtanGrad", "ReLUGrad", "GateGrad", "QGateGrad", "STDPGrad", "BackEIGateGrad")


def braincog_run(node, engine, dtype, state, odd, x_learns=True):
    """Return what two calls in a row give and leave, and every gradient."""
    node.zero_grad()
    node.n_reset()
    x = inputs((3, 7 * node.step, 2, 5) if node.groups != 1 else (3 * node.step, 7, 2, 5), dtype, node.step)
    if odd:
        x.view(-1)[40:43] = torch.tensor([torch.nan, torch.inf, -torch.inf], dtype=dtype)
    x.requires_grad_(x_learns)
    v0 = torch.linspace(-1, 1, 210, dtype=dtype).view(3, 7, 2, 5).requires_grad_(x_learns)
    if state:
        node.mem = v0
    with engines.engine(engine):
        first = node(x)
        middle = node.spike
        second = node(x * 0.5)
    outputs = [first, middle, second, node.mem, node.spike]
    backward(outputs, 11)
    learns = [torch.tensor(y.requires_grad).float() for y in outputs]
    return [*outputs, x.grad, v0.grad, *(p.grad for p in node.parameters()), *learns]


def braincog_compare(node, dtype, steps=(1, 2, 4), odd=(False, True), **kwargs):
    for step, state, nan in itertools.product(steps, (False, True), odd):
        node.step = step
        loop, fused = (
            braincog_run(node, name, dtype, state, nan, **kwargs) for name in ("reference", "fused")
        )
        assert not differences(loop, fused), (step, state, nan, differences(loop, fused))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", NODES)
def test_braincog_nodes(name, layout, runs):
    for dtype in DTYPES:
        before = len(runs)
        braincog_compare(NODES[name](**LAYOUTS[layout]), dtype)
        # Half precision potentials become float32 after a step, which the loop takes.
        assert len(runs) - before == (24 if dtype in DTYPES[:2] else 20)


@pytest.mark.parametrize("kind", SURROGATES)
@pytest.mark.parametrize("name", NODES)
def test_braincog_surrogates(name, kind, runs):
    for dtype in DTYPES:
        braincog_compare(NODES[name](act_fun=kind, layer_by_layer=True), dtype, steps=(3,))
    assert len(runs) == 4 * 8


@pytest.mark.parametrize("learns", [True, False], ids=["threshold learns", "fixed"])
@pytest.mark.parametrize("sigmoid", [True, False], ids=["sigmoid", "plain"])
@pytest.mark.parametrize("name", NODES)
def test_braincog_thresholds(name, sigmoid, learns, runs):
    for dtype in DTYPES[:3]:
        given = {"requires_thres_grad": learns, "sigmoid_thres": sigmoid, "layer_by_layer": True}
        node = NODES[name](threshold=0.3, **given)
        braincog_compare(node, dtype, steps=(1, 3), odd=(False,))
        braincog_compare(node, dtype, steps=(3,), odd=(False,), x_learns=False)
    assert runs
    assert (node.threshold.grad is not None) == learns


def test_braincog_constants(runs):
    for node in (
        braincog.IFNode(dt=0.3, layer_by_layer=True),
        braincog.PLIFNode(tau=3.0, dt=0.7, layer_by_layer=True),
        braincog.LIFNode(tau=3.0, layer_by_layer=True, v_reset=-0.4),
        braincog.LIFNode(tau=3.0, layer_by_layer=True, v_reset=1),
    ):
        for dtype in DTYPES:
            braincog_compare(node, dtype, steps=(3,))
    tau = braincog.LIFNode(layer_by_layer=True)
    tau.set_n_tau(3.0)
    for dtype in DTYPES:
        braincog_compare(tau, dtype, steps=(3,))
    assert len(runs) > 40


def test_braincog_learned_alpha_alone(runs):
    node = braincog.IFNode(layer_by_layer=True, act_fun=lambda alpha, requires_grad: braincog.AtanGrad(3.0))
    braincog_compare(node, torch.float32, steps=(1, 3), x_learns=False)
    assert node.act_fun.alpha.grad is not None
    assert len(runs) == 16


class Doubled(braincog.LIFNode):
    """Charges twice."""

    def integral(self, inputs):
        super().integral(2 * inputs)


def test_braincog_what_runs_in_the_loop(runs):
    x = torch.rand(8, 4)
    for node in (
        Doubled(layer_by_layer=True, step=2),
        braincog.LIFNode(layer_by_layer=True, step=2, mem_detach=True),
        braincog.LIFNode(layer_by_layer=True, step=2, requires_fp=True),
        braincog.LIFNode(layer_by_layer=True, step=2, requires_mem=True),
        braincog.LIFNode(layer_by_layer=True, step=2, act_fun="EIGrad"),
        braincog.LIFNode(layer_by_layer=True, step=2, act_fun="RoundGrad"),
        braincog.LIFNode(layer_by_layer=True, step=2, threshold=torch.ones(4)),
        braincog.LIFNode(layer_by_layer=True, step=2, tau=torch.tensor(2.0, requires_grad=True)),
    ):
        node(x)
        assert len(runs) == 0
    assert len(node.spike) == 4
    plain = braincog.LIFNode()
    plain(x)
    assert len(runs) == 0
    whole = braincog.LIFNode(layer_by_layer=True, step=2)
    whole(x)
    assert len(runs) == 1


def test_braincog_second_derivative_is_refused():
    node = braincog.PLIFNode(layer_by_layer=True, step=3, requires_thres_grad=True)
    x = torch.rand(6, 4)
    for learned in (node.w, node.threshold, node.act_fun.alpha):
        node.n_reset()
        (gradient,) = torch.autograd.grad(node(x).sum(), learned, create_graph=True)
        with pytest.raises(RuntimeError, match="engine\\('reference'\\)"):
            gradient.backward()
