"""The matrix is computed from runs, complete, and notices whatever is out of date."""

from __future__ import annotations

import copy
import importlib
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from unisnn import matrix
from unisnn.core import absent
from unisnn.matrix import files, introspect, render, rows, scope, signatures
from unisnn.parity import deviations

ROOT = Path(__file__).resolve().parents[2]


def parameters(*texts: str) -> list[str]:
    return list(texts)


class Base:
    def kept(self, x: int = 2) -> int:
        """Inherited."""
        return x


class Sample(Base):
    constant = 3

    def __init__(self, a: float, b: float = 0.5, *rest: int, c: type = int, **more: int) -> None:
        """Nothing."""

    def method(self, x: int, y: str = "z") -> None:
        """A method."""

    @staticmethod
    def static(x: int) -> None:
        """A static method."""

    @classmethod
    def of(cls, text: str) -> None:
        """A class method."""

    @property
    def value(self) -> int:
        """A property."""
        return 1

    def _hidden(self) -> None: ...


def test_a_class_is_described_by_its_signature_and_its_methods() -> None:
    described = introspect.describe(Sample, __name__)
    assert described is not None
    assert described["kind"] == "class"
    assert described["signature"] == ["a", "b=0.5", "*rest", "c=int", "**more"]
    assert described["methods"] == {
        "kept": {"kind": "method", "signature": ["x=2"]},
        "method": {"kind": "method", "signature": ["x", "y='z'"]},
        "of": {"kind": "class", "signature": ["text"]},
        "static": {"kind": "static", "signature": ["x"]},
        "value": {"kind": "property"},
    }


def test_a_module_is_described_by_what_it_defines_itself() -> None:
    described = introspect.describe_module(sys.modules[__name__], __name__)
    assert {"Base", "Sample", "parameters"} <= set(described)
    assert not {"Any", "Path", "matrix", "annotations", "introspect"} & set(described)
    assert described["parameters"] == {"kind": "function", "signature": ["*texts"]}


def test_defaults_are_written_without_addresses() -> None:
    def sample(x: object = object(), y: Any = len, z: Any = Sample) -> None: ...

    assert introspect.signature_of(sample) == ["x=<object object>", "y=len", "z=Sample"]
    assert introspect.signature_of(Sample.method, skip_first=True) == ["x", "y='z'"]


@pytest.mark.parametrize(
    ("upstream", "ours", "expected"),
    [
        (parameters("x", "alpha=2.0"), parameters("x", "alpha=2.0"), {}),
        (parameters("x"), parameters("x", "y=1"), {"y": "accepted here, unknown upstream"}),
        (parameters("x", "y=1"), parameters("x"), {"y": "missing here"}),
        (parameters("x=1"), parameters("x=2"), {"x": "default 2 here, 1 upstream"}),
        (parameters("x"), parameters("x=2"), {"x": "default 2 here, none upstream"}),
        (
            parameters("a", "b"),
            parameters("b", "a"),
            {"a": "position 1 here, position 0 upstream", "b": "position 0 here, position 1 upstream"},
        ),
        (
            parameters("a", "b=1"),
            parameters("a", "*", "b=1"),
            {"b": "keyword only here, position 1 upstream"},
        ),
        (parameters("a", "b=1"), parameters("a", "**kwargs"), {}),
        (parameters("a", "**kwargs"), parameters("a", "b=1"), {}),
        (parameters("a", "*args"), parameters("a"), {"*args": "missing here"}),
        (None, parameters("a"), {}),
        (parameters("a"), None, {}),
    ],
)
def test_signatures_are_compared_by_name_order_and_default(
    upstream: list[str] | None, ours: list[str] | None, expected: dict[str, str]
) -> None:
    assert signatures.compare(upstream, ours) == expected


def test_methods_are_compared_by_name_kind_and_signature() -> None:
    upstream = {
        "same": {"kind": "method", "signature": ["x"]},
        "gone": {"kind": "method", "signature": []},
        "other": {"kind": "static", "signature": ["x"]},
    }
    ours = {"same": {"kind": "method", "signature": ["x"]}, "other": {"kind": "method", "signature": ["y"]}}
    found = signatures.compare_methods(upstream, ours)
    assert set(found) == {"gone", "other"}
    assert signatures.lost(found) == ["gone"]
    assert set(signatures.kept(found)) == {"other"}
    assert "method here, static upstream" in found["other"]


@pytest.mark.parametrize(
    ("counts", "lost", "status"),
    [
        ({"cases": 3, "exact": 3}, False, "exact"),
        ({"cases": 3, "exact": 2, "close": 1}, False, "close"),
        ({"cases": 3, "exact": 1, "close": 1, "deviates": 1}, False, "deviates"),
        ({"cases": 3, "exact": 2, "unexplained": 1}, False, "partial"),
        ({"cases": 3, "exact": 3}, True, "partial"),
        ({"cases": 0}, False, "partial"),
    ],
)
def test_the_status_follows_from_the_verdicts(counts: dict[str, int], lost: bool, status: str) -> None:
    empty = dict.fromkeys(("cases", "exact", "close", "deviates", "unexplained"), 0)
    assert rows.status_of({**empty, **counts}, lost) == status


def entry(edition: str, symbol: str, **counts: int) -> dict[str, Any]:
    verdicts = {**dict.fromkeys(("exact", "close", "deviates", "unexplained"), 0), **counts}
    return {
        "edition": edition,
        "symbol": symbol,
        "family": "surrogate",
        "cases": sum(verdicts.values()),
        **verdicts,
        "max_ulp": 2 if verdicts["close"] else 0,
        "dtypes": ["float32"],
        "deviations": ["why"] if verdicts["deviates"] else [],
    }


def report() -> dict[str, Any]:
    """A small report: one exact, one close, one deviating symbol, in one edition."""
    edition, surrogate = "spikingjelly==0.0.0.0.14", "activation_based.surrogate"
    symbols = [
        entry(edition, f"{surrogate}.Sigmoid", exact=4),
        entry(edition, f"{surrogate}.ATan", exact=2, close=1),
        entry(edition, f"{surrogate}.Erf", exact=1, deviates=1),
        entry(edition, f"{surrogate}.ATan.backward", exact=2),
    ]
    return {
        "summary": {"editions": {edition: {"cases": 11}}},
        "environment": {"editions": {edition: {"unisnn": {"torch": "2.13.0+cpu"}}}},
        "symbols": symbols,
        "deviations": [{"id": "why", "kind": "deviation", "reason": "upstream crashes"}],
        "cases": [{"id": f"{edition}/Sigmoid/1", "edition": edition, "symbol": f"{surrogate}.Sigmoid"}],
    }


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the stored inventories, a README with the markers, and no oracle at hand."""
    monkeypatch.setenv("UNISNN_CACHE", str(tmp_path / "cache"))
    shutil.copytree(ROOT / "compat_matrix" / "inventory", tmp_path / "compat_matrix" / "inventory")
    (tmp_path / "README.md").write_text(f"# t\n\n{render.BEGIN}\n{render.END}\n\nend\n", encoding="utf-8")
    matrix.generate(report(), tmp_path)
    return tmp_path


def stored(root: Path) -> dict[str, Any]:
    path = files.rows_path(root, "spikingjelly", "activation_based.surrogate")
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def row(root: Path, symbol: str) -> dict[str, Any]:
    edition = "spikingjelly==0.0.0.0.14"
    (found,) = (
        each for each in stored(root)["rows"] if (each["symbol"], each["edition"]) == (symbol, edition)
    )
    return dict(found)


def rewrite(root: Path, symbol: str, **changes: Any) -> None:
    data = stored(root)
    for each in data["rows"]:
        if (each["symbol"], each["edition"]) == (symbol, "spikingjelly==0.0.0.0.14"):
            each.update(changes)
    path = files.rows_path(root, "spikingjelly", "activation_based.surrogate")
    path.write_text(files.row_text(data), encoding="utf-8")


def test_a_fresh_matrix_checks_clean_and_is_the_same_again(checkout: Path) -> None:
    assert matrix.check(report(), checkout) == []
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    matrix.generate(report(), checkout)
    assert before == {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}


def test_rows_hold_what_the_report_says(checkout: Path) -> None:
    sigmoid, atan, erf = (row(checkout, name) for name in ("Sigmoid", "ATan", "Erf"))
    assert (sigmoid["status"], sigmoid["notes"]) == ("exact", "")
    assert sigmoid["evidence"]["torch"] == "2.13.0"
    assert sigmoid["evidence"]["ids"] == ["spikingjelly==0.0.0.0.14/Sigmoid/1"]
    assert atan["status"] == "close"
    assert atan["evidence"]["cases"] == 5
    assert atan["evidence"]["max_ulp"] == 2
    assert (erf["status"], erf["notes"]) == ("deviates", "upstream crashes")
    assert row(checkout, "SoftSign")["status"] == "partial"
    assert row(checkout, "SoftSign")["notes"].startswith("no parity case yet")


def test_the_readme_holds_the_summary_between_its_markers(checkout: Path) -> None:
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# t\n")
    assert readme.endswith("\n\nend\n")
    assert "| `spikingjelly==0.0.0.0.14` |" in readme
    with pytest.raises(ValueError, match="matrix:begin"):
        render.insert("no markers", "text")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"status": "close", "notes": "n"}, "status is 'close', a run gives 'exact'"),
        ({"status": "close", "notes": ""}, "without notes"),
        ({"parameters": {"alpha": "renamed"}}, "parameters is"),
        ({"kind": "function"}, "kind is 'function'"),
    ],
)
def test_a_stored_row_that_a_run_does_not_give_is_reported(
    checkout: Path, change: dict[str, Any], complaint: str
) -> None:
    rewrite(checkout, "Sigmoid", **change)
    assert any("Sigmoid" in said and complaint in said for said in matrix.check(report(), checkout))


def test_a_run_that_changed_is_reported(checkout: Path) -> None:
    changed = copy.deepcopy(report())
    changed["symbols"][0] = entry(
        "spikingjelly==0.0.0.0.14", "activation_based.surrogate.Sigmoid", deviates=1
    )
    assert any("a run gives 'deviates'" in said for said in matrix.check(changed, checkout))


def test_numbers_of_another_machine_are_not_compared(checkout: Path) -> None:
    evidence = {**row(checkout, "ATan")["evidence"], "max_ulp": 1, "torch": "2.9.0"}
    rewrite(checkout, "ATan", evidence=evidence)
    assert [said for said in matrix.check(report(), checkout) if "ATan" in said] == []


def _optional_reason() -> str:
    return next(each.reason for each in deviations.load().entries if each.optional)


@pytest.mark.parametrize(
    ("reason", "edition", "complains"),
    [
        (_optional_reason(), "spikingjelly==0.0.0.0.14", False),
        (rows.GRADIENTS, "spikingjelly==0.0.0.0.14", True),
        (rows.GRADIENTS, "spikingjelly@3756e2f8", False),
        ("another", "spikingjelly@3756e2f8", True),
    ],
    ids=["optional", "gradients", "gradients, recorded elsewhere", "another"],
)
@pytest.mark.parametrize("here", ["close", "exact"])
def test_a_bound_that_not_every_processor_needs_is_not_compared(
    checkout: Path, reason: str, edition: str, complains: bool, here: str
) -> None:
    def run(close: int) -> dict[str, Any]:
        ran = report()
        one = entry(edition, "activation_based.surrogate.SoftSign", exact=5 - close, close=close)
        one["deviations"] = ["some"] if close and reason != rows.GRADIENTS else []
        ran["symbols"].append(one)
        ran["deviations"].append({"id": "some", "kind": "bound", "reason": reason})
        return ran

    ours, theirs = (2, 0) if here == "close" else (0, 2)
    matrix.generate(run(theirs), checkout)
    said = [line for line in matrix.check(run(ours), checkout) if f"SoftSign ({edition})" in line]
    assert bool(said) is complains
    worse = run(ours)
    worse["symbols"][-1].update(exact=4 - ours, deviates=1)
    assert any(f"SoftSign ({edition})" in line for line in matrix.check(worse, checkout))


def test_a_missing_row_an_unknown_row_and_an_unknown_file_are_reported(checkout: Path) -> None:
    data = stored(checkout)
    data["rows"] = [each for each in data["rows"] if each["symbol"] != "Sigmoid"]
    data["rows"].append({**data["rows"][0], "symbol": "Invented"})
    path = files.rows_path(checkout, "spikingjelly", "activation_based.surrogate")
    path.write_text(files.row_text(data), encoding="utf-8")
    shutil.copy(path, files.rows_path(checkout, "spikingjelly", "activation_based.invented"))
    said = matrix.check(report(), checkout)
    assert any("Sigmoid (spikingjelly==0.0.0.0.14) has no row" in each for each in said)
    assert any("Invented" in each and "is in no inventory" in each for each in said)
    assert any("activation_based.invented.json: nothing generates it" in each for each in said)
    assert any("MATRIX.md does not match" in each for each in said)


def test_a_row_against_the_schema_is_reported(checkout: Path) -> None:
    rewrite(checkout, "Sigmoid", status="perfect")
    assert any("'perfect' is not one of" in said for said in matrix.check(report(), checkout))


def test_an_edited_readme_or_a_missing_inventory_is_reported(checkout: Path) -> None:
    readme = checkout / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace("| 54 |", "| 99 |", 1), encoding="utf-8")
    assert any(said.startswith("README.md") for said in matrix.check(report(), checkout))
    files.inventory_path(checkout, "braincog==0.2.7.19").unlink()
    assert matrix.check(report(), checkout) == ["compat_matrix/inventory/braincog==0.2.7.19.json is missing"]


def test_the_stored_matrix_has_a_row_for_every_name_of_every_inventory() -> None:
    documents = files.read_rows(ROOT)
    for each in scope.SCOPES:
        inventory = files.read_inventory(ROOT, each.edition)
        assert set(inventory["modules"]) == set(each.modules)
        for module, names in inventory["modules"].items():
            listed = {
                r["symbol"] for r in documents[each.library, module]["rows"] if r["edition"] == each.edition
            }
            assert listed == set(names)


def test_the_stored_matrix_satisfies_its_schema_and_its_tables() -> None:
    schema = json.loads((ROOT / "compat_matrix" / "schema.json").read_text(encoding="utf-8"))
    assert schema == files.schema()
    documents = [document for _, document in sorted(files.read_rows(ROOT).items())]
    assert documents
    for document in documents:
        jsonschema.validate(document, schema)
    editions = json.loads((ROOT / "compat_matrix" / "editions.json").read_text(encoding="utf-8"))
    assert (ROOT / "compat_matrix" / "MATRIX.md").read_text(encoding="utf-8") == render.markdown(
        documents, editions
    )
    assert render.summary(documents, editions).strip() in (ROOT / "README.md").read_text(encoding="utf-8")


DOCUMENTED = [each for each in scope.SCOPES if each.edition != "spikingjelly==2.0.0"]


@pytest.mark.parametrize("each", DOCUMENTED, ids=lambda each: each.edition)
def test_every_name_of_a_reproduced_edition_is_here_or_marked_absent(each: scope.Scope) -> None:
    inventory = files.read_inventory(ROOT, each.edition)
    lacking = []
    for module, names in inventory["modules"].items():
        twin = importlib.import_module(f"{each.namespace}.{module}")
        marked = absent.absent_names(f"{each.namespace}.{module}")
        lacking += [f"{module}.{name}" for name in names if name not in marked and not hasattr(twin, name)]
    assert lacking == []


MOVED = {
    "snngrow==0.1.1a1": {"spiking": ("position 2 here, position 1 upstream",)},
    "spikingjelly==0.0.0.0.12": {
        "dpi": (
            "position 6 here, position 5 upstream",
            "position 9 here, position 8 upstream",
            "position 10 here, position 9 upstream",
        ),
        "firing_rate_map_title": ("default 'firing rate' here, 'Firing Rate' upstream",),
        "title": (
            "default '$V[t]$ and $S[t]$ of the neuron' here, '$V_{t}$ and $S_{t}$ of the neuron' upstream",
        ),
    },
}
"""Parameters that differ from an edition which is not the documented one; selected, it is followed."""


@pytest.mark.parametrize("each", DOCUMENTED, ids=lambda each: each.edition)
def test_signatures_accept_every_call_form_of_upstream(each: scope.Scope) -> None:
    """Names, order and defaults of parameters agree; unisnn may only accept more."""
    inventory = files.read_inventory(ROOT, each.edition)
    wrong = {}
    for module, names in inventory["modules"].items():
        twin = importlib.import_module(f"{each.namespace}.{module}")
        marked = absent.absent_names(f"{each.namespace}.{module}")
        for name, upstream in names.items():
            ours = None if name in marked else introspect.describe(getattr(twin, name), "")
            if ours is None:
                continue
            found = signatures.compare(upstream.get("signature"), ours.get("signature"))
            worse = {
                parameter: text
                for parameter, text in found.items()
                if text != "accepted here, unknown upstream"
                and not re.fullmatch("default .* here, none upstream", text)
                and text not in MOVED.get(each.edition, {}).get(parameter, ())
            }
            if worse:
                wrong[f"{module}.{name}"] = worse
    assert wrong == {}


def test_defaults_without_a_public_name_compare_equal_and_named_ones_do_not() -> None:
    assert signatures.compare(["f=Learner.<lambda>"], ["f=_same"]) == {}
    assert signatures.compare(["f=Learner.<lambda>"], ["f=relu"]) == {
        "f": "default relu here, Learner.<lambda> upstream"
    }
    assert signatures.compare(["f=0.5"], ["f=_same"]) == {"f": "default _same here, 0.5 upstream"}
