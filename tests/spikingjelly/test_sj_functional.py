"""Functions over nets and sequences, and the step-mode bases."""

import logging

import pytest
import torch
from torch import nn

from unisnn.spikingjelly.activation_based import base, functional, layer, neuron


class Foreign(nn.Module):
    """Has the methods and attributes of a neuron without being one."""

    step_mode = "s"
    backend = "torch"

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def reset(self) -> None:
        """Note the call."""
        self.calls.append("reset")

    def detach(self) -> None:
        """Note the call."""
        self.calls.append("detach")


def _net() -> nn.Sequential:
    return nn.Sequential(
        layer.Conv2d(1, 4, 3), neuron.IFNode(), layer.Dropout(), layer.Flatten(), neuron.ParametricLIFNode()
    )


def test_reset_net_makes_runs_repeatable() -> None:
    net = _net()[:2]
    x = torch.rand(2, 1, 5, 5) * 2
    first, second = net(x), net(x)
    functional.reset_net(net)
    assert net[1].v == 0.0
    assert torch.equal(net(x), first)
    assert not torch.equal(first, second)


def test_detach_net_cuts_the_graph() -> None:
    net = _net()
    net(torch.rand(2, 1, 5, 5))
    assert net[1].v.requires_grad
    functional.detach_net(net)
    assert not net[1].v.requires_grad
    assert not net[4].v.requires_grad


def test_set_step_mode_reaches_every_module_and_changes_no_number() -> None:
    net = _net().eval()
    x = torch.rand(6, 2, 1, 5, 5) * 3
    one_by_one = torch.stack([net(step) for step in x])
    functional.reset_net(net)
    functional.set_step_mode(net, "m")
    assert {part.step_mode for part in net} == {"m"}
    assert torch.equal(net(x), one_by_one)
    with pytest.raises(ValueError, match="step_mode can only be"):
        functional.set_step_mode(net, "x")


@pytest.mark.parametrize(
    "container",
    [
        lambda: layer.MultiStepContainer(neuron.IFNode()),
        lambda: layer.SeqToANNContainer(layer.Linear(3, 3)),
        lambda: layer.StepModeContainer(True, neuron.IFNode()),
    ],
)
def test_set_step_mode_leaves_what_takes_single_steps(container: object) -> None:
    net = nn.Sequential(container(), neuron.IFNode())  # type: ignore[operator]
    x = torch.rand(4, 2, 3)
    functional.set_step_mode(net, "m")
    assert net[0][0].step_mode == "s"
    assert net[1].step_mode == "m"
    assert net(x).shape == x.shape


def test_set_backend(caplog: pytest.LogCaptureFixture) -> None:
    net = _net()
    functional.set_step_mode(net, "m")
    functional.set_backend(net, "cupy", instance=neuron.IFNode)
    assert (net[1].backend, net[4].backend) == ("cupy", "torch")
    with caplog.at_level(logging.WARNING, logger="unisnn"):
        functional.set_backend(net, "cupy")
    assert (net[1].backend, net[2].backend, net[4].backend) == ("cupy", "torch", "cupy")
    assert len(caplog.records) == 1
    assert "Dropout(p=0.5) does not support 'cupy'" in caplog.records[0].getMessage()


def test_modules_of_other_kinds_are_served_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    foreign = Foreign()
    with caplog.at_level(logging.WARNING, logger="unisnn"):
        functional.reset_net(foreign)
        functional.detach_net(foreign)
        functional.set_step_mode(foreign, "m")
        functional.set_backend(foreign, "torch")
    assert foreign.calls == ["reset", "detach"]
    assert foreign.step_mode == "m"
    assert len(caplog.records) == 4
    assert all("Foreign()" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    "chain", [lambda *m: list(m), lambda *m: tuple(m), nn.Sequential, lambda *m: nn.Sequential(*m).forward]
)
def test_sequences_through_single_step_and_stateless_modules(chain: object) -> None:
    modules = chain(nn.Linear(3, 4), nn.ReLU())  # type: ignore[operator]
    x = torch.randn(5, 2, 3)
    stepwise = functional.multi_step_forward(x, modules)
    assert stepwise.shape == (5, 2, 4)
    assert torch.allclose(functional.seq_to_ann_forward(x, modules), stepwise, atol=1e-6)


def test_chunks_carry_the_state() -> None:
    x = torch.rand(7, 2, 3)
    whole = neuron.LIFNode(step_mode="m")(x)
    assert torch.equal(functional.chunk_multi_step_forward(3, x, neuron.LIFNode(step_mode="m")), whole)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: functional.multi_step_forward(torch.zeros(0, 2), nn.ReLU()),
            ValueError,
            "at least one time step",
        ),
        (lambda: functional.multi_step_forward(torch.zeros(1, 2), 3), TypeError, "module=3 is not accepted"),
        (
            lambda: functional.seq_to_ann_forward(torch.zeros(3), nn.ReLU()),
            ValueError,
            r"expected \[T, N, \*\]",
        ),
        (
            lambda: functional.chunk_multi_step_forward(0, torch.zeros(1, 2), nn.ReLU()),
            ValueError,
            "split_size=0 is not accepted",
        ),
        (lambda: functional.delay(torch.zeros(3), -1), ValueError, "delay_steps=-1 is not accepted"),
    ],
)
def test_bad_arguments(call: object, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        call()  # type: ignore[operator]


@pytest.mark.parametrize("steps", [0, 2, 4, 9])
def test_delay(steps: int) -> None:
    x = torch.arange(1.0, 5.0)
    assert functional.delay(x, steps).tolist() == ([0.0] * steps + x.tolist())[:4]


def test_first_spike_index() -> None:
    spikes = torch.tensor([[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 1.0]])
    expected = [[False, True, False, False], [False] * 4, [True, False, False, False]]
    assert functional.first_spike_index(spikes).tolist() == expected


def test_redundant_one_hot() -> None:
    y = functional.redundant_one_hot(torch.tensor([0, 2]), 3, 2)
    assert y.tolist() == [[1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1]]
    assert y.dtype == torch.float32


def test_tet_loss_is_the_mean_over_time() -> None:
    x, target = torch.randn(5, 3, 4), torch.tensor([0, 1, 3])
    expected = torch.stack([nn.functional.cross_entropy(step, target) for step in x]).mean()
    assert torch.allclose(functional.temporal_efficient_training_cross_entropy(x, target), expected)


def test_threshold_margin() -> None:
    node = neuron.IFNode()
    functional.set_threshold_margin(node, torch.tensor([[0, 1]]))
    assert torch.equal(node.v_threshold, torch.tensor([[0.9, 1.1]]))
    functional.set_threshold_margin(node.eval(), torch.tensor([[0, 1]]))
    assert node.v_threshold == 1.0


def test_kaiming_normal_leaves_other_layers() -> None:
    net = nn.Sequential(nn.Conv1d(2, 8, 3), nn.ConvTranspose1d(2, 8, 3), layer.Linear(3, 4))
    before = [part.weight.clone() for part in net]
    torch.manual_seed(0)
    functional.kaiming_normal_conv_linear_weight(net)
    torch.manual_seed(0)
    assert torch.equal(net[0].weight, nn.init.kaiming_normal_(torch.empty(8, 2, 3), a=5**0.5))
    assert [torch.equal(part.weight, old) for part, old in zip(net, before, strict=True)] == [
        False,
        True,
        False,
    ]


def test_step_mode_bases() -> None:
    class Single(nn.Module, base.SingleModule):
        pass

    class Multi(nn.Module, base.MultiStepModule):
        pass

    for module, mode, other in ((Single(), "s", "m"), (Multi(), "m", "s")):
        module.step_mode = mode
        with pytest.raises(ValueError, match=rf"step_mode can only be \('{mode}',\), but got \"{other}\"!"):
            module.step_mode = other
        assert module.step_mode == mode


def test_memory_module() -> None:
    class Sum(base.MemoryModule):
        def __init__(self) -> None:
            super().__init__()
            self.register_memory("total", 0.0)

        def single_step_forward(self, x: torch.Tensor, scale: float = 1.0) -> torch.Tensor:
            self.total = self.total + x * scale
            return self.total

    module = Sum()
    assert (module.step_mode, module.backend, module.supported_backends) == ("s", "torch", ("torch",))
    assert module.extra_repr() == "step_mode=s, backend=torch"
    assert module(torch.ones(2), 3.0).tolist() == [3.0, 3.0]
    functional.reset_net(module)
    functional.set_step_mode(module, "m")
    assert module(torch.ones(3, 1), scale=2.0).tolist() == [[2.0], [4.0], [6.0]]
    with pytest.raises(NotImplementedError, match="MemoryModule does not define single_step_forward"):
        base.MemoryModule()(torch.ones(1))
