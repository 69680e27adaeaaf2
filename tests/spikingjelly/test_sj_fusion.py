"""Fused convolutions, kernels and similarity losses, online training: against plain formulas."""

import math
import pickle

import pytest
import torch
from torch import nn

from unisnn.spikingjelly.activation_based import functional, layer, neuron


def pair() -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    torch.manual_seed(1)
    conv, norm = nn.Conv2d(2, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3)
    for tensor in (norm.weight.data, norm.bias.data, norm.running_mean, norm.running_var):
        assert tensor is not None
        tensor.uniform_(0.2, 1.5)
    return conv, norm.eval()


def test_a_fused_convolution_does_what_both_did() -> None:
    conv, norm = pair()
    x = torch.randn(2, 2, 5, 5)
    fused = functional.fuse_convbn2d(conv, norm)
    assert torch.allclose(fused(x), norm(conv(x)), atol=1e-5)
    assert fused.weight.requires_grad
    before = functional.fused_conv2d_weight_of_convbn2d(conv, norm).detach().clone()
    functional.scale_fused_conv2d_weight_of_convbn2d(conv, norm, k=0.5)
    assert torch.allclose(functional.fused_conv2d_weight_of_convbn2d(conv, norm), before * 0.5)
    bias = functional.fused_conv2d_bias_of_convbn2d(conv, norm).detach().clone()
    functional.scale_fused_conv2d_bias_of_convbn2d(conv, norm, 0.5, 0.25)
    after = functional.fused_conv2d_bias_of_convbn2d(conv, norm)
    assert torch.allclose(after, bias * 0.5 + 0.25, atol=1e-6)
    with pytest.raises(AssertionError, match="a convolution without bias"):
        functional.fuse_convbn2d(nn.Conv2d(2, 3, 3), norm)


def test_kernels_and_similarity() -> None:
    x, y = torch.rand(3, 4), torch.rand(3, 4)
    dot = functional.kernel_dot_product
    assert torch.allclose(dot(x, y), x @ y.T)
    assert torch.allclose(dot(x, y, "polynomial", 2), (x @ y.T) ** 2)
    assert torch.allclose(dot(x, y, "sigmoid", 0.7), (0.7 * x @ y.T).sigmoid())
    assert torch.allclose(dot(x, y, "gaussian", 1.3), torch.exp(-(torch.cdist(x, y) ** 2) / (2 * 1.3**2)))
    with pytest.raises(NotImplementedError, match="kernel='other'"):
        dot(x, y, "other")
    same = torch.ones(2, 3, 4)
    assert functional.spike_similar_loss(same, torch.tensor([[1, 0], [1, 0]])).item() < 1e-12
    apart = functional.spike_similar_loss(same, torch.eye(2), "linear", "l1").item()
    assert math.isclose(apart, 0.5, abs_tol=1e-6)
    with pytest.raises(NotImplementedError, match="loss_type='x'"):
        functional.spike_similar_loss(same, torch.eye(2), "linear", "x")


def test_online_training_by_hand() -> None:
    weight, rate, alpha = 1.0, 0.1, 0.5
    module = nn.Linear(1, 1, bias=False).double()
    nn.init.constant_(module.weight, weight)
    optimizer = torch.optim.SGD(module.parameters(), lr=rate)
    averages = functional.fptt_online_training_init_w_ra(optimizer)
    xs, targets = [1.0, 2.0, 3.0], [0.5, 0.25, 0.125]
    x = torch.tensor(xs, dtype=torch.float64).view(3, 1, 1)
    target = torch.tensor(targets, dtype=torch.float64).view(3, 1, 1)
    functional.fptt_online_training(module, optimizer, x, target, nn.functional.mse_loss, alpha, averages)
    average, pull = weight, 0.0
    for t in range(3):
        slope = 2 * (weight * xs[t] - targets[t]) * xs[t]
        weight -= rate * (slope + alpha * (weight - (average + pull) if t else 0.0))
        if t < 2:
            average = weight if t == 0 else average
            pull = 2 * (weight * xs[t] - targets[t]) * xs[t] / (2 * alpha)
            average = (average + weight) / 2 - pull
    assert module.weight.item() == pytest.approx(weight, abs=1e-12)
    assert averages[0].item() == pytest.approx(average, abs=1e-12)
    assert module.weight.grad is None
    with pytest.raises(ValueError, match="w_ra has 0 tensors"):
        functional.fptt_online_training(module, optimizer, x, target, nn.functional.mse_loss, alpha, [])


def test_online_training_goes_on_from_the_first_run_of_a_step() -> None:
    net = nn.Sequential(nn.Linear(2, 3), neuron.LIFNode(), layer.SynapseFilter(3.0), nn.Linear(3, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.0)
    averages = functional.fptt_online_training_init_w_ra(optimizer)
    x, target = torch.rand(4, 2, 2) * 3, torch.rand(4, 2, 1)
    functional.fptt_online_training(net, optimizer, x, target, nn.functional.mse_loss, 0.5, averages)
    kept = net[1].v.clone()
    assert not net[1].v.requires_grad or net[1].v.is_leaf
    functional.reset_net(net)
    for step in x:
        net(step)
    assert torch.equal(net[1].v, kept)


def test_functions_live_at_the_mirrored_path() -> None:
    assert {getattr(functional, name).__module__ for name in functional.__all__} == {functional.__name__}
    assert pickle.loads(pickle.dumps(functional.delay)) is functional.delay
