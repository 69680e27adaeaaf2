"""The build hook: compiles the native engine into the package where there is a C compiler.

Without one, or where the compiler fails, the build goes on without it and says so; unisnn then runs on torch
alone, with the same numbers. The environment variable ``UNISNN_BUILD_NATIVE`` is ``auto`` (default),
``never``, or ``always``: then a build that cannot compile fails. ``CC`` names the compiler. A wheel that
holds the library is tagged for this platform, and for any Python 3: the library knows nothing of Python.

``python hatch_build.py`` compiles in place, for a checkout.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

SOURCES = Path("unisnn/core/engines/csrc")
LIBRARY = SOURCES / "libunisnn.so"
SWITCH = "UNISNN_BUILD_NATIVE"

EXACT = ("-ffp-contract=off", "-fno-fast-math", "-fno-math-errno", "-fno-trapping-math")
"""No operation may round other than on its own. The last two change no number; they let loops be vectors."""
FLAGS = ("-std=c11", "-O2", "-ftree-vectorize", "-fvect-cost-model=dynamic", *EXACT, "-shared", "-fPIC")


class CannotCompile(Exception):
    """Says why there is no library."""


def compilers() -> list[list[str]]:
    """Return the commands that may be a C compiler: ``CC`` alone where it is set."""
    if os.environ.get("CC"):
        return [shlex.split(os.environ["CC"])]
    return [[name] for name in ("cc", "gcc", "clang")]


def compile_library(root: Path) -> Path:
    """Compile ``csrc/kernels.c`` below ``root`` and return the library.

    Raises:
        CannotCompile: with the reason.
    """
    library = root / LIBRARY
    library.unlink(missing_ok=True)
    command = next((words for words in compilers() if shutil.which(words[0])), None)
    if command is None:
        names = ", ".join(words[0] for words in compilers())
        raise CannotCompile(f"no C compiler: {names} not found on PATH")
    fresh = library.with_name(f"{library.name}.{os.getpid()}")
    source = root / SOURCES / "kernels.c"
    try:
        call = [*command, *FLAGS, str(source), "-o", str(fresh), "-lm"]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotCompile(f"{shlex.join(command)} fails:\n{(done.stderr or done.stdout).strip()}")
        fresh.replace(library)
    except OSError as error:
        raise CannotCompile(f"{shlex.join(command)} cannot be run: {error}") from error
    finally:
        fresh.unlink(missing_ok=True)
    return library


def try_to_compile(root: Path) -> Path | None:
    """Compile as ``UNISNN_BUILD_NATIVE`` says; return the library, or ``None`` with a notice on stderr."""
    switch = os.environ.get(SWITCH) or "auto"
    if switch not in ("auto", "always", "never"):
        raise SystemExit(f"{SWITCH}={switch!r} is not accepted; expected one of auto, always, never")
    try:
        if switch == "never":
            (root / LIBRARY).unlink(missing_ok=True)
            raise CannotCompile(f"{SWITCH}=never")
        return compile_library(root)
    except CannotCompile as reason:
        if switch == "always":
            raise SystemExit(f"unisnn: the native engine is not built. {reason}") from reason
        print(f"unisnn: built without the native engine (slower, same numbers). {reason}", file=sys.stderr)
        return None


def platform_tag() -> str:
    """Return the wheel tag of a library that is compiled here and needs no Python of a certain version."""
    platform = sysconfig.get_platform()
    if platform.startswith("macosx"):
        from packaging import tags

        platform = next(tags.platform_tags())
    return f"py3-none-{platform.replace('-', '_').replace('.', '_')}"


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # compiling in place needs no hatchling
    BuildHookInterface = object  # type: ignore[assignment,misc]


class NativeEngine(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles before a wheel is put together, an editable one too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and tag the wheel for this platform where that gives a library."""
        if try_to_compile(Path(self.root)) is not None:
            build_data["pure_python"] = False
            build_data["tag"] = platform_tag()


if __name__ == "__main__":
    made = try_to_compile(Path(__file__).resolve().parent)
    print(f"unisnn: {made}" if made else "unisnn: nothing was made")
