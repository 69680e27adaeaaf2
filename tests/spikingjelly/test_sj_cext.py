"""The old CUDA extension's names without the extension."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from unisnn.core.absent import AbsentError
from unisnn.spikingjelly import cext
from unisnn.spikingjelly.cext import functional, layer, neuron
from unisnn.spikingjelly.clock_driven import neuron as clock
from unisnn.spikingjelly.clock_driven import surrogate

PAIRS = [
    (lambda: neuron.IFNode(), lambda: clock.IFNode(surrogate_function=surrogate.ATan())),
    (lambda: neuron.LIFNode(), lambda: clock.LIFNode(tau=100.0, surrogate_function=surrogate.ATan())),
    (
        lambda: neuron.MultiStepIFNode(detach_reset=True),
        lambda: clock.MultiStepIFNode(surrogate_function=surrogate.ATan(), detach_reset=True),
    ),
    (
        lambda: neuron.MultiStepLIFNode(2.0, 0.5, 0.1, "Sigmoid", 4.0),
        lambda: clock.MultiStepLIFNode(tau=2.0, v_threshold=0.5, v_reset=0.1),
    ),
]


@pytest.mark.parametrize(("make", "same"), PAIRS)
def test_neurons_compute_what_clock_driven_does(make, same):
    results = []
    for node in (make(), same()):
        x = (torch.rand(6, 3, 4, generator=torch.Generator().manual_seed(0)) * 2).requires_grad_()
        y = node(x) if type(node).__name__.startswith("Multi") else torch.stack([node(step) for step in x])
        (y * torch.linspace(-1, 1, 4)).sum().backward()
        results.append((y.detach(), x.grad, node.v.detach()))
        node.reset()
        assert node.v == node.v_reset
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))
    assert isinstance(make(), type(same()))


def test_the_surrogate_is_named():
    assert neuron.surrogate_function_dict == {"ATan": 0, "Sigmoid": 1}
    node = neuron.IFNode(surrogate_function="Sigmoid", alpha=3.0)
    assert isinstance(node.surrogate_function, surrogate.Sigmoid)
    assert (node.surrogate_function.alpha, node.alpha, node.grad_surrogate_function_index) == (3.0, 3.0, 1)
    assert isinstance(neuron.IFNode(surrogate_function=surrogate.Erf()).surrogate_function, surrogate.Erf)
    with pytest.raises(KeyError, match="'Rect' is not accepted; expected one of 'ATan', 'Sigmoid'"):
        neuron.IFNode(surrogate_function="Rect")


def test_products_are_dense_ones_with_their_gradients():
    sparse = (torch.rand(5, 4) * (torch.rand(5, 4) < 0.3)).double().requires_grad_()
    dense = torch.rand(4, 3).double().requires_grad_()
    assert torch.equal(functional.sparse_mm_dense(sparse, dense), sparse @ dense)
    assert torch.autograd.gradcheck(functional.sparse_mm_dense_atf.apply, (sparse, dense))
    with pytest.raises(AssertionError, match=r"sparse=\[2, 3, 4\]"):
        functional.sparse_mm_dense(torch.rand(2, 3, 4), torch.rand(4, 3))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", [layer.SparseLinear, layer.AutoSparseLinear])
def test_layers_are_linear_layers(kind, bias):
    made = kind(4, 3, bias=bias)
    plain = nn.Linear(4, 3, bias=bias)
    plain.load_state_dict(made.state_dict())
    x = torch.rand(5, 4)
    assert torch.allclose(made(x), plain(x), rtol=0, atol=1e-7)
    assert isinstance(made, nn.Linear)


def test_the_benchmark_finds_dense_products_the_fastest(capsys):
    made = layer.AutoSparseLinear(4, 3)
    made.benchmark(8)
    made.benchmark(16, verbose=False)
    assert made.critical_sparsity == {8: None, 16: None}
    assert capsys.readouterr().out.count("dense products") == 1


def test_time_of_a_call():
    calls = []
    assert cext.cal_fun_t(3, "cpu", lambda x, y: calls.append((x, y)), 1, y=2) >= 0
    assert calls == [(1, 2)] * 4


def test_kernels_say_what_to_use_instead():
    with pytest.raises(AbsentError, match="the neurons of this module compute the same"):
        neuron.LIFMultiStep.apply(torch.rand(3))
