"""Neurons with a nonlinear leak, a learned scale, an adaptation current or an analog output."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

import unisnn
from unisnn.convert import ConversionError, simulate
from unisnn.core.equivalence import compare
from unisnn.core.spec import AdaptationSpec, neuron_from_dict, values
from unisnn.parity.moves import move_to_genuine
from unisnn.spikingjelly.activation_based import neuron as new
from unisnn.spikingjelly.clock_driven import layer as old_layer
from unisnn.spikingjelly.clock_driven import neuron as old

OLD = "spikingjelly.clock_driven"

NEW = {
    "KLIF": lambda **more: new.KLIFNode(**more),
    "KLIF-scaled": lambda **more: new.KLIFNode(True, 1.7, False, v_reset=-0.1, **more),
    "KLIF-soft": lambda **more: new.KLIFNode(True, v_reset=None, **more),
    "QIF": lambda **more: new.QIFNode(**more),
    "QIF-soft": lambda **more: new.QIFNode(tau=1.7, v_c=0.6, a0=0.7, v_rest=0.1, v_reset=None, **more),
    "EIF": lambda **more: new.EIFNode(**more),
    "EIF-sharp": lambda **more: new.EIFNode(tau=1.7, delta_T=0.3, theta_rh=0.6, v_rest=0.1, **more),
    "Izhikevich": lambda **more: new.IzhikevichNode(a=0.3, b=0.2, w_rest=0.1, tau_w=1.7, **more),
    "Izhikevich-detached": lambda **more: new.IzhikevichNode(
        a=-0.4, b=0.7, v_reset=0.2, detach_reset=True, **more
    ),
    "LIAF": lambda **more: new.LIAFNode(torch.relu, True, **more),
    "LIAF-tanh": lambda **more: new.LIAFNode(nn.Tanh(), False, tau=1.7, v_reset=0.1, **more),
}
IN_BOTH = ("QIF", "EIF", "EIF-sharp", "LIAF", "LIAF-tanh")


def drives() -> torch.Tensor:
    """Half noise, half multiples of 1/4."""
    generator = torch.Generator().manual_seed(5)
    noise = torch.rand(12, 8, 16, generator=generator) * 2.5 - 0.5
    noise[:, 4:] = torch.randint(-2, 9, (12, 4, 16), generator=generator).float() * 0.25
    return noise


def exact(model, to):
    moved, report = unisnn.convert(model, to=to, inputs=drives())
    assert report.verdict == "exact"
    assert report.layers[0].gradient == "bitwise"
    assert report.max_grad_diff == 0.0
    assert report.layers[0].spikes > 0
    return moved


@pytest.mark.parametrize("mode", ["s", "m"])
@pytest.mark.parametrize("name", NEW)
def test_a_neuron_is_rebuilt_from_its_description(name, mode):
    source = NEW[name](step_mode=mode)
    spec = unisnn.describe(source)
    assert neuron_from_dict(json.loads(json.dumps(spec.to_dict()))) == spec
    moved = exact(source, "spikingjelly")
    assert type(moved) is type(source)
    assert unisnn.describe(moved) == spec
    assert moved.extra_repr() == source.extra_repr()


@pytest.mark.parametrize("mode", ["s", "m"])
@pytest.mark.parametrize("name", IN_BOTH)
def test_to_clock_driven_and_back(name, mode):
    source = NEW[name](step_mode=mode)
    moved = exact(source, OLD)
    inside = moved[0] if isinstance(moved, old_layer.MultiStepContainer) else moved
    assert isinstance(moved, old_layer.MultiStepContainer) == (mode == "m" and "EIF" not in name)
    assert type(inside).__module__ == "unisnn.spikingjelly.clock_driven.neuron"
    returned = exact(moved, "spikingjelly")
    assert returned.extra_repr() == source.extra_repr()


@pytest.mark.parametrize("name", [name for name in NEW if name.startswith(("KLIF", "Izh"))])
def test_clock_driven_has_no_such_neuron(name):
    with pytest.raises(ConversionError, match=r"field charge='charge_.*neither KLIFNode nor IzhikevichNode"):
        unisnn.convert(NEW[name](), to=OLD)


@pytest.mark.parametrize("to", ["braincog", "snngrow", "qualia_plugin_snn"])
@pytest.mark.parametrize("name", NEW)
def test_no_other_library_has_them(name, to):
    with pytest.raises(ConversionError) as caught:
        unisnn.convert(nn.Sequential(nn.Linear(4, 4), NEW[name]()), to=to)
    field = caught.value.field.partition("=")[0]
    known = {"Izhikevich": "adaptation.rule", "LIAF": "activation"}.get(name.partition("-")[0])
    assert field == known or (
        known is None and field in ("charge", "reset.value", "reset.kind", "reset.detached")
    )
    assert caught.value.layer.startswith("layer 1 (")


def test_the_first_refusal_of_a_detached_neuron_that_resets_to_0_is_its_charge():
    for node, charge in (
        (new.QIFNode(v_reset=0.0, detach_reset=True), "charge_qif"),
        (new.EIFNode(v_reset=0.0, detach_reset=True), "charge_eif"),
        (new.KLIFNode(detach_reset=True), "charge_klif_decay_input"),
        (old.GeneralNode(0.5, 1.0, detach_reset=True), "charge_affine"),
    ):
        with pytest.raises(ConversionError) as caught:
            unisnn.convert(node, to="braincog")
        assert caught.value.field == f"charge={charge!r}"
        assert "IFNode, LIFNode and PLIFNode" in caught.value.reason


def test_a_learned_scale_is_the_same_number_and_goes_on_learning():
    source = new.KLIFNode()
    with torch.no_grad():
        source.k.fill_(1.25)
    assert dict(unisnn.describe(source).parameters)["k"] == 1.25
    moved, report = unisnn.convert(source, to="spikingjelly", inputs=drives())
    assert {row.name for row in report.gradients} == {"input", "neuron/0/k"}
    assert torch.equal(moved.k, source.k)
    assert moved.k is not source.k
    source.k.requires_grad_(False)
    assert not unisnn.convert(source, to="spikingjelly", inputs=drives())[0].k.requires_grad


def test_the_first_step_with_a_python_number_is_told_apart_where_it_rounds_otherwise():
    equal, other = old.QIFNode(), old.QIFNode(tau=1.7, v_c=0.6, a0=0.7, v_rest=0.1)
    exact(equal, "spikingjelly")
    with pytest.raises(ConversionError, match=r"field first_step='number'.*pass tolerance="):
        unisnn.convert(other, to="spikingjelly", inputs=drives())
    moved, _ = unisnn.convert(other, to="spikingjelly", inputs=drives(), tolerance=1e-4)
    x = torch.linspace(-1, 1, 1001)
    other(x)
    moved(x)
    assert 0 < float((other.v - moved.v).abs().max()) < 1e-7  # the refusal was no false alarm


def test_a_neuron_without_a_first_step_of_its_own_kind_needs_no_consent():
    for node in (old.LIFNode(v_reset=0.1, decay_input=False, tau=1.7), old.IFNode(v_reset=-0.3)):
        exact(node, "spikingjelly")


def test_a_reset_value_apart_from_the_start_makes_the_first_step_round_otherwise():
    node = old.LIFNode(tau=1.7, decay_input=False)
    exact(node, "spikingjelly")
    node.set_reset_value("v", 0.3)
    left = unisnn.describe(node)
    found = compare(left, replace(left, first_step="tensor"))
    assert found.verdict == "close"
    assert found.field == "first_step"


def test_the_linear_neuron_of_clock_driven():
    for node in (old.GeneralNode(0.5, 0.5, 0.01), old.MultiStepGeneralNode(0.5, 0.5, 0.01)):
        moved = exact(node, OLD)
        assert type(moved) is type(node)
        with pytest.raises(ConversionError, match="field charge='charge_affine'"):
            unisnn.convert(node, to="spikingjelly")


def test_an_activation_of_ones_own_is_refused_by_name():
    for node in (new.LIAFNode(lambda x: x * 2, True), old.LIAFNode(nn.PReLU(), False)):
        with pytest.raises(
            ConversionError, match=r"LIAFNode: activation=.*expected one of torch's abs, relu"
        ):
            unisnn.describe(node)


def test_a_threshold_that_reset_would_change_back_is_refused():
    node = old.IFNode()
    node.v_threshold = 0.5
    with pytest.raises(ConversionError, match=r"v_threshold=0.5 is a memory that reset\(\) makes 1.0 again"):
        unisnn.describe(node)


def test_a_library_class_with_code_of_its_own_is_not_taken_for_its_base():
    kind = type("Later", (new.QIFNode,), {"neuronal_charge": lambda self, x: None})
    kind.__module__ = "unisnn.spikingjelly.activation_based.neuron"
    with pytest.raises(ConversionError, match="Later defines neuronal_charge itself"):
        unisnn.describe(kind())


@pytest.mark.parametrize("name", NEW)
def test_a_neuron_runs_from_its_description_alone(name):
    node, x = NEW[name](), drives()
    if isinstance(node, new.KLIFNode):
        with torch.no_grad():
            node.k.fill_(1.25)
    spec = unisnn.describe(node)
    _, spikes, states = simulate.simulate(spec, x)
    with torch.no_grad():
        for t, step in enumerate(x):
            y = node(step)
            assert torch.equal(node.v, states[t])
            assert spec.activation or torch.equal(y, spikes[t])


def adaptation(jump, **constants):
    given = {"a": 0.3, "tau_w": 1.7, "v_rest": -0.1, **constants}
    return AdaptationSpec("adapt_to_charge", values(**given), jump)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"adaptation": None}, "adaptation.rule"),
        (
            {"adaptation": adaptation(0.25)},
            "jump",
        ),
        (
            {"adaptation": adaptation(0.2, tau_w=2.0)},
            "tau_w",
        ),
        ({"restored": values(v=0.0, w=0.2)}, "restored"),
        ({"parameters": values(tau=2.0, v_c=0.8, a0=1.5, v_rest=-0.1)}, "parameters.a0"),
        ({"activation": "relu"}, "activation"),
    ],
)
def test_every_field_counts(change, field):
    spec = unisnn.describe(NEW["Izhikevich"]())
    assert compare(spec, spec).verdict == "exact"
    found = compare(spec, replace(spec, **change))
    assert found.verdict == "different"
    assert found.field.endswith(field)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["KLIF-scaled", "QIF", "EIF-sharp", "Izhikevich"])
def test_into_the_genuine_library_and_back(name):
    moves = move_to_genuine(NEW[name](step_mode="m"), "spikingjelly==0.0.0.0.14", drives())
    for report in (moves.there, moves.back):
        assert (report.verdict, report.max_grad_diff) == ("exact", 0.0)
        assert report.layers[0].spikes > 0


@pytest.mark.oracle
def test_the_adaptation_of_2_0_0_rounds_otherwise():
    source, edition = NEW["Izhikevich"](step_mode="m"), "spikingjelly==2.0.0"
    with pytest.raises(ConversionError, match=r"field adaptation.rule='adapt_to_charge'.*pass tolerance="):
        move_to_genuine(source, edition, drives())
    moves = move_to_genuine(source, edition, drives(), tolerance=1e-4)
    assert moves.there.verdict == "close"
    assert 0 < moves.there.layers[0].voltage_difference < 1e-5


@pytest.mark.oracle
@pytest.mark.parametrize("edition", ["spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12"])
def test_into_genuine_clock_driven_and_back(edition):
    torch.manual_seed(0)
    nodes = (
        old.MultiStepLIFNode(tau=1.5, v_threshold=0.3),
        old.MultiStepEIFNode(),
        old_layer.MultiStepContainer(old.QIFNode(v_threshold=0.2)),
        old_layer.MultiStepContainer(old.LIAFNode(torch.relu, False)),
        old.MultiStepParametricLIFNode(v_threshold=0.05),
    )
    model = nn.Sequential(
        *(part for node in nodes for part in (old_layer.SeqToANNContainer(nn.Linear(16, 16)), node))
    )
    moves = move_to_genuine(model, edition, drives(), to=OLD)
    for report in (moves.there, moves.back):
        assert (report.verdict, report.max_grad_diff) == ("exact", 0.0)
        assert all(row.spikes for row in report.layers)
        assert [row.kind[0] for row in report.layers] == [row.kind[1] for row in report.layers]
