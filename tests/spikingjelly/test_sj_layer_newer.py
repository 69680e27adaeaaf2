"""Layers since 0.0.0.0.14: online training, norms over time, standardised weights, upsampling, counts."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from unisnn.core import spike_count, weight_norm
from unisnn.spikingjelly.activation_based import base, functional, layer, neuron


def drawn(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 1.5


def test_a_trace_stands_in_for_the_spikes_in_the_gradient_only() -> None:
    linear = nn.Linear(4, 3)
    spike, trace, g = (drawn(5, 4) > 0).float(), drawn(5, 4, seed=2), drawn(5, 3, seed=3)
    y = layer.GradwithTrace(linear)([spike, trace])
    assert torch.equal(y, linear(spike))
    y.backward(g)
    torch.testing.assert_close(linear.weight.grad, g.t() @ trace)
    torch.testing.assert_close(linear.bias.grad, g.sum(0))


def test_replace_for_grad_takes_the_value_of_the_second() -> None:
    x, x_r = drawn(3).requires_grad_(), drawn(3, seed=2).requires_grad_()
    y = layer.ReplaceforGrad.apply(x, x_r)
    assert torch.equal(y, x_r)
    y.backward(torch.tensor([1.0, 2.0, 3.0]))
    assert x.grad is not None
    assert x_r.grad is not None
    assert x.grad.tolist() == x_r.grad.tolist() == [1.0, 2.0, 3.0]


def test_spike_and_trace_go_through_the_same_operation() -> None:
    spike, trace = drawn(2, 1, 4, 4).requires_grad_(), drawn(2, 1, 4, 4, seed=2).requires_grad_()
    y, t = layer.SpikeTraceOp(nn.AvgPool2d(2))([spike, trace])
    assert torch.equal(y, nn.functional.avg_pool2d(spike, 2))
    assert torch.equal(t, nn.functional.avg_pool2d(trace, 2))
    assert y.requires_grad
    assert not t.requires_grad


def test_ottt_learns_from_traces_step_by_step() -> None:
    torch.manual_seed(0)
    first, last = nn.Linear(4, 6), nn.Linear(6, 2)
    node = neuron.OTTTLIFNode(1.7, v_threshold=0.3)
    net = layer.OTTTSequential(first, node, nn.Dropout(0.0), last)
    trace = torch.zeros(5, 6)
    expected = torch.zeros_like(last.weight)
    for t in range(4):
        x = drawn(5, 4, seed=t)
        y = net(x)
        y.sum().backward()
        spikes = node.trace - trace * (1 - 1 / 1.7)
        trace = node.trace
        torch.testing.assert_close(y, last(spikes.round()))
        expected += torch.ones(2, 5) @ trace
    torch.testing.assert_close(last.weight.grad, expected)
    assert first.weight.grad is not None
    assert first.weight.grad.abs().sum() > 0
    functional.reset_net(net)
    net.eval()
    assert isinstance(net(drawn(5, 4)), Tensor)
    assert list(net.state_dict()) == ["0.weight", "0.bias", "3.weight", "3.bias"]


@pytest.mark.parametrize("gain", [True, False])
def test_standardised_weights_have_mean_0_and_unit_sum_of_squares(gain: bool) -> None:
    conv = layer.WSConv2d(3, 5, 3, padding=1, gain=gain, eps=0.0)
    weight = conv.get_weight()
    torch.testing.assert_close(weight.mean(dim=(1, 2, 3)), torch.zeros(5), atol=1e-6, rtol=0)
    torch.testing.assert_close(weight.var(dim=(1, 2, 3)) * 27, torch.ones(5))
    x = drawn(2, 4, 3, 6, 6)
    alone = nn.functional.conv2d(x[1], weight, conv.bias, padding=1)
    conv.step_mode = "m"
    torch.testing.assert_close(conv(x)[1], alone)
    linear = layer.WSLinear(7, 5, gain=gain)
    standard = weight_norm.standardize(linear.weight, linear.gain, 1e-4)
    torch.testing.assert_close(linear(drawn(2, 7)), nn.functional.linear(drawn(2, 7), standard, linear.bias))
    assert ("gain" in dict(linear.named_parameters())) is gain


def test_standardised_convolutions_keep_their_padding_mode() -> None:
    conv = layer.WSConv2d(1, 1, 3, padding=1, padding_mode="circular", bias=False)
    x = drawn(1, 1, 4, 4)
    wrapped = nn.functional.conv2d(nn.functional.pad(x, (1, 1, 1, 1), mode="circular"), conv.get_weight())
    torch.testing.assert_close(conv(x), wrapped)


def test_tebn_scales_each_step_of_a_norm_over_all_steps() -> None:
    norm = layer.TemporalEffectiveBatchNorm2d(3, 2)
    with torch.no_grad():
        norm.scale.copy_(torch.tensor([0.5, 1.0, 2.0]))
    x = drawn(3, 4, 2, 5, 5)
    plain = nn.BatchNorm2d(2)(x.flatten(0, 1)).view(x.shape)
    torch.testing.assert_close(norm(x), plain * torch.tensor([0.5, 1.0, 2.0]).view(3, 1, 1, 1, 1))
    assert norm.step_mode == "m"
    with pytest.raises(ValueError, match="step_mode"):
        norm.step_mode = "s"
    with pytest.raises(ValueError, match="TemporalEffectiveBatchNorm2d"):
        norm(x[..., 0])
    with pytest.raises(RuntimeError):
        norm(x[:2])


@pytest.mark.parametrize("step_mode", ["s", "m"])
def test_bntt_has_a_norm_for_each_step(step_mode: str) -> None:
    norm = layer.BatchNormThroughTime1d(3, 2, step_mode=step_mode)
    x = drawn(3, 6, 2) + torch.arange(3.0).view(3, 1, 1)
    y = norm(x) if step_mode == "m" else torch.stack([norm(step) for step in x])
    for t in range(3):
        torch.testing.assert_close(y[t], nn.BatchNorm1d(2)(x[t]))
        torch.testing.assert_close(norm.bn_list[t].running_mean, 0.1 * x[t].mean(0))
        assert norm.bn_list[t].bias is None
    with pytest.raises(IndexError, match="reset"):
        norm(x if step_mode == "m" else x[0])
    functional.reset_net(norm)
    assert norm.t == -1
    norm(x if step_mode == "m" else x[0])


def test_upsampling_folds_the_time() -> None:
    x = drawn(3, 2, 1, 4, 4)
    for kwargs in ({"scale_factor": 2}, {"size": (5, 3), "mode": "bilinear"}):
        made: Any = layer.Upsample(**kwargs, step_mode="m")  # type: ignore[arg-type]
        assert torch.equal(made(x)[1], nn.Upsample(**kwargs)(x[1]))  # type: ignore[arg-type]


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_unpooling_puts_the_maxima_back(dims: int) -> None:
    x = drawn(3, 2, 1, *[4] * dims)
    pool = getattr(layer, f"MaxPool{dims}d")(2, return_indices=True)
    unpool = getattr(layer, f"MaxUnpool{dims}d")(2)
    steps = [unpool(*pool(step)) for step in x]
    unpool.step_mode = "m"
    largest, places = zip(*(pool(step) for step in x), strict=True)
    y = unpool(torch.stack(largest), torch.stack(places))
    assert torch.equal(y, torch.stack(steps))
    kept = y != 0
    assert torch.equal(y[kept], x[kept])
    assert int(kept.sum()) == torch.stack(largest).numel()
    with pytest.raises(ValueError, match="expected x with shape"):
        unpool(largest[0], places[0])


def test_counts_become_spikes_and_counts_again() -> None:
    count = torch.tensor([[0.0, 1.0, 4.0], [2.0, 3.0, 0.0]], requires_grad=True)
    expand, add = layer.SpikeCountToBinary(4), layer.TemporalBinSum(4)
    assert expand(count) is count
    assert add(count) is count
    expand.eval()
    add.eval()
    spikes = expand(count)
    assert spikes.shape == (8, 3)
    assert set(spikes.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(add(spikes), count)
    g = drawn(8, 3)
    spikes.backward(g)
    torch.testing.assert_close(count.grad, g.view(2, 4, 3).mean(1))
    assert spike_count.sum_bins(torch.ones(5, 2), 4)[:, 0].tolist() == [4.0, 1.0]
    with pytest.raises(ValueError, match="num_slots=0"):
        layer.TemporalBinSum(0)


def heads(x: Tensor, number: int, count: int) -> Tensor:
    """The ``number``-th of ``count`` tensors of ``[T, N, heads=2, d, L]``."""
    channels = x.shape[2] // count
    part = x[:, :, number * channels : (number + 1) * channels]
    return torch.stack(part.split(channels // 2, dim=2), dim=2)


def test_spiking_self_attention_is_two_products_of_spikes() -> None:
    torch.manual_seed(0)
    x = (drawn(3, 2, 8, 5) > 0).float()
    made = layer.SpikingSelfAttention(8, 2).eval()
    y = made(x)
    functional.reset_net(made)
    qkv = made.qkv_lif(made.qkv_conv_bn(x))
    q, k, v = (heads(qkv, number, 3) for number in range(3))
    product = torch.einsum("tnhdl,tnhel,tnhem->tnhdm", v, k, q) * 0.125
    spikes = made.attn_lif(product).reshape(3, 2, 8, 5)
    assert torch.equal(made.proj_lif(made.proj_conv_bn(spikes)), y)
    assert made.attn_lif.v_threshold == 0.5
    assert made.qkv_lif.v_threshold == 1.0
    assert made.qkv_lif.detach_reset


@pytest.mark.parametrize(("kind", "dim"), [("token", 3), ("channel", 4)])
def test_qk_attention_lets_queries_choose_keys(kind: str, dim: int) -> None:
    torch.manual_seed(0)
    x = (drawn(3, 2, 8, 5) > 0).float()
    made = layer.QKAttention(8, 2, kind, v_threshold=0.4).eval()
    torch.manual_seed(0)
    short = {"token": layer.TokenQKAttention, "channel": layer.ChannelQKAttention}[kind](
        8, 2, v_threshold=0.4
    )
    y = made(x)
    assert torch.equal(short.eval()(x), y)
    assert short.qka_type == kind
    functional.reset_net(made)
    qk = made.qk_lif(made.qk_conv_bn(x))
    q, k = (heads(qk, number, 2) for number in range(2))
    chosen = made.attn_lif(q.sum(dim, keepdim=True)) * k
    assert torch.equal(made.proj_lif(made.proj_conv_bn(chosen.reshape(3, 2, 8, 5))), y)
    with pytest.raises(ValueError, match="qka_type"):
        layer.QKAttention(8, 2, "both")


def test_spike_driven_attention_adds_its_input() -> None:
    torch.manual_seed(0)
    x = drawn(3, 2, 8, 2, 5)
    made = layer.SpikeDrivenSelfAttention(8, 2, neuron.IFNode, v_threshold=0.4).eval()
    y = made(x)
    functional.reset_net(made)
    s = made.shortcut_lif(x)
    parts = [
        getattr(made, f"{name}_lif")(getattr(made, f"{name}_bn")(getattr(made, f"{name}_conv")(s)))
        for name in ("q", "k", "v")
    ]
    q, k, v = (heads(part.flatten(3), 0, 1) for part in parts)
    attended = q * made.attn_lif((k * v).sum(-1, keepdim=True))
    picture = attended.reshape(x.shape)
    assert torch.equal(made.proj_bn(made.proj_conv(picture)) + x, y)
    with pytest.raises(ValueError, match="num_heads=3"):
        layer.SpikeDrivenSelfAttention(8, 3)
    with pytest.raises(ValueError, match="SpikeDrivenSelfAttention: expected an input"):
        made(x[..., 0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: layer.OTTTSequential(nn.Linear(2, 2), neuron.OTTTLIFNode()),
        lambda: layer.WSConv2d(2, 2, 1),
        lambda: layer.TemporalEffectiveBatchNorm1d(3, 2),
        lambda: layer.BatchNormThroughTime2d(3, 2),
        lambda: layer.SpikeCountToBinary(2),
        lambda: layer.MaxUnpool2d(2),
        lambda: layer.Upsample(scale_factor=2),
    ],
)
def test_every_layer_is_copied_and_pickled(make: Any) -> None:
    made = make()
    for copied in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert type(copied) is type(made)
        assert repr(copied) == repr(made)
        assert list(copied.state_dict()) == list(made.state_dict())
    assert type(made).__module__ == "unisnn.spikingjelly.activation_based.layer"
    assert isinstance(made, (base.StepModule, nn.Sequential))
