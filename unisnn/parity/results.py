"""The results of a parity run: a verdict per case, counts, and whether the run passes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.compare import Difference, Verdict
from unisnn.parity.deviations import Entry

__all__ = ["CaseResult", "MutantResult", "Report", "verdict_of"]


def verdict_of(found: list[Difference]) -> str:
    """Return the verdict that a case's differences, already explained, add up to."""
    if not found:
        return Verdict.EXACT
    if any(not difference.explained for difference in found):
        return Verdict.UNEXPLAINED
    if any("deviation:" in difference.explained for difference in found):
        return Verdict.DEVIATES
    return Verdict.CLOSE


@dataclass
class CaseResult:
    """One case, what differed, and the verdict; ``refused`` says that both sides raised alike."""

    case: Case
    differences: list[Difference]
    verdict: str
    refused: bool = False
    seconds: float = 0.0

    @property
    def max_ulp(self) -> int:
        """The largest distance in representable numbers, over all outputs."""
        return max((difference.max_ulp for difference in self.differences), default=0)

    @property
    def max_abs(self) -> float:
        """The largest absolute difference, over all outputs."""
        return max((difference.max_abs for difference in self.differences), default=0.0)

    @property
    def deviations(self) -> list[str]:
        """The ids of the deviations and bounds that account for the differences."""
        named = (
            part.partition(":")[2] for d in self.differences for part in d.explained.split("+") if ":" in part
        )
        return list(dict.fromkeys(named))


@dataclass
class MutantResult:
    """A mutant, the cases it was run on, and the first difference that gave it away."""

    id: str
    family: str
    edition: str
    text: str
    cases: int
    rejected: bool
    case: str = ""
    first_difference: dict[str, Any] = field(default_factory=dict)


@dataclass
class Report:
    """Everything that a run found.

    ``cases`` and ``mutants`` hold the results; ``unmatched`` the entries of the deviations that matched
    nothing (an error in a complete run); ``skipped`` the editions that could not be run, with the
    reason; ``sources`` says per edition whether upstream was ``run``, ``recorded`` (an edition that no
    index serves) or ``recorded instead`` (its oracle could not be had; ``notes`` says why); ``plots``
    and ``environment`` are data for the renderers.
    """

    cases: list[CaseResult] = field(default_factory=list)
    mutants: list[MutantResult] = field(default_factory=list)
    unmatched: list[Entry] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    used_entries: dict[str, list[tuple[str, Difference]]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    plots: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """No unexplained difference, every mutant rejected, every deviation matched, no edition skipped."""
        return not (
            any(result.verdict == Verdict.UNEXPLAINED for result in self.cases)
            or any(not mutant.rejected for mutant in self.mutants)
            or self.unmatched
            or self.skipped
            or not self.cases
        )

    def counts(self, edition: str | None = None) -> dict[str, int]:
        """Return the number of cases, of each verdict and of mutants; of one edition or of all."""
        chosen = [result for result in self.cases if edition in (None, result.case.edition)]
        mutants = [mutant for mutant in self.mutants if edition in (None, mutant.edition)]
        verdicts = Counter(result.verdict for result in chosen)
        return {
            "cases": len(chosen),
            **{verdict: verdicts[verdict] for verdict in Verdict.ALL},
            "refused": sum(result.refused for result in chosen),
            "mutants": len(mutants),
            "mutants_rejected": sum(mutant.rejected for mutant in mutants),
        }

    def summary(self) -> dict[str, Any]:
        """Return the summary that the JSON report begins with."""
        total = self.counts()
        names = dict.fromkeys(result.case.edition for result in self.cases)
        keys = ("cases", *Verdict.ALL, "mutants", "mutants_rejected", "refused")
        return {
            **{key: total[key] for key in keys},
            "editions": {name: {**self.counts(name), "source": self.sources.get(name, "")} for name in names},
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the whole report as JSON-ready data (see :mod:`unisnn.parity.report_json`)."""
        from unisnn.parity import report_json

        return report_json.report_data(self)

    def problems(self) -> list[str]:
        """Return one line for everything that keeps the run from passing."""
        lines = [f"{name}: not run: {reason}" for name, reason in self.skipped.items()]
        for result in self.cases:
            if result.verdict == Verdict.UNEXPLAINED:
                found = next(d for d in result.differences if not d.explained)
                lines.append(
                    f"{result.case.id}: {found.output}: {found.kind} {found.first} ({found.count} elements)"
                )
        lines += [
            f"mutant {m.id} was not rejected by {m.cases} cases: {m.text}"
            for m in self.mutants
            if not m.rejected
        ]
        lines += [f"{entry.kind} {entry.id} matches no difference; remove it" for entry in self.unmatched]
        return lines or ([] if self.cases else ["no case was run"])
