"""What the terminal shows: progress bars on the way, tables at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from digits.moves import Move

__all__ = ["console", "meter", "print_moves", "print_parity"]

console = Console(highlight=False, width=max(Console().width, 112))
"""Where everything is printed."""


@contextmanager
def meter(text: str, total: int) -> Iterator[Any]:
    """Show a bar over ``total`` steps; the value is called with the text beside the bar after each."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=console) as progress:
        task = progress.add_task(text, total=total, note="")
        yield lambda note="": progress.update(task, advance=1, note=note)


def print_moves(moves: Sequence[Move]) -> None:
    """Print one row a move."""
    table = Table(
        title="moves, each proven on the whole test part (a name with a version is the genuine library)",
        title_justify="left",
        title_style="bold",
    )
    for name in ("from", "to", "verdict", "spikes"):
        table.add_column(name, no_wrap=True)
    table.add_column("same predictions", justify="right", no_wrap=True)
    table.add_column("gradient diff.", justify="right", no_wrap=True)
    colours = {"exact": "green", "close": "yellow", "refused": "red"}
    for move in moves:
        destination = move.destination if move.genuine else f"unisnn.{move.destination}"
        origin = move.origin if "==" in move.origin else f"unisnn.{move.origin}"
        verdict = f"[{colours[move.verdict]}]{move.verdict}[/]"
        if move.proof is None:
            table.add_row(origin, destination, verdict, "-", "-", "-")
            continue
        agreement, gradient = move.proof.prediction_agreement, move.proof.max_grad_diff
        table.add_row(
            origin,
            destination,
            verdict,
            "equal" if move.proof.spikes_equal else "NOT equal",
            "" if agreement is None else f"{agreement:.1%}",
            "" if gradient is None else f"{gradient:.1e}" if gradient else "0",
        )
    console.print(table)
    for move in moves:
        if move.proof is None:
            console.print(f"refused: {move.reason}")


def print_parity(summary: Mapping[str, Any]) -> None:
    """Print the counts of the parity report, one row an edition."""
    table = Table(title="parity with the upstream libraries", title_justify="left", title_style="bold")
    table.add_column("edition", no_wrap=True)
    columns = ("cases", "exact", "close", "deviates", "unexplained")
    for name in (*columns, "mutants rejected"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, counts in [*summary["editions"].items(), ("all", summary)]:
        rejected = f"{counts.get('mutants_rejected', 0)} of {counts.get('mutants', 0)}"
        table.add_row(name, *(str(counts[column]) for column in columns), rejected)
    console.print(table)
