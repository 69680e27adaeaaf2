"""LateralInhibition: its three modes on a node's membrane potential, gradients, errors."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from unisnn.braincog.base.node.node import LIFNode
from unisnn.braincog.base.strategy.LateralInhibition import LateralInhibition

MEM = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
SPIKES = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
XORI = torch.tensor([[0.5, 1.5, 0.0], [9.0, 9.0, 9.0]])


@pytest.mark.parametrize(
    ("mode", "change"),
    [("constant", [-0.4, 0.0, -0.4]), ("max", [-0.6, 0.0, -0.6]), ("threshold", [-0.2, 0.0, -0.2])],
)
def test_modes(mode, change):
    node = LIFNode(threshold=0.5)
    node.mem = MEM.clone()
    before = node.mem
    spikes = SPIKES.clone()
    assert LateralInhibition(node, 0.4, mode)(spikes, XORI) is spikes
    assert torch.allclose(node.mem - MEM, torch.tensor([change, [0.0, 0.0, 0.0]]), atol=1e-6)
    assert torch.equal(before, MEM)  # re-bound, not changed in place


def test_default_mode_and_registration():
    node = LIFNode()
    layer = LateralInhibition(node, nn.Parameter(torch.tensor(0.4)))
    assert (layer.mode, layer.node) == ("constant", node)
    assert list(layer.state_dict()) == ["inh", "node.threshold", "node.act_fun.alpha"]
    plain = LateralInhibition(SimpleNamespace(mem=0.0), 0.4)
    plain(SPIKES)
    assert list(plain.state_dict()) == []
    assert plain.node.mem.tolist() == torch.tensor([[-0.4, 0.0, -0.4], [0.0, 0.0, 0.0]]).tolist()


def test_gradients():
    node = LIFNode(threshold=0.5, requires_thres_grad=True)
    x = SPIKES.clone().requires_grad_()
    xori = XORI.clone().requires_grad_()
    node.mem = MEM.clone()
    LateralInhibition(node, 1.0)(x)
    node.mem.sum().backward()
    assert x.grad[0].tolist() == [1, -2, 1]
    node.mem = MEM.clone()
    LateralInhibition(node, 2.0, "max")(x, xori)
    node.mem.sum().backward()
    assert xori.grad is None
    node.mem = MEM.clone()
    LateralInhibition(node, 2.0, "threshold")(x)
    node.mem.sum().backward()
    assert node.threshold.grad.item() == -4.0  # two inhibited neighbours, inh 2


def test_after_a_step_of_a_node():
    node = LIFNode(threshold=0.5)
    layer = LateralInhibition(node, 0.4)
    x = torch.tensor([[0.4, 2.0, 0.8]])
    spikes = layer(node(x))
    assert spikes.tolist() == [[0, 1, 0]]
    assert torch.allclose(node.mem, torch.tensor([[-0.2, 0.0, 0.0]]), atol=1e-6)
    four = LIFNode()
    four_d = torch.rand(2, 3, 4, 5)
    assert LateralInhibition(four, 0.1)(four(four_d)).shape == four.mem.shape == (2, 3, 4, 5)


def test_errors():
    node = LIFNode()
    with pytest.raises(
        ValueError, match="mode='average' is not accepted; expected one of 'constant', 'max', "
    ):
        LateralInhibition(node, 0.4, "average")
    layer = LateralInhibition(node, 0.4)
    layer.mode = "average"
    with pytest.raises(ValueError, match="mode='average'"):
        layer(SPIKES)
    with pytest.raises(ValueError, match="xori=None is not accepted"):
        LateralInhibition(node, 0.4, "max")(SPIKES)
    for x in (torch.zeros(3), torch.tensor(1.0)):
        with pytest.raises(IndexError, match=r"expected \[N, C, \*\]"):
            LateralInhibition(node, 0.4)(x)
