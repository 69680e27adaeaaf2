"""Every pair of neurons that is exact across libraries, in both directions, on noise and on ties."""

from __future__ import annotations

import numpy
import pytest
import torch
from torch import nn

import unisnn
from unisnn.braincog.base.node import node as bc
from unisnn.braincog.base.strategy import surrogate as bcs
from unisnn.qualia_plugin_snn.learningmodel.pytorch.layers import CustomNode as qu
from unisnn.snngrow.base.neuron.IFNode import IFNode as SGIF
from unisnn.snngrow.base.neuron.LIFNode import LIFNode as SGLIF
from unisnn.snngrow.base.surrogate import ATan as sg_atan
from unisnn.spikingjelly.activation_based import neuron as sj
from unisnn.spikingjelly.activation_based import surrogate as sjs

SMALL = 2e-6
"""No gradient of these pairs is further apart, on inputs of this size."""


def drives() -> torch.Tensor:
    """Half noise, half multiples of 1/4, which put voltages exactly on thresholds of 1/2 and 1."""
    generator = torch.Generator().manual_seed(5)
    noise = torch.rand(16, 8, 32, generator=generator) * 2.5 - 0.5
    noise[:, 4:] = torch.randint(-2, 9, (16, 4, 32), generator=generator).float() * 0.25
    return noise


def with_surrogate(node: nn.Module, surrogate: nn.Module) -> nn.Module:
    node.act_fun = surrogate
    return node


SNNGROW = [
    pytest.param(
        lambda kind=kind, keywords=keywords: kind(**keywords),
        id=f"{kind.__name__}-{'-'.join(str(value) for value in keywords.values())}",
    )
    for v_reset in (0.0, None, -0.1, 0.2)
    for detach in (False, True)
    for kind, own in (
        (sj.IFNode, [{}]),
        (sj.LIFNode, [{"tau": tau, "decay_input": decay} for tau in (2.0, 1.7) for decay in (True, False)]),
    )
    for keywords in ({**more, "v_reset": v_reset, "detach_reset": detach} for more in own)
]


@pytest.mark.parametrize("build", SNNGROW)
@pytest.mark.parametrize("surrogate", [sjs.Sigmoid(4.0), sjs.ATan(2.0)], ids=["Sigmoid", "ATan"])
def test_spikingjelly_and_snngrow_are_bitwise_equal(build, surrogate):
    source = build()
    source.surrogate_function = surrogate
    for model, target in ((source, "snngrow"), (unisnn.convert(source, to="snngrow")[0], "spikingjelly")):
        _, report = unisnn.convert(model, to=target, inputs=drives())
        assert report.verdict == "exact"
        assert report.layers[0].spikes > 0
        assert report.layers[0].gradient == "bitwise"
        assert report.max_grad_diff == 0.0


BRAINCOG = {
    "LIF-Sigmoid-2": lambda: with_surrogate(bc.LIFNode(0.7, tau=2.0), bcs.SigmoidGrad(4.0)),
    "LIF-Sigmoid-1.7": lambda: with_surrogate(bc.LIFNode(0.7, tau=1.7), bcs.SigmoidGrad(4.0)),
    "LIF-Sigmoid-4/3": lambda: with_surrogate(bc.LIFNode(1.0, tau=4 / 3), bcs.SigmoidGrad(1.0)),
    "LIF-Sigmoid-10": lambda: with_surrogate(bc.LIFNode(0.5, tau=10.0), bcs.SigmoidGrad(4.0)),
    "IF-Sigmoid": lambda: with_surrogate(bc.IFNode(1.0), bcs.SigmoidGrad(4.0)),
    "IF-Atan": lambda: bc.IFNode(1.0),
    "LIF-Atan": lambda: bc.LIFNode(0.5, act_fun=bc.AtanGrad),
    "PLIF-Sigmoid-2": lambda: with_surrogate(bc.PLIFNode(1.0), bcs.SigmoidGrad(4.0)),
    "PLIF-Atan-3": lambda: with_surrogate(bc.PLIFNode(0.7, tau=3.0), bcs.AtanGrad(2.0, requires_grad=False)),
    "LIF-v_reset": lambda: with_surrogate(bc.LIFNode(0.7, v_reset=0.3), bcs.SigmoidGrad(4.0)),
}
BRAINCOG_TO_SPIKINGJELLY = {
    **BRAINCOG,
    "LIF-QGate": lambda: bc.LIFNode(0.5),
    "LIF-QGate-0.7": lambda: with_surrogate(bc.LIFNode(0.7, tau=3.0), bcs.QGateGrad(3.0)),
    "IF-STDP": lambda: bc.IFNode(1.0, bc.STDPGrad),
}


@pytest.mark.parametrize("name", BRAINCOG_TO_SPIKINGJELLY)
def test_braincog_to_spikingjelly_and_back(name):
    source = BRAINCOG_TO_SPIKINGJELLY[name]()
    model, there = unisnn.convert(source, to="spikingjelly", inputs=drives())
    returned, back = unisnn.convert(model, to="braincog", inputs=drives())
    for report in (there, back):
        assert report.verdict in ("exact", "close")
        assert (report.spikes_equal, report.states_equal, report.outputs_equal) == (True, True, True)
        assert report.layers[0].spikes > 0
        assert report.layers[0].gradient_difference <= SMALL * max(1.0, report.layers[0].gradient_scale)
        assert all(row.difference <= SMALL * max(1.0, row.scale) for row in report.gradients)
    assert type(returned.act_fun) is type(source.act_fun)
    assert float(returned.threshold) == float(source.threshold)
    assert returned.v_reset == source.v_reset


@pytest.mark.parametrize("name", [name for name in BRAINCOG if not name.startswith("PLIF")])
def test_braincog_to_snngrow_and_back(name):
    model, there = unisnn.convert(BRAINCOG[name](), to="snngrow", inputs=drives())
    _, back = unisnn.convert(model, to="braincog", inputs=drives())
    for report in (there, back):
        assert report.verdict in ("exact", "close")
        assert (report.spikes_equal, report.states_equal) == (True, True)
        assert report.layers[0].gradient_difference <= SMALL


@pytest.mark.parametrize(
    ("threshold", "neighbour"),
    [(1.0, 0.99999994), (0.5, 0.49999997), (0.7, None), (0.1, None)],
)
def test_a_strict_surrogate_gets_the_next_threshold_below(threshold, neighbour):
    source = sj.IFNode(v_threshold=threshold, surrogate_function=sjs.ATan(), detach_reset=True)
    model, report = unisnn.convert(source, to="braincog", inputs=drives())
    below = float(numpy.nextafter(numpy.float32(threshold), numpy.float32(0)))
    assert float(model.threshold) == below
    assert neighbour is None or below == float(numpy.float32(neighbour))
    assert report.spikes_equal
    assert any("float32 only" in note for note in report.notes)
    returned, _ = unisnn.convert(model, to="spikingjelly", inputs=drives())
    assert returned.v_threshold == float(numpy.float32(threshold))


def test_a_learned_time_constant_is_the_same_number():
    source = sj.ParametricLIFNode(init_tau=1.5, detach_reset=True)
    model, report = unisnn.convert(source, to="braincog", inputs=drives())
    assert torch.equal(model.w, source.w)
    assert model.w.requires_grad
    assert model.w is not source.w
    assert report.verdict == "exact"
    assert {row.name for row in report.gradients} == {"input", "neuron/0/w"}


def test_a_reset_value_apart_from_the_one_after_a_spike():
    source = with_surrogate(bc.LIFNode(0.7, v_reset=0.3), bcs.SigmoidGrad(4.0))
    model, _ = unisnn.convert(source, to="spikingjelly", inputs=drives())
    assert model.v == 0.0
    model.reset()
    assert model.v == 0.3
    assert model.v_reset == 0.0


@pytest.mark.parametrize("kind", [qu.IFSRL, qu.ATIF])
@pytest.mark.parametrize("target", ["spikingjelly", "snngrow"])
@pytest.mark.parametrize("alpha", [1.0, 4.0])
def test_qualia_with_a_fixed_threshold_is_an_integrate_and_fire_neuron(kind, target, alpha):
    torch.manual_seed(3)
    source = kind(alpha=alpha)
    model, report = unisnn.convert(source, to=target, inputs=drives(), freeze=("threshold",))
    assert report.verdict == "close"  # the threshold learned before
    assert (report.spikes_equal, report.outputs_equal, report.states_equal) == (True, True, True)
    assert report.layers[0].gradient_difference <= SMALL
    assert "threshold no longer learns" in " ".join(report.notes)
    for parameter in source.parameters():
        parameter.requires_grad_(False)
    _, report = unisnn.convert(source, to=target, inputs=drives())
    assert report.verdict == "exact"
    _, report = unisnn.convert(model, to="qualia_plugin_snn", inputs=drives())
    assert report.verdict in ("exact", "close")
    assert report.spikes_equal


def test_soft_reset_to_qualia_does_not_make_anything_learn():
    model, report = unisnn.convert(SGIF(v_reset=None), to="qualia_plugin_snn", inputs=drives())
    assert report.verdict == "exact"
    assert not any(parameter.requires_grad for parameter in model.parameters())


WINDOWS = {
    "GateGrad(2)": (lambda: bc.IFNode(0.7, bc.GateGrad), "Rect"),
    "BackEIGateGrad": (lambda: bc.IFNode(0.7, bc.BackEIGateGrad), "Rect"),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_of_height_one(name):
    build, wanted = WINDOWS[name]
    model, report = unisnn.convert(build(), to="spikingjelly", inputs=drives())
    assert type(model.surrogate_function).__name__ == wanted
    assert report.spikes_equal
    assert any("edge" in note for note in report.notes)
    returned, _ = unisnn.convert(model, to="braincog", inputs=drives())
    assert type(returned.act_fun).__name__ == "GateGrad"
    assert float(returned.act_fun.alpha) == 2.0


def test_a_leaky_window_without_leak_is_the_rectangle():
    source = sj.IFNode(
        surrogate_function=sjs.PiecewiseLeakyReLU(w=0.5, c=0.0), v_threshold=0.7, detach_reset=True
    )
    model, report = unisnn.convert(source, to="braincog", inputs=drives())
    assert type(model.act_fun).__name__ == "GateGrad"
    assert report.spikes_equal


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_spikingjelly_and_snngrow_agree_in_every_dtype(dtype):
    source = sj.LIFNode(tau=1.7, surrogate_function=sjs.ATan(), v_threshold=0.7)
    _, report = unisnn.convert(source, to="snngrow", inputs=drives().to(dtype))
    assert report.verdict == "exact"
    assert report.inputs["dtype"] == str(dtype).removeprefix("torch.")


def test_surrogate_parameters_survive():
    source = SGLIF(surrogate_function=sg_atan.ATan(alpha=3.0), detach_reset=True)
    model, _ = unisnn.convert(source, to="braincog", inputs=drives())
    assert float(model.act_fun.alpha) == 3.0
    assert not model.act_fun.alpha.requires_grad
    returned, _ = unisnn.convert(model, to="snngrow", inputs=drives())
    assert returned.surrogate_function.alpha == 3.0
