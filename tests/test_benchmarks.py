"""The benchmark: what is timed, how, and the table; and one real turn against an oracle."""

from __future__ import annotations

import json

import pytest

from benchmarks import worker
from benchmarks.__main__ import main, table
from benchmarks.subjects import SIZES, subjects


def test_every_neuron_is_timed_at_every_size_in_both_modes():
    chosen = list(subjects((), ()))
    assert len(chosen) == len(set(chosen)) == (3 + 3 + 3 + 2) * len(SIZES) * 2
    braincog = next(subjects(("braincog==0.2.7.19",), ("long",)))
    assert braincog.kwargs == {"layer_by_layer": True, "step": 100}


def test_unknown_names_are_listed(capsys):
    with pytest.raises(ValueError, match=r"edition='norse' is not known; expected one of spikingjelly"):
        list(subjects(("norse",), ()))
    with pytest.raises(SystemExit):
        main(["--size", "huge"])
    assert "expected one of tiny, mid, long" in capsys.readouterr().err


def test_a_slow_call_is_told_from_a_quick_one():
    quick = worker.time_calls(lambda: None, 0.01)
    slow = worker.time_calls(lambda: sum(range(200_000)), 0.01)
    assert 0 <= quick < slow


def test_the_table_is_markdown():
    row = {"edition": "e==1", "neuron": "IF", "size": "tiny", "mode": "train", "ratio": 0.5, "low": 0.4,
           "high": 0.625, "unisnn_ms": 1.0, "upstream_ms": 2.0}  # fmt: skip
    assert (
        table([row]).splitlines()[-1] == "| e==1 | IF | tiny | train | 0.50 | 0.40 to 0.62 | 1.000 | 2.000 |"
    )


@pytest.mark.oracle
def test_one_turn_against_a_genuine_library(tmp_path, capsys):
    main(["snngrow==0.1.1a1", "--size", "tiny", "--rounds", "1", "--seconds", "0.01", "--out", str(tmp_path)])
    data = json.loads((tmp_path / "benchmark.json").read_text())
    assert [(row["neuron"], row["mode"]) for row in data["rows"]] == [
        ("IF", "forward"),
        ("IF", "train"),
        ("LIF", "forward"),
        ("LIF", "train"),
    ]
    assert all(row["ratio"] > 0 for row in data["rows"])
    assert (tmp_path / "benchmark.md").read_text() == capsys.readouterr().out
