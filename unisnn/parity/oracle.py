"""Oracles: genuine upstream libraries in a cache folder, and the subprocess they run in.

The folder is ``$UNISNN_CACHE/oracles/EDITION`` (default: the user's cache folder). An oracle is
installed once, without its dependencies, into a temporary folder that is then renamed, under a file
lock, so that any number of processes may ask for it at the same time. Nothing upstream is ever imported
into the calling process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from unisnn.parity.editions import EDITIONS, Edition, edition

__all__ = ["OracleError", "cache_folder", "environment", "folder", "install", "installed", "search_path"]

_Say = Callable[[str], None]


class OracleError(RuntimeError):
    """An oracle cannot be had: no network, no such release, or an interpreter that it does not support."""


def cache_folder() -> Path:
    """Return ``$UNISNN_CACHE`` or the user's cache folder for unisnn."""
    chosen = os.environ.get("UNISNN_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("unisnn"))


def folder(name: str) -> Path:
    """Return the folder that holds (or will hold) the oracle of edition ``name``."""
    return cache_folder() / "oracles" / edition(name).name


def installed(name: str) -> bool:
    """Tell whether the oracle of edition ``name`` is in the cache, with the oracles it needs."""
    entry = edition(name)
    return folder(name).is_dir() and all(folder(other).is_dir() for other in entry.oracles)


def install(name: str, say: _Say | None = None) -> Path:
    """Make sure that the oracle of edition ``name`` is in the cache, and return its folder.

    Raises:
        OracleError: the edition is recorded only, the interpreter is too old for it, or pip failed; the
        message
            says what to do.
    """
    entry = edition(name)
    if entry.requirement is None:
        raise OracleError(f"{name} is served by no index; it is compared with recorded goldens")
    if sys.version_info[:2] < entry.python:
        wanted = ".".join(map(str, entry.python))
        raise OracleError(f"{name} needs Python {wanted} or newer; this is {sys.version.split()[0]}")
    for other in entry.oracles:
        install(other, say)
    target = folder(name)
    if target.is_dir():
        return target
    from filelock import FileLock

    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(target.parent / f".{entry.short}.lock")):
        if not target.is_dir():
            if say is not None:
                say(f"installing {entry.requirement} into {target}")
            _install_into(entry, target)
    return target


def _install_into(entry: Edition, target: Path) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f".{entry.short}-", dir=target.parent))
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-deps", "--ignore-requires-python", "--no-compile", "--target", str(fresh)),
        *(str(entry.requirement), *entry.beside),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            told = done.stderr.strip()[-2000:]
            raise OracleError(
                f"pip could not install {entry.requirement} (exit status {done.returncode}). A network or "
                f"a local index is needed once per edition; afterwards the copy in {target.parent} is used, "
                f"and UNISNN_CACHE can name another folder that already has it.\n{told}"
            )
        fresh.chmod(0o755)
        os.rename(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def search_path(name: str) -> list[str]:
    """Return the folders that a process must put first on ``sys.path`` to import the genuine library."""
    return [str(folder(other)) for other in (name, *edition(name).oracles)]


def environment(name: str, genuine: bool) -> dict[str, str]:
    """Return a worker's environment: one thread, unisnn importable, upstream only if ``genuine``."""
    entry = EDITIONS[name]
    source = str(Path(__file__).resolve().parents[2])
    paths = [*(search_path(name) if genuine else []), source]
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONSTARTUP"}
    paths += [path for path in (inherited.pop("PYTHONPATH", ""),) if path]
    fixed = {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "CUDA_VISIBLE_DEVICES": "",
    }
    return {**inherited, **fixed, **entry.environment}
