"""``unisnn doctor``: what stands in the way, and the commands that mend it."""

from __future__ import annotations

import dataclasses
import json
import sys

import click

from unisnn.cli.status import import_path
from unisnn.dropin.doctor import Problem, diagnose, diagnose_torch

__all__ = ["command"]


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def command(as_json: bool) -> None:
    """Find clashes: two distributions with one import name, shadowed and partial installs, a missing torch.

    Nothing is changed. Each problem is printed with the commands that mend it. The exit status is 0 where
    there is none, 1 otherwise.
    """
    problems = [*diagnose(import_path()), *diagnose_torch()]
    if as_json:
        shown = {"ok": not problems, "problems": [dataclasses.asdict(problem) for problem in problems]}
        click.echo(json.dumps(shown, indent=1))
    elif problems:
        click.echo("\n\n".join(_text(problem) for problem in problems))
    else:
        click.echo("no problems: every import name means one library, torch and numpy are there")
    if problems:
        sys.exit(1)


def _text(problem: Problem) -> str:
    lines = [f"{problem.name}: {problem.found} [{problem.kind}]"]
    for way, how in problem.mend.items():
        lines.append(f"  to {way}:\n    {how}" if not way.startswith("if ") else f"  {way}:\n    {how}")
    return "\n".join(lines)
