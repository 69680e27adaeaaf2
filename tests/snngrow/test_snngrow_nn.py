"""``snngrow.base.nn``: linear layers over spikes, with the dense layer's values and gradients."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor

from unisnn.core import sparse
from unisnn.snngrow.base import nn
from unisnn.snngrow.base.neuron.LIFNode import LIFNode
from unisnn.snngrow.base.spiketensor import SpikeTensor, from_dense


def spikes_of(*shape: int, rate: float = 0.3, dtype: torch.dtype = torch.float32) -> Tensor:
    return (torch.rand(shape, generator=torch.Generator().manual_seed(1)) < rate).to(dtype)


def same_bits(x: Tensor, y: Tensor) -> bool:
    return x.dtype == y.dtype and x.shape == y.shape and torch.equal(x.view(torch.uint8), y.view(torch.uint8))


def run(layer, x: Tensor) -> list[Tensor]:
    """The output, and the gradients of input and parameters."""
    x = x.detach().requires_grad_()
    parameters = list(layer.parameters())
    y = layer(x)
    gradient = torch.randn(y.shape, dtype=y.dtype, generator=torch.Generator().manual_seed(2))
    return [y.detach(), *torch.autograd.grad(y, [x, *parameters], gradient)]


FORMS = {
    "plain": lambda x: x,
    "bytes": from_dense,
    "bits": lambda x: from_dense(x, bits=True),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("kind", [nn.Linear, nn.SparseSynapse])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("spike_in", [True, False])
@pytest.mark.parametrize("shape", [(37,), (5, 37), (4, 5, 37), (0, 37)], ids=str)
def test_forward_and_gradients_are_the_dense_layers(kind, form, bias, spike_in, shape, dtype):
    torch.manual_seed(0)
    dense = torch.nn.Linear(37, 11, bias, dtype=dtype)
    torch.manual_seed(0)
    layer = kind(37, 11, bias, dtype=dtype, spike_in=spike_in)
    assert all(map(same_bits, layer.parameters(), dense.parameters()))
    x = spikes_of(*shape, dtype=dtype)
    expected, found = run(dense, x), run(layer, form(x))
    assert len(found) == 3 + bias
    assert all(not isinstance(each, SpikeTensor) for each in found)
    assert all(map(same_bits, found, expected))


@pytest.mark.parametrize("kind", [nn.Linear, nn.SparseSynapse])
def test_booleans_are_spikes(kind):
    layer, x = kind(37, 11, spike_in=True), spikes_of(5, 37)
    assert same_bits(layer(x != 0), layer(x))


def test_a_neurons_spikes_go_in():
    torch.manual_seed(0)
    results = []
    layer = nn.Linear(37, 11, spike_in=True)
    for spike_out in (True, False):
        x = (3 * torch.randn(5, 37, generator=torch.Generator().manual_seed(3))).requires_grad_()
        layer.zero_grad()
        layer(LIFNode(spike_out=spike_out)(x)).square().sum().backward()
        results.append([x.grad, layer.weight.grad, layer.bias.grad])
    assert all(map(same_bits, *results))
    assert results[0][0].abs().sum() > 0


def test_absent_synapses_stay_absent():
    torch.manual_seed(0)
    mask = torch.rand(11, 37) < 0.3
    layer = nn.SparseSynapse(37, 11, spike_in=True, connection=mask.double())
    torch.manual_seed(0)
    torch.rand(11, 37)
    whole = nn.Linear(37, 11)
    assert same_bits(layer.weight, whole.weight.masked_fill(~mask, 0.0))
    x = spikes_of(5, 37)
    y, grad_x, grad_weight, grad_bias = run(layer, x)
    reference = copy.deepcopy(whole)
    reference.weight.data = layer.weight.data.clone()
    expected = run(reference, x)
    assert all(map(same_bits, (y, grad_x, grad_bias), (expected[0], expected[1], expected[3])))
    assert same_bits(grad_weight, expected[2].masked_fill(~mask, 0.0))
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        layer(x).square().sum().backward()
        optimizer.step()
    assert not layer.weight[~mask].any()
    assert layer.weight[mask].all()


@pytest.mark.parametrize(("connection", "share"), [("random", 0.5), (0.2, 0.2), (1, 1.0), (0, 0.0)])
def test_synapses_are_drawn(connection, share):
    torch.manual_seed(0)
    layer = nn.SparseSynapse(300, 200, connection=connection)
    torch.manual_seed(0)
    again = nn.SparseSynapse(300, 200, connection=connection)
    assert torch.equal(layer.connection, again.connection)
    assert abs(layer.connection.float().mean().item() - share) < 0.01
    assert f"synapses={int(layer.connection.sum())}" in repr(layer)
    other = nn.SparseSynapse(300, 200, connection=1.0)
    other.load_state_dict(layer.state_dict())
    x = spikes_of(4, 300)
    assert same_bits(other(x), layer(x))


@pytest.mark.parametrize(
    "connection", ["gaussian", 1.5, -0.1, True, torch.ones(37, 11), float("nan")], ids=lambda c: str(c)[:9]
)
def test_other_connections_are_refused(connection):
    with pytest.raises(ValueError, match=r"SparseSynapse: connection=.* is not accepted; expected None"):
        nn.SparseSynapse(37, 11, connection=connection)


def test_layers_of_spikes_gather_where_it_is_accepted():
    torch.manual_seed(0)
    x = from_dense(spikes_of(600, 300, rate=0.02))
    for kind in (nn.Linear, nn.SparseSynapse):
        torch.manual_seed(0)
        layer, plain = kind(300, 400, spike_in=True), kind(300, 400)
        plain.load_state_dict(layer.state_dict())
        with sparse.tolerance(1e-5):
            y, dense = layer(x), plain(x)
        assert type(y.grad_fn).__name__ == "_GatherBackward"
        assert same_bits(dense, layer(x))
        torch.testing.assert_close(y, dense, rtol=1e-5, atol=1e-6)


def test_what_the_layers_say():
    text = repr(nn.Linear(3, 2, spike_in=True))
    assert text == "Linear(in_features=3, out_features=2, bias=True, spike_in=True)"
    assert repr(nn.SparseSynapse(3, 2)).endswith("spike_in=False, synapses=6)")
