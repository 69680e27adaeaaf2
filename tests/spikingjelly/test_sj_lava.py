"""The exchange with Lava-DL: integers against sums by hand, and what happens without Lava-DL."""

from __future__ import annotations

import copy
import importlib
import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch import nn

from unisnn.spikingjelly.activation_based import lava_exchange
from unisnn.spikingjelly.activation_based import neuron as activation_neuron
from unisnn.spikingjelly.clock_driven import lava_exchange as clock_exchange
from unisnn.spikingjelly.clock_driven import neuron

MODULES = (lava_exchange, clock_exchange)


@pytest.mark.parametrize("module", MODULES)
def test_time_moves_to_the_end_and_back(module: ModuleType) -> None:
    x = torch.arange(120.0).view(5, 2, 3, 4)
    y = module.TNX_to_NXT(x)
    assert y.shape == (2, 3, 4, 5)
    assert all(torch.equal(y[..., t], x[t]) for t in range(5))
    assert torch.equal(module.NXT_to_TNX(y), x)


@pytest.mark.parametrize("module", MODULES)
def test_weights_become_even_steps_of_eight_bits(module: ModuleType) -> None:
    x = torch.linspace(-6, 6, 1001, requires_grad=True)
    y = module.quantize_8bit(x, 64)
    counts = module.quantize_8bit(x, 64, descale=True)
    assert torch.equal(counts / 64, y)
    inside = (counts > -256) & (counts < 255)
    assert set((counts[inside] % 2).tolist()) == {0.0}
    assert (counts.min(), counts.max()) == (-256, 255)
    assert float((y - x)[inside].detach().abs().max()) <= 1 / 64 + 1e-6
    y.sum().backward()
    assert set(x.grad.tolist()) == {0.0, 1.0}
    with pytest.raises(ZeroDivisionError):
        module.quantize_8bit(x, 0)


def test_shifts_approach_zero_from_both_sides() -> None:
    x = torch.tensor([-9, -8, -7, 0, 7, 8, 9])
    assert lava_exchange.right_shift_to_zero(x, 3).tolist() == [-1, -1, 0, 0, 0, 1, 1]
    with pytest.raises(AssertionError, match=r"x\.dtype=torch\.float32"):
        lava_exchange.right_shift_to_zero(torch.ones(2), 1)


def integrate(x: float, decay: int, state: float, scale: int) -> float:
    """One step of the leaky integrator with Python's integers."""
    return (int(int(state * scale) * (4096 - decay) / 4096) + int(x * scale)) / scale


def test_the_neuron_counts_in_integers() -> None:
    torch.manual_seed(0)
    node = lava_exchange.CubaLIFNode(0.25, 0.5, v_threshold=0.5, step_mode="m", store_v_seq=True)
    x_seq = torch.rand(20, 3) - 0.2
    spikes = node(x_seq)
    assert 0 < spikes.sum() < spikes.numel()
    for column in range(3):
        current = voltage = 0.0
        for t in range(20):
            current = integrate(float(x_seq[t, column]), 1024, current, 4096)
            voltage = integrate(current, 2048, voltage, 4096)
            assert bool(spikes[t, column]) == (voltage >= 0.5 + 0.01 / 4096)
            voltage = 0.0 if spikes[t, column] else voltage
            assert float(node.v_seq[t, column]) == voltage
    node.reset()
    assert node.voltage_state == 0.0
    single = copy.deepcopy(node)
    single.step_mode = "s"
    assert torch.equal(torch.stack([single(x) for x in x_seq]), spikes)


def test_decays_are_learned_and_stay_in_their_range() -> None:
    torch.manual_seed(0)
    node = lava_exchange.CubaLIFNode(0.3, 0.9, requires_grad=True, step_mode="m")
    assert {name for name, _ in node.named_parameters()} == {"current_decay", "voltage_decay"}
    x = torch.rand(6, 4, requires_grad=True)
    node(x).sum().backward()
    assert node.current_decay.grad.shape == ()
    assert float(node.current_decay.grad.abs()) > 0
    node.current_decay.data.fill_(9000.0)
    node.voltage_decay.data.fill_(-3.0)
    node.reset()
    node(x)
    assert (node.current_decay.item(), node.voltage_decay.item()) == (4096.0, 0.0)


def test_every_neuron_can_have_its_own_decay() -> None:
    decay = torch.tensor([1000.0, 0.0, 4096.0], requires_grad=True)
    state = torch.tensor([1.0, 2.0, -3.0], requires_grad=True)
    y = lava_exchange.LeakyIntegratorStep.apply(torch.zeros(3), decay, state, 64)
    y.sum().backward()
    assert y.tolist() == [48 / 64, 2.0, 0.0]
    assert torch.allclose(decay.grad, -state.detach() / 4096)
    assert torch.allclose(state.grad, 1 - decay.detach() / 4096)


def test_a_norm_scales_by_a_power_of_two() -> None:
    torch.manual_seed(0)
    norm = lava_exchange.BatchNorm2d(3)
    x = torch.randn(8, 3, 5, 5) * 3 + torch.tensor([1.0, 2.0, 3.0]).view(1, 3, 1, 1)
    y = norm(x)
    assert torch.allclose(y * 4, x - x.mean((0, 2, 3)).view(1, 3, 1, 1), atol=1e-6)
    assert torch.allclose(norm.running_mean * 10, x.mean((0, 2, 3)))
    assert torch.allclose(norm.running_var * 10, x.var(unbiased=False) * 200 / 201)
    before = norm.running_var.clone()
    norm.eval()
    norm(x)
    assert torch.equal(norm.running_var, before)


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"v_reset": None}, AssertionError, "v_reset=None"),
        ({"v_reset": 0.5}, AssertionError, r"v_reset=0\.5"),
        ({"norm": nn.BatchNorm2d(3)}, NotImplementedError, "norm=BatchNorm2d"),
        ({"backend": "cupy"}, NotImplementedError, "cupy"),
    ],
)
def test_what_loihi_has_not_is_refused(kwargs: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        lava_exchange.CubaLIFNode(0.3, 0.1, **kwargs)


PAIRS = [
    (clock_exchange, neuron.MultiStepIFNode(), neuron.MultiStepLIFNode(tau=4.0, decay_input=False)),
    (lava_exchange, activation_neuron.IFNode(), activation_neuron.LIFNode(tau=4.0, decay_input=False)),
]


@pytest.mark.parametrize(("module", "integrate_and_fire", "leaky"), PAIRS)
def test_parameters_of_lava_neurons(
    module: ModuleType, integrate_and_fire: nn.Module, leaky: nn.Module
) -> None:
    assert module.to_lava_neuron_param_dict(integrate_and_fire)["voltage_decay"] == 0.0
    found = module.to_lava_neuron_param_dict(leaky)
    assert (found["voltage_decay"], found["current_decay"], found["scale"]) == (0.25, 1.0, 64)
    with pytest.raises(ValueError, match="decay_input=True"):
        module.to_lava_neuron_param_dict(type(leaky)())
    with pytest.raises(ValueError, match="v_reset=None"):
        module.to_lava_neuron_param_dict(type(integrate_and_fire)(v_reset=None))
    with pytest.raises(NotImplementedError, match=r"ReLU.* is not accepted; expected .*IFNode or .*LIFNode"):
        module.to_lava_neuron_param_dict(nn.ReLU())


@pytest.mark.parametrize("module", MODULES)
def test_layers_with_a_bias_are_refused(module: ModuleType) -> None:
    with pytest.raises(ValueError, match="bias=False"):
        module.linear_to_lava_synapse_dense(nn.Linear(2, 3))
    with pytest.raises(ValueError, match=r"expected a torch\.nn\.modules\.conv\.Conv2d"):
        module.conv2d_to_lava_synapse_conv(nn.Linear(2, 3, bias=False))
    with pytest.raises(ValueError, match="start_dim=2"):
        module.to_lava_block_flatten(nn.Flatten(2))


@pytest.mark.parametrize("module", MODULES)
def test_without_lava_the_error_says_what_to_install(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lava", None)
    with pytest.raises(ModuleNotFoundError, match=r"linear_to_lava_synapse_dense .* pip install lava-dl"):
        module.linear_to_lava_synapse_dense(nn.Linear(2, 3, bias=False))
    with pytest.raises(ModuleNotFoundError, match="pip install lava-dl"):
        module.to_lava_block_flatten(nn.Flatten())


def test_weights_are_copied_into_synapses(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dense:
        def __init__(self, inputs: int, outputs: int) -> None:
            self.weight = nn.Parameter(torch.zeros(outputs, inputs, 1, 1, 1))

    for name in ("lava", "lava.lib", "lava.lib.dl"):
        package = ModuleType(name)
        package.__path__ = []
        monkeypatch.setitem(sys.modules, name, package)
    slayer = ModuleType("lava.lib.dl.slayer")
    slayer.synapse = SimpleNamespace(Dense=Dense)
    monkeypatch.setitem(sys.modules, slayer.__name__, slayer)
    fc = nn.Linear(4, 3, bias=False)
    synapse = clock_exchange.linear_to_lava_synapse_dense(fc)
    assert torch.equal(synapse.weight[:, :, 0, 0, 0], fc.weight)
    fc.weight.data.zero_()
    assert synapse.weight.abs().sum().item() > 0


def test_pooling_warns_that_it_sums(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lava", None)
    with pytest.raises(ModuleNotFoundError):
        clock_exchange.avgpool2d_to_lava_synapse_pool(nn.AvgPool2d(2))
    assert "sums" in caplog.text


def test_images_pass_a_lava_neuron() -> None:
    class Neuron(nn.Module):
        voltage_state: torch.Tensor

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.voltage_state = self.voltage_state + x.sum(-1)
            return x

    x = torch.rand(3, 2, 4, 5, 6)
    spikes, v = lava_exchange.lava_neuron_forward(Neuron(), x, 1.0)
    assert torch.equal(spikes, x)
    assert torch.allclose(v, x.sum(0) + 1)


def test_importing_needs_no_lava() -> None:
    for module in MODULES:
        assert importlib.import_module(module.__name__) is module
    assert "lava" not in sys.modules
