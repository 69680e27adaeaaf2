"""Spiking recurrent cells and networks: by hand, in both directions, with dropout, in the old edition."""

import itertools
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

from unisnn.core import edition
from unisnn.spikingjelly.activation_based import rnn, surrogate

KINDS = [rnn.SpikingLSTM, rnn.SpikingGRU, rnn.SpikingVanillaRNN]


def spike(z: Tensor) -> Tensor:
    return (z >= 0).to(z)


def inputs(steps: int = 5, batch: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(steps, batch, 4, generator=generator) * 3


def hidden(state: Any) -> Tensor:
    return state[0] if isinstance(state, tuple) else state


def layered(net: Any, x: Tensor) -> Tensor:
    for cell in net.cells:
        state, outputs = None, []
        for step in x:
            state = cell(step, state)
            outputs.append(hidden(state))
        x = torch.stack(outputs)
    return x


def test_cells_by_hand() -> None:
    torch.manual_seed(0)
    x, h, c = torch.randn(3, 4), torch.rand(3, 5), torch.rand(3, 5) * 3
    lstm = rnn.SpikingLSTMCell(4, 5, surrogate_function2=surrogate.ATan())
    i, f, g, o = (lstm.linear_ih(x) + lstm.linear_hh(h)).chunk(4, 1)
    wanted = (spike(f) * c + spike(i) * spike(g)).clamp_max(1.0)
    new_h, new_c = lstm(x, (h, c))
    assert torch.equal(new_c, wanted)
    assert torch.equal(new_h, spike(o) * wanted)
    gru = rnn.SpikingGRUCell(4, 5)
    (r_x, z_x, n_x), (r_h, z_h, n_h) = gru.linear_ih(x).chunk(3, 1), gru.linear_hh(h).chunk(3, 1)
    r, z = spike(r_x + r_h), spike(z_x + z_h)
    assert torch.equal(gru(x, h), (1 - z) * spike(n_x + r * n_h) + z * h)
    plain = rnn.SpikingVanillaRNNCell(4, 5, bias=False)
    assert torch.equal(plain(x, h), spike(plain.linear_ih(x) + plain.linear_hh(h)))
    assert plain.bias_ih() is None
    assert plain.weight_hh().shape == (5, 5)
    assert float(lstm.weight_ih().detach().abs().max()) <= 5**-0.5
    with pytest.raises(AssertionError, match="surrogate_function2"):
        rnn.SpikingGRUCell(4, 5, surrogate_function2=surrogate.ATan(spiking=False))


@pytest.mark.parametrize("kind", KINDS)
def test_layers_follow_each_other(kind: Any) -> None:
    net, x = kind(4, 5, 3), inputs()
    y, state = net(x)
    assert torch.equal(y, layered(net, x))
    assert torch.equal(hidden(state).reshape(3, 3, 5)[-1], y[-1])
    first, middle = net(x[:2])
    middle = tuple(each[0] for each in middle) if isinstance(middle, tuple) else middle
    second, _ = net(x[2:], middle)
    assert torch.equal(torch.cat((first, second)), y)
    y.sum().backward()
    assert all(parameter.grad is not None for parameter in net.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_both_directions(kind: Any) -> None:
    net, x = kind(4, 5, 2, bidirectional=True), inputs()
    y, state = net(x)
    assert y.shape == (5, 3, 10)
    for forth, back in zip(net.cells, net.cells_reverse, strict=True):
        start = (torch.zeros(3, 5), torch.zeros(3, 5)) if kind is rnn.SpikingLSTM else torch.zeros(3, 5)
        x, last, _ = rnn.bidirectional_rnn_cell_forward(forth, back, x, start, start)
    assert torch.equal(x, y)
    assert torch.equal(hidden(last), y[-1, :, :5])
    assert hidden(state).shape[-3:] == (4, 3, 5)


@pytest.mark.parametrize("invariant", [False, True])
def test_dropout_between_layers(invariant: bool) -> None:
    torch.manual_seed(1)
    net = rnn.SpikingVanillaRNN(4, 40, 2, dropout_p=0.5, invariant_dropout_mask=invariant)
    lost = []
    net.cells[1].register_forward_pre_hook(lambda module, given: lost.append(given[0] == 0))
    x = torch.randn(1, 3, 4).expand(6, 3, 4) * 3
    torch.nn.init.zeros_(net.cells[0].linear_hh.weight)  # so that the lower spikes repeat
    net(x)
    pairs = itertools.pairwise(lost)
    assert all(torch.equal(a, b) for a, b in pairs) is invariant
    net.eval()
    wanted = layered(net, x)
    assert torch.equal(net(x)[0], wanted)


def test_the_old_edition_hands_outputs_on_one_step_late() -> None:
    x = inputs()
    with edition.using("spikingjelly", "0.0.0.0.14"):
        torch.manual_seed(3)
        late = rnn.SpikingLSTM(4, 5, 2)
        single = rnn.SpikingLSTM(4, 5, 1)
    torch.manual_seed(3)
    now = rnn.SpikingLSTM(4, 5, 2)
    assert torch.equal(single(x)[0], layered(single, x))
    states: list[Any] = [(torch.zeros(3, 5), torch.zeros(3, 5))] * 2
    outputs = []
    for step in x:
        states = [late.cells[0](step, states[0]), late.cells[1](states[0][0], states[1])]
        outputs.append(states[1][0])
    assert torch.equal(late(x)[0], torch.stack(outputs))
    assert torch.equal(now(x)[0], layered(now, x))
    assert not torch.equal(late(x)[0], now(x)[0])


def test_refusals_and_pickles() -> None:
    with pytest.raises(ValueError, match="dropout probability"):
        rnn.SpikingLSTM(4, 5, 2, dropout_p=2.0)(inputs())
    with pytest.raises(ValueError, match=r"expected 1 of shape \[2, 3, 5\], a tensor"):
        rnn.SpikingGRU(4, 5, 2)(inputs(), torch.zeros(1, 3, 5))
    with pytest.raises(ValueError, match="in a tuple or stacked"):
        rnn.SpikingLSTM(4, 5, 2)(inputs(), torch.zeros(2, 3, 5))
    with pytest.raises(NotImplementedError, match="base_cell"):
        rnn.SpikingRNNBase(4, 5, 1, bidirectional=False)
    net = rnn.SpikingGRU(4, 5, 1)
    data = pickle.dumps(net)
    assert b"unisnn.spikingjelly.activation_based.rnn\x94" in data
    assert torch.equal(pickle.loads(data)(inputs())[0], net(inputs())[0])
