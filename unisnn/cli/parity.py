"""``unisnn parity``: the comparison with the genuine libraries, and its reports."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unisnn.cli import needs

if TYPE_CHECKING:
    from unisnn.parity import Report

__all__ = ["REQUIRED", "command", "print_summary", "sweep"]

REQUIRED: tuple[str, ...] = ("safetensors", "platformdirs", "filelock", "jinja2", "matplotlib")
"""The modules that a comparison needs, checked before it starts."""

_SHOWN_PROBLEMS = 20


@click.command("parity")
@click.argument("editions", nargs=-1, metavar="[EDITION]...")
@click.option("--html", type=click.Path(path_type=Path), help="Write the report as one HTML page.")
@click.option("--json", "json_file", help="Write the report as JSON; - writes it to standard output.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write the results as JUnit XML.")
@click.option("--sample", type=click.IntRange(min=1), help="Draw about this many cases instead of all.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of the sample.")
@needs("parity", REQUIRED)
def command(
    editions: tuple[str, ...],
    html: Path | None,
    json_file: str | None,
    junit: Path | None,
    sample: int | None,
    seed: int,
) -> None:
    """Compare unisnn with the genuine upstream libraries, bit by bit.

    EDITION is a name such as spikingjelly==0.0.0.0.14, a library, or a pattern; without one every edition
    is compared. Missing libraries are installed into a cache folder and run in processes of their own.

    The exit status is 1 when a difference is unexplained or a mutant survives.
    """
    report = sweep(editions, sample, seed)
    data = report.to_dict()
    if html is not None:
        from unisnn.parity import report as page

        page.write(data, html)
    if junit is not None:
        from unisnn.parity import junit as results

        results.write(data, junit)
    if json_file is not None:
        _write_json(data, json_file)
    print_summary(data)
    for file in (html, junit, None if json_file == "-" else json_file):
        if file is not None:
            click.echo(f"wrote {file}", err=True)
    if not report.ok:
        sys.exit(1)


def sweep(editions: tuple[str, ...] = (), sample: int | None = None, seed: int = 0) -> Report:
    """Run the comparison with progress on standard error and return the report.

    Raises:
        click.BadParameter: an edition is unknown.
    """
    from unisnn import parity
    from unisnn.parity.editions import match_editions
    from unisnn.parity.progress import bar

    try:
        match_editions(editions)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="EDITION") from None
    with bar() as progress:
        return parity.run(editions or None, sample=sample, seed=seed, progress=progress)


def print_summary(data: Mapping[str, Any]) -> None:
    """Print a table of the editions (mutants: rejected of all) and what keeps the run from passing.

    Both go to standard error.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    summary = data["summary"]
    table.add_column("edition", min_width=max(map(len, summary["editions"]), default=0))
    columns = ("cases", "exact", "close", "deviates", "unexplained")
    for column in (*columns, "mutants"):
        table.add_column(column, justify="right")
    for name, counts in [*summary["editions"].items(), ("all", summary)]:
        if name == "all":
            table.add_section()
        rejected = f"{counts.get('mutants_rejected', 0)}/{counts.get('mutants', 0)}"
        table.add_row(name, *(str(counts[column]) for column in columns), rejected)
    console = Console(stderr=True, highlight=False)
    console.print(table)
    problems = data.get("problems", [])
    for problem in problems[:_SHOWN_PROBLEMS]:
        console.print(problem, style="red", markup=False)
    if len(problems) > _SHOWN_PROBLEMS:
        console.print(f"and {len(problems) - _SHOWN_PROBLEMS} more", style="red")


def _write_json(data: Mapping[str, Any], target: str) -> None:
    text = json.dumps(data, indent=1, allow_nan=False)
    if target == "-":
        click.echo(text)
        return
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
