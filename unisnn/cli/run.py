"""``unisnn run``: Python's own command line, with upstream import names served by unisnn.

Everything after the script, ``-m MODULE`` or ``-c CODE`` belongs to the program: ``sys.argv``,
``sys.path[0]``, ``__main__``, the exit status and tracebacks are what ``python`` would give it.
"""

from __future__ import annotations

import builtins
import io
import os
import runpy
import sys
import zipfile
from types import ModuleType, TracebackType
from typing import Any

import click

from unisnn import dropin

__all__ = ["command"]

_LAUNCHER = (__file__, runpy.__file__, "<frozen runpy>")


class _PythonCommand(click.Command):
    """Splits the arguments as python does: what follows the program is never read as an option of ours."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own, program = _split(list(args))
        rest = super().parse_args(ctx, own)
        ctx.params["program"] = program
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["--as LIBRARY[==VERSION]", "[-m MODULE | -c CODE | SCRIPT]", "[ARGUMENTS]..."]


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split into our own options and the program, which starts with ``-m``, ``-c`` or a script."""
    index = 0
    while index < len(arguments):
        argument = arguments[index]
        if argument == "--":
            return arguments[:index], arguments[index + 1 :]
        if argument[:2] in ("-m", "-c"):
            inline = [argument[2:]] if len(argument) > 2 else []
            return arguments[:index], [argument[:2], *inline, *arguments[index + 1 :]]
        if not argument.startswith("-") or argument == "-":
            return arguments[:index], arguments[index:]
        index += 2 if argument == "--as" else 1
    return arguments, []


@click.command("run", cls=_PythonCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--as",
    "libraries",
    metavar="LIBRARY[==VERSION]",
    multiple=True,
    required=True,
    help="Serve `import LIBRARY` from unisnn, with the numbers of VERSION. May be repeated.",
)
def command(libraries: tuple[str, ...], program: list[str]) -> None:
    """Run a Python program with upstream import names served by unisnn.

    \b
    unisnn run --as spikingjelly==0.0.0.0.14 train.py --epochs 2
    unisnn run --as braincog --as snngrow -m package.train
    """
    for library in libraries:
        _serve(library)
    if not program:
        raise click.UsageError("name a script, -m MODULE or -c CODE")
    if program[0] in ("-m", "-c") and len(program) == 1:
        raise click.UsageError(f"argument expected for the {program[0]} option")
    _run(program)


def _serve(library: str) -> None:
    name, found, version = library.partition("==")
    if found and not version:
        raise click.BadParameter(f"{library!r} has no version after ==", param_hint="--as")
    try:
        dropin.install(name.strip(), version.strip() or None)
    except ValueError:
        raise click.BadParameter(
            f"unisnn does not reproduce {library!r}. {_known()}", param_hint="--as"
        ) from None
    except dropin.DropinError as error:
        raise click.ClickException(str(error)) from None


def _known() -> str:
    from unisnn.core import edition

    lines = [f"  {library}=={version}" for library in dropin.LIBRARIES for version in edition.KNOWN[library]]
    return "\n".join(["It knows:", *lines])


def _run(program: list[str]) -> None:
    """Run the program as ``__main__``; print an exception as python does and exit with its status."""
    try:
        if program[0] == "-m":
            _run_module(program[1], program[2:])
        elif program[0] == "-c":
            _run_code(program[1], program[2:])
        else:
            _run_script(program[0], program[1:])
    except SystemExit:
        raise
    except BaseException as error:
        sys.excepthook(type(error), error, error.with_traceback(_own(error.__traceback__)).__traceback__)
        sys.exit(130 if isinstance(error, KeyboardInterrupt) else 1)


def _run_module(name: str, arguments: list[str]) -> None:
    _enter(["-m", *arguments], os.getcwd())
    try:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    except ImportError as error:
        if _own(error.__traceback__) is not None:
            raise
        sys.exit(f"{sys.executable}: {error}")


def _run_code(code: str, arguments: list[str]) -> None:
    _enter(["-c", *arguments], "")
    _execute(code, "<string>")


def _run_script(script: str, arguments: list[str]) -> None:
    path = os.path.abspath(script)
    if not os.path.exists(path):
        click.echo(f"{sys.executable}: can't open file {path!r}: No such file or directory", err=True)
        sys.exit(2)
    if os.path.isdir(path) or zipfile.is_zipfile(path):
        _enter([script, *arguments], path)
        runpy.run_path(path, run_name="__main__")
        return
    _enter([script, *arguments], os.path.dirname(os.path.realpath(path)))
    with io.open_code(path) as file:
        _execute(file.read(), path, __file__=path, __cached__=None)


def _execute(code: str | bytes, name: str, **attributes: object) -> None:
    """Execute the user's program as the module ``__main__``, where pickle and multiprocessing find it."""
    compiled = compile(code, name, "exec", dont_inherit=True)
    module = ModuleType("__main__")
    vars(module).update(attributes, __builtins__=builtins)
    sys.modules["__main__"] = module
    exec(compiled, vars(module))


def _enter(argv: list[str], folder: str) -> None:
    """Set ``sys.argv``, and ``sys.path[0]`` unless python was told to leave it out (``-P``)."""
    sys.argv[:] = argv
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = folder


def _own(traceback: TracebackType | None) -> Any:
    """Return the traceback from the program's first frame on, ``None`` where the program did not start."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename in _LAUNCHER:
        traceback = traceback.tb_next
    return traceback
