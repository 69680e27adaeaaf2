"""Proofs: what they accept, what they catch, what they say, and how they are kept."""

from __future__ import annotations

import copy
import json
import math

import pytest
import torch
from torch import nn

import unisnn
from unisnn.braincog.base.node import node as bc
from unisnn.braincog.base.strategy import surrogate as bcs
from unisnn.convert import ProofReport, Trace, compare_traces, trace
from unisnn.convert import model as conversion
from unisnn.convert.targets import BrainCog
from unisnn.snngrow.base.neuron.LIFNode import LIFNode as SGLIF
from unisnn.spikingjelly.activation_based import layer
from unisnn.spikingjelly.activation_based import neuron as sj
from unisnn.spikingjelly.activation_based import surrogate as sjs


def network(tau=2.0, threshold=0.5, alpha=4.0, detach=True, decay=True, v_reset=0.0):
    torch.manual_seed(0)
    node = {
        "tau": tau,
        "decay_input": decay,
        "v_threshold": threshold,
        "v_reset": v_reset,
        "detach_reset": detach,
        "step_mode": "m",
    }
    model = nn.Sequential(
        layer.Linear(6, 16, step_mode="m"),
        sj.LIFNode(**node, surrogate_function=sjs.Sigmoid(alpha)),
        layer.Linear(16, 4, step_mode="m"),
        sj.LIFNode(**node, surrogate_function=sjs.Sigmoid(alpha)),
    )
    with torch.no_grad():
        model[2].weight.mul_(5)  # so that the second layer fires too
    return model


INPUTS = torch.rand(6, 8, 6, generator=torch.Generator().manual_seed(1)) * 4


def test_a_model_equals_itself():
    report = unisnn.prove(network(), network(), INPUTS)
    assert report.verdict == "exact"
    assert (report.spikes_equal, report.outputs_equal, report.states_equal) == (True, True, True)
    assert (report.prediction_agreement, report.max_grad_diff) == (1.0, 0.0)
    assert report.first_divergence is None
    assert report.reasons == ()
    assert {row.name for row in report.gradients} == {
        "input",
        *(f"layer/{index}/{name}" for index in (0, 1) for name in ("bias", "weight")),
    }
    assert [row.gradient for row in report.layers] == ["bitwise", "bitwise"]
    assert all(row.spikes > 0 for row in report.layers)


WRONG = {
    "threshold": {"threshold": 0.5000001},
    "tau": {"tau": 2.0001},
    "alpha": {"alpha": 4.01},
    "reset not detached": {"detach": False},
    "no decay of the input": {"decay": False},
    "another reset value": {"v_reset": 0.01},
    "soft reset": {"v_reset": None},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_mapping_is_caught(name):
    report = unisnn.prove(network(), network(**WRONG[name]), INPUTS)
    assert report.verdict == "refused"
    assert report.reasons


@pytest.mark.parametrize("name", ["alpha", "reset not detached"])
def test_a_wrong_gradient_is_caught_although_every_spike_is_right(name):
    report = unisnn.prove(network(), network(**WRONG[name]), INPUTS)
    assert report.verdict == "refused"
    assert (report.spikes_equal, report.outputs_equal) == (True, True)
    assert all("gradient" in reason for reason in report.reasons)


def test_a_threshold_of_a_strict_library_without_its_shift_is_caught():
    """The uniform inputs do not show it; the probe, which hits the threshold exactly, does."""
    source = sj.IFNode(surrogate_function=sjs.ATan(), detach_reset=True)
    wrong = bc.IFNode(1.0)
    report = unisnn.prove(source, wrong, torch.rand(6, 8, 6, generator=torch.Generator().manual_seed(3)))
    assert report.spikes_equal
    assert report.verdict == "refused"
    assert report.layers[0].probe_differing > 0
    assert "on the probe" in report.reasons[0]


def test_a_changed_weight_is_caught_and_located():
    wrong = network()
    with torch.no_grad():
        wrong[2].weight[1, 3] += 0.5
    report = unisnn.prove(network(), wrong, INPUTS)
    assert report.verdict == "refused"
    found = report.first_divergence
    assert found is not None
    assert found.layer == "3 (LIFNode)"
    assert found.index[1] == 1
    assert found.drive[0] != found.drive[1]
    assert report.layers[0].differing == 0


def test_the_first_divergence_has_step_index_and_margin():
    drive = torch.tensor([[0.25, 0.0], [0.25, 0.5], [0.5, 0.5]]).unsqueeze(1)
    report = unisnn.prove(sj.IFNode(), sj.IFNode(v_threshold=1.25), drive)
    found = report.first_divergence
    assert found is not None
    assert (found.step, found.index) == (2, (0, 0))
    assert found.spikes == (1.0, 0.0)
    assert found.drive == (0.5, 0.5)
    assert found.margin == (0.0, -0.25)
    assert "t=2, index [0, 0]" in str(found)


def test_another_number_of_neurons_is_caught():
    report = unisnn.prove(network(), nn.Sequential(*network(), sj.IFNode(step_mode="m")), INPUTS)
    assert report.verdict == "refused"
    assert "2 neurons against 3" in report.reasons


def test_a_weight_that_learns_on_one_side_only_is_caught():
    other = network()
    other[0].weight.requires_grad_(False)
    report = unisnn.prove(network(), other, INPUTS)
    assert report.verdict == "refused"
    assert "layer/0/weight" in report.reasons[0]


def test_a_tolerance_accepts_rounding_and_reports_it():
    slow, fast = sj.ParametricLIFNode(init_tau=1.5), sj.LIFNode(tau=1.5)
    drive = torch.rand(8, 4, 16, generator=torch.Generator().manual_seed(2)) * 3
    assert unisnn.prove(slow, fast, drive).verdict == "refused"
    report = unisnn.prove(slow, fast, drive, tolerance=1e-5)
    assert report.verdict == "close"
    assert 0 < report.layers[0].voltage_difference < 1e-6
    assert any("voltages differ" in bound for bound in report.bounds)
    assert report.tolerance == 1e-5


def test_a_tolerance_does_not_hide_what_is_wrong():
    report = unisnn.prove(network(), network(tau=3.0), INPUTS, tolerance=1e-4)
    assert report.verdict == "refused"


def test_a_spike_flipped_within_the_tolerance_of_the_threshold():
    drive = torch.full((1, 1, 1), 1.0)
    report = unisnn.prove(sj.IFNode(), sj.IFNode(v_threshold=1.0000001), drive, tolerance=1e-5)
    assert report.verdict == "close"
    assert not report.spikes_equal
    assert any("1 of 1 spikes differ" in bound for bound in report.bounds)


def test_a_conversion_that_maps_wrongly_fails_its_proof(monkeypatch):
    """Take the shift of the threshold away: the comparison of descriptions names it before anything runs."""
    monkeypatch.setattr(BrainCog, "threshold", lambda self, spec, strict: spec.threshold)
    source = sj.IFNode(surrogate_function=sjs.ATan(), detach_reset=True)
    with pytest.raises(unisnn.convert.ConversionError, match=r"surrogate.fire"):
        unisnn.convert(source, to="braincog")
    monkeypatch.setattr(conversion.Plan, "accept", lambda *args: None)
    with pytest.raises(unisnn.convert.ConversionError, match="the proof failed") as caught:
        unisnn.convert(source, to="braincog")
    assert caught.value.report.verdict == "refused"


def test_gradients_are_compared_in_eval_mode_too():
    source = network().eval()
    _, report = unisnn.convert(source, to="braincog", inputs=INPUTS)
    assert report.max_grad_diff is not None
    assert {row.name for row in report.gradients} >= {"input", "layer/0/weight"}


def test_nan_and_infinity_are_compared_as_they_are():
    drive = torch.tensor([math.nan, math.inf, -math.inf, 1e38, 0.0]).repeat(3, 1).unsqueeze(1)
    report = unisnn.prove(sj.IFNode(), sj.IFNode(), drive)
    assert report.spikes_equal
    assert report.states_equal


def test_a_report_is_kept_as_json(tmp_path):
    wrong = network(threshold=0.6)
    for report in (
        unisnn.prove(network(), network(), INPUTS),
        unisnn.prove(network(), wrong, INPUTS, seed=3, tolerance=0.5),
        unisnn.prove(network(), wrong, INPUTS),
    ):
        assert ProofReport.from_json(report.to_json()) == report
        target = tmp_path / "deep" / "proof.json"
        report.save(target)
        assert json.loads(target.read_text())["verdict"] == report.verdict
        assert [path.name for path in target.parent.iterdir()] == ["proof.json"]


def test_a_report_names_what_it_depends_on():
    report = unisnn.prove(network(), network(), INPUTS, seed=7)
    assert report.seed == 7
    assert report.inputs["shape"] == [6, 8, 6]
    assert report.inputs["dtype"] == "float32"
    assert len(report.inputs["sha256"]) == 16
    assert set(report.versions) == {"python", "torch", "unisnn"}
    assert report.versions["torch"] == str(torch.__version__)
    assert "spikingjelly -> spikingjelly: exact" in str(report)
    assert "predictions agree: 100.00%" in str(report)


def test_a_proof_in_two_halves(tmp_path):
    source = network()
    model, whole = unisnn.convert(source, to="snngrow", inputs=INPUTS)
    first = trace(source, INPUTS)
    first.save(tmp_path / "a")
    read = Trace.load(tmp_path / "a")
    assert read.facts == first.facts
    assert all(torch.equal(value, read.tensors[name]) for name, value in first.tensors.items())
    second = trace(model, INPUTS, reference=read)
    second.save(tmp_path / "b")
    assert compare_traces(read, Trace.load(tmp_path / "b")) == whole


def test_traces_of_different_inputs_do_not_compare():
    with pytest.raises(ValueError, match="inputs differ"):
        compare_traces(trace(network(), INPUTS), trace(network(), INPUTS + 1))
    with pytest.raises(ValueError, match="seed differ"):
        compare_traces(trace(network(), INPUTS), trace(network(), INPUTS, seed=1))


def test_the_same_seed_gives_the_same_proof():
    model, _ = unisnn.convert(network(), to="braincog", inputs=INPUTS)
    assert unisnn.prove(network(), model, INPUTS) == unisnn.prove(network(), model, INPUTS)


def test_proving_changes_neither_model():
    a, b = network(), network()
    a(INPUTS)
    before, state = copy.deepcopy(a.state_dict()), a[1].v
    threads = torch.get_num_threads()
    unisnn.prove(a, b, INPUTS)
    assert a[1].v is state
    assert b[1].v == 0.0
    assert all(torch.equal(value, before[name]) for name, value in a.state_dict().items())
    assert torch.get_num_threads() == threads


def test_an_output_of_another_kind():
    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.node = sj.IFNode(step_mode="m")

        def forward(self, x):
            return self.node(x), x

    with pytest.raises(
        TypeError, match=r"Pair: an output of type tuple is not accepted; expected one tensor"
    ):
        unisnn.prove(Pair(), Pair(), INPUTS)


def test_spike_tensors_are_compared_as_the_dense_tensors_they_stand_for():
    source = SGLIF(spike_out=True, detach_reset=True)
    _model, report = unisnn.convert(source, to="spikingjelly", inputs=INPUTS)
    assert report.verdict == "exact"
    node = bc.LIFNode(1.0)
    node.act_fun = bcs.SigmoidGrad(4.0)
    assert unisnn.prove(source, node, INPUTS).spikes_equal


def test_a_gradient_that_is_nothing_but_rounding_is_measured_against_its_terms():
    """A bias in front of a batch normalisation: 0 in exact arithmetic, whatever the order of the terms."""
    torch.manual_seed(0)
    source = nn.Sequential(
        layer.Conv2d(1, 2, 3, step_mode="m"),
        layer.BatchNorm2d(2, step_mode="m"),
        sj.ParametricLIFNode(detach_reset=True, v_threshold=0.5, step_mode="m"),
    )
    images = torch.rand(4, 3, 1, 8, 8)
    _, report = unisnn.convert(source, to="braincog", inputs=images)
    assert report.verdict == "exact"
    bias = next(row for row in report.gradients if row.name == "layer/0/bias")
    weight = next(row for row in report.gradients if row.name == "layer/0/weight")
    first = trace(source, images)
    assert float(first.tensors["grad/layer/0/bias"].abs().max()) < 1e-5 * bias.scale
    assert weight.scale >= float(first.tensors["grad/layer/0/weight"].abs().max())


@pytest.mark.parametrize("kind", [nn.Linear, nn.Conv2d])
def test_the_terms_are_those_of_the_sum(kind):
    from unisnn.convert.terms import Terms

    torch.manual_seed(0)
    module = kind(3, 2) if kind is nn.Linear else kind(3, 2, 2, padding=1, stride=2)
    x = torch.randn(4, 3) if kind is nn.Linear else torch.randn(4, 3, 5, 5)
    noted = Terms([module])
    y = module(x)
    g = torch.randn(y.shape)
    (y * g).sum().backward()
    sums = noted.sums()
    positive = copy.deepcopy(module)
    positive.zero_grad()
    (positive(x.abs()) * g.abs()).sum().backward()
    for name, parameter in positive.named_parameters():
        assert sums[f"0/{name}"] == pytest.approx(float(parameter.grad.max()), rel=1e-5)
    noted.close()
    assert not module._forward_hooks
