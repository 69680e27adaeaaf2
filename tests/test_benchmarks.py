"""The benchmark: what is timed, how, and the tables; and one real turn against an oracle."""

from __future__ import annotations

import json

import pytest
import torch

from benchmarks import report, worker
from benchmarks.__main__ import main
from benchmarks.sides import ratio
from benchmarks.subjects import EDITIONS, GROWTH, SIZES, growth, networks, neurons


def test_every_neuron_is_timed_at_every_size_in_both_modes():
    chosen = list(neurons((), ()))
    per_size = sum((3 * 2 * 2, 3 * 2 * 2, 2 * 2 * 2, 3 * 2))  # neurons, surrogates, resets of the editions
    assert len(chosen) == len({json.dumps(subject.to_dict()) for subject in chosen})
    assert len(chosen) == per_size * len(SIZES) * 2
    braincog = next(neurons(("braincog==0.2.7.19",), ("long",)))
    assert braincog.kwargs["step"] == 100
    assert braincog.kwargs["act_fun"] == {"$symbol": "base.strategy.surrogate.AtanGrad"}


def test_cost_is_followed_along_time_and_batch():
    shapes = {subject.size: subject.shape for subject in growth(EDITIONS[0])}
    assert shapes["T=256"] == (256, 16, 1024)
    assert shapes["N=256"] == (16, 256, 1024)
    assert len(shapes) == sum(len(each) for each in GROWTH.values())
    assert [subject.kind for subject in networks(())] == ["network"] * len(EDITIONS)


def test_unknown_names_are_listed(capsys):
    with pytest.raises(ValueError, match=r"edition='norse' is not known; expected one of spikingjelly"):
        list(neurons(("norse",), ()))
    with pytest.raises(SystemExit):
        main(["--size", "huge"])
    assert "expected one of one, tiny, mid, long, big" in capsys.readouterr().err


def test_a_slow_call_is_told_from_a_quick_one():
    quick = worker.time_calls(lambda: None, 0.01)
    slow = worker.time_calls(lambda: sum(range(200_000)), 0.01)
    assert 0 <= quick < slow


def test_the_peak_of_memory_is_a_multiple_of_the_input():
    size = 8 << 20
    more = worker.peak(lambda: torch.ones(3 * size, dtype=torch.uint8), size)
    assert more is None or 2.5 < more < 4


def test_a_ratio_is_the_median_of_the_turns():
    found = ratio([1.0, 2.0, 6.0], [2.0, 2.0, 2.0])
    assert (found["ratio"], found["low"], found["high"]) == (1.0, 0.5, 3.0)


def row(**given):
    names = {"edition": "e==1", "engine": "fused", "neuron": "IF", "surrogate": "ATan", "reset": "hard"}
    times = {"ratio": 0.5, "low": 0.4, "high": 0.625, "unisnn_ms": 1.0, "upstream_ms": 2.0}
    return {**names, "size": "mid", "mode": "train", **times, **given}


def test_the_tables_are_markdown():
    environment = {"unisnn": "1", "torch": "2", "python": "3", "machine": "m", "cpus": 2}
    text = report.markdown({"environment": environment, "neurons": [row(), row(ratio=0.75, floors=1.25)]})
    assert "| e==1 | fused | 0.75 |" in text
    line = "| e==1 | fused | IF ATan hard | mid | train | 0.75 | 0.40 to 0.62 | 1.000 | 2.000 | 1.2 |  |  |"
    assert line in text


def test_growth_is_drawn(tmp_path):
    rows = [
        row(size=f"{along}={n}", mode=mode) for along in "TN" for n in (1, 4) for mode in ("infer", "train")
    ]
    files = report.draw(rows, tmp_path)
    assert [file.name for file in files] == ["growth_T.png", "growth_N.png"]
    assert all(file.stat().st_size > 5000 for file in files)


@pytest.mark.oracle
def test_one_turn_against_a_genuine_library(tmp_path, capsys):
    small = ["--size", "tiny", "--rounds", "1", "--seconds", "0.01", "--neuron", "LIF", "--engine", "fused"]
    main(["snngrow==0.1.1a1", *small, "--only-neurons", "--out", str(tmp_path)])
    data = json.loads((tmp_path / "benchmark.json").read_text())
    found = {(each["neuron"], each["surrogate"], each["reset"], each["mode"]) for each in data["neurons"]}
    assert len(found) == len(data["neurons"]) == 2 * 2 * 2
    assert all(each["ratio"] > 0 for each in data["neurons"])
    assert (tmp_path / "benchmark.md").read_text() == capsys.readouterr().out
