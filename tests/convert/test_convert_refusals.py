"""What has no exact counterpart is refused, by layer and field; a tolerance or consent lets it pass."""

from __future__ import annotations

import pickle

import pytest
import torch
from torch import nn

import unisnn
from unisnn.braincog.base.node import node as bc
from unisnn.convert import ConversionError
from unisnn.qualia_plugin_snn.learningmodel.pytorch.layers import CustomNode as qu
from unisnn.snngrow.base.neuron.LIFNode import LIFNode as SGLIF
from unisnn.spikingjelly.activation_based import layer
from unisnn.spikingjelly.activation_based import neuron as sj
from unisnn.spikingjelly.activation_based import surrogate as sjs

REFUSED = [
    ("braincog", lambda: sj.LIFNode(v_reset=0.2, detach_reset=True), "reset.value=0.2", "resets to 0 only"),
    (
        "braincog",
        lambda: sj.LIFNode(v_reset=None, detach_reset=True),
        "reset.kind='soft'",
        "resets to 0 only",
    ),
    ("braincog", lambda: sj.LIFNode(), "reset.detached=False", "always detaches"),
    (
        "braincog",
        lambda: sj.LIFNode(decay_input=False, detach_reset=True),
        "charge='charge_lif'",
        "decay_input",
    ),
    (
        "braincog",
        lambda: sj.IFNode(surrogate_function=sjs.PiecewiseExp(), detach_reset=True),
        "surrogate.family='piecewise_exp'",
        "no such derivative",
    ),
    (
        "braincog",
        lambda: sj.IFNode(surrogate_function=sjs.Sigmoid(spiking=False), detach_reset=True),
        "surrogate.spiking=False",
        "always spike",
    ),
    (
        "braincog",
        lambda: sj.IFNode(surrogate_function=sjs.Rect(0.7), detach_reset=True),
        "surrogate.family='rect'",
        "no such derivative",
    ),
    ("snngrow", lambda: bc.LIFNode(), "surrogate.family='quadratic_gate'", "Sigmoid and ATan"),
    ("snngrow", lambda: sj.ParametricLIFNode(), "charge='charge_plif_decay_input'", "pass tolerance="),
    ("spikingjelly", lambda: bc.IFNode(dt=0.5), "parameters.dt=0.5", "scale the input"),
    ("spikingjelly", lambda: bc.IFNode(sigmoid_thres=True), "threshold_rule='sigmoid'", "as it is"),
    ("spikingjelly", lambda: bc.LIFNode(mem_detach=True), "parameters.mem_detach=True", "keeps the graph"),
    ("spikingjelly", lambda: bc.LIFNode(requires_thres_grad=True), "learnable.threshold=True", "freeze="),
    ("spikingjelly", lambda: bc.PLIFNode(), "surrogate.learnable.alpha=True", "freeze="),
    ("spikingjelly", lambda: bc.IFNode(act_fun=bc.EIGrad), "surrogate.fire='sign'", "0 or 1"),
    ("spikingjelly", lambda: bc.IFNode(act_fun=bc.ReLUGrad), "surrogate.family='relu_like'", "tolerance="),
    ("spikingjelly", lambda: bc.LIFNode(n_groups=2), "layout=grouped", "folded"),
    ("spikingjelly", lambda: qu.IFSRL(), "learnable.threshold=True", "freeze="),
    ("snngrow", lambda: qu.ATIF(), "learnable.threshold=True", "freeze="),
    ("braincog", lambda: qu.IFSRL(), "reset.kind='soft'", "resets to 0 only"),
    ("qualia_plugin_snn", lambda: sj.IFNode(), "reset.kind='hard'", "soft reset"),
    (
        "qualia_plugin_snn",
        lambda: sj.LIFNode(v_reset=None),
        "charge='charge_lif_decay_input'",
        "integrate-and-fire",
    ),
    ("qualia_plugin_snn", lambda: sj.IFNode(v_reset=None, detach_reset=True), "reset.detached=True", "never"),
    (
        "qualia_plugin_snn",
        lambda: sj.IFNode(v_reset=None, surrogate_function=sjs.ATan()),
        "surrogate.family='atan'",
        "sigmoid",
    ),
]


@pytest.mark.parametrize(
    ("to", "build", "field", "reason"), REFUSED, ids=[f"{to}-{f}" for to, _, f, _ in REFUSED]
)
def test_refusal_names_layer_field_and_reason(to, build, field, reason):
    source = build()
    model = nn.Sequential(nn.Linear(4, 4), source)
    with pytest.raises(ConversionError) as caught:
        unisnn.convert(model, to=to)
    error = caught.value
    assert error.layer == f"layer 1 ({type(source).__name__})"
    assert error.field == field
    assert reason in error.reason
    assert str(error) == f"{error.layer}: field {field}: {error.reason}"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_an_unknown_library_is_named_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"to='norse' is not accepted; expected one of 'spikingjelly', 'braincog'"
    ):
        unisnn.convert(sj.IFNode(), to="norse")


def test_a_genuine_library_that_is_not_installed():
    with pytest.raises(ConversionError, match="genuine snngrow is not importable in this process"):
        unisnn.convert(sj.IFNode(), to="snngrow", genuine=True)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16])
def test_braincog_is_exact_in_float32_only(dtype):
    model = nn.Sequential(nn.Linear(4, 4), sj.LIFNode(detach_reset=True)).to(dtype)
    with pytest.raises(ConversionError, match=r"layer 1 \(LIFNode\): field dtype=torch.float"):
        unisnn.convert(model, to="braincog")


def test_a_subclass_with_equations_of_its_own():
    class Leaky(sj.LIFNode):
        def neuronal_charge(self, x):
            self.v = self.v * 0.5 + x

    class Named(SGLIF):
        def neuronal_dynamics(self, x):
            self.v = self.v + x * 0.5

    for model in (Leaky(), Named()):
        with pytest.raises(ConversionError, match=r"model \((Leaky|Named)\).*neuronal_"):
            unisnn.convert(model, to="snngrow")


def test_a_subclass_that_only_has_another_constructor_moves():
    class Sharp(sj.LIFNode):
        def __init__(self):
            super().__init__(tau=4.0, detach_reset=True)

    model, report = unisnn.convert(Sharp(), to="braincog")
    assert report.verdict == "exact"
    assert model.tau == 4.0


def test_a_time_constant_that_stops_learning_within_a_tolerance():
    source = nn.Sequential(nn.Linear(4, 8), sj.ParametricLIFNode(init_tau=1.5))
    with pytest.raises(ConversionError, match=r"pass tolerance=7\.2e-07 or more"):
        unisnn.convert(source, to="snngrow", tolerance=1e-9)
    model, report = unisnn.convert(source, to="snngrow", tolerance=1e-5)
    assert report.verdict == "close"
    assert report.tolerance == 1e-5
    assert model[1].tau == pytest.approx(1.5, rel=1e-6)
    assert any("voltage within" in bound for bound in report.bounds)
    assert any("w no longer learns" in note for note in report.notes)


def test_the_leaky_neuron_without_input_decay_in_eval_mode():
    source = sj.LIFNode(tau=1.7, decay_input=False)
    assert unisnn.convert(source, to="snngrow")[1].verdict == "exact"
    with pytest.raises(ConversionError, match="charge='charge_lif'"):
        unisnn.convert(source.eval(), to="snngrow")
    assert unisnn.convert(source, to="snngrow", tolerance=1e-5)[1].verdict == "close"
    assert unisnn.convert(sj.LIFNode(tau=2.0, decay_input=False).eval(), to="snngrow")[1].verdict == "exact"


def test_a_gradient_at_ties_within_a_tolerance():
    model, report = unisnn.convert(bc.IFNode(act_fun=bc.ReLUGrad), to="spikingjelly", tolerance=2.0)
    assert type(model.surrogate_function).__name__ == "LeakyKReLU"
    assert report.spikes_equal
    assert any("gradient within 2" in bound for bound in report.bounds)


def test_freezing_names_what_is_given_up():
    with pytest.raises(ConversionError, match=r"surrogate\.learnable\.alpha"):
        unisnn.convert(bc.PLIFNode(), to="spikingjelly", freeze=("threshold",))
    _, report = unisnn.convert(bc.PLIFNode(), to="spikingjelly", freeze=("surrogate.alpha",))
    assert report.verdict == "close"
    assert "model (PLIFNode): surrogate.alpha no longer learns" in report.notes
    assert any("alpha" in bound for bound in report.bounds)


def test_neurons_of_different_layouts_in_one_sequence():
    model = nn.Sequential(layer.Linear(3, 3, step_mode="m"), sj.IFNode(step_mode="s"))
    with pytest.raises(ConversionError, match="expect different time layouts"):
        unisnn.convert(model, to="snngrow")
