"""layer_by_layer and n_groups: all steps in one call, bit for bit the step-by-step loop."""

from __future__ import annotations

import pytest
import torch

from unisnn.braincog.base.node import node as N
from unisnn.braincog.base.strategy import surrogate as S

NODES = [N.IFNode, N.LIFNode, N.PLIFNode]
T = 4


def sigmoid4(alpha, requires_grad):
    return S.SigmoidGrad(4.0, requires_grad)


def folded(x):
    return x.flatten(0, 1)


def grouped(x):
    return torch.stack([x[t] for t in range(T)], dim=2).flatten(1, 2)


def from_grouped(y, like):
    return torch.stack([y[:, t::T] for t in range(T)]).reshape(like.shape)


LAYOUTS = {
    "folded": ({"layer_by_layer": True}, folded, lambda y, like: y.reshape(like.shape)),
    "grouped": ({"n_groups": 3}, grouped, from_grouped),
    "both": ({"n_groups": 2, "layer_by_layer": True}, grouped, from_grouped),
}


@pytest.mark.parametrize("shape", [(T, 3, 5), (T, 2, 3, 4, 5)])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", NODES)
def test_all_steps_equal_the_loop(kind, layout, shape):
    arguments, there, back = LAYOUTS[layout]
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(shape, generator=generator) * 2 - 0.25
    g = torch.randn(shape, generator=generator)
    results = []
    for one_call in (False, True):
        node = kind(0.5, act_fun=sigmoid4, step=T, requires_fp=True, **(arguments if one_call else {}))
        leaf = x.clone().requires_grad_()
        for _ in range(2):  # the state carries on to the second call
            y = back(node(there(leaf)), x) if one_call else torch.stack([node(step) for step in leaf])
        (y * g).sum().backward()
        trained = [p.grad for p in node.parameters() if p.grad is not None]
        results.append([y, node.mem, leaf.grad, torch.stack(node.feature_map), *trained])
    for loop, at_once in zip(*results, strict=True):
        assert torch.equal(loop, at_once)
    assert 0 < results[0][0].sum() < x.numel()


def test_shapes_of_the_rearrangements():
    x2, x4 = torch.rand(8, 12), torch.rand(8, 12, 3, 5)
    for arguments, two, four in (
        ({"layer_by_layer": True}, (4, 2, 12), (4, 2, 12, 3, 5)),
        ({"n_groups": 2}, (4, 8, 3), (4, 8, 3, 3, 5)),
    ):
        node = N.LIFNode(step=4, **arguments)
        assert node.rearrange2node(x2).shape == two
        assert node.rearrange2node(x4).shape == four
        assert torch.equal(node.rearrange2op(node.rearrange2node(x2)), x2)
        assert torch.equal(node.rearrange2op(node.rearrange2node(x4)), x4)
    plain = N.LIFNode()
    assert plain.rearrange2node(x4) is x4
    assert plain.rearrange2op(x4) is x4


@pytest.mark.parametrize("arguments", [{"layer_by_layer": True}, {"n_groups": 2}])
def test_errors(arguments):
    node = N.LIFNode(step=4, **arguments)
    with pytest.raises(NotImplementedError, match=r"shape \[4, 4, 4\]"):
        node(torch.rand(4, 4, 4))
    with pytest.raises(RuntimeError, match=r"size 6 cannot be divided into step=4"):
        node(torch.rand(6, 6))
    with pytest.raises(NotImplementedError, match="outputs of shape"):
        node.rearrange2op(torch.rand(4, 4))
    for step in (0, "4", 2.0):
        node.step = step
        with pytest.raises(ValueError, match=r"step=.* is not accepted; expected an integer"):
            node(torch.rand(8, 8))
