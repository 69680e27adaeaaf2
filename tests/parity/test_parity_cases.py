"""The cases: enough of them, unique, JSON, and a sample that leaves nothing out."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from unisnn.parity.case import Case, jsonable
from unisnn.parity.cases import all_cases, sample_cases
from unisnn.parity.editions import EDITIONS, edition, match_editions


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return all_cases()


def test_at_least_three_thousand_cases_of_every_edition(cases: list[Case]) -> None:
    counts = Counter(case.edition for case in cases)
    assert len(cases) >= 3000
    assert set(counts) == set(EDITIONS)
    assert min(counts.values()) >= 90


def test_ids_are_unique_and_readable(cases: list[Case]) -> None:
    assert len({case.id for case in cases}) == len(cases)
    assert [case.id for case in cases if case.id.count("/") < 2 or "\n" in case.id] == []


def test_every_case_survives_strict_json(cases: list[Case]) -> None:
    assert [case.id for case in cases if not jsonable(case)] == []


def test_generation_is_the_same_every_time(cases: list[Case]) -> None:
    assert all_cases() == cases


def test_every_surrogate_is_compared_in_every_dtype(cases: list[Case]) -> None:
    seen: dict[tuple[str, str], set[str]] = {}
    for case in cases:
        if case.family == "surrogate":
            seen.setdefault((case.edition, case.symbol), set()).add(case.dtype)
    assert len(seen) >= 60
    for key, dtypes in seen.items():
        assert {"float32", "float64", "float16", "bfloat16"} <= dtypes, key


def test_generating_cases_imports_neither_torch_nor_a_library() -> None:
    program = (
        "import sys; from unisnn.parity.cases import all_cases; all_cases();"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('torch', 'spikingjelly', 'braincog', 'snngrow', 'qualia_plugin_snn')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_a_sample_leaves_no_symbol_and_no_family_out(cases: list[Case], seed: int) -> None:
    drawn = sample_cases(cases, 700, seed)
    for key in ("symbol", "family"):
        everything = {(case.edition, getattr(case, key)) for case in cases}
        assert {(case.edition, getattr(case, key)) for case in drawn} == everything
    assert len(drawn) < len(cases) / 3
    assert drawn == sample_cases(cases, 700, seed)
    assert drawn != sample_cases(cases, 700, seed + 1)
    assert sample_cases(cases, 10**6, seed) == cases


def test_editions_are_matched_by_name_short_name_library_and_glob() -> None:
    assert match_editions(None) == list(EDITIONS.values())
    assert [e.name for e in match_editions(["sj14", "snngrow==*"])] == [
        "spikingjelly==0.0.0.0.14",
        "snngrow==0.1.1a1",
    ]
    assert {e.root for e in match_editions(["qualia-plugin-snn"])} == {"qualia_plugin_snn"}
    with pytest.raises(ValueError, match="matches nothing; expected one of spikingjelly"):
        match_editions(["norse"])
    with pytest.raises(ValueError, match="is not known"):
        edition("norse")
