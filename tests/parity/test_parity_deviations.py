"""Deviations and bounds: data that explains exactly what it says, and must not outlive its reason."""

from __future__ import annotations

import math

import pytest
import torch

from unisnn.parity import deviations
from unisnn.parity.case import Case
from unisnn.parity.cases import all_cases
from unisnn.parity.compare import Verdict, differences
from unisnn.parity.deviations import Entry, Ledger
from unisnn.parity.editions import EDITIONS
from unisnn.parity.outputs import Outputs
from unisnn.parity.results import Report, verdict_of

CASE = Case("e/f/X/1", "lib==1", "surrogate", "mod.X", "surrogate")
BASE = {"id": "one", "edition": "lib==1", "symbol": "mod.X", "reason": "because"}


def judged(upstream: torch.Tensor, unisnn: torch.Tensor, *entries: Entry, name: str = "forward") -> str:
    a, b = Outputs(), Outputs()
    a.put(name, upstream)
    b.put(name, unisnn)
    found = differences(a, b)
    Ledger(entries).explain(CASE, found)
    return verdict_of(found)


def entry(kind: str = "deviation", **fields: object) -> Entry:
    return Entry.from_dict({**BASE, **fields}, kind)


def test_an_entry_explains_only_what_it_names() -> None:
    a, b = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0])
    assert judged(a, b) == Verdict.UNEXPLAINED
    assert judged(a, b, entry()) == Verdict.DEVIATES
    assert judged(a, b, entry("bound")) == Verdict.CLOSE
    for other in (
        {"symbol": "mod.Y"},
        {"edition": "lib==2"},
        {"outputs": ["grad*"]},
        {"kinds": ["dtype"]},
        {"case": "*/2"},
        {"family": "neuron"},
        {"upstream": "message"},
        {"max_abs": 0.5},
        {"max_ulp": 4},
        {"max_rel": 0.1},
        {"where": "upstream_nan"},
        {"where": "zeros"},
    ):
        assert judged(a, b, entry(**other)) == Verdict.UNEXPLAINED, other


def test_where_is_checked_element_by_element() -> None:
    nan = torch.tensor([math.nan, 1.0, 2.0])
    assert judged(nan, torch.tensor([0.0, 1.0, 2.0]), entry(where="upstream_nan")) == Verdict.DEVIATES
    assert judged(nan, torch.tensor([0.0, 1.0, 2.5]), entry(where="upstream_nan")) == Verdict.UNEXPLAINED
    zero = torch.tensor([0.0, 1.0])
    assert judged(zero, torch.tensor([-0.0, 1.0]), entry(where="zeros")) == Verdict.DEVIATES
    assert judged(zero, torch.tensor([-0.0, 1.1]), entry(where="zeros")) == Verdict.UNEXPLAINED


def test_entries_share_a_difference_element_by_element() -> None:
    nan, bound = entry(where="upstream_nan"), entry("bound", id="two", max_abs=0.1)
    a, b = torch.tensor([math.nan, 1.0]), torch.tensor([0.0, 1.05])
    assert judged(a, b, nan) == Verdict.UNEXPLAINED
    assert judged(a, b, nan, bound) == Verdict.DEVIATES
    assert judged(a[1:], b[1:], nan, bound) == Verdict.CLOSE


def test_a_bounded_entry_does_not_cover_another_dtype_or_shape() -> None:
    bounded = entry("bound", max_abs=10.0)
    assert judged(torch.ones(2), torch.ones(2).double(), bounded) == Verdict.UNEXPLAINED
    assert judged(torch.ones(2), torch.ones(3), bounded) == Verdict.UNEXPLAINED


@pytest.mark.parametrize(
    "fields", [{"reason": " "}, {"where": "somewhere"}, {"colour": "red"}, {"optional": True}]
)
def test_malformed_entries_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="deviations"):
        entry(**fields)


def test_an_entry_that_matches_nothing_fails_the_run() -> None:
    ledger = Ledger((entry(),))
    assert ledger.unmatched(["lib==1"]) == [entry()]
    assert ledger.unmatched(["other"]) == []
    assert not Report(unmatched=ledger.unmatched(["lib==1"])).ok
    assert "matches no difference" in "".join(Report(unmatched=list(ledger.entries)).problems())


def test_an_entry_of_two_editions_is_missed_by_a_run_of_both_alone():
    both = ["spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0"]
    ledger = Ledger([entry(edition="|".join(both))])
    assert ledger.unmatched(both[:1]) == []
    assert ledger.unmatched(both) == ledger.entries


def test_the_stored_entries_are_well_formed_and_concern_existing_cases() -> None:
    ledger = deviations.load()
    cases = all_cases()
    assert len(ledger.entries) >= 10
    for each in ledger.entries:
        assert len(each.reason) > 40, each.id
        if not each.optional:
            assert any(each.concerns(case) for case in cases), each.id


def test_no_entry_covers_a_whole_edition_without_a_bound() -> None:
    for each in deviations.load().entries:
        everything = all(each.concerns(Case("a/b", name, "f", "a.b", "p")) for name in EDITIONS)
        assert not everything, each.id
