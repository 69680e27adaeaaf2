"""Models of clock_driven, the way papers write them, moved to activation_based and back."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import unisnn
from unisnn.convert import ConversionError
from unisnn.spikingjelly.activation_based import functional as new_functional
from unisnn.spikingjelly.activation_based import layer as new_layer
from unisnn.spikingjelly.activation_based import neuron as new
from unisnn.spikingjelly.activation_based import surrogate as new_surrogate
from unisnn.spikingjelly.clock_driven import functional, layer, neuron, surrogate

OLD = "spikingjelly.clock_driven"
IMAGES = torch.rand(4, 3, 2, 8, 8, generator=torch.Generator().manual_seed(1)) * 2


class Classifier(nn.Module):
    """A static image, repeated over time; multi-step neurons that ask for cupy; layers on all steps."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        atan = surrogate.ATan()
        self.static = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4))
        self.conv = nn.Sequential(
            neuron.MultiStepIFNode(v_threshold=0.3, surrogate_function=atan, backend="cupy"),
            layer.SeqToANNContainer(nn.MaxPool2d(2, 2), nn.Conv2d(4, 4, 3, padding=1, bias=False)),
            layer.MultiStepThresholdDependentBatchNorm2d(1.0, 1.0, 4),
            neuron.MultiStepLIFNode(v_threshold=0.2, detach_reset=True, surrogate_function=atan),
        )
        self.fc = nn.Sequential(
            layer.SeqToANNContainer(nn.Flatten()),
            layer.MultiStepDropout(0.5),
            layer.SeqToANNContainer(nn.Linear(64, 10, bias=False)),
            neuron.MultiStepParametricLIFNode(v_threshold=0.1),
            layer.MultiStepContainer(layer.SynapseFilter(5.0, learnable=True)),
        )

    def forward(self, x):
        repeated = self.static(x[0]).unsqueeze(0).repeat(4, 1, 1, 1, 1)
        return self.fc(self.conv(repeated)).mean(0)


def classes(model, namespace):
    home = f"spikingjelly.{namespace}."
    return {type(part).__name__ for part in model.modules() if home in type(part).__module__}


@pytest.mark.parametrize("training", [True, False])
def test_a_classifier_moves_to_activation_based_and_back(training):
    source = Classifier().train(training)
    moved, report = unisnn.convert(source, to="spikingjelly", inputs=IMAGES, layout="time_first")
    assert (report.verdict, report.max_grad_diff) == ("exact", 0.0)
    assert all(row.spikes for row in report.layers)
    assert not classes(moved, "clock_driven")
    assert classes(moved, "activation_based") == {
        "ATan",
        "Dropout",
        "IFNode",
        "LIFNode",
        "ParametricLIFNode",
        "SeqToANNContainer",
        "Sigmoid",
        "SynapseFilter",
        "ThresholdDependentBatchNorm2d",
    }
    assert {moved.conv[0].step_mode, moved.conv[3].step_mode, moved.fc[1].step_mode} == {"m"}
    assert list(moved.state_dict()) == list(source.state_dict())
    returned, back = unisnn.convert(moved, to=OLD, inputs=IMAGES, layout="time_first")
    assert (back.verdict, back.max_grad_diff) == ("exact", 0.0)
    assert repr(returned) == repr(source).replace("backend=cupy", "backend=torch")
    assert all(torch.equal(a, b) for a, b in zip(returned.parameters(), source.parameters(), strict=True))


def test_the_moved_model_trains_like_the_old_one():
    source = Classifier()
    moved, _ = unisnn.convert(source, to="spikingjelly", inputs=IMAGES, layout="time_first")
    ends = []
    for model, reset in ((source, functional.reset_net), (moved, new_functional.reset_net)):
        torch.manual_seed(3)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        for _ in range(4):
            optimizer.zero_grad()
            model(IMAGES).square().sum().backward()
            optimizer.step()
            reset(model)
        ends.append(list(model.parameters()))
    assert all(torch.equal(a, b) for a, b in zip(*ends, strict=True))
    assert not torch.equal(ends[0][0], next(Classifier().parameters()))


def test_a_model_of_single_steps():
    source = nn.Sequential(
        layer.NeuNorm(2, 8, 8), neuron.IFNode(v_threshold=0.2), layer.Dropout2d(0.3), layer.Dropout(0.1)
    )
    moved, report = unisnn.convert(source, to="spikingjelly", inputs=IMAGES)
    assert report.verdict == "exact"
    assert not classes(moved, "clock_driven")
    assert torch.equal(moved[0].w, source[0].w)
    assert moved[1].step_mode == "s"
    assert repr(unisnn.convert(moved, to=OLD, inputs=IMAGES)[0]) == repr(source)


def test_a_model_of_today_moves_to_clock_driven():
    atan = new_surrogate.ATan()
    source = nn.Sequential(
        new_layer.Conv2d(2, 4, 3, step_mode="m"),
        new_layer.BatchNorm2d(4, step_mode="m"),
        new.LIFNode(step_mode="m", surrogate_function=atan, v_threshold=0.2),
        new_layer.Dropout(0.3, step_mode="m"),
        new_layer.SynapseFilter(5.0, step_mode="m"),
        new_layer.Flatten(step_mode="m"),
        new_layer.Linear(144, 5, step_mode="m"),
        new.ParametricLIFNode(step_mode="m", v_threshold=0.1),
    )
    moved, report = unisnn.convert(source, to=OLD, inputs=IMAGES)
    assert report.verdict == "exact"
    assert [type(part).__name__ for part in moved] == [
        "SeqToANNContainer",
        "SeqToANNContainer",
        "MultiStepLIFNode",
        "MultiStepDropout",
        "MultiStepContainer",
        "SeqToANNContainer",
        "SeqToANNContainer",
        "MultiStepParametricLIFNode",
    ]
    returned, back = unisnn.convert(moved, to="spikingjelly", inputs=IMAGES)
    assert back.verdict == "exact"
    assert isinstance(returned[7], new.ParametricLIFNode)


def test_attention_over_time_keeps_its_weights():
    source = nn.Sequential(layer.MultiStepTemporalWiseAttention(4, 2), neuron.MultiStepIFNode())
    moved, report = unisnn.convert(source, to="spikingjelly", inputs=IMAGES)
    assert report.verdict == "exact"
    assert isinstance(moved[0], new_layer.TemporalWiseAttention)
    assert torch.equal(moved[0].sharedMLP[2].weight, source[0].sharedMLP[2].weight)


def test_what_is_kept_as_it_is_is_said():
    source = nn.Sequential(layer.DropConnectLinear(4, 3), neuron.IFNode())
    inputs = torch.rand(4, 2, 4)
    moved, report = unisnn.convert(source, to="spikingjelly", inputs=inputs)
    assert report.verdict == "exact"
    assert type(moved[0]) is layer.DropConnectLinear
    assert (
        "layer 0 (DropConnectLinear) has no counterpart in spikingjelly and is kept as it is" in report.notes
    )


def test_shared_layers_stay_shared():
    norm = layer.MultiStepThresholdDependentBatchNorm2d(1.0, 0.5, 2)
    source = nn.Sequential(norm, neuron.MultiStepIFNode(v_threshold=0.3), norm)
    moved, _ = unisnn.convert(source, to="spikingjelly", inputs=IMAGES)
    assert moved[0] is moved[2]


def test_a_surrogate_that_clock_driven_lacks():
    with pytest.raises(ConversionError, match=r"spikingjelly\.clock_driven has no (Rect|SuperSpike)"):
        unisnn.convert(new.IFNode(surrogate_function=new_surrogate.SuperSpike()), to=OLD)


@pytest.mark.parametrize("to", ["snngrow", "spikingjelly"])
def test_double_precision(to):
    source = neuron.MultiStepLIFNode(v_reset=0.25)
    _, report = unisnn.convert(source, to=to, inputs=torch.rand(4, 3, 8, dtype=torch.float64) * 2)
    assert report.verdict == "exact"
    assert report.inputs["dtype"] == "float64"
