"""Models in every time layout: rebuilt in the target's, with the source's face, keys, modes and sharing."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

import unisnn
from unisnn.braincog.base.node import node as bc
from unisnn.braincog.base.strategy import surrogate as bcs
from unisnn.convert.tree import layout_of
from unisnn.core.layout import FoldTime, SplitTime, StepTime
from unisnn.snngrow.base.neuron.LIFNode import LIFNode as SGLIF
from unisnn.spikingjelly.activation_based import functional, layer
from unisnn.spikingjelly.activation_based import neuron as sj
from unisnn.spikingjelly.activation_based import surrogate as sjs

IMAGES = torch.rand(5, 3, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2


def lif(step_mode="m", **more):
    return sj.LIFNode(detach_reset=True, v_threshold=0.5, step_mode=step_mode, **more)


def time_first():
    torch.manual_seed(0)
    return nn.Sequential(
        layer.Conv2d(1, 4, 3, padding=1, bias=False, step_mode="m"),
        layer.BatchNorm2d(4, step_mode="m"),
        lif(),
        layer.SeqToANNContainer(nn.AvgPool2d(2), nn.Flatten()),
        nn.Sequential(layer.Linear(64, 8, step_mode="m"), lif(), nn.ReLU()),
        layer.Linear(8, 3, step_mode="m"),
        lif(),
    )


def states(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


@pytest.mark.parametrize("target", ["braincog", "snngrow"])
def test_time_first_is_folded_once_around_everything(target):
    source = time_first()
    model, report = unisnn.convert(source, to=target, inputs=IMAGES)
    assert isinstance(model, FoldTime)
    assert [type(part) for part in model][:2] == [nn.Conv2d, nn.BatchNorm2d]
    assert not any(hasattr(part, "step_mode") for part in model.modules())
    assert report.verdict == "exact"
    assert report.spikes_equal
    plain = {
        name: value
        for name, value in model.state_dict().items()
        if "threshold" not in name and "act_fun" not in name
    }
    assert plain.keys() == source.state_dict().keys()
    assert all(torch.equal(value, source.state_dict()[name]) for name, value in plain.items())
    assert model(IMAGES).shape == source(IMAGES).shape


@pytest.mark.parametrize("target", ["braincog", "snngrow"])
def test_and_unfolded_into_every_layer_on_the_way_back(target):
    source = time_first()
    model, _ = unisnn.convert(source, to=target, inputs=IMAGES)
    returned, report = unisnn.convert(model, to="spikingjelly", inputs=IMAGES)
    assert type(returned) is nn.Sequential
    assert isinstance(returned[0], layer.Conv2d)
    assert returned[0].step_mode == returned[2].step_mode == "m"
    assert report.verdict == "exact"
    assert unisnn.prove(source, returned, IMAGES).verdict == "exact"
    assert not any(isinstance(part, (FoldTime, SplitTime, StepTime)) for part in returned.modules())


def test_any_number_of_time_steps_afterwards():
    model, _ = unisnn.convert(time_first(), to="braincog", inputs=IMAGES)
    source = time_first()
    for time_steps in (1, 7):
        x = torch.rand(time_steps, 2, 1, 8, 8)
        assert unisnn.prove(source, model, x).verdict == "exact"
    assert {part.step for part in model.modules() if hasattr(part, "step")} == {5}


def test_single_steps_convert_node_for_node():
    source = nn.Sequential(layer.Linear(6, 8), lif("s"), nn.Linear(8, 2), lif("s"))
    model, report = unisnn.convert(source, to="braincog")
    assert [type(part).__name__ for part in model] == ["Linear", "LIFNode", "Linear", "LIFNode"]
    assert type(model[0]) is nn.Linear
    assert layout_of(model) == "step"
    assert report.verdict == "exact"
    returned, _ = unisnn.convert(model, to="spikingjelly")
    assert returned[1].step_mode == "s"


def test_folded_models_keep_their_face():
    torch.manual_seed(1)
    source = nn.Sequential(
        nn.Linear(6, 8), SGLIF(parallel_optim=True, T=4, detach_reset=True, v_threshold=0.3), nn.Linear(8, 2)
    )
    x = torch.rand(4 * 3, 6)
    for target in ("braincog", "spikingjelly", "qualia_plugin_snn"):
        if target == "qualia_plugin_snn":
            continue
        model, report = unisnn.convert(source, to=target)
        assert report.verdict == "exact"
        assert report.inputs["shape"][0] == 4
        assert torch.equal(model(x), copy.deepcopy(source)(x))
    assert isinstance(model[1], SplitTime)
    assert model[1].T == 4
    returned, report = unisnn.convert(model, to="snngrow", inputs=torch.rand(4, 3, 6))
    assert report.verdict == "exact"
    assert (returned[1].parallel_optim, returned[1].T) == (True, 4)


def test_steps_inside_time_first():
    source = nn.Sequential(
        layer.MultiStepContainer(nn.Linear(6, 8), lif("s")), layer.Linear(8, 3, step_mode="m"), lif()
    )
    model, report = unisnn.convert(source, to="braincog", inputs=torch.rand(5, 4, 6) * 2)
    assert report.verdict == "exact"
    _returned, report = unisnn.convert(model, to="spikingjelly", inputs=torch.rand(5, 4, 6) * 2)
    assert report.verdict == "exact"
    assert report.spikes_equal


def test_soft_reset_models_move_to_qualia_step_by_step():
    source = nn.Sequential(layer.Linear(6, 8, step_mode="m"), sj.IFNode(v_reset=None, step_mode="m"))
    model, report = unisnn.convert(source, to="qualia_plugin_snn")
    assert isinstance(model[1], SplitTime)
    assert isinstance(model[1][0], StepTime)
    assert report.verdict == "exact"
    returned, report = unisnn.convert(model, to="spikingjelly")
    assert type(returned[1]).__name__ == "IFNode"
    assert report.verdict == "exact"


def test_inputs_of_three_dimensions_a_step_reach_braincog_one_by_one():
    source = nn.Sequential(layer.SeqToANNContainer(nn.Linear(6, 8)), lif())
    x = torch.rand(5, 2, 4, 6) * 2
    model, report = unisnn.convert(source, to="braincog", inputs=x)
    assert report.verdict == "exact"
    assert isinstance(model[1], SplitTime)
    assert not next(part for part in model.modules() if isinstance(part, bc.BaseNode)).layer_by_layer
    model, _ = unisnn.convert(source, to="braincog", inputs=torch.rand(5, 2, 6))
    assert model[1].layer_by_layer


class Residual(nn.Module):
    """A model with a forward of its own, a list of references, and a shared neuron class."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.first = layer.Linear(6, 6, step_mode="m")
        self.spikes = lif()
        self.block = nn.Sequential(layer.Linear(6, 6, step_mode="m"), lif())
        self.reset_list = [self.spikes, self.block[1]]

    def forward(self, x):
        y = self.spikes(self.first(x))
        return y + self.block(y)


@pytest.mark.parametrize("target", ["braincog", "snngrow"])
def test_modules_with_a_forward_of_their_own(target):
    source = Residual()
    x = torch.rand(5, 4, 6) * 3
    model, report = unisnn.convert(source, to=target, inputs=x)
    assert type(model) is Residual
    assert report.verdict == "exact"
    assert isinstance(model.spikes, FoldTime)
    assert model.reset_list[0] is model.spikes
    assert sum(isinstance(part, sj.BaseNode) for part in model.modules()) == 0
    returned, report = unisnn.convert(model, to="spikingjelly", inputs=x)
    assert report.verdict == "exact"
    assert isinstance(returned.spikes, sj.LIFNode)
    assert unisnn.prove(source, returned, x).verdict == "exact"


class OwnLoop(nn.Module):
    """A model that repeats its input over time itself and answers with a rate."""

    def __init__(self):
        super().__init__()
        self.fc, self.node = nn.Linear(6, 4), lif("s")

    def forward(self, x):
        return torch.stack([self.node(self.fc(x)) for _ in range(5)]).mean(0)


def test_models_that_loop_over_time_themselves():
    source, x = OwnLoop(), torch.rand(8, 6) * 3
    model, report = unisnn.convert(source, to="braincog", inputs=x, layout="whole")
    assert report.verdict == "exact"
    assert report.layers[0].total == 5 * 8 * 4
    assert report.prediction_agreement == 1.0
    functional.reset_net(source)
    assert torch.equal(model(x), source(x))


def test_the_given_model_is_not_changed():
    source = time_first()
    functional.reset_net(source)
    output = source(IMAGES)  # the state is attached to a graph now
    before, attached = states(source), source[2].v
    generator = torch.random.get_rng_state()
    _, first = unisnn.convert(source, to="braincog", inputs=IMAGES)
    _, second = unisnn.convert(source, to="braincog", inputs=IMAGES)
    assert first == second
    assert torch.equal(torch.random.get_rng_state(), generator)
    assert source[2].v is attached
    assert attached.grad_fn is not None
    after = states(source)
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert all(value.grad is None for value in source.parameters())
    assert source[2].step_mode == "m"
    output.sum().backward()


def test_the_new_model_shares_nothing_and_starts_clean():
    source = time_first()
    model, _ = unisnn.convert(source, to="snngrow", inputs=IMAGES)
    mine = {value.data_ptr() for value in source.state_dict().values() if value.numel()}
    assert not any(value.data_ptr() in mine for value in model.state_dict().values() if value.numel())
    assert all(part.v == 0.0 for part in model.modules() if isinstance(part, SGLIF))


def test_modes_frozen_weights_and_buffers_are_carried():
    source = time_first()
    source[1].running_mean.fill_(0.25)
    source[0].weight.requires_grad_(False)
    source.eval()
    source[1].train()
    for target in ("braincog", "spikingjelly"):
        model, report = unisnn.convert(source, to=target, inputs=IMAGES)
        assert torch.equal(model[1].running_mean, source[1].running_mean)
        assert not model[0].weight.requires_grad
        assert [part.training for part in model] == [part.training for part in source]
        assert report.max_grad_diff is not None


def test_a_weight_used_twice_stays_one_weight():
    source = nn.Sequential(layer.Linear(6, 6, step_mode="m"), lif(), layer.Linear(6, 6, step_mode="m"), lif())
    source[2].weight = source[0].weight
    for target in ("braincog", "spikingjelly"):
        model, report = unisnn.convert(source, to=target)
        assert model[2].weight is model[0].weight
        assert report.verdict == "exact"


def test_a_neuron_used_twice_stays_one_neuron():
    node = lif("s")
    source = nn.Sequential(nn.Linear(6, 6), node, nn.Linear(6, 6), node)
    model, report = unisnn.convert(source, to="braincog")
    assert model[1] is model[3]
    assert report.verdict == "exact"
    assert report.layers[0].total == 2 * 4 * 4 * 6


def test_dropout_with_a_mask_over_time_is_kept():
    source = nn.Sequential(layer.Linear(6, 8, step_mode="m"), lif(), layer.Dropout(0.5, step_mode="m"))
    _model, report = unisnn.convert(source, to="braincog")
    assert report.verdict == "exact"
    assert any("Dropout" in note and "kept" in note for note in report.notes)


def test_plain_layers_between_time_first_neurons_see_time_first():
    source = nn.Sequential(lif(), nn.Flatten(2), lif(), nn.LayerNorm(12), lif())
    x = torch.rand(4, 2, 3, 4) * 2
    for target in ("snngrow", "braincog"):
        model, report = unisnn.convert(source, to=target, inputs=x)
        assert report.verdict == "exact"
        _returned, report = unisnn.convert(model, to="spikingjelly", inputs=x)
        assert report.verdict == "exact"


def test_a_batch_norm_without_running_statistics():
    source = nn.Sequential(
        layer.BatchNorm2d(1, track_running_stats=False, affine=False, step_mode="m"), lif()
    )
    model, report = unisnn.convert(source, to="snngrow", inputs=IMAGES)
    assert report.verdict == "exact"
    returned, _ = unisnn.convert(model, to="spikingjelly", inputs=IMAGES)
    assert returned[0].track_running_stats is False
    assert returned[0].affine is False


def test_inputs_are_invented_from_the_first_layer():
    for source, shape in (
        (nn.Sequential(layer.Linear(7, 3, step_mode="m"), lif()), [6, 4, 7]),
        (nn.Sequential(layer.Conv2d(3, 2, 3, step_mode="m"), lif()), [6, 4, 3, 8, 8]),
        (
            nn.Sequential(
                layer.Conv2d(1, 2, 3, step_mode="m"),
                layer.Flatten(step_mode="m"),
                layer.Linear(2 * 26 * 26, 3, step_mode="m"),
                lif(),
            ),
            [6, 4, 1, 28, 28],
        ),
    ):
        _, report = unisnn.convert(source, to="snngrow", time_steps=6)
        assert report.inputs["shape"] == shape


def test_no_shape_fits():
    source = nn.Sequential(
        layer.Conv2d(1, 2, 3, step_mode="m"),
        layer.Flatten(step_mode="m"),
        layer.Linear(5, 3, step_mode="m"),
        lif(),
    )
    with pytest.raises(unisnn.convert.ConversionError, match="pass inputs="):
        unisnn.convert(source, to="snngrow")


def test_surrogates_shared_by_default_are_not_shared_afterwards():
    source = nn.Sequential(sj.IFNode(), sj.IFNode())
    assert source[0].surrogate_function is source[1].surrogate_function
    model, _ = unisnn.convert(source, to="snngrow")
    model[0].surrogate_function.alpha = 9.0
    assert model[1].surrogate_function.alpha == 4.0


def test_braincog_to_snngrow_directly():
    node = bc.LIFNode(0.5, layer_by_layer=True, step=5)
    node.act_fun = bcs.SigmoidGrad(4.0)
    source = nn.Sequential(nn.Linear(6, 8), node)
    model, report = unisnn.convert(source, to="snngrow")
    assert report.verdict == "exact"
    assert (model[1].T, model[1].parallel_optim) == (5, True)


def test_custom_surrogate_parameters_move_with_their_neuron():
    source = nn.Sequential(
        lif("s", surrogate_function=sjs.ATan(3.0)), lif("s", surrogate_function=sjs.Sigmoid(2.0))
    )
    model, _ = unisnn.convert(source, to="braincog")
    assert [float(part.act_fun.alpha) for part in model] == [3.0, 2.0]


def test_code_of_the_clock_driven_years_moves_to_today():
    from unisnn.spikingjelly.clock_driven import layer as old_layer
    from unisnn.spikingjelly.clock_driven import neuron as old

    torch.manual_seed(0)
    source = nn.Sequential(
        old_layer.SeqToANNContainer(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)),
        old.MultiStepLIFNode(detach_reset=True, v_threshold=0.5),
        old_layer.SeqToANNContainer(nn.Flatten(), nn.Linear(72, 4)),
        old.MultiStepParametricLIFNode(init_tau=1.5, detach_reset=True, v_threshold=0.1),
    )
    model, report = unisnn.convert(source, to="spikingjelly", inputs=IMAGES)
    assert report.verdict == "exact"
    assert isinstance(model[1], sj.LIFNode)
    assert isinstance(model[3], sj.ParametricLIFNode)
    assert model[1].step_mode == "m"
    assert unisnn.convert(source, to="braincog", inputs=IMAGES)[1].verdict == "exact"


class Listed(nn.Module):
    """Layers in a list, neurons in a dict, and a layer that the forward never calls."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.layers = nn.ModuleList(layer.Linear(4, 4, step_mode="m") for _ in range(2))
        self.nodes = nn.ModuleDict({"a": lif(), "b": lif()})
        self.spare = nn.Linear(4, 4)

    def forward(self, x):
        for part, name in zip(self.layers, "ab", strict=True):
            x = self.nodes[name](part(x) * 4)
        return x


def test_lists_and_dicts_of_modules():
    model, report = unisnn.convert(Listed(), to="braincog")
    assert report.verdict == "exact"
    assert [type(part) for part in (*model.layers, *model.nodes.values())] == [FoldTime] * 4
    assert [row.spikes > 0 for row in report.layers] == [True, True]


def test_a_module_of_one_library_around_a_neuron():
    from unisnn.braincog.base.strategy.LateralInhibition import LateralInhibition

    class Inhibited(nn.Module):
        def __init__(self):
            super().__init__()
            self.node = bc.IFNode()
            self.inhibition = LateralInhibition(self.node, 0.4)

        def forward(self, x):
            return self.inhibition(self.node(x))

    assert unisnn.convert(Inhibited(), to="braincog")[1].verdict == "exact"
    with pytest.raises(unisnn.convert.ConversionError, match=r"layer inhibition \(LateralInhibition\)"):
        unisnn.convert(Inhibited(), to="spikingjelly")
