"""``unisnn status``: which import name is served by what, here and now."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from unisnn import __version__, dropin
from unisnn.core import edition
from unisnn.dropin.survey import survey

__all__ = ["command", "engines", "extras", "import_path", "status"]


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(as_json: bool) -> None:
    """Tell which import name is served by what.

    For each upstream library: the genuine one, an adapter, the drop-in door or nothing; the editions whose
    numbers unisnn gives, and the one that is selected. Then versions and optional parts.
    """
    found = status()
    if as_json:
        click.echo(json.dumps(found, indent=1))
    else:
        _print(found)


def status() -> dict[str, Any]:
    """Return what the command shows, as plain data. Nothing is imported but unisnn's own door."""
    return {
        "unisnn": {"version": __version__, "folder": str(Path(dropin.__file__).parents[1])},
        "python": {"version": platform.python_version(), "executable": sys.executable},
        "torch": _version("torch"),
        "numpy": _version("numpy"),
        "names": [_name(library) for library in dropin.LIBRARIES],
        "extras": extras(),
        "engines": engines(),
    }


def engines() -> dict[str, Any] | None:
    """Return which engine runs the time steps of a neuron here; ``None`` where torch does not import.

    A process of its own imports torch.
    """
    program = "import json; from unisnn.core import engines; print(json.dumps(engines.status()))"
    house = str(Path(dropin.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([house, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    return None if done.returncode else json.loads(done.stdout)


def import_path() -> list[str]:
    """Return the import path of a program that is started in this folder: the folder, then the rest."""
    launcher = os.path.dirname(os.path.realpath(sys.argv[0])) if sys.argv[0] else None
    rest = [entry for entry in sys.path if entry and os.path.realpath(entry) != launcher]
    return [*([] if getattr(sys.flags, "safe_path", False) else [os.getcwd()]), *rest]


def extras() -> dict[str, list[str]]:
    """Return unisnn's optional parts, each with the distributions that it lacks here.

    Empty where unisnn is not installed but on the path: nothing says then what belongs to which part.
    """
    try:
        required = importlib.metadata.requires("unisnn") or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    table: dict[str, list[str]] = {}
    for line in required:
        extra = re.search(r"extra *== *['\"]([\w.-]+)['\"]", line)
        if extra is not None:
            table.setdefault(extra[1], []).append(line)
    return {extra: sorted(set(_lacking(table, extra))) for extra in table}


def _lacking(table: dict[str, list[str]], extra: str) -> Iterator[str]:
    for line in table.get(extra, []):
        name, inner = re.match(r"([\w.-]+)(?:\[([^\]]*)\])?", line).groups()  # type: ignore[union-attr]
        if name == "unisnn":
            for other in (inner or "").split(","):
                yield from _lacking(table, other.strip())
        elif _version(name) is None:
            yield name


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _name(library: str) -> dict[str, Any]:
    """Return one row: what ``import library`` reaches, whose it is and where, and the editions."""
    found = survey(library, import_path())
    reached = found.reached
    row: dict[str, Any] = {
        "name": library,
        "served_by": "nothing",
        "version": None,
        "distribution": None,
        "folder": None,
        "note": None,
        "editions": list(edition.KNOWN[library]),
        "edition": dropin.active().get(library, edition.current(library)),
    }
    if library in dropin.active():
        house = str(Path(dropin.__file__).parents[1] / library)
        return row | {
            "served_by": "drop-in",
            "version": __version__,
            "distribution": "unisnn",
            "folder": house,
        }
    if reached is not None:
        owner = found.owner_of(reached)
        row |= {"served_by": reached.kind, "folder": reached.folder}
        if owner is not None:
            row |= {"version": owner.version, "distribution": owner.name}
    kinds = {*(place.kind for place in found.places), *(owner.kind for owner in found.owners)}
    if reached is not None and reached.kind in ("empty", "house"):
        row["note"] = "see unisnn doctor"
    elif {"genuine", "adapter"} <= kinds:
        row["note"] = "genuine library and adapter: see unisnn doctor"
    return row


_SAID = {
    "genuine": "the genuine library",
    "adapter": "unisnn, by its adapter",
    "drop-in": "unisnn, by the drop-in door",
    "house": "unisnn's own folder, by mistake",
    "empty": "an empty folder",
    "nothing": "nothing",
}


def _print(found: dict[str, Any]) -> None:
    for row in found["names"]:
        where = f": {row['distribution']} {row['version']}" if row["distribution"] else ""
        where += f" in {row['folder']}" if row["folder"] else ""
        click.echo(f"{row['name']:18} {_SAID[row['served_by']]}{where}")
        if row["note"]:
            click.echo(f"{'':18} {row['note']}")
        listed = ", ".join(
            f"{name} (selected)" if name == row["edition"] else name for name in row["editions"]
        )
        click.echo(f"{'':18} unisnn gives the numbers of {listed}")
    versions = f"python {found['python']['version']}, torch {found['torch'] or 'missing'}"
    click.echo(f"\nunisnn {found['unisnn']['version']} in {found['unisnn']['folder']}")
    click.echo(f"{versions}, numpy {found['numpy'] or 'missing'}")
    if found["engines"] is not None:
        _print_engines(found["engines"])
    for extra, lacking in found["extras"].items():
        click.echo(f"unisnn[{extra}]: " + (f"lacks {', '.join(lacking)}" if lacking else "complete"))


def _print_engines(found: dict[str, Any]) -> None:
    devices = ", ".join(f"{found[device]} on {device}" for device in ("cpu", "cuda") if found[device])
    click.echo(f"engine {found['asked']}: {devices}")
    for name, why in found["engines"].items():
        if why is not None:
            click.echo(f"{'':18} {name} is not there: {why}")
