"""Layers: the step mode folds time into the batch, dropout keeps its mask, containers hand out steps."""

import logging

import pytest
import torch
from torch import nn

from unisnn.spikingjelly.activation_based import functional, layer, neuron

SHAPES = {"1": (4, 3, 2, 7), "2": (4, 3, 2, 7, 7), "3": (4, 3, 2, 5, 5, 5)}
DIMENSIONS = [
    *((f"{kind}{n}d", (2, 4, 3)) for kind in ("Conv", "ConvTranspose") for n in (1, 2, 3)),
    *((f"{kind}{n}d", (2,)) for kind in ("MaxPool", "AvgPool", "AdaptiveAvgPool") for n in (1, 2, 3)),
    *((f"BatchNorm{n}d", (2,)) for n in (1, 2, 3)),
]


def _pair(name: str, arguments: tuple) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    plain = getattr(nn, name)(*arguments)
    torch.manual_seed(0)
    return getattr(layer, name)(*arguments, step_mode="m"), plain


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("name", "arguments"), DIMENSIONS)
def test_all_steps_at_once_are_torch_on_the_folded_batch(name: str, arguments: tuple, training: bool) -> None:
    ours, plain = (module.train(training) for module in _pair(name, arguments))
    assert isinstance(ours, getattr(nn, name))
    x = torch.randn(SHAPES[name[-2]], generator=torch.Generator().manual_seed(1))
    y = ours(x)
    expected = plain(x.flatten(0, 1))
    assert torch.equal(y, expected.view(4, 3, *expected.shape[1:]))
    assert ours.state_dict().keys() == plain.state_dict().keys()
    for key, value in plain.state_dict().items():
        assert torch.equal(ours.state_dict()[key], value)
    if "Norm" not in name:
        assert torch.allclose(y, torch.stack([plain(step) for step in x]), atol=1e-6)


@pytest.mark.parametrize(("name", "arguments"), DIMENSIONS)
def test_one_step_is_torch(name: str, arguments: tuple) -> None:
    ours, plain = _pair(name, arguments)
    ours.step_mode = "s"
    x = torch.randn(SHAPES[name[-2]][1:])
    assert torch.equal(ours(x), plain(x))
    assert ours.extra_repr() == plain.extra_repr() + ", step_mode=s"


@pytest.mark.parametrize(("name", "arguments"), DIMENSIONS)
def test_a_sequence_of_another_shape_is_refused(name: str, arguments: tuple) -> None:
    ours, _ = _pair(name, arguments)
    positions = {"1": "L", "2": "H, W", "3": "D, H, W"}[name[-2]]
    for shape in (SHAPES[name[-2]][1:], (2, *SHAPES[name[-2]])):
        with pytest.raises(
            ValueError, match=rf"expected x with shape \[T, N, C, {positions}\], but got x with shape"
        ):
            ours(torch.zeros(shape))


@pytest.mark.parametrize(
    "kind", [layer.Linear, layer.Conv2d, layer.BatchNorm2d, layer.MaxPool2d, layer.AvgPool2d]
)
def test_the_step_mode_is_checked(kind: type) -> None:
    arguments = {layer.Linear: (2, 3), layer.Conv2d: (1, 1, 1)}.get(kind, (2,))
    assert kind(*arguments).step_mode == "s"
    with pytest.raises(ValueError, match="step_mode can only be"):
        kind(*arguments, step_mode="x")


def test_positional_order() -> None:
    conv = layer.Conv2d(2, 4, 3, 2, 1, 1, 2, False, "zeros", "m")
    assert (conv.stride, conv.padding, conv.groups, conv.bias, conv.step_mode) == (
        (2, 2),
        (1, 1),
        2,
        None,
        "m",
    )
    transposed = layer.ConvTranspose2d(2, 4, 3, 2, 1, 1, 2, False, 1, "zeros", "m")
    assert (transposed.output_padding, transposed.groups, transposed.step_mode) == ((1, 1), 2, "m")
    norm = layer.BatchNorm2d(3, 1e-3, 0.2, False, False, "m")
    assert (norm.eps, norm.momentum, norm.affine, norm.track_running_stats) == (1e-3, 0.2, False, False)
    pool = layer.AvgPool2d(2, 1, 0, True, False, 3, "m")
    assert (pool.ceil_mode, pool.count_include_pad, pool.divisor_override, pool.step_mode) == (
        True,
        False,
        3,
        "m",
    )
    assert layer.MaxPool2d(2, 1, 0, 1, False, True, "m").ceil_mode is True
    assert layer.Linear(2, 3, False, "m").bias is None
    assert layer.Dropout(0.25, "m").step_mode == "m"


def test_max_pool_returns_indices_over_time() -> None:
    y, indices = layer.MaxPool2d(2, return_indices=True, step_mode="m")(torch.rand(4, 3, 2, 4, 4))
    assert y.shape == indices.shape == (4, 3, 2, 2, 2)


def test_linear_is_the_same_in_both_modes() -> None:
    linear = layer.Linear(3, 2, step_mode="m")
    x = torch.rand(4, 5, 3)
    assert torch.equal(linear(x), nn.functional.linear(x, linear.weight, linear.bias))
    assert repr(linear) == "Linear(in_features=3, out_features=2, bias=True)"


def test_flatten_counts_dimensions_within_a_step() -> None:
    x = torch.rand(4, 3, 2, 5, 6)
    assert layer.Flatten(step_mode="m")(x).shape == (4, 3, 60)
    assert layer.Flatten(2, step_mode="m")(x).shape == (4, 3, 2, 30)
    assert layer.Flatten()(x).shape == (4, 180)


def test_group_norm_folds_time() -> None:
    x = torch.rand(4, 3, 6, 5)
    ours = layer.GroupNorm(3, 6, step_mode="m")
    assert torch.equal(
        ours(x), nn.functional.group_norm(x.flatten(0, 1), 3, ours.weight, ours.bias).view_as(x)
    )


def test_voting() -> None:
    x = torch.arange(24.0).view(2, 2, 6)
    voting = layer.VotingLayer(3, step_mode="m")
    assert torch.equal(voting(x), x.view(2, 2, 2, 3).mean(-1))
    assert repr(voting) == "VotingLayer(voting_size=3, step_mode=m)"


@pytest.mark.parametrize("step_mode", ["s", "m"])
@pytest.mark.parametrize(("kind", "shape"), [(layer.Dropout, (3, 40)), (layer.Dropout2d, (3, 40, 2, 2))])
def test_dropout_keeps_one_mask_until_reset(kind: type, shape: tuple, step_mode: str) -> None:
    dropout = kind(0.5, step_mode=step_mode)
    assert dict(dropout.named_memories()) == {"mask": None}
    x = torch.ones(5, *shape)
    torch.manual_seed(0)
    y = dropout(x) if step_mode == "m" else torch.stack([dropout(step) for step in x])
    torch.manual_seed(0)
    draw = nn.functional.dropout if kind is layer.Dropout else nn.functional.dropout2d
    assert torch.equal(y[0], draw(torch.ones(shape), 0.5)), "torch's own draw, once"
    assert all(torch.equal(step, y[0]) for step in y)
    assert set(y.unique().tolist()) == {0.0, 2.0}
    mask = dropout.mask
    dropout.eval()
    assert dropout(x) is x
    dropout.train()
    assert dropout.mask is mask
    functional.reset_net(dropout)
    assert dropout.mask is None


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5])
def test_dropout_refuses_a_probability_out_of_range(p: float) -> None:
    with pytest.raises(
        AssertionError, match=f"Dropout: p={p} is not accepted; expected a number from 0 to below 1"
    ):
        layer.Dropout(p)


def test_dropout_refuses_a_sequence_without_time_steps() -> None:
    with pytest.raises(ValueError, match="at least one time step"):
        layer.Dropout(step_mode="m")(torch.zeros(0, 3))


def test_seq_to_ann_container() -> None:
    container = layer.SeqToANNContainer(nn.Conv2d(2, 3, 3), nn.ReLU())
    x = torch.randn(4, 3, 2, 5, 5)
    expected = nn.Sequential(*container)(x.flatten(0, 1)).view(4, 3, 3, 3, 3)
    assert torch.equal(container(x), expected)
    assert list(container.state_dict()) == ["0.weight", "0.bias"]
    with pytest.raises(ValueError, match=r"step_mode can only be \('m',\), but got \"s\"!"):
        container.step_mode = "s"


def test_multi_step_container() -> None:
    container = layer.MultiStepContainer(nn.Linear(3, 3), nn.ReLU())
    x = torch.randn(4, 2, 3)
    assert torch.equal(container(x), torch.stack([nn.Sequential(*container)(step) for step in x]))


@pytest.mark.parametrize("stateful", [True, False])
def test_step_mode_container(stateful: bool) -> None:
    inner = neuron.IFNode() if stateful else nn.Linear(3, 3)
    container = layer.StepModeContainer(stateful, inner)
    x = torch.rand(4, 2, 3)
    one_by_one = torch.stack([container(step) for step in x])
    functional.reset_net(container)
    functional.set_step_mode(container, "m")
    assert torch.equal(container(x), one_by_one)


@pytest.mark.parametrize("container", [layer.SeqToANNContainer, layer.MultiStepContainer])
def test_containers_refuse_modules_that_take_all_steps(container: type) -> None:
    with pytest.raises(AssertionError, match=f"{container.__name__}: step_mode of a module inside='m'"):
        container(neuron.IFNode(step_mode="m"))


def test_a_container_around_a_neuron_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="unisnn"):
        layer.MultiStepContainer(neuron.IFNode(), nn.Linear(2, 2))
    assert ["MultiStepContainer: IFNode(" in record.getMessage() for record in caplog.records] == [True]


def test_classes_live_at_the_mirrored_path() -> None:
    assert {getattr(layer, name).__module__ for name in layer.__all__} == {layer.__name__}
