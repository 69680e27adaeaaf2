"""What stands in the way of one import name meaning one library, and the commands that mend it.

::

    two-owners               two distributions own one import name
    twice-installed          two versions of one distribution are recorded
    shadowed                 one place of the import path hides another
    metadata-without-module  a distribution is recorded, its modules are gone
    module-without-metadata  modules lie among the installed packages, no distribution owns them
    empty-folder             a folder without __init__.py is what the import name reaches
    own-folder               unisnn's own package folder is on the import path
    torch, numpy             missing, too old, or not importable

Nothing is changed: :func:`diagnose` looks, and each :class:`Problem` carries the commands.
"""

from __future__ import annotations

import os
import re
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from unisnn.dropin.survey import LIBRARIES, Owner, Place, Survey, survey

__all__ = ["OLDEST_TORCH", "Problem", "diagnose", "diagnose_torch"]

OLDEST_TORCH = (2, 4)
"""The oldest torch that unisnn runs on."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with ``name``: the kind, what was found, and for each way out its command."""

    kind: str
    name: str
    found: str
    mend: dict[str, str] = field(default_factory=dict)


def diagnose(path: Sequence[str] | None = None) -> list[Problem]:
    """Return the problems of every import name that unisnn serves, and of ``unisnn`` itself.

    Args:
        path: the import path to look along; by default ``sys.path``.
    """
    return [
        problem
        for name in [*LIBRARIES, "unisnn"]
        for problem in _of_name(survey(name, path), name in LIBRARIES)
    ]


def diagnose_torch() -> list[Problem]:
    """Return what is wrong with torch and numpy, which are imported in a process of their own."""
    problems = []
    for name, wanted in (("torch", ".".join(map(str, OLDEST_TORCH))), ("numpy", None)):
        requirement = f"{name}>={wanted}" if wanted else name
        mend = {"install it": f"python -m pip install --upgrade '{requirement}'"}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", f"import {name}; print({name}.__version__)"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            last = next(iter(done.stderr.strip().splitlines()[-1:]), f"exit status {done.returncode}")
            problems.append(Problem(name, name, f"import {name} fails: {last}", mend))
        elif name == "torch" and _numbers(done.stdout) < OLDEST_TORCH:
            found = f"torch {done.stdout.strip()} is older than {wanted}"
            problems.append(Problem(name, name, found, mend))
    return problems


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _of_name(found: Survey, served: bool) -> Iterator[Problem]:
    several = {(owner.kind, owner.name) for owner in found.owners}
    if len(several) > 1:
        yield _two_owners(found)
    yield from _twice(found)
    for owner in found.owners:
        if not owner.complete or (owner.kind != "other" and not found.places):
            yield _gone(found.name, owner)
    if served:
        yield from _wrong_places(found)
        if len(several) < 2:
            yield from _shadowed(found)


def _two_owners(found: Survey) -> Problem:
    owned = ", ".join(f"{owner.name} {owner.version} ({owner.folder})" for owner in found.owners)
    reached = found.reached
    now = f"; `import {found.name}` reaches {reached.origin}" if reached else ""
    genuine = [owner for owner in found.owners if owner.kind == "genuine"]
    rest = [owner for owner in found.owners if owner.kind != "genuine"]
    mend = {}
    if genuine:
        again = f"python -m pip install --force-reinstall --no-deps {genuine[0].name}=={genuine[0].version}"
        here = _among_packages(genuine[0].folder)
        mend["keep the genuine library"] = " && ".join([*_away(rest), *([again] if here else [])])
    if genuine or any(owner.kind == "adapter" for owner in rest):
        mend["serve the name from unisnn"] = " && ".join(
            [*_away(found.owners), f"python -m pip install --no-deps {_adapter(found.name)}"]
        )
    else:
        mend["give up the name"] = " && ".join(_away(found.owners))
    return Problem("two-owners", found.name, f"several distributions own the name: {owned}{now}", mend)


def _twice(found: Survey) -> Iterator[Problem]:
    for name in sorted({owner.name for owner in found.owners}):
        alike = [owner for owner in found.owners if owner.name == name]
        if len(alike) > 1:
            listed = ", ".join(f"{owner.version} in {owner.folder}" for owner in alike)
            # pip uninstalls the one that it finds first, so once for each
            away = " && ".join([f"python -m pip uninstall --yes {name}"] * len(alike))
            again = f"python -m pip install --no-deps {_requirement(found.name, alike[0])}"
            yield Problem(
                "twice-installed",
                found.name,
                f"{name} is recorded {len(alike)} times: {listed}",
                {"install it once": f"{away}; {again}"},
            )


def _gone(name: str, owner: Owner) -> Problem:
    again = f"python -m pip install --force-reinstall --no-deps {_requirement(name, owner)}"
    return Problem(
        "metadata-without-module",
        name,
        f"{owner.name} {owner.version} is recorded in {owner.folder}, but its modules are not there",
        {"install it again": again, "forget it": f"python -m pip uninstall --yes {owner.name}"},
    )


def _wrong_places(found: Survey) -> Iterator[Problem]:
    for place in found.places:
        if place.kind == "house":
            entry = os.path.abspath(place.entry or os.curdir)
            yield Problem(
                "own-folder",
                found.name,
                f"{entry} is unisnn's own package folder and is on the import path: `import {found.name}` "
                f"makes a second copy of every module",
                {"take it off": f"unset PYTHONPATH or leave {entry}; import unisnn.{found.name}"},
            )
        elif place.kind == "empty" and place == found.reached:
            yield Problem(
                "empty-folder",
                found.name,
                f"`import {found.name}` reaches {place.origin}, a folder without __init__.py: it succeeds "
                f"and has nothing in it",
                {
                    "if it is a leftover": f"rm -r {place.origin}",
                    "if it is a checkout": f"python -m pip install --no-deps {place.origin}",
                },
            )
        elif place.kind == "genuine" and not found.owners and _among_packages(place.folder):
            origin = os.path.dirname(place.origin) if place.origin.endswith("__init__.py") else place.origin
            yield Problem(
                "module-without-metadata",
                found.name,
                f"{origin} lies among the installed packages, and no installed distribution owns it",
                {
                    "install it again": f"python -m pip install --force-reinstall --no-deps "
                    f"{LIBRARIES[found.name]}",
                    "remove it": f"rm -r {origin}",
                },
            )


def _shadowed(found: Survey) -> Iterator[Problem]:
    solid = [place for place in found.places if place.kind in ("genuine", "adapter")]
    for place in solid[1:]:
        first = solid[0]
        if first.kind == place.kind == "adapter":
            continue  # the same two lines
        refuses = first.kind == "adapter"
        yield Problem(
            "shadowed",
            found.name,
            f"the {_called(first)} in {first.folder} stands before the {_called(place)} in {place.folder}"
            + (", and an adapter refuses to load beside the genuine library" if refuses else ""),
            {f"keep the {_called(kept)}": _take_away(found, gone) for kept, gone in _ways(first, place)},
        )


def _ways(first: Place, second: Place) -> list[tuple[Place, Place]]:
    if first.kind == second.kind:
        return [(first, second)]
    return [(first, second), (second, first)]


def _take_away(found: Survey, place: Place) -> str:
    owner = found.owner_of(place)
    if owner is not None and os.path.realpath(owner.folder) == os.path.realpath(place.folder):
        return _away([owner])[0]
    return _off(place.folder)


def _away(owners: Sequence[Owner]) -> list[str]:
    """Return what removes the distributions: pip where it reaches them, else the import path."""
    names = " ".join(dict.fromkeys(owner.name for owner in owners if _among_packages(owner.folder)))
    folders = dict.fromkeys(owner.folder for owner in owners if not _among_packages(owner.folder))
    away = [f"python -m pip uninstall --yes {names}"] if names else []
    return [*away, *(_off(folder) for folder in folders)]


def _off(folder: str) -> str:
    return f"take {folder} off the import path (PYTHONPATH, or the folder that python is started in)"


def _called(place: Place) -> str:
    return "adapter" if place.kind == "adapter" else "genuine library"


def _among_packages(folder: str) -> bool:
    """Tell whether a folder is one that this Python's pip installs into."""
    known = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    known += [*site.getsitepackages(), site.getusersitepackages()]
    return os.path.realpath(folder) in {os.path.realpath(other) for other in known}


def _requirement(name: str, owner: Owner) -> str:
    return _adapter(name) if owner.kind == "adapter" else f"{owner.name}=={owner.version}"


def _adapter(name: str) -> str:
    return f"./adapters/{name}"
