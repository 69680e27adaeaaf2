"""``unisnn matrix``: compute the compatibility matrix, or check the stored one."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from unisnn.cli import needs
from unisnn.cli.parity import REQUIRED, print_summary, sweep

__all__ = ["command"]


@click.command("matrix")
@click.option(
    "--check", is_flag=True, help="Write nothing; fail when the stored matrix is not what a run gives."
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take this JSON report of a full parity run instead of running one.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The checkout whose compat_matrix/ is meant; by default the one around the current folder.",
)
@needs("parity", (*REQUIRED, "jsonschema"))
def command(check: bool, report_file: Path | None, root: Path | None) -> None:
    """Compute the compatibility matrix from a parity run over all editions.

    It lives in compat_matrix/ of a checkout and in the README. With --check the exit status is 1 when a
    stored status differs from what the run gives, a name has no row, or a note is missing.
    """
    from unisnn import matrix

    root = _checkout(root)
    report = _report(report_file)
    if not check:
        written = matrix.generate(report, root)
        click.echo(f"wrote {len(written)} files below {root}", err=True)
        return
    complaints = matrix.check(report, root)
    for complaint in complaints:
        click.echo(complaint, err=True)
    click.echo(f"{len(complaints)} complaints" if complaints else "the matrix is what a run gives", err=True)
    if complaints:
        sys.exit(1)


def _checkout(root: Path | None) -> Path:
    start = (root or Path.cwd()).resolve()
    for folder in [start] if root else [start, *start.parents]:
        if (folder / "compat_matrix").is_dir() and (folder / "README.md").is_file():
            return folder
    raise click.UsageError(
        f"{start} is not in a checkout of unisnn (no compat_matrix/ and README.md); use --root"
    )


def _report(file: Path | None) -> Mapping[str, Any]:
    """Return a full run's data, from a file or made now. One that does not pass is no base for a matrix."""
    if file is not None:
        data: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    else:
        data = sweep().to_dict()
        print_summary(data)
    if data.get("ok") is False:
        raise click.ClickException("the parity run does not pass; mend that first (unisnn parity shows it)")
    return data
