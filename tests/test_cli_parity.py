"""``unisnn parity`` and ``unisnn matrix``: files, streams and exit status, around a given comparison."""

from __future__ import annotations

import importlib.util
import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from unisnn import matrix, parity
from unisnn.cli import unisnn as program
from unisnn.parity.case import Case
from unisnn.parity.compare import Difference
from unisnn.parity.results import CaseResult, MutantResult, Report, verdict_of

EDITION = "snngrow==0.1.1a1"


def result(name: str, *found: Difference) -> CaseResult:
    case = Case(name, EDITION, "surrogate", "base.surrogate.Sigmoid.Sigmoid", "surrogate")
    return CaseResult(case, list(found), verdict_of(list(found)))


def good() -> Report:
    report = Report([result("a"), result("b", Difference("grad", "value", explained="rule"))])
    report.mutants = [MutantResult("wrong alpha", "surrogate", EDITION, "alpha + 1", 3, True)]
    report.sources = {EDITION: "run"}
    return report


def bad() -> Report:
    report = good()
    report.cases.append(result("c", Difference("forward", "value", first={"index": [0], "upstream": "1.0"})))
    return report


def surviving() -> Report:
    report = good()
    report.mutants.append(MutantResult("wrong reset", "neuron", EDITION, "v_reset + 1", 3, False))
    return report


def skipping() -> Report:
    report = good()
    report.skipped = {"braincog==0.2.7.19": "no network\x1b[0m"}
    return report


@pytest.fixture
def given(monkeypatch):
    """Make ``parity.run`` return a given report and remember how it was called."""
    calls = []

    def install(report):
        def run(editions=None, sample=None, seed=0, *, progress):
            calls.append((editions, sample, seed))
            return report

        monkeypatch.setattr(parity, "run", run, raising=False)
        return calls

    return install


def invoke(*arguments):
    return CliRunner().invoke(program, list(arguments), catch_exceptions=False)


def test_without_arguments_everything_runs(given):
    calls = given(good())
    outcome = invoke("parity")
    assert outcome.exit_code == 0
    assert calls == [(None, None, 0)]
    assert outcome.stdout == ""
    assert "snngrow==0.1.1a1" in outcome.stderr


def test_arguments_reach_the_runner(given):
    calls = given(good())
    invoke("parity", EDITION, "braincog", "--sample", "50", "--seed", "3")
    assert calls == [((EDITION, "braincog"), 50, 3)]


def test_json_on_standard_output_is_nothing_but_json(given):
    given(good())
    outcome = invoke("parity", "--json", "-")
    data = json.loads(outcome.stdout)
    assert next(iter(data)) == "summary"
    assert data["summary"]["cases"] == 2
    assert data["summary"]["close"] == 1


def test_files_are_written_into_new_folders(given, tmp_path):
    given(good())
    files = {name: tmp_path / name / f"report.{name}" for name in ("html", "json", "junit")}
    outcome = invoke("parity", *(part for name, file in files.items() for part in (f"--{name}", str(file))))
    assert outcome.exit_code == 0
    assert "none unexplained" in files["html"].read_text(encoding="utf-8")
    assert json.loads(files["json"].read_text())["summary"]["unexplained"] == 0
    suites = ElementTree.parse(files["junit"]).getroot()
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("3", "0", "0")


@pytest.mark.parametrize(
    ("report", "said", "failures", "errors"),
    [
        (bad, "c: forward: value", "1", "0"),
        (surviving, "mutant wrong reset was not rejected", "1", "0"),
        (skipping, "braincog==0.2.7.19: not run: no network", "0", "1"),
    ],
)
def test_a_run_that_does_not_pass_exits_with_1_and_says_why(given, tmp_path, report, said, failures, errors):
    given(report())
    outcome = invoke("parity", "--junit", str(tmp_path / "junit.xml"))
    assert outcome.exit_code == 1
    assert said in " ".join(outcome.stderr.split())
    suites = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert (suites.get("failures"), suites.get("errors")) == (failures, errors)


def test_an_unknown_edition_lists_the_known_ones():
    outcome = invoke("parity", "norse")
    assert outcome.exit_code == 2
    assert "spikingjelly@3756e2f8" in outcome.stderr


@pytest.mark.parametrize("verb", ["parity", "matrix"])
def test_a_missing_requirement_names_the_extra(monkeypatch, verb):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jinja2" else find(name))
    outcome = invoke(verb)
    assert outcome.exit_code == 1
    assert "needs jinja2, which is not installed: pip install 'unisnn[parity]'" in outcome.stderr


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "compat_matrix").mkdir()
    (tmp_path / "README.md").write_text("")
    return tmp_path


def test_matrix_is_generated_from_a_run(given, checkout, monkeypatch):
    given(good())
    seen = []
    monkeypatch.setattr(matrix, "generate", lambda report, root: seen.append((report, root)) or [root])
    monkeypatch.chdir(checkout / "compat_matrix")
    assert invoke("matrix").exit_code == 0
    ((report, root),) = seen
    assert root == checkout.resolve()
    assert report["summary"]["cases"] == 2


def test_matrix_check_fails_with_the_complaints(checkout, monkeypatch):
    (checkout / "report.json").write_text(json.dumps(good().to_dict()))
    options = ["--check", "--report", str(checkout / "report.json"), "--root", str(checkout)]
    monkeypatch.setattr(matrix, "check", lambda report, root: ["Sigmoid has no row"])
    outcome = invoke("matrix", *options)
    assert outcome.exit_code == 1
    assert "Sigmoid has no row" in outcome.stderr
    monkeypatch.setattr(matrix, "check", lambda report, root: [])
    assert invoke("matrix", *options).exit_code == 0


def test_matrix_refuses_a_run_that_does_not_pass(given, checkout):
    given(bad())
    outcome = invoke("matrix", "--root", str(checkout))
    assert outcome.exit_code == 1
    assert "does not pass" in outcome.stderr


def test_matrix_outside_a_checkout_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = invoke("matrix")
    assert outcome.exit_code == 2
    assert "--root" in outcome.stderr
