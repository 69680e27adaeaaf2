"""The adapter packages: on the path, installed, and installed editable; and beside a genuine library."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import unisnn

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = sorted(
    folder.name for folder in (ROOT / "adapters").iterdir() if (folder / "pyproject.toml").exists()
)
SAME = "import {0}, unisnn.{0}, sys; assert {0} is unisnn.{0} is sys.modules['{0}']; print({0}.__name__)"


def run(*command: object, path: list[Path] | None = None, expect: int = 0) -> str:
    """Run a command with ``path`` as PYTHONPATH and return what it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"PYTHONPATH": os.pathsep.join(map(str, path or [])), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, env=environment, cwd="/"
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return (done.stdout + done.stderr).strip()


def test_every_served_library_has_an_adapter():
    from unisnn.dropin import LIBRARIES as served

    assert sorted(served) == LIBRARIES


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_adapter_is_metadata_and_two_lines(library):
    if sys.version_info >= (3, 11):
        import tomllib

        project = tomllib.loads((ROOT / "adapters" / library / "pyproject.toml").read_text())["project"]
        assert project["name"] == "unisnn-" + library.replace("_", "-")
        assert project["version"] == unisnn.__version__
    code = (ROOT / "adapters" / library / "__init__.py").read_text().splitlines()
    assert [line for line in code if line and not line.startswith('"""')] == [
        "from unisnn.dropin import claim",
        "claim(__name__)",
    ]


@pytest.mark.parametrize("library", LIBRARIES)
def test_on_the_path(library):
    printed = run(sys.executable, "-c", SAME.format(library), path=[ROOT / "adapters", ROOT])
    assert printed == f"unisnn.{library}"


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """A throwaway virtual environment that sees this one's packages; returns its Python."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
    (site / "outer.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    return python


@pytest.mark.parametrize(("library", "options"), [("spikingjelly", []), ("braincog", ["--editable"])])
def test_installed(environment, library, options):
    pip = [sys.executable, "-m", "pip", "--python", environment, "--disable-pip-version-check"]
    here = ROOT / "adapters" / library
    before = sorted(here.iterdir())
    run(*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", *options, here)
    try:
        assert run(environment, "-c", SAME.format(library)) == f"unisnn.{library}"
        others = [other for other in LIBRARIES if other != library]
        found = "import importlib.util as u; print([n for n in {} if u.find_spec(n)])"
        assert run(environment, "-c", found.format(others)) == "[]"
    finally:
        run(*pip, "uninstall", "--quiet", "--yes", f"unisnn-{library}")
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize("library", LIBRARIES)
def test_beside_a_genuine_library_it_refuses(tmp_path, library):
    (tmp_path / library).mkdir()
    (tmp_path / library / "__init__.py").write_text("GENUINE = True\n")
    first = run(sys.executable, "-c", f"import {library}", path=[ROOT / "adapters", ROOT, tmp_path], expect=1)
    assert f"the genuine {library} is installed beside unisnn" in first
    assert f"from unisnn import {library}" in first
    shadowed = run(
        sys.executable,
        "-c",
        f"import {library}; print({library}.GENUINE)",
        path=[tmp_path, ROOT / "adapters", ROOT],
    )
    assert shadowed == "True"
