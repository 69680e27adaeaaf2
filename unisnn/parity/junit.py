"""The report as JUnit XML: a suite per edition, a test per case; for tools that show test results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

__all__ = ["document", "write"]

_UNPRINTABLE = re.compile("[^\\x09\\x0a\\x0d\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def document(report: Mapping[str, Any]) -> ElementTree.Element:
    """Return the ``<testsuites>`` element of a parity report.

    An unexplained case is a failure with its first difference, a surviving mutant is a failure of the
    suite ``mutants``, an edition that could not run is an error.

    Args:
        report: the data of a parity run, in the form of ``report.json``.
    """
    root = ElementTree.Element("testsuites", name="unisnn parity")
    found: dict[str, list[str]] = {}
    for difference in report.get("differences", ()):
        if not difference.get("explained"):
            found.setdefault(difference["case"], []).append(_sentence(difference))
    by_edition: dict[str, list[Mapping[str, Any]]] = {}
    for case in report.get("cases", ()):
        by_edition.setdefault(case["edition"], []).append(case)
    for edition, cases in by_edition.items():
        tests = [_case(case, found.get(case["id"], ["different"])) for case in cases]
        _suite(root, edition, tests)
    mutants = [_mutant(mutant) for mutant in report.get("mutants", ())]
    if mutants:
        _suite(root, "mutants", mutants)
    for edition, reason in report.get("skipped", {}).items():
        test = ElementTree.Element("testcase", classname=edition, name="oracle")
        ElementTree.SubElement(test, "error", message=_clean(reason))
        _suite(root, edition, [test])
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    return root


def write(report: Mapping[str, Any], path: str | Path) -> Path:
    """Write the JUnit XML of a parity report to ``path``, making its folder, and return the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    tree = ElementTree.ElementTree(document(report))
    ElementTree.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)
    return path


def _suite(root: ElementTree.Element, name: str, tests: Iterable[ElementTree.Element]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=name)
    suite.extend(tests)
    suite.set("tests", str(len(suite)))
    for key, tag in (("failures", "failure"), ("errors", "error")):
        suite.set(key, str(sum(test.find(tag) is not None for test in suite)))


def _case(case: Mapping[str, Any], found: list[str]) -> ElementTree.Element:
    test = ElementTree.Element("testcase", classname=f"{case['edition']}.{case['symbol']}", name=case["id"])
    if case["verdict"] == "unexplained":
        failure = ElementTree.SubElement(test, "failure", message=_clean(found[0]))
        failure.text = _clean("\n".join(found))
    return test


def _mutant(mutant: Mapping[str, Any]) -> ElementTree.Element:
    test = ElementTree.Element("testcase", classname=f"mutants.{mutant['family']}", name=mutant["id"])
    if not mutant["rejected"]:
        ElementTree.SubElement(test, "failure", message=f"not rejected on {mutant['edition']}")
    return test


def _sentence(difference: Mapping[str, Any]) -> str:
    return f"{difference['output']}: first {difference['first']}, max ulp {difference['max_ulp']}"


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _UNPRINTABLE.sub("?", text)
