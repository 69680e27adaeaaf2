"""The command line, one module a verb; a verb's own requirements load when it is called."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable, Iterable
from typing import Any

import click

from unisnn import __version__

__all__ = ["VERBS", "needs", "unisnn"]

VERBS: dict[str, str] = {
    "doctor": "Find clashes between upstream libraries and unisnn, and say how to mend them.",
    "matrix": "Compute the compatibility matrix from a parity run, or check the stored one.",
    "parity": "Compare unisnn with the genuine upstream libraries, bit by bit.",
    "run": "Run a Python program with upstream import names served by unisnn.",
    "status": "Tell which import name is served by what.",
}
"""The verbs, each with the line that ``unisnn --help`` shows; ``unisnn.cli.<verb>`` holds its command."""


class _Verbs(click.Group):
    """A group that imports the module of a verb when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"unisnn.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="unisnn", message="%(prog)s %(version)s")
def unisnn() -> None:
    """One PyTorch core, every spiking-neural-network library's API.

    Run yesterday's code on unisnn, and see for yourself that nothing changed.
    """


def needs(extra: str, modules: Iterable[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a verb: it fails with the name of ``extra`` where one of ``modules`` is not installed.

    Raises:
        click.ClickException: when the verb is called, naming the missing module and the extra.
    """

    def decorate(verb: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(verb)
        def checked(*args: Any, **kwargs: Any) -> Any:
            for module in modules:
                if importlib.util.find_spec(module) is None:
                    raise click.ClickException(
                        f"this command needs {module}, which is not installed: pip install 'unisnn[{extra}]'"
                    )
            return verb(*args, **kwargs)

        return checked

    return decorate
