"""Oracles and workers: installed once, in processes of their own, and compared with for real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from unisnn import parity
from unisnn.parity import junit, oracle, process, worker
from unisnn.parity.case import Case
from unisnn.parity.editions import EDITIONS

UPSTREAM = ("spikingjelly", "braincog", "snngrow", "qualia_plugin_snn", "qualia_core")
LIVE = [name for name, entry in EDITIONS.items() if not entry.recorded]


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNISNN_CACHE", str(tmp_path))
    assert oracle.cache_folder() == tmp_path
    assert oracle.folder("snngrow==0.1.1a1") == tmp_path / "oracles" / "snngrow==0.1.1a1"
    assert not oracle.installed("snngrow==0.1.1a1")


def test_a_failed_installation_says_what_to_do_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UNISNN_CACHE", str(tmp_path))
    for name, value in (("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", ""), ("PIP_CONFIG_FILE", "/dev/null")):
        monkeypatch.setenv(name, value)
    said: list[str] = []
    with pytest.raises(oracle.OracleError, match="UNISNN_CACHE can name another folder"):
        oracle.install("snngrow==0.1.1a1", said.append)
    assert said[0].startswith("installing snngrow==0.1.1a1")
    assert [path.name for path in (tmp_path / "oracles").iterdir() if path.is_dir()] == []


def test_recorded_editions_cannot_be_installed() -> None:
    with pytest.raises(oracle.OracleError, match="recorded goldens"):
        oracle.install("snngrow-git")


def test_a_worker_that_cannot_start_tells_why() -> None:
    broken = Case("a/b/c", "snngrow==0.1.1a1", "f", "s", "no such protocol")
    (outputs,), _ = process.run_worker("snngrow==0.1.1a1", False, [{"patch": None, "cases": [broken]}])
    assert outputs[0].failures["error"].types[0] == "KeyError"
    with pytest.raises(process.WorkerError, match="no/such"):
        process.run_worker("snngrow==0.1.1a1", False, [{"patch": "no/such", "cases": []}])


def test_the_two_sides_must_not_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spikingjelly", object())
    with pytest.raises(RuntimeError, match="the unisnn side imported"):
        worker._check_isolation(genuine=False)
    monkeypatch.delitem(sys.modules, "spikingjelly")
    import unisnn.core.spike  # noqa: F401

    with pytest.raises(RuntimeError, match="the genuine side imported"):
        worker._check_isolation(genuine=True)


def test_importing_parity_is_light() -> None:
    program = (
        "import sys, unisnn.parity; print('torch' in sys.modules, 'unisnn.parity.runner' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.oracle
@pytest.mark.parametrize("name", LIVE)
def test_the_genuine_library_runs_alone_in_its_own_folder(name: str) -> None:
    entry = EDITIONS[name]
    oracle.install(name)
    program = (
        "import sys; from unisnn.parity import stubs; from unisnn.parity.editions import edition;"
        f"e = edition({name!r}); stubs.install(e.stubs, e.bare_packages);"
        f"import {entry.root} as library; print(list(library.__path__)[0]);"
        "print([m for m in sys.modules if m.startswith('unisnn.') and not m.startswith('unisnn.parity')])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env=oracle.environment(name, genuine=True),
        capture_output=True,
        text=True,
        check=True,
    )
    where, unisnn = done.stdout.strip().splitlines()
    assert Path(where).is_relative_to(oracle.folder(name))
    assert unisnn == "[]"


@pytest.fixture(scope="module")
def upstream_before() -> set[str]:
    return _upstream_modules()


@pytest.fixture(scope="module")
def report(upstream_before: set[str]) -> parity.Report:
    return parity.run(sample=900, seed=20)


def _upstream_modules() -> set[str]:
    return {name for name in sys.modules if name.split(".")[0] in UPSTREAM}


@pytest.mark.oracle
def test_a_sample_over_all_editions_has_no_unexplained_difference(report: parity.Report) -> None:
    assert report.problems() == []
    assert report.ok
    counts = report.counts()
    assert counts["cases"] >= 600
    assert counts["unexplained"] == 0
    assert counts["exact"] > 0.7 * counts["cases"]
    assert set(report.sources) == set(EDITIONS)
    assert all(report.sources[name] == "run" for name in LIVE)


@pytest.mark.oracle
def test_every_mutant_is_rejected(report: parity.Report) -> None:
    counts = report.counts()
    assert counts["mutants"] >= 40
    assert counts["mutants_rejected"] == counts["mutants"]
    assert all(mutant.first_difference for mutant in report.mutants)


@pytest.mark.oracle
def test_nothing_upstream_was_imported_here(upstream_before: set[str], report: parity.Report) -> None:
    assert report.cases
    assert _upstream_modules() == upstream_before


@pytest.mark.oracle
def test_the_report_is_json_and_begins_with_the_summary(report: parity.Report) -> None:
    text = json.dumps(report.to_dict(), allow_nan=False)
    assert text.startswith('{"summary": {"cases": ')
    data = json.loads(text)
    keys = ["cases", "exact", "close", "deviates", "unexplained", "mutants", "mutants_rejected"]
    assert list(data["summary"])[:7] == keys
    assert set(data["summary"]["editions"]) == set(EDITIONS)
    for name in ("symbols", "deviations", "mutants", "differences", "plots", "cases", "environment"):
        assert data[name], name
    for environment in data["environment"]["editions"].values():
        assert all(side["threads"] == 1 for side in environment.values())
    total = sum(row["cases"] for row in data["summary"]["editions"].values())
    assert total == data["summary"]["cases"] == len(data["cases"])


@pytest.mark.oracle
def test_every_surrogate_and_every_neuron_has_curves_of_both_sides(report: parity.Report) -> None:
    surrogates, neurons = report.plots["surrogates"], report.plots["neurons"]
    drawn = {"spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0", "braincog==0.2.7.19", "snngrow==0.1.1a1"}
    assert {plot["edition"] for plot in surrogates} >= drawn
    assert {plot["edition"] for plot in neurons} >= drawn | {"qualia-plugin-snn==2.6.0"}
    assert len({(plot["edition"], plot["symbol"]) for plot in surrogates}) >= 40
    for plot in surrogates:
        for curve in (plot["forward"], plot["gradient"]):
            if curve["upstream"]:  # SpikingJelly 0.0.0.0.14's NonzeroSignLogAbs has no gradient to draw
                assert len(curve["upstream"]) == len(curve["unisnn"]) == len(plot["x"]) > 100
    for plot in neurons:
        for curve in (plot["voltage"], plot["spikes"]):
            assert len(curve["upstream"]) == len(curve["unisnn"]) == len(plot["input"]) > 10


@pytest.mark.oracle
def test_junit_has_a_test_for_every_case(report: parity.Report) -> None:
    root = junit.document(report.to_dict())
    tests = [each for each in root.iter("testcase") if each.get("classname") != "mutants"]
    assert len(tests) >= len(report.cases)
    assert list(root.iter("failure")) == []
