"""The benchmark: what is timed, how, the tables, the page of the docs; and real turns against an oracle."""

from __future__ import annotations

import io
import json

import pytest
import torch

from benchmarks import docs, imports, measures, others, plots, report, results, sides, tables, targets
from benchmarks.__main__ import main
from benchmarks.progress import Progress
from benchmarks.subjects import (
    EDITIONS,
    GROWTH,
    SIZES,
    anchors,
    engines_of,
    growth,
    is_weighed,
    networks,
    neurons,
    wall,
)

THERE = ("auto", "native", "fused", "reference")


def test_every_neuron_is_timed_at_every_size_in_both_modes():
    pairs = {edition: {(s.neuron, s.surrogate, s.reset) for s in neurons(edition)} for edition in EDITIONS}
    assert [len(each) for each in pairs.values()] == [3 * 4, 3 * 2, 2 * 2, 3 * 2]
    for edition in EDITIONS:
        chosen = list(neurons(edition))
        assert len(chosen) == len({json.dumps(subject.to_dict()) for subject in chosen})
        assert len(chosen) == len(pairs[edition]) * len(SIZES) * 2
        assert {s.surrogate for s in chosen} == {"ATan", "Sigmoid"}
    braincog = next(neurons("braincog==0.2.7.19", ("long",)))
    assert braincog.kwargs["step"] == 100
    assert braincog.kwargs["act_fun"] == {"$symbol": "base.strategy.surrogate.AtanGrad"}


def test_what_users_run_is_timed_where_the_choice_depends_on_the_size():
    def timed(size, edition=EDITIONS[0], neuron="PLIF"):
        return {engines_of(subject, THERE) for subject in neurons(edition, (size,), (neuron,))}

    assert timed("one") == timed("tiny") == {("auto", "native", "fused")}
    assert timed("mid") == timed("long") == timed("big") == {("native", "fused")}
    assert timed("mid", neuron="LIF") == {("native", "fused"), ("native", "fused", "reference")}
    assert timed("mid", EDITIONS[1], "LIF") == {("native", "fused")}
    for subjects in (growth(EDITIONS[0]), networks(EDITIONS[0]), anchors()):
        assert {engines_of(subject, THERE) for subject in subjects} == {("native", "fused")}
    assert engines_of(next(networks(EDITIONS[0])), ("auto",)) == ()


def test_memory_is_measured_wherever_a_target_speaks_of_it():
    for subject in neurons(EDITIONS[0]):
        assert is_weighed(subject) == (subject.size in ("mid", "long", "big"))
    assert any(is_weighed(subject) for subject in neurons(EDITIONS[3], ("mid",)))


def test_cost_is_followed_along_time_and_batch():
    shapes = {subject.size: subject.shape for subject in growth(EDITIONS[0])}
    assert shapes["T=256"] == (256, 16, 1024)
    assert shapes["N=256"] == (16, 256, 1024)
    assert len(shapes) == sum(len(each) for each in GROWTH.values())
    assert [subject.kind for edition in EDITIONS for subject in networks(edition)] == ["network"] * 4
    assert {(s.size, s.mode) for s in wall(EDITIONS[2])} == {
        (size, mode) for size in ("mid", "long", "big") for mode in ("infer", "train")
    }


def test_unknown_names_are_listed(capsys):
    with pytest.raises(ValueError, match=r"edition='norse' is not known; expected one of spikingjelly"):
        list(neurons("norse"))
    with pytest.raises(SystemExit):
        main(["--size", "huge"])
    assert "expected one of one, tiny, mid, long, big" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["norse", "--part", "imports"])
    assert "edition='norse' is not known" in capsys.readouterr().err


def test_a_slow_call_is_told_from_a_quick_one():
    quick = measures.time_calls(lambda: None, 0.01)
    slow = measures.time_calls(lambda: sum(range(200_000)), 0.01)
    assert 0 <= quick < slow


def test_the_peak_of_memory_is_a_multiple_of_the_input():
    size, held = 8 << 20, []

    def call():
        held.append(torch.ones(size, dtype=torch.uint8))
        torch.ones(2 * size, dtype=torch.uint8)  # there for a moment
        return held[-1]

    call()  # its state is dropped before the count
    more = measures.peak(call, held.clear, size)
    assert more is None or 2.5 < more < 3.5


def test_a_ratio_is_the_median_of_the_turns():
    found = sides.ratio([1.0, 2.0, 6.0], [2.0, 2.0, 2.0])
    assert (found["ratio"], found["low"], found["high"]) == (1.0, 0.5, 3.0)


def row(**given):
    names = {"edition": EDITIONS[0], "engine": "fused", "neuron": "IF", "surrogate": "ATan", "reset": "hard"}
    times = {"ratio": 0.5, "low": 0.4, "high": 0.625, "unisnn_ms": 1.0, "upstream_ms": 2.0}
    return {**names, "size": "mid", "mode": "train", **times, **given}


def test_the_tables_show_the_slowest():
    rows = [row(), row(ratio=0.75, surrogate="Sigmoid", floor_ms=0.8, peak=3.0, upstream_peak=6.0)]
    result = {**results.new(), "neurons": rows}
    text = report.markdown(result)
    assert f"| {EDITIONS[0]} | fused | 0.75 |" in text
    assert "| fused | IF | 0.75 [0.40, 0.62] |" in text
    assert f"| {EDITIONS[0]} | fused | mid | train | 1.2 | 2.5 | 3.00 | 6.00 |" in text
    line = "| fused | IF ATan hard | mid | train | 0.50 [0.40, 0.62] | 1.000 | 2.000 |  |  |  |"
    assert line in text
    assert line not in report.printed(result)


def test_targets_are_met_or_missed():
    rows = [row(ratio=0.3), row(ratio=0.41, surrogate="Sigmoid"), row(mode="infer", ratio=0.2, peak=3.51)]
    table = targets.neurons_table([*rows, row(edition=EDITIONS[1], ratio=9.0)])
    assert (
        "| fused | mid | 0.200 (target 0.20: met) | 0.410 (target 0.40: **missed**) "
        "| 3.510 (target 3.50: **missed**) |" in table
    )
    assert "| native | big | not measured (target 0.30) |" in table


def test_nothing_that_users_run_may_be_slower():
    small = [
        row(size="one", engine="fused", ratio=2.0),  # not what `auto` chooses there
        row(size="one", engine="auto", ratio=0.9),
        row(size="mid", engine="reference", ratio=3.0),
    ]
    network = row(neuron="LIF", size="step", engine="native", ratio=0.61)
    table = targets.others_table({"neurons": small, "networks": [network]})
    assert f"slowest against {EDITIONS[0]}: auto IF ATan hard one train | 0.900 | 1.00 | met |" in table
    assert f"native, over {EDITIONS[0]} | 0.610 | 0.60 | **missed** |" in table
    slower = row(edition=EDITIONS[3], engine="native", ratio=1.01)
    table = targets.others_table({"neurons": [*small, slower]})
    assert "native IF ATan hard mid train | 1.010 | 1.00 | **missed** |" in table


def test_parts_are_put_together(tmp_path):
    file = tmp_path / "benchmark.json"
    result = results.load(file)
    results.add(result, "neurons", [row(), row(mode="infer")])
    results.add(result, "others", [{"library": "norse", "version": "norse", "failed": "not installed"}])
    results.save(result, file)
    again = results.load(file)
    assert again == result
    results.add(again, "neurons", [row(ratio=0.123456)])
    results.add(again, "others", [{"library": "norse", "version": "norse==1", **row()}] * 2)
    assert [each["ratio"] for each in again["neurons"]] == [0.5, 0.1235]
    assert [each["version"] for each in again["others"]] == ["norse==1"] * 2
    assert sum(line.startswith("  {") for line in results.text(again).splitlines()) == 4


def test_two_machines_are_not_mixed(tmp_path):
    file = tmp_path / "benchmark.json"
    result = results.new()
    result["environment"]["torch"] = "1.13"
    results.save(result, file)
    with pytest.raises(ValueError, match=r"measured with torch 1\.13"):
        results.load(file)


def test_progress_tells_how_far_it_is():
    stream = io.StringIO()
    progress = Progress(4.0, stream)
    progress.show("first")
    progress.add(1.0)
    progress.show("second")
    first, second = stream.getvalue().splitlines()
    assert first == "  0%  first"
    assert second.startswith(" 25%")
    assert second.endswith("left  second")


@pytest.fixture
def libraries(tmp_path, monkeypatch):
    """A folder on the path with a library that works, and one that does not."""
    (tmp_path / "snntorch.py").write_text(
        "import torch\n\n\n"
        "class Leaky(torch.nn.Module):\n"
        "    def __init__(self, beta):\n        super().__init__()\n\n"
        "    def reset_mem(self):\n        return 0.0\n\n"
        "    def forward(self, x, v):\n        return torch.sigmoid(x + v), v\n"
    )
    (tmp_path / "norse.py").write_text("raise OSError('no library of its own')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_other_libraries_are_timed_or_say_why_not(libraries):
    subject = next(anchors())
    assert others.version("snntorch") == "snntorch"
    with sides.Sides(EDITIONS[0], "snntorch") as pair:
        rows = sides.compare(pair, subject, ("fused",), 1, 0.01)
    assert [each["engine"] for each in rows] == ["fused"]
    assert rows[0]["upstream_ms"] > 0
    with sides.Sides(EDITIONS[0], "norse") as pair, pytest.raises(sides.Failed, match=r"OSError: no library"):
        sides.compare(pair, subject, ("fused",), 1, 0.01)
    told = {"library": "norse", "version": "norse", "failed": "norse: OSError: a | b"}
    assert "| norse | norse: OSError: a / b |" in tables.others([told])


def test_growth_is_drawn(tmp_path):
    rows = [
        row(size=f"{along}={n}", mode=mode) for along in "TN" for n in (1, 4) for mode in ("infer", "train")
    ]
    files = plots.draw(rows, tmp_path)
    assert [file.name for file in files] == list(plots.PLOTS)
    for file in files:
        data = file.read_bytes()
        assert len(data) > 5000
        assert plots.digest(rows).encode() in data
    assert plots.digest(rows) != plots.digest(rows[1:])


def test_the_page_of_the_docs_is_what_the_results_give():
    assert docs.PAGE.read_text(encoding="utf-8") == docs.page()


def test_the_plots_of_the_docs_show_the_results():
    data = json.loads(docs.RESULTS.read_text(encoding="utf-8"))
    assert data["growth"]
    for name in plots.PLOTS:
        assert plots.digest(data["growth"]).encode() in (docs.PICTURES / name).read_bytes()


@pytest.mark.oracle
def test_turns_against_a_genuine_library(tmp_path, capsys):
    small = ["--size", "tiny", "--rounds", "1", "--seconds", "0.01", "--engine", "fused"]
    out = ["--out", str(tmp_path), "--part", "neurons"]
    main(["snngrow==0.1.1a1", *small, "--neuron", "LIF", *out])
    assert "slowest against snngrow==0.1.1a1" in capsys.readouterr().out
    main(["snngrow==0.1.1a1", *small, "--neuron", "IF", *out, "--add"])
    data = json.loads((tmp_path / "benchmark.json").read_text())
    found = {(each["neuron"], each["surrogate"], each["reset"], each["mode"]) for each in data["neurons"]}
    assert len(found) == len(data["neurons"]) == 2 * 2 * 2
    assert all(each["ratio"] > 0 for each in data["neurons"])
    assert [run["command"].split()[-1] for run in data["runs"]] == ["neurons", "--add"]
    assert str(tmp_path) not in json.dumps(data)
    assert capsys.readouterr().out == report.printed(data)


@pytest.mark.oracle
def test_imports_are_measured_beside_upstream(tmp_path):
    bare, neuron = imports.measure("snngrow==0.1.1a1", True, 1, str(tmp_path))
    assert bare["module"] == "unisnn.snngrow"
    assert neuron["module"] == "unisnn.snngrow.base.neuron.LIFNode"
    assert bare["unisnn_low"] == bare["unisnn_s"] == bare["unisnn_high"]
    assert neuron["upstream_s"] > 0
    assert next(tmp_path.rglob("*.pyc"), None) is not None
    table = tables.imports([bare, neuron])
    assert table.count("| snngrow==0.1.1a1 |") == 2
