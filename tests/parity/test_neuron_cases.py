"""Neuron cases: what they cover, that the protocols say what happened, and that mutants are noticed."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch

from unisnn import parity
from unisnn.parity import mutants, protocols, worker
from unisnn.parity.case import Case
from unisnn.parity.cases import all_cases
from unisnn.parity.compare import differences
from unisnn.parity.editions import EDITIONS
from unisnn.parity.library import Library
from unisnn.parity.mutants import equations, layers, neurons, state
from unisnn.parity.outputs import Outputs

SJ14, SJ2, SG = "spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0", "snngrow==0.1.1a1"
BC, QU = "braincog==0.2.7.19", "qualia-plugin-snn==2.6.0"
OURS = ("neuron", "state", "lateral", "layer", "functional", "refusal", "base")
CORE = ("IFNode", "LIFNode", "ParametricLIFNode", "PLIFNode", "IFSRL", "ATIF")


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for case in all_cases() if case.family in OURS and not EDITIONS[case.edition].recorded]


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    protocols.load()
    mutants.load()


def played(case: Case) -> Outputs:
    outputs: Outputs = worker.execute(case, Library(EDITIONS[case.edition].ours, case.edition))
    return outputs


def test_there_are_more_than_fifteen_hundred_of_every_kind(cases: list[Case]) -> None:
    families = Counter(case.family for case in cases)
    assert sum(families.values()) >= 1500
    assert set(families) == set(OURS)
    for edition, least in ((SJ14, 1000), (SJ2, 1000), (SG, 500), (BC, 500), (QU, 100)):
        assert sum(case.edition == edition for case in cases) >= least, edition


@pytest.mark.parametrize(
    ("edition", "names", "drives"),
    [
        (SJ14, ("IFNode", "LIFNode", "ParametricLIFNode"), {"step", "sequence"}),
        (SJ2, ("IFNode", "LIFNode", "ParametricLIFNode"), {"step", "sequence"}),
        (SG, ("IFNode", "LIFNode"), {"step", "flat"}),
        (BC, ("IFNode", "LIFNode", "PLIFNode"), {"step", "flat", "groups"}),
        (QU, ("IFSRL", "ATIF"), {"step"}),
    ],
)
def test_every_neuron_is_driven_in_every_way(
    cases: list[Case], edition: str, names: tuple[str, ...], drives: set[str]
) -> None:
    for name in names:
        mine = [case for case in cases if case.edition == edition and case.symbol.endswith(f".{name}")]
        neuron = [case for case in mine if case.family == "neuron"]
        assert {case.calls.get("drive", "step") for case in neuron} >= drives
        assert {case.calls.get("training", True) for case in neuron} == {True, False}
        assert {case.dtype for case in neuron} >= {"float16", "bfloat16", "float32", "float64", "int64"}
        assert {case.inputs["x"].get("layout", "contiguous") for case in neuron} >= {"contiguous", "strided"}
        assert any("nan" in str(case.inputs["x"].get("values")) for case in neuron)
        assert any(case.inputs["x"].get("step") == 0.25 for case in neuron), "ties at the threshold"
        assert any(case.inputs["x"]["shape"][0] == 1 for case in neuron), "one time step"
        assert any(case.calls.get("plot") for case in neuron), "a curve for the report"
        scripts = str([case.calls.get("script") for case in mine])
        for word in ("again", "reset", "deepcopy", "state_dict"):
            assert word in scripts, (name, word)


def on_grid(edition: str, symbol: str, **calls: Any) -> Case:
    """Return a case whose numbers are multiples of 1/4, so that plain Python adds them exactly."""
    x = {
        "kind": "steps",
        "seed": 5,
        "shape": [6, 4],
        "low": -0.5,
        "high": 2,
        "step": 0.25,
        "dtype": "float32",
    }
    return Case("t/neuron/x/y/float32", edition, "neuron", symbol, "neuron", inputs={"x": x}, calls=calls)


Rule = Callable[[float], float]


def by_hand(
    xs: list[list[float]], start: float, charge: Callable[[float, float], float], reset: Rule, fires: Rule
) -> tuple[list[list[float]], list[list[float]]]:
    """Run neurons in plain Python: spikes and potentials, step by step."""
    v = [start] * len(xs[0])
    spikes, potentials = [], []
    for row in xs:
        h = [charge(a, b) for a, b in zip(v, row, strict=True)]
        spikes.append([float(fires(value)) for value in h])
        v = [reset(value) if fires(value) else value for value in h]
        potentials.append(v)
    return spikes, potentials


@pytest.mark.parametrize(
    ("edition", "symbol", "kwargs", "charge", "reset", "fires"),
    [
        (SJ14, "activation_based.neuron.IFNode", {}, lambda v, x: v + x, lambda h: 0.0, lambda h: h >= 1),
        (
            SJ14,
            "activation_based.neuron.LIFNode",
            {"v_reset": None, "v_threshold": 0.5},
            lambda v, x: v + (x - v) / 2,
            lambda h: h - 0.5,
            lambda h: h >= 0.5,
        ),
        (
            SG,
            "base.neuron.LIFNode.LIFNode",
            {"decay_input": False, "v_reset": 0.25},
            lambda v, x: v - (v - 0.25) / 2 + x,
            lambda h: 0.25,
            lambda h: h >= 1,
        ),
        (BC, "base.node.node.LIFNode", {}, lambda v, x: v + (x - v) / 2, lambda h: 0.0, lambda h: h > 0.5),
    ],
)
def test_the_protocol_records_what_a_neuron_does(
    edition: str,
    symbol: str,
    kwargs: dict[str, Any],
    charge: Callable[[float, float], float],
    reset: Rule,
    fires: Rule,
) -> None:
    memory = "mem" if edition == BC else "v"
    case = on_grid(edition, symbol, states=[memory]).with_(kwargs=kwargs)
    out = played(case)
    xs = Library(EDITIONS[edition].ours).input(case, "x").double().tolist()
    spikes, potentials = by_hand(xs, kwargs.get("v_reset") or 0.0, charge, reset, fires)
    assert out.failures == {}
    assert out.tensors["y/0"].tolist() == spikes
    assert out.tensors[f"trace/{memory}/0"].double().tolist() == potentials
    assert torch.equal(out.tensors[f"state/{memory}"], out.tensors[f"trace/{memory}/0"][-1])
    assert out.tensors["grad_x/x"].shape == (6, 4)


def test_what_a_script_says_is_done_in_order() -> None:
    script = [["run", "x"], ["get", "v"], ["call", "reset"], ["attempt", ["call", "nothing"]], ["run", "x"]]
    out = played(on_grid(SJ14, "activation_based.neuron.IFNode", script=script))
    assert torch.equal(out.tensors["y/0"], out.tensors["y/1"])
    assert torch.equal(out.tensors["get/v"], out.tensors["trace/v/0"][-1])
    assert out.failures["attempt/0"].types[0] == "AttributeError"
    assert set(out.failures) == {"attempt/0"}
    twice = on_grid(SJ14, "activation_based.neuron.IFNode", script=[["run", "x"], ["run", "x"]])
    again = played(twice.with_(kwargs={"v_reset": None}))
    assert not torch.equal(again.tensors["trace/v/0"], again.tensors["trace/v/1"])


def test_a_step_a_sequence_and_both_folded_layouts_agree() -> None:
    xs = {"kind": "uniform", "seed": 6, "shape": [4, 2, 3], "low": -0.5, "high": 2, "dtype": "float32"}
    step = on_grid(SJ14, "activation_based.neuron.LIFNode").with_(inputs={"x": xs})
    whole = step.with_(kwargs={"step_mode": "m"}, calls={"drive": "sequence"})
    assert torch.equal(played(step).tensors["y/0"], played(whole).tensors["y/0"])
    node = on_grid(BC, "base.node.node.LIFNode", states=["mem"]).with_(inputs={"x": xs}, kwargs={"step": 4})
    flat = node.with_(kwargs={"step": 4, "layer_by_layer": True}, calls={"drive": "flat", "states": ["mem"]})
    groups = node.with_(kwargs={"step": 4, "n_groups": 2}, calls={"drive": "groups", "states": ["mem"]})
    one, two, three = (played(case) for case in (node, flat, groups))
    assert torch.equal(one.tensors["y/0"], two.tensors["y/0"])
    assert torch.equal(one.tensors["y/0"], three.tensors["y/0"])
    assert torch.equal(one.tensors["grad_x/x"], three.tensors["grad_x/x"])


def test_every_equation_has_a_wrong_variant() -> None:
    from unisnn.core import neuron

    assert set(neuron.__all__) <= set(equations.VARIANTS)


@pytest.mark.parametrize(
    "which",
    sorted(
        mutant
        for mutant in mutants.load()
        if mutants.MUTANTS[mutant].patch
        and mutants.MUTANTS[mutant].family in OURS
        and mutant.startswith(("equation", "code"))
    ),
)
def test_a_wrong_variant_is_noticed_and_undone(cases: list[Case], which: str) -> None:
    """Unisnn against unisnn with the patch: something differs inside the block, nothing after it."""
    mutant = mutants.MUTANTS[which]
    assert mutant.patch is not None
    pairs = [
        pair for edition in EDITIONS for pair in mutant.select([c for c in cases if c.edition == edition])
    ]
    assert pairs
    noticed = False
    for case, _ in pairs[:12]:
        right = played(case)
        with mutants.patched(mutant.patch):
            wrong = played(case)
        noticed = noticed or any(not found.explained for found in differences(right, wrong))
        assert differences(right, played(case)) == []
    assert noticed, mutant.text


@pytest.mark.parametrize("family", OURS)
def test_every_family_has_mutants_in_every_edition_that_it_covers(cases: list[Case], family: str) -> None:
    mine = [case for case in cases if case.family == family]
    for edition in {case.edition for case in mine}:
        own = [case for case in mine if case.edition == edition]
        concerned = [m for m in mutants.MUTANTS.values() if m.family == family and m.select(own)]
        assert concerned or (family, edition) in {("base", BC), ("refusal", QU)}, (family, edition)


def test_the_tables_of_mutants_are_complete() -> None:
    listed = {f"argument/{row[0]}" for row in neurons.CHANGES}
    listed |= {f"argument/{row[1]}/{row[0]}" for row in layers.CHANGES}
    listed |= {f"code/{row[1]}/{row[0]}" for row in layers.CODE}
    listed |= {f"code/{row[0]}/{family}" for row in state.CODE for family in row[1].split("|")}
    listed |= {f"equation/{name}/{n}" for name, row in equations.VARIANTS.items() for n in range(len(row[2]))}
    assert listed <= set(mutants.MUTANTS)


def test_a_mutant_changes_a_copy_of_the_case_only(cases: list[Case]) -> None:
    before = copy.deepcopy(cases[:400])
    for mutant in mutants.MUTANTS.values():
        if mutant.change is not None and mutant.family in OURS:
            mutant.select(cases[:400])
    assert before == cases[:400]


def drawn(cases: list[Case], edition: str, count: int) -> list[Case]:
    """Return a spread of cases: every family and every core neuron, evenly through the list."""
    mine = [case for case in cases if case.edition == edition]
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in mine:
        groups.setdefault((case.family, case.symbol), []).append(case)
    share = max(1, count // len(groups))
    return list(
        itertools.chain.from_iterable(group[:: max(1, len(group) // share)] for group in groups.values())
    )


@pytest.mark.oracle
@pytest.mark.parametrize("edition", [SJ14, SJ2, SG, BC, QU])
def test_a_spread_of_cases_agrees_with_the_genuine_library(cases: list[Case], edition: str) -> None:
    chosen = drawn(cases, edition, 160)
    assert any(case.symbol.rpartition(".")[2] in CORE for case in chosen)
    found = parity.run([edition], cases=chosen, with_mutants=False)
    assert found.problems() == []
    assert found.counts()["cases"] == len(chosen)


def test_the_gradient_of_a_sequence_is_that_of_a_loop_over_its_steps_to_the_sign_of_zero() -> None:
    from unisnn.core import scan

    def step(x: torch.Tensor) -> torch.Tensor:
        return x * torch.tensor([0.0, -0.0, 1.0])

    for steps in (1, 2, 3):
        whole, single = (torch.ones(steps, 3, requires_grad=True) for _ in range(2))
        scan.scan(step, whole).backward(torch.ones(steps, 3))
        torch.stack([step(single[t]) for t in range(steps)]).backward(torch.ones(steps, 3))
        assert whole.grad is not None
        assert single.grad is not None
        assert torch.equal(whole.grad.signbit(), single.grad.signbit())
        assert torch.equal(whole.grad, single.grad)
