"""Comparing descriptions: exact under another name, close within a bound, different by field."""

from __future__ import annotations

from dataclasses import replace

import numpy
import pytest
import torch

from unisnn.core import neuron as equations
from unisnn.core.equivalence import EPS, compare, compare_surrogates, first_firing_voltage, next_float32
from unisnn.core.spec import NeuronSpec, ResetSpec, SurrogateSpec, values

SIGMOID = SurrogateSpec("sigmoid", values(alpha=4.0))
HARD = ResetSpec("hard", 0.0, True, "reset_hard")
SOFT = ResetSpec("soft", None, False, "reset_soft")
LIF = NeuronSpec("charge_lif_decay_input", SIGMOID, HARD, values(tau=2.0))
IF = NeuronSpec("charge_if", SIGMOID, HARD)


def other(spec, **changes):
    return replace(spec, **changes)


EXACT = {
    "itself": (LIF, LIF),
    "a step of length 1": (IF, other(IF, charge="charge_scaled", parameters=values(dt=1.0))),
    "resting at 0 by name": (
        LIF,
        other(LIF, charge="charge_lif_decay_input_to", parameters=values(tau=2.0, v_reset=0.0)),
    ),
    "no decay, tau a power of two": (
        other(LIF, charge="charge_lif", parameters=values(tau=4.0)),
        other(LIF, charge="charge_lif_to", parameters=values(tau=4.0, v_reset=0.0)),
    ),
    "a learned constant": (
        other(LIF, charge="charge_plif_decay_input", parameters=values(w=0.5), learnable=("w",)),
        other(LIF, charge="charge_plif_scaled", parameters=values(w=0.5, dt=1.0), learnable=("w",)),
    ),
    "reset to zero": (LIF, other(LIF, reset=ResetSpec("hard", 0.0, True, "reset_to_zero"))),
    "the soft reset as a mixture": (
        other(IF, reset=SOFT),
        other(IF, reset=ResetSpec("soft", None, False, "reset_by_threshold_mix")),
    ),
    "a strict rule one float32 below": (
        LIF,
        other(LIF, surrogate=replace(SIGMOID, fire=">"), threshold=next_float32(1.0, -numpy.inf)),
    ),
    "another layout, output and library": (
        LIF,
        other(LIF, layout="folded", output="spike_tensor", library="x"),
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact(name):
    for left, right in (EXACT[name], EXACT[name][::-1]):
        found = compare(left, right)
        assert (found.verdict, found.field, found.bound) == ("exact", "", 0.0)


CLOSE = {
    "another order of operations": (
        other(LIF, charge="charge_lif", parameters=values(tau=1.7)),
        other(LIF, charge="charge_lif_to", parameters=values(tau=1.7, v_reset=0.0)),
        "charge",
    ),
    "a learned constant against a number": (
        other(LIF, charge="charge_plif_decay_input", parameters=values(w=0.0), learnable=("w",)),
        other(LIF, parameters=values(tau=2.0)),
        "charge",
    ),
    "a threshold that stops learning": (other(IF, learnable=("threshold",)), IF, "learnable.threshold"),
}


@pytest.mark.parametrize("name", CLOSE)
def test_close_has_a_bound_and_a_reason(name):
    left, right, field = CLOSE[name]
    found = compare(left, right)
    assert (found.verdict, found.field) == ("close", field)
    assert found.why
    assert found.bound < 1e-5


DIFFERENT = {
    "charge": other(IF, parameters=values(tau=2.0)),
    "parameters.tau": other(LIF, parameters=values(tau=2.1)),
    "threshold": other(LIF, threshold=1.0000001),
    "surrogate.fire": other(LIF, surrogate=replace(SIGMOID, fire=">")),
    "threshold_rule": other(LIF, threshold_rule="sigmoid"),
    "reset.kind": other(LIF, reset=SOFT),
    "reset.value": other(LIF, reset=replace(HARD, value=0.1)),
    "reset.detached": other(LIF, reset=replace(HARD, detached=False)),
    "initial": other(LIF, initial=values(v=0.1)),
    "restored": other(LIF, restored=values(v=0.1)),
    "output": other(LIF, output="threshold_scaled"),
    "surrogate.family": other(LIF, surrogate=replace(SIGMOID, family="atan")),
    "surrogate.alpha": other(LIF, surrogate=replace(SIGMOID, parameters=values(alpha=2.0))),
    "surrogate.spiking": other(LIF, surrogate=replace(SIGMOID, spiking=False)),
    "parameters.mem_detach": other(LIF, parameters=values(tau=2.0, mem_detach=True)),
}


@pytest.mark.parametrize("field", DIFFERENT)
def test_different_names_the_field(field):
    found = compare(LIF, DIFFERENT[field])
    assert found.verdict == "different"
    assert found.field == field
    assert field in found.why


def test_eval_mode_may_have_an_equation_of_its_own():
    left = other(LIF, charge="charge_lif", parameters=values(tau=1.7), eval_rule="hard:charge_lif_to")
    right = other(LIF, charge="charge_lif", parameters=values(tau=1.7), eval_rule="hard")
    assert compare(left, right).verdict == "exact"
    assert compare(left, right, training=False).verdict == "close"


def surrogate(family, **constants):
    return SurrogateSpec(family, values(**constants))


SAME_DERIVATIVE = [
    (surrogate("rect", alpha=1.0), surrogate("back_ei_gate")),
    (surrogate("rect", alpha=1.0), surrogate("gate", alpha=2.0)),
    (surrogate("rect", alpha=1.0), surrogate("piecewise_leaky_relu", w=0.5, c=0.0)),
    (surrogate("piecewise_leaky_relu_full_height", w=1.0, c=0.0), surrogate("gate", alpha=1.0)),
    (surrogate("leaky_k_relu", leak=0.0, k=1.0), surrogate("stdp")),
    (surrogate("deterministic_pass"), surrogate("straight_through")),
    (surrogate("sigmoid", alpha=0.7), surrogate("sigmoid_tensor_alpha", alpha=float(numpy.float32(0.7)))),
    (surrogate("atan", alpha=2.0), surrogate("atan_tensor_alpha", alpha=2.0)),
    (surrogate("piecewise_quadratic", alpha=3.0), surrogate("quadratic_gate", alpha=3.0)),
]


@pytest.mark.parametrize(("left", "right"), SAME_DERIVATIVE, ids=lambda spec: spec.family)
def test_one_derivative_under_two_names(left, right):
    assert compare_surrogates(left, right).verdict == "exact"
    assert compare_surrogates(right, left).verdict == "exact"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (surrogate("rect", alpha=1.0), surrogate("gate", alpha=1.0)),
        (surrogate("rect", alpha=0.7), surrogate("back_ei_gate")),
        (surrogate("piecewise_leaky_relu", w=1.0, c=0.0), surrogate("gate", alpha=1.0)),
        (surrogate("piecewise_leaky_relu", w=0.5, c=0.01), surrogate("rect", alpha=1.0)),
        (surrogate("leaky_k_relu", leak=0.1, k=1.0), surrogate("stdp")),
    ],
    ids=lambda spec: spec.family,
)
def test_two_derivatives_that_look_alike(left, right):
    assert compare_surrogates(left, right).verdict == "different"


def test_a_window_moves_with_the_threshold():
    found = compare_surrogates(surrogate("rect", alpha=1.0), surrogate("gate", alpha=2.0), shifted=True)
    assert found.verdict == "close"
    assert found.differences[0].kind == "edge"
    assert found.gradient_bound == 1.0


@pytest.mark.parametrize("threshold", [1.0, 0.5, 0.7, 0.1, -0.25, 1e-30, 3e38])
def test_the_first_voltage_that_fires(threshold):
    """Check on the float32 numbers around the threshold that the statement is true of torch's comparison."""
    value = torch.tensor(threshold, dtype=torch.float32)
    around = [value]
    for direction in (-float("inf"), float("inf")):
        h = value
        for _ in range(3):
            h = torch.nextafter(h, torch.tensor(direction))
            around.append(h)
    voltages = torch.stack(around)
    for rule, fires in ((">=", voltages - value >= 0), (">", voltages - value > 0)):
        assert float(voltages[fires].min()) == first_firing_voltage(threshold, rule)


@pytest.mark.parametrize("tau", [1.7, 4 / 3, 3.0, 10.0])
def test_the_voltage_bound_holds(tau):
    """Run both orders of operations for long and compare with the bound that the comparison states."""
    left = other(LIF, charge="charge_lif", parameters=values(tau=tau))
    right = other(LIF, charge="charge_lif_to", parameters=values(tau=tau, v_reset=0.0))
    bound = compare(left, right).bound
    x = torch.rand(500, 200, generator=torch.Generator().manual_seed(0)) * 2.5 - 0.5
    v = w = torch.zeros(200)
    largest = difference = 0.0
    for step in x:
        v, w = equations.charge_lif(v, step, tau), equations.charge_lif_to(w, step, tau, 0.0)
        largest = max(largest, float(v.abs().max()), float(step.abs().max()))
        difference = max(difference, float((v - w).abs().max()))
    assert 0 < difference <= bound * largest
    assert bound < 100 * EPS
