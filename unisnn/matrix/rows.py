"""Rows: one symbol of one edition, its status computed from a parity report.

The status of a symbol follows from what was run, never from an opinion::

    absent     the namespace serves the absent marker for it (or does not have it at all)
    partial    a parameter or method is missing, a difference is unexplained, or no case ran
    deviates   a deliberate departure occurred
    close      every other case is exact or within its stated bound, one at least only the latter
    exact      every case is exact
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from unisnn.core import absent as _absent
from unisnn.matrix import introspect as _introspect
from unisnn.matrix import scope as _scope
from unisnn.matrix import signatures as _signatures

__all__ = ["GRADIENTS", "STATUSES", "Evidence", "documents", "status_of", "unmarked", "within"]

STATUSES: tuple[str, ...] = ("exact", "close", "deviates", "partial", "absent")
"""What a row can say of a name, from best to worst."""

GRADIENTS = "gradients within 2 ulp of the largest term"
"""Why a case is close where no entry of its own accounts for it."""

_NO_CASE = "no parity case yet"
_EXAMPLES = 3

_Document = dict[str, Any]


class Evidence:
    """What a parity report says about each symbol of each edition."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        editions = report.get("environment", {}).get("editions", {})
        self._torch = {name: _torch_of(environment) for name, environment in editions.items()}
        self._symbols: dict[str, list[Mapping[str, Any]]] = {}
        for entry in report.get("symbols", ()):
            self._symbols.setdefault(entry["edition"], []).append(entry)
        self._cases: dict[tuple[str, str], list[str]] = {}
        for case in report.get("cases", ()):
            for symbol in (case["symbol"], *case.get("evidence", ())):
                self._cases.setdefault((case["edition"], symbol), []).append(case["id"])
        self._entries = {each["id"]: each for each in report.get("deviations", ())}

    def of(self, edition: str, path: str) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """Return the evidence for a symbol, its methods' cases included, and the reasons of differences.

        The reasons are keyed by what they account for: ``"deviation"`` or ``"bound"``.
        """
        total: dict[str, Any] = dict.fromkeys(("cases", "exact", "close", "deviates", "unexplained"), 0)
        ulps: list[float] = []
        dtypes: set[str] = set()
        ids: list[str] = []
        reasons: dict[str, list[str]] = {"deviation": [], "bound": []}
        for entry in self._symbols.get(edition, ()):
            if entry["symbol"] != path and not entry["symbol"].startswith(f"{path}."):
                continue
            for key in total:
                total[key] += entry[key]
            if entry.get("max_ulp") is not None:
                ulps.append(entry["max_ulp"])
            dtypes.update(entry.get("dtypes", ()))
            for identity in entry.get("deviations", ()):
                said = self._entries.get(identity, {"kind": "deviation", "reason": identity})
                if said["reason"] not in reasons[said["kind"]]:
                    reasons[said["kind"]].append(said["reason"])
            ids.extend(self._cases.get((edition, entry["symbol"]), ()))
        total.update(
            max_ulp=max(ulps, default=None),
            dtypes=sorted(dtypes),
            ids=sorted(set(ids))[:_EXAMPLES],
            torch=self._torch.get(edition, "") if total["cases"] else "",
        )
        return total, reasons

    def through(self, scope: _scope.Scope, module: str, name: str) -> list[str]:
        """Return the recorded classes of a documented edition that ran the code of an unrecorded name.

        SpikingJelly's surrogate class ``ATan`` runs ``atan`` forward and ``atan_backward`` backward, and
        every subclass runs what it inherits.
        """
        if scope.source != "documents":
            return []
        plain = name.removesuffix("_backward").replace("_", "")
        wanted = _value(scope, f"{module}.{name}")
        found = []
        for entry in self._symbols.get(scope.edition, ()):
            owner, _, recorded = entry["symbol"].rpartition(".")
            value = _value(scope, entry["symbol"])
            inherits = isinstance(wanted, type) and isinstance(value, type) and issubclass(value, wanted)
            if recorded != name and (inherits or (owner == module and recorded.lower() == plain)):
                found.append(str(entry["symbol"]))
        return sorted(found)

    def of_all(self, edition: str, paths: Iterable[str]) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """Return the evidence of several symbols as one."""
        total, reasons = self.of(edition, "")
        for path in paths:
            counts, why = self.of(edition, path)
            for key in ("cases", "exact", "close", "deviates", "unexplained"):
                total[key] += counts[key]
            total["max_ulp"] = max(total["max_ulp"] or 0, counts["max_ulp"] or 0)
            for key in ("dtypes", "ids"):
                total[key] = sorted({*total[key], *counts[key]})
            total["ids"] = total["ids"][:_EXAMPLES]
            total["torch"] = counts["torch"]
            for kind, said in why.items():
                reasons[kind] += [reason for reason in said if reason not in reasons[kind]]
        return total, reasons


def _torch_of(environment: Mapping[str, Any]) -> str:
    return str(environment.get("unisnn", environment).get("torch", "")).partition("+")[0]


def status_of(evidence: Mapping[str, Any], lost: bool) -> str:
    """Return the status that a symbol's evidence gives.

    Args:
        evidence: counts of verdicts, as :meth:`Evidence.of` returns them.
        lost: a parameter or a method of upstream is missing in unisnn.
    """
    if lost or evidence["unexplained"] or not evidence["cases"]:
        return "partial"
    if evidence["deviates"]:
        return "deviates"
    return "close" if evidence["close"] else "exact"


def within(evidence: Mapping[str, Any], why: str) -> str:
    """Return the note on the cases that are within a bound."""
    return f"{evidence['close']} of {evidence['cases']} cases within a bound: {why}"


def documents(report: Mapping[str, Any], inventories: Mapping[str, Mapping[str, Any]]) -> list[_Document]:
    """Return every row file as data.

    Args:
        report: a parity report (the data of ``unisnn parity --json``).
        inventories: edition -> inventory.
    """
    evidence = Evidence(report)
    files: dict[tuple[str, str], _Document] = {}
    for scope in _scope.SCOPES:
        for module in scope.modules:
            document = files.setdefault(
                (scope.library, module),
                {
                    "library": scope.library,
                    "module": module,
                    "namespace": f"{scope.namespace}.{module}",
                    "rows": [],
                },
            )
            names = inventories[scope.edition]["modules"].get(module, {})
            document["rows"].extend(
                _row(scope, module, name, names[name], evidence) for name in sorted(names)
            )
    for document in files.values():
        _mention_other_editions(document["rows"])
        document["rows"].sort(key=lambda row: (row["symbol"], row["edition"]))
    return [files[key] for key in sorted(files)]


def _mention_other_editions(rows: list[dict[str, Any]]) -> None:
    """Say of a name without a case in one edition what it is in the others."""
    for row in rows:
        if not row["notes"].startswith(_NO_CASE):
            continue
        others = [
            f"{other['status']} against {other['edition']}"
            for other in rows
            if other["symbol"] == row["symbol"] and other is not row and other["evidence"]["cases"]
        ]
        if others:
            row["notes"] = row["notes"].replace(
                _NO_CASE, f"{_NO_CASE} of this edition; {', '.join(others)}", 1
            )


def _row(
    scope: _scope.Scope, module: str, name: str, upstream: Mapping[str, Any], evidence: Evidence
) -> _Document:
    """Return the row of one symbol of one edition."""
    counts, reasons = evidence.of(scope.edition, f"{module}.{name}")
    marked, ours = _ours(scope, module, name)
    notes: list[str] = []
    through = [] if counts["cases"] else evidence.through(scope, module, name)
    if through:
        counts, reasons = evidence.of_all(scope.edition, through)
        notes.append(f"recorded through {', '.join(path.rpartition('.')[2] for path in through)}")
    parameters: dict[str, str] = {}
    methods: dict[str, str] = {}
    if marked is not None:
        status = "absent"
        notes.append(marked)
    else:
        assert ours is not None
        parameters = _signatures.compare(upstream.get("signature"), ours.get("signature"))
        methods = _signatures.compare_methods(upstream.get("methods", {}), ours.get("methods", {}))
        missing = [*_signatures.lost(parameters), *(f"{each}()" for each in _signatures.lost(methods))]
        constant = upstream["kind"] == ours["kind"] == "constant"
        status = "exact" if constant and not counts["cases"] else status_of(counts, bool(missing))
        if missing:
            notes.append(f"missing here: {', '.join(missing)}")
        if counts["unexplained"]:
            notes.append(f"{counts['unexplained']} of {counts['cases']} cases differ without an explanation")
        if not counts["cases"] and not constant:
            notes.append(_scope.NOTES.get((scope.edition, f"{module}.{name}"), _NO_CASE))
        notes.extend(reasons["deviation"])
        if counts["close"]:
            notes.append(within(counts, "; ".join(reasons["bound"]) or GRADIENTS))
        if upstream["kind"] != ours["kind"]:
            notes.append(f"a {ours['kind']} here, a {upstream['kind']} upstream")
    counts.pop("unexplained")
    return {
        "symbol": name,
        "edition": scope.edition,
        "kind": upstream["kind"],
        "status": status,
        "notes": "; ".join(notes),
        "parameters": parameters,
        "methods": methods,
        "evidence": counts,
    }


def _ours(scope: _scope.Scope, module: str, name: str) -> tuple[str | None, dict[str, Any] | None]:
    """Return why unisnn lacks the symbol, or ``None`` and its description."""
    path = f"{scope.namespace}.{module}"
    try:
        twin = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("unisnn"):
            raise
        return f"{path} is not reproduced yet", None
    markers = _absent.absent_names(path)
    if name in markers:
        return markers[name], None
    value = getattr(twin, name, None)
    described = None if value is None else _introspect.describe(value, "")
    if described is None:
        return scope.unmirrored or _UNMARKED, None
    return None, described


def _value(scope: _scope.Scope, path: str) -> object:
    """Return unisnn's object at ``path`` below the namespace, ``None`` where there is none."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"{scope.namespace}.{module}"), name, None)


_UNMARKED = "missing in the namespace, without a marker"


def unmarked(document: _Document) -> list[str]:
    """Return the symbols that a namespace lacks without serving the marker for them."""
    return [f"{row['symbol']} ({row['edition']})" for row in document["rows"] if row["notes"] == _UNMARKED]
