"""From report data to the page: the template's view of a parity run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from unisnn.parity.report import plot

__all__ = ["render", "write"]

_VERDICTS = {
    "exact": "bitwise equal: spikes, outputs, states and gradients",
    "close": "forward bitwise equal, gradients within the stated rule or bound",
    "deviates": "different on purpose, with the reason below",
    "unexplained": "different, and nobody knows why yet",
}
"""The verdicts from best to worst, each with what it means."""

_SHOWN_DIFFERENCES = 400
"""How many differences the page lists in full; the JSON report holds all of them."""

_SHOWN_PROBLEMS = 12
"""How many problems the head of the page lists."""

_TEMPLATES = Path(__file__).parent / "templates"


def render(report: Mapping[str, Any], *, demo: Mapping[str, Any] | None = None) -> str:
    """Return the report as the text of an HTML page.

    Args:
        report: the data of a parity run, in the form of ``report.json``.
        demo: the summary of a demo run (``accuracy``, ``moves``, and what else it measured), shown in
            a section of its own.
    """
    editions = report["summary"].get("editions", {})
    ruled = {case["id"]: case["verdict"] for case in report.get("cases", ())}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(count=_count, share=_share, percent=_percent, small=_small, flat=_flat)
    return environment.get_template("report.html").render(
        style=Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),
        script=Markup((_TEMPLATES / "script.js").read_text(encoding="utf-8")),
        verdicts=_VERDICTS,
        summary=report["summary"],
        editions=editions,
        problems=list(report.get("problems", ())),
        skipped=report.get("skipped", {}),
        environment=[(key, _lines(value)) for key, value in _environment(report)],
        symbols=[_symbol(row) for row in report.get("symbols", ())],
        surrogates=_by_edition((_surrogate(data, ruled) for data in _plots(report, "surrogates")), editions),
        neurons=_by_edition((_neuron(data, ruled) for data in _plots(report, "neurons")), editions),
        deviations=list(report.get("deviations", ())),
        mutants=_mutants(report.get("mutants", ())),
        differences=_unexplained_first(report.get("differences", ())),
        shown_differences=_SHOWN_DIFFERENCES,
        shown_problems=_SHOWN_PROBLEMS,
        demo=demo,
        history=None if demo is None else plot.history(demo.get("history", ())),
    )


def write(report: Mapping[str, Any], path: str | Path, *, demo: Mapping[str, Any] | None = None) -> Path:
    """Write the page to ``path``, making its folder where it is missing, and return the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(report, demo=demo), encoding="utf-8")
    return path


def _plots(report: Mapping[str, Any], kind: str) -> Iterable[Mapping[str, Any]]:
    plots: Mapping[str, Any] = report.get("plots", {})
    return plots.get(kind, ())


def _symbol(row: Mapping[str, Any]) -> dict[str, Any]:
    *path, name = row["symbol"].split(".")
    return {**row, "path": path, "name": name, "rank": list(_VERDICTS).index(row["status"])}


def _surrogate(data: Mapping[str, Any], ruled: Mapping[str, str]) -> dict[str, Any]:
    return {
        **_head(data, ruled),
        "forward": plot.curves(data["x"], data["forward"], "forward"),
        "gradient": plot.curves(data["x"], data["gradient"], "gradient"),
        "agreement": plot.agreement({"forward": data["forward"], "gradient": data["gradient"]}),
    }


def _neuron(data: Mapping[str, Any], ruled: Mapping[str, str]) -> dict[str, Any]:
    return {
        **_head(data, ruled),
        "trace": plot.trace(data),
        "agreement": plot.agreement({"membrane potential": data["voltage"], "spikes": data["spikes"]}),
    }


def _head(data: Mapping[str, Any], ruled: Mapping[str, str]) -> dict[str, Any]:
    """What a plot's card says above the plot; its verdict is that of the case that was drawn."""
    name = data["symbol"].rpartition(".")[2]
    return {
        "edition": data["edition"],
        "symbol": data["symbol"],
        "name": name,
        "label": data.get("label", "").removeprefix(name).removeprefix("()"),
        "verdict": ruled.get(data.get("case", ""), ""),
    }


def _environment(report: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """The environment's entries, those of the editions one by one."""
    environment = dict(report.get("environment", {}))
    editions = environment.pop("editions", {})
    yield from environment.items()
    yield from editions.items() if isinstance(editions, Mapping) else [("editions", editions)]
    if "seconds" in report:
        yield "seconds", report["seconds"]


def _lines(value: Any) -> list[str]:
    """An environment's entry as lines."""
    if isinstance(value, Mapping):
        return [f"{key}: {_flat(item)}" for key, item in value.items()]
    return [_flat(value)]


def _by_edition(
    cards: Iterable[dict[str, Any]], editions: Iterable[str]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Group the cards by edition, in the order in which the summary lists the editions."""
    groups: dict[str, list[dict[str, Any]]] = {edition: [] for edition in editions}
    for card in cards:
        groups.setdefault(card["edition"], []).append(card)
    return [(edition, group) for edition, group in groups.items() if group]


def _mutants(mutants: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the mutants by family, survivors first."""
    ordered = sorted(mutants, key=lambda mutant: (mutant["family"], mutant["rejected"], mutant["id"]))
    families = []
    for family, group in groupby(ordered, key=itemgetter("family")):
        members = list(group)
        rejected = sum(bool(member["rejected"]) for member in members)
        families.append({"family": family, "members": members, "rejected": rejected})
    return families


def _unexplained_first(differences: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(differences, key=lambda difference: bool(difference.get("explained")))


def _count(value: Any) -> str:
    """``12345`` as ``12 345`` (narrow no-break space)."""
    return f"{value:,}".replace(",", "\u202f") if isinstance(value, int) else str(value)


def _share(value: int, total: int) -> str:
    """A part of a whole as a CSS length in percent."""
    return f"{100 * value / total:.4f}%" if total else "0%"


def _percent(value: int | float, total: int | float = 1) -> str:
    """A share for reading: never rounded up to 100 % or down to 0 %."""
    if not total:
        return "–"
    share = 100 * value / total
    if share in (0, 100):
        return f"{share:.0f}\u202f%"
    return f"{min(max(share, 0.1), 99.9):.1f}\u202f%"


def _small(value: Any) -> str:
    """A number in few characters; other values as they are."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int):
        return _count(value) if value < 10**6 else f"{value:.0e}" if value < 2**62 else "not comparable"
    return f"{value:.3g}"


def _flat(value: Any) -> str:
    """Structured data (a first difference, an example) in one line."""
    if value is None or value == "":
        return "–"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_flat(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return json.dumps(value)
    return str(value)
