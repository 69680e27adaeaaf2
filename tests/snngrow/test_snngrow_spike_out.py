"""spike_out: every combination that upstream's git edition crashes in, and the ones it runs."""

from __future__ import annotations

import copy
import itertools

import pytest
import torch
from torch import Tensor, nn

from unisnn.core.spike_tensor import SpikeTensor, to_dense
from unisnn.snngrow.base.neuron import BaseNode, IFNode, LIFNode
from unisnn.snngrow.base.spiketensor import SpikeTensor as public_name
from unisnn.snngrow.base.surrogate import ATan, Sigmoid

X = torch.rand(5, 4, 3, generator=torch.Generator().manual_seed(0)) * 2.5 - 0.5
G = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(1))
CELLS = list(itertools.product((False, True), (False, True), (True, False), (None, 0.0, -0.1), (False, True)))


def run(node: nn.Module, parallel: bool) -> tuple[Tensor, Tensor, Tensor | None]:
    x = X.clone().requires_grad_()
    y = node(x.flatten(0, 1)) if parallel else torch.cat([node(step) for step in x.unbind(0)])
    loss = (y * G.flatten(0, 1)).sum()
    if loss.requires_grad:
        loss.backward()
    return y, node.v, x.grad


@pytest.mark.parametrize("cls", [IFNode, LIFNode])
@pytest.mark.parametrize("surrogate", [Sigmoid, ATan])
@pytest.mark.parametrize(("node_out", "surrogate_out", "training", "v_reset", "detach"), CELLS)
def test_every_cell_equals_the_dense_neuron(
    cls: type[BaseNode],
    surrogate: type[Sigmoid],
    node_out: bool,
    surrogate_out: bool,
    training: bool,
    v_reset: float | None,
    detach: bool,
) -> None:
    for parallel in (False, True):
        fixed = {"v_reset": v_reset, "detach_reset": detach, "parallel_optim": parallel, "T": 5}
        dense = cls(surrogate_function=surrogate(3.0), **fixed).train(training)
        function = surrogate(3.0, spike_out=surrogate_out)
        node = cls(surrogate_function=function, spike_out=node_out, **fixed).train(training)
        expected, expected_v, expected_gradient = run(dense, parallel)
        y, v, gradient = run(node, parallel)
        assert type(y) is (SpikeTensor if node_out else Tensor)
        assert y.dtype == expected.dtype
        assert torch.equal(to_dense(y), expected)
        assert type(v) is Tensor
        assert torch.equal(v, expected_v)
        assert (gradient is None) == (expected_gradient is None) == (not training)
        if training:
            # the reset's share of the gradient is summed apart from the output's
            assert torch.allclose(gradient, expected_gradient, rtol=1e-5, atol=1e-6)
            if detach:
                assert torch.equal(gradient, expected_gradient)


def test_detaching_the_reset_changes_the_gradient() -> None:
    gradients = [run(LIFNode(v_reset=None, spike_out=True, detach_reset=d), False)[2] for d in (False, True)]
    assert not torch.allclose(*gradients)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("training", [True, False])
def test_dtype_stays(dtype: torch.dtype, training: bool) -> None:
    node = LIFNode(spike_out=True).train(training)
    for step in X.to(dtype):
        y = node(step)
        assert (type(y), y.dtype, node.v.dtype) == (SpikeTensor, dtype, dtype)


def test_integers_give_float32_spikes() -> None:
    for training in (True, False):
        y = IFNode(spike_out=True).train(training)(torch.tensor([0, 1, 2]))
        assert (type(y), y.dtype, y.tolist()) == (SpikeTensor, torch.float32, [0.0, 1.0, 1.0])


def test_a_primitive_is_no_spike() -> None:
    node = IFNode(surrogate_function=Sigmoid(4.0, spiking=False), spike_out=True)
    y = node(torch.tensor([0.5, 1.5]))
    assert type(y) is Tensor
    assert 0 < y[0] < y[1] < 1
    assert type(node.eval()(torch.tensor([0.5, 1.5]))) is SpikeTensor


def test_any_callable_can_be_the_surrogate() -> None:
    node = IFNode(surrogate_function=lambda x: (x >= 0).to(x), spike_out=True)
    assert node(torch.tensor([0.5, 1.5])).tolist() == [0.0, 1.0]


def test_a_network_of_spike_tensors_trains_like_a_dense_one(capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    dense = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        LIFNode(v_threshold=0.3),
        nn.AvgPool2d(2),
        IFNode(),
        nn.Flatten(),
        nn.Linear(36, 5),
        LIFNode(v_threshold=0.1),
        nn.Linear(5, 3),
    )
    spiky = copy.deepcopy(dense)
    for module in spiky.modules():
        if isinstance(module, BaseNode):
            module.spike_out = True
    seen = []
    spiky[2].register_forward_hook(lambda module, inputs, output: seen.append(type(output)))
    x = torch.rand(2, 1, 8, 8) * 3
    for _ in range(2):
        a, b = dense(x), spiky(x)
        assert torch.equal(a, b)
    a.square().sum().backward()
    b.square().sum().backward()
    for p, q in zip(dense.parameters(), spiky.parameters(), strict=True):
        assert torch.allclose(p.grad, q.grad, rtol=1e-5, atol=1e-7)
    assert seen == [SpikeTensor, SpikeTensor]
    assert capsys.readouterr().out == ""


def test_spike_tensors_as_input() -> None:
    s = SpikeTensor(torch.tensor([True, False, True]))
    for training in (True, False):
        for out in (False, True):
            y = IFNode(spike_out=out).train(training)(s)
            assert type(y) is (SpikeTensor if out else Tensor)
            assert y.tolist() == [1.0, 0.0, 1.0]


def test_static_resets_take_both_kinds() -> None:
    v, elem = torch.tensor([0.5, 1.5]), torch.tensor([False, True])
    for spike in (SpikeTensor(elem), elem.float()):
        for out in (False, True):
            assert BaseNode.hard_reset(v, spike, 0.25, out).tolist() == [0.5, 0.25]
            assert BaseNode.soft_reset(v, spike, 1.0, out).tolist() == [0.5, 0.5]


def test_public_name() -> None:
    assert public_name is SpikeTensor
