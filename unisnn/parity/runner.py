"""The runner: every edition's cases on both sides, compared.

For an installable edition two worker processes run the same cases, one with the genuine library, one with
unisnn; for a recorded edition upstream's side comes from the goldens. Mutants travel in further batches of
unisnn's worker, so each library is imported once per side.
"""

from __future__ import annotations

import dataclasses
import math
import platform
import random
import time
from collections.abc import Sequence
from typing import Any

from unisnn import __version__
from unisnn.parity import cases as case_registry
from unisnn.parity import deviations, goldens, mutants, oracle, plots, process
from unisnn.parity.case import Case
from unisnn.parity.compare import Verdict, differences
from unisnn.parity.editions import Edition, match_editions
from unisnn.parity.outputs import Outputs
from unisnn.parity.progress import Progress, silent
from unisnn.parity.results import CaseResult, MutantResult, Report, verdict_of

__all__ = ["judge", "run"]


def run(
    editions: Sequence[str] | None = None,
    sample: int | None = None,
    seed: int = 0,
    *,
    cases: Sequence[Case] | None = None,
    with_mutants: bool = True,
    progress: Progress | None = None,
) -> Report:
    """Compare unisnn with upstream and return what was found.

    Args:
        editions: names, short names, library names or globs (default: every edition). sample: about how
        many cases to draw, over all editions, no symbol and no family left out (default: all). seed:
        the seed of the sample. cases: run these cases instead of the registered ones. with_mutants: run
        the mutants too (default: yes). progress: where progress is shown (default: nowhere; see
        :mod:`unisnn.parity.progress`).

    Raises:
        ValueError: an edition is unknown.
    """
    began = time.perf_counter()
    show = progress or silent()
    chosen = match_editions(list(editions) if editions else None)
    everything = list(cases) if cases is not None else case_registry.all_cases(entry.name for entry in chosen)
    complete = cases is None and sample is None
    pool = everything if sample is None else case_registry.sample_cases(everything, sample, seed)
    ledger = deviations.load()
    report = Report(entries={entry.id: entry for entry in ledger.entries})
    for entry in chosen:
        mine = [case for case in pool if case.edition == entry.name]
        if mine:
            suspects = [case for case in everything if case.edition == entry.name] if with_mutants else []
            _run_edition(entry, mine, suspects, ledger, report, show, seed)
    report.environment.update(
        unisnn=__version__, python=platform.python_version(), system=platform.platform()
    )
    report.used_entries = ledger.used
    if complete:
        report.unmatched = ledger.unmatched(
            name for name, source in report.sources.items() if source != "recorded instead"
        )
    report.seconds = time.perf_counter() - began
    return report


def _run_edition(
    entry: Edition,
    mine: list[Case],
    suspects: list[Case],
    ledger: deviations.Ledger,
    report: Report,
    show: Progress,
    seed: int,
) -> None:
    """Run one edition: the cases ``mine``, and mutants on cases drawn from ``suspects``."""
    source = "recorded" if entry.recorded else "run"
    if not entry.recorded:
        try:
            oracle.install(entry.name, show.say)
        except oracle.OracleError as error:
            mine, source = goldens.cases(entry.name), "recorded instead"
            suspects = []  # mutants are made for the live cases
            if not mine:
                report.skipped[entry.name] = str(error)
                return
            report.notes[entry.name] = f"{len(mine)} recorded cases stand in for the oracle: {error}"
            show.say(f"{entry.name}: no oracle; {len(mine)} recorded cases stand in for it")
    planned = _plan_mutants(suspects, len(mine) / max(1, len(suspects)), seed)
    known = {case.id for case in mine}
    needed = {case.id: case for _, pairs in planned for case, _ in pairs if case.id not in known}
    executed = [*mine, *needed.values()]
    batches: list[dict[str, Any]] = [{"patch": None, "cases": executed}]
    batches += [{"patch": mutant.patch, "cases": [wrong for _, wrong in pairs]} for mutant, pairs in planned]
    executions = sum(len(batch["cases"]) for batch in batches) + (len(executed) if source == "run" else 0)
    with show.edition(entry.name, len(mine), executions) as meter:
        answers = process.both_sides(entry, batches, meter, genuine=source == "run")
    theirs, ours = answers.upstream, answers.unisnn[0]
    apart = deviations.Ledger(ledger.entries)
    sound: dict[str, Outputs] = {}
    for index, (case, upstream, unisnn) in enumerate(zip(executed, theirs, ours, strict=True)):
        result = judge(case, upstream, unisnn, ledger if index < len(mine) else apart)
        if result.verdict != Verdict.UNEXPLAINED:
            sound[case.id] = upstream
        if index < len(mine):
            report.cases.append(result)
    for (mutant, pairs), outputs in zip(planned, answers.unisnn[1:], strict=True):
        report.mutants.append(_try_mutant(mutant, entry, pairs, outputs, sound, apart))
    report.sources[entry.name] = source
    report.environment.setdefault("editions", {})[entry.name] = answers.environment
    plots.collect(report.plots, entry, mine, theirs[: len(mine)], ours[: len(mine)])


def judge(case: Case, upstream: Outputs, unisnn: Outputs, ledger: deviations.Ledger) -> CaseResult:
    """Compare one case's outputs and return its verdict; differences are explained through ``ledger``."""
    only = frozenset(goldens.names_recorded(case.id)) if goldens.is_recorded(case.id) else None
    found = differences(upstream, unisnn, only)
    ledger.explain(case, found)
    refused = bool(upstream.failures) and set(upstream.failures) == set(unisnn.failures)
    return CaseResult(case, found, verdict_of(found), refused=refused)


_Plan = list[tuple[mutants.Mutant, list[tuple[Case, Case]]]]


def _plan_mutants(mine: list[Case], share: float, seed: int) -> _Plan:
    """Pick the cases of every mutant that concerns this edition; one without any case here is left out.

    Of the mutants a ``share`` is drawn, at least one of every family.
    """
    planned = [(mutant, mutant.select(mine)) for mutant in mutants.load().values()]
    planned = [(mutant, pairs) for mutant, pairs in planned if pairs]
    shuffled = list(planned)
    random.Random(seed).shuffle(shuffled)
    first = {mutant.family: mutant.id for mutant, _ in shuffled}
    wanted = {*first.values(), *(mutant.id for mutant, _ in shuffled[: math.ceil(share * len(shuffled))])}
    return [(mutant, pairs) for mutant, pairs in planned if mutant.id in wanted]


def _try_mutant(
    mutant: mutants.Mutant,
    entry: Edition,
    pairs: list[tuple[Case, Case]],
    outputs: list[Outputs],
    sound: dict[str, Outputs],
    ledger: deviations.Ledger,
) -> MutantResult:
    """Tell whether some case that the real code passes gives the mutant away."""
    result = MutantResult(mutant.id, mutant.family, entry.name, mutant.text, len(pairs), rejected=False)
    for (case, _), wrong in zip(pairs, outputs, strict=True):
        if case.id not in sound:
            continue
        judged = judge(case, sound[case.id], wrong, ledger)
        if judged.verdict == Verdict.UNEXPLAINED:
            first = next(difference for difference in judged.differences if not difference.explained)
            return dataclasses.replace(result, rejected=True, case=case.id, first_difference=first.to_dict())
    return result
