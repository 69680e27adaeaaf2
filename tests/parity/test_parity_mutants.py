"""Mutants: they change what they say, are undone afterwards, and cannot pass unnoticed."""

from __future__ import annotations

import pytest
import torch

from unisnn.core import spike
from unisnn.core.surrogate import FAMILIES
from unisnn.parity import mutants, process, runner
from unisnn.parity.case import Case
from unisnn.parity.cases import all_cases
from unisnn.parity.editions import EDITIONS
from unisnn.parity.mutants import surrogates
from unisnn.parity.outputs import Outputs


def test_every_family_of_cases_has_a_mutant() -> None:
    covered = {mutant.family for mutant in mutants.load().values()}
    families = {case.family for case in all_cases()}
    assert families - covered <= {"inference"}, "families without a mutant"


def test_every_gradient_family_has_a_mutant() -> None:
    assert set(FAMILIES) == set(surrogates.FAMILIES)


def test_every_edition_has_mutants_and_every_mutant_has_cases() -> None:
    cases = all_cases()
    per_edition = {name: [case for case in cases if case.edition == name] for name in EDITIONS}
    used: set[str] = set()
    for name, own in per_edition.items():
        concerned = [mutant.id for mutant in mutants.load().values() if mutant.select(own)]
        assert len(concerned) >= 3, name
        used |= set(concerned)
    assert used == set(mutants.load())


def test_changed_cases_really_change() -> None:
    cases = all_cases()
    for mutant in mutants.load().values():
        for case, wrong in mutant.select(cases):
            assert wrong.id == case.id
            assert (wrong != case) == (mutant.patch is None), (mutant.id, case.id)


def test_a_code_patch_holds_inside_the_block_only() -> None:
    zero = torch.zeros(1)
    with mutants.patched("fire/above"):
        assert spike.at_or_above(zero).item() == 0
    assert spike.at_or_above(zero).item() == 1
    right = FAMILIES["sigmoid"].gradient(torch.ones(1), zero, 4.0)
    with mutants.patched("gradient/sigmoid"):
        assert FAMILIES["sigmoid"].gradient(torch.ones(1), zero, 4.0).item() > right.item()
    assert FAMILIES["sigmoid"].gradient(torch.ones(1), zero, 4.0).item() == right.item()


def test_a_code_patch_is_undone_when_the_block_raises() -> None:
    with pytest.raises(RuntimeError, match="inside"), mutants.patched("fire/above"):
        raise RuntimeError("inside")
    assert spike.at_or_above(torch.zeros(1)).item() == 1


def test_unknown_and_taken_names_are_refused() -> None:
    with pytest.raises(ValueError, match="no/such"):
        mutants.patched("no/such")
    with pytest.raises(ValueError, match="registered already"):
        mutants.add(next(iter(mutants.load().values())))
    with pytest.raises(TypeError, match="plain functions"), mutants.swapped_code(len, print):
        pass


def _answers(monkeypatch: pytest.MonkeyPatch, gives_away: bool) -> None:
    """Let both workers give canned answers; the mutant's batch differs only if ``gives_away``."""

    def canned(
        entry: object, batches: list[dict[str, list[Case]]], meter: object, genuine: bool
    ) -> process.Answers:
        def out(wrong: bool) -> Outputs:
            made = Outputs()
            made.put("forward", torch.tensor([2.0 if wrong else 1.0]))
            return made

        rest = [[out(gives_away) for _ in batch["cases"]] for batch in batches[1:]]
        first = [out(False) for _ in batches[0]["cases"]]
        return process.Answers([out(False) for _ in first], [first, *rest])

    monkeypatch.setattr(process, "both_sides", canned)


@pytest.mark.parametrize("gives_away", [True, False])
def test_a_mutant_that_no_case_gives_away_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, gives_away: bool
) -> None:
    _answers(monkeypatch, gives_away)
    case = Case("x/y/Z", "snngrow-git", "made up", "a.Z", "surrogate")
    only = mutants.Mutant(
        "made-up", "made up", "*", "wrong", change=lambda case: case.with_(kwargs={"alpha": 9})
    )
    monkeypatch.setattr(mutants, "load", lambda: {"made-up": only})
    report = runner.run(["snngrow-git"], cases=[case])
    assert [mutant.rejected for mutant in report.mutants] == [gives_away]
    assert report.ok is gives_away
    if not gives_away:
        assert "was not rejected" in report.problems()[0]
