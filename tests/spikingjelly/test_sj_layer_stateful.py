"""Synapses, recurrent containers, delay, threshold norms and attention: against plain loops."""

import copy
import math
import pickle

import pytest
import torch
from torch import Tensor, nn

from unisnn.spikingjelly.activation_based import base, functional, layer, neuron


def spikes(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(*shape, generator=generator) < 0.4).to(torch.float64)


@pytest.mark.parametrize("learnable", [False, True])
def test_synapse_filter_decays_without_spikes(learnable: bool) -> None:
    x = spikes(7, 2, 3)
    one = layer.SynapseFilter(3.0, learnable)
    many = layer.SynapseFilter(3.0, learnable, step_mode="m")
    assert (list(one.state_dict()) == ["w"]) is learnable
    current, outputs = torch.zeros(2, 3, dtype=x.dtype), []
    for step in x:
        current = torch.where(step == 1, current + 1, current * (2 / 3))
        y = one(step)
        assert torch.allclose(y, current, atol=1e-6)
        outputs.append(y)
    assert torch.equal(many(x), torch.stack(outputs))
    one.reset()
    assert one.out_i == 0.0
    assert repr(one).startswith("SynapseFilter(tau=3") or learnable
    with pytest.raises(AssertionError, match=r"SynapseFilter: tau=1\.0"):
        layer.SynapseFilter(1.0)


def test_neu_norm_subtracts_a_trace() -> None:
    x = spikes(5, 2, 3, 4, 4)
    module = layer.NeuNorm(3, 4, 4, k=0.8, step_mode="m").double()
    trace = torch.zeros(2, 1, 4, 4, dtype=x.dtype)
    y = module(x)
    for t in range(5):
        trace = 0.8 * trace + 0.2 / 9 * x[t].sum(1, keepdim=True)
        assert torch.allclose(y[t], x[t] - module.w * trace)
    assert module.w.shape == (3, 4, 4)
    assert layer.NeuNorm(3, 4, 4, shared_across_channels=True).w.shape == (1, 4, 4)
    assert float(module.w.detach().abs().max()) <= 1 / math.sqrt(16) + 1e-9


def test_recurrent_containers_feed_back() -> None:
    x = torch.randn(4, 2, 3)
    inside = nn.Linear(3, 3)
    added = layer.ElementWiseRecurrentContainer(inside, torch.add, step_mode="m")
    last = torch.zeros(2, 3)
    for t, y in enumerate(added(x)):
        last = inside(last + x[t])
        assert torch.equal(y, last)
    wide = layer.LinearRecurrentContainer(nn.Tanh(), 3, 3, bias=False)
    last = torch.zeros(2, 3)
    for step in x:
        last = torch.tanh(wide.rc(torch.cat((step, last), 1)))
        assert torch.equal(wide(step), last)
    assert list(wide.state_dict()) == ["rc.weight"]
    wide.reset()
    assert wide.y is None
    with pytest.raises(AssertionError, match="step_mode of sub_module='m'"):
        layer.LinearRecurrentContainer(neuron.IFNode(step_mode="m"), 3, 3)


def test_a_recurrent_container_keeps_its_neuron_in_single_steps() -> None:
    net = nn.Sequential(layer.ElementWiseRecurrentContainer(neuron.LIFNode(), torch.add))
    functional.set_step_mode(net, "m")
    container = net[0]
    assert (container.step_mode, container.sub_module.step_mode) == ("m", "s")
    x = torch.rand(5, 2, 3) * 3
    whole = net(x)
    functional.reset_net(net)
    container.step_mode = "s"
    assert torch.equal(torch.stack([net(step) for step in x]), whole)


@pytest.mark.parametrize("steps", [0, 1, 3, 9])
def test_delay(steps: int) -> None:
    x = torch.randn(5, 2)
    one, many = layer.Delay(steps), layer.Delay(steps, "m")
    outputs = torch.stack([one(step) for step in x])
    for t in range(5):
        assert torch.equal(outputs[t], x[t - steps] if t >= steps else torch.zeros(2))
    assert torch.equal(many(x), outputs)
    assert len(one.queue) == min(steps, 5)
    assert many.queue == []
    assert len(copy.deepcopy(one).queue) == min(steps, 5)
    one.reset()
    assert one.queue == []


def test_delay_refuses() -> None:
    for wrong in (-1, 2.0):
        with pytest.raises(AssertionError, match="delay_steps"):
            layer.Delay(wrong)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        layer.Delay(1).delay_steps = 2  # type: ignore[misc]


def test_drop_connect_draws_for_each_sample() -> None:
    torch.manual_seed(3)
    module = layer.DropConnectLinear(6, 5, p=0.5, activation=None)
    x = torch.randn(4, 6)
    y = module(x)
    assert module.dropped_w.shape == (4, 5, 6)
    kept = module.dropped_w != 0
    assert not torch.equal(kept[0], kept[1])
    assert torch.allclose(y[2], module.dropped_w[2] @ x[2] + module.dropped_b[2])
    again = module(x)
    assert not torch.equal(again, y)
    fixed = layer.DropConnectLinear(6, 5, invariant=True, state_mode="m")
    assert fixed.step_mode == "m"
    both = fixed(torch.stack((x, x)))
    assert torch.equal(both[0], both[1])
    fixed.reset()
    assert fixed.dropped_w is None
    module.eval()
    many = layer.DropConnectLinear(6, 5, p=0.5, activation=None, samples_num=20000).eval()
    many.load_state_dict(module.state_dict())
    expected = 0.5 * nn.functional.linear(x, module.weight, module.bias)
    assert torch.allclose(many(x), expected, atol=0.05)
    assert layer.DropConnectLinear(6, 5, step_mode="m").step_mode == "m"


@pytest.mark.parametrize(
    ("kind", "norm", "shape"),
    [
        (layer.ThresholdDependentBatchNorm1d, nn.BatchNorm1d, (4, 3, 2, 5)),
        (layer.ThresholdDependentBatchNorm1d, nn.BatchNorm1d, (4, 3, 2)),
        (layer.ThresholdDependentBatchNorm2d, nn.BatchNorm2d, (4, 3, 2, 5, 5)),
        (layer.ThresholdDependentBatchNorm3d, nn.BatchNorm3d, (4, 3, 2, 3, 3, 3)),
    ],
)
def test_threshold_norm(kind: type[nn.Module], norm: type[nn.Module], shape: tuple[int, ...]) -> None:
    module, plain = kind(0.5, 1.3, 2), norm(2)
    nn.init.constant_(plain.weight, 0.5 * 1.3)
    x = torch.randn(shape)
    assert torch.equal(module(x), plain(x.flatten(0, 1)).view(shape))
    assert torch.equal(module.eval()(x), plain.eval()(x.flatten(0, 1)).view(shape))
    assert isinstance(module, base.MultiStepModule)
    assert module.step_mode == "m"
    with pytest.raises(ValueError, match="step_mode"):
        module.step_mode = "s"
    with pytest.raises(ValueError, match="expected an input of shape"):
        module(torch.randn(2, 2, 2, 2, 2, 2, 2))
    with pytest.raises(AssertionError, match="affine=False"):
        kind(0.5, 1.3, 2, affine=False)


@pytest.mark.parametrize("dimension", [2, 4])
def test_temporal_attention(dimension: int) -> None:
    x = torch.randn(8, 3, 5) if dimension == 2 else torch.randn(8, 3, 4, 5, 5)
    module = layer.TemporalWiseAttention(8, 4, dimension)
    y = module(x)
    assert [tuple(each.shape) for each in module.parameters()] == [(2, 8), (8, 2)]
    rest = tuple(range(2, x.dim()))
    scores = module.sharedMLP(x.mean(rest).t()) + module.sharedMLP(x.amax(rest).t())
    scale = scores.sigmoid().t().reshape(8, 3, *(1,) * len(rest))
    assert torch.allclose(y, x * scale)
    with pytest.raises(AssertionError, match="dimensions of x_seq"):
        module(torch.randn(8, 3))


def test_attention_over_three_axes() -> None:
    x = torch.randn(8, 2, 4, 5, 5, requires_grad=True)
    module = layer.MultiDimensionalAttention(8, 4, 4, 2)
    y = module(x)
    assert y.shape == x.shape
    assert float(y.detach().min()) >= 0.0
    y.sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())
    assert sorted(module.state_dict()) == [
        "ca.sharedMLP.0.weight",
        "ca.sharedMLP.2.weight",
        "sa.conv.weight",
        "ta.sharedMLP.0.weight",
        "ta.sharedMLP.2.weight",
    ]
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()  # every scale is sigmoid(0)
        assert torch.allclose(module(x), torch.relu(x) / 8)
    for arguments in ((4, 16), (16, 4), (16, 16, 16, 16, 5)):
        with pytest.raises(AssertionError):
            layer.MultiDimensionalAttention(*arguments)


def test_print_shape(capsys: pytest.CaptureFixture[str]) -> None:
    x = torch.zeros(2, 3)
    assert layer.PrintShapeModule("here")(x) is x
    assert capsys.readouterr().out == "here torch.Size([2, 3])\n"


def test_pickles_name_upstreams_path() -> None:
    for module in (layer.SynapseFilter(), layer.Delay(2), layer.TemporalWiseAttention(8, 4)):
        data = pickle.dumps(module)
        assert b"unisnn.spikingjelly.activation_based.layer\x94" in data
        assert type(pickle.loads(data)) is type(module)
