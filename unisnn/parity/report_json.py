"""The report as JSON data. The order of keys is part of the contract: the summary comes first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from unisnn.parity.compare import Verdict

if TYPE_CHECKING:
    from unisnn.parity.results import CaseResult, Report

__all__ = ["report_data"]

_WORST = {verdict: rank for rank, verdict in enumerate(Verdict.ALL)}


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def report_data(report: Report) -> dict[str, Any]:
    """Return the whole report as data, the summary first."""
    return {
        "summary": report.summary(),
        "ok": report.ok,
        "problems": report.problems(),
        "seconds": round(report.seconds, 1),
        "environment": report.environment,
        "skipped": report.skipped,
        "symbols": _symbols(report),
        "deviations": _entries(report),
        "mutants": [
            {
                "id": mutant.id,
                "family": mutant.family,
                "edition": mutant.edition,
                "text": mutant.text,
                "cases": mutant.cases,
                "case": mutant.case,
                "rejected": mutant.rejected,
                "first_difference": mutant.first_difference,
            }
            for mutant in report.mutants
        ],
        "differences": [
            {
                "case": result.case.id,
                "edition": result.case.edition,
                "verdict": result.verdict,
                **found.to_dict(),
            }
            for result in report.cases
            for found in result.differences
        ],
        "plots": report.plots,
        "cases": [_case(result) for result in report.cases],
    }


def _case(result: CaseResult) -> dict[str, Any]:
    return {
        "id": result.case.id,
        "edition": result.case.edition,
        "symbol": result.case.symbol,
        "family": result.case.family,
        "verdict": result.verdict,
        "max_ulp": result.max_ulp,
        "max_abs": _number(result.max_abs),
        "dtype": result.case.dtype,
        "refused": result.refused,
        "deviations": result.deviations,
        "evidence": list(result.case.evidence),
    }


def _symbols(report: Report) -> list[dict[str, Any]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for result in report.cases:
        case = result.case
        for symbol in (case.symbol, *case.evidence):
            row = rows.setdefault(
                (case.edition, symbol),
                {
                    "edition": case.edition,
                    "symbol": symbol,
                    "family": case.family,
                    "status": Verdict.EXACT,
                    "cases": 0,
                    **dict.fromkeys(Verdict.ALL, 0),
                    "max_ulp": 0,
                    "max_abs": 0.0,
                    "dtypes": [],
                    "families": [],
                    "deviations": [],
                },
            )
            row["cases"] += 1
            row[result.verdict] += 1
            row["status"] = max(row["status"], result.verdict, key=_WORST.__getitem__)
            row["max_ulp"] = max(row["max_ulp"], result.max_ulp)
            row["max_abs"] = max(row["max_abs"], result.max_abs)
            for key, values in (
                ("dtypes", [case.dtype]),
                ("families", [case.family]),
                ("deviations", result.deviations),
            ):
                row[key] += [value for value in values if value and value not in row[key]]
    for row in rows.values():
        row["max_abs"] = _number(row["max_abs"])
    return list(rows.values())


def _entries(report: Report) -> list[dict[str, Any]]:
    listed = []
    for name, used in report.used_entries.items():
        entry = report.entries[name]
        example_case, example = used[0]
        finite = [d.max_abs for _, d in used if math.isfinite(d.max_abs)]
        listed.append(
            {
                "id": entry.id,
                "kind": entry.kind,
                "edition": entry.edition,
                "symbol": entry.symbol,
                "reason": entry.reason,
                "cases": len({case for case, _ in used}),
                "max_abs": max(finite, default=0.0),
                "max_ulp": max(d.max_ulp for _, d in used),
                "example": {"case": example_case, **example.to_dict()},
            }
        )
    return listed
