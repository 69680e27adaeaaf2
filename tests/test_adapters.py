"""The adapter packages: on the path, installed, and installed editable; and beside a genuine library."""

from __future__ import annotations

import json
import os
import re
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


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_readme_says_when_and_the_example_holds(library):
    text = (ROOT / "adapters" / library / "README.md").read_text(encoding="utf-8")
    for words in ("## When to use it", "## When not", "unisnn doctor", f"--dropin {library}==", "--no-deps"):
        assert words in text
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    run(sys.executable, "-c", example, path=[ROOT / "adapters", ROOT])
    for call in re.findall(r"`(unisnn\.dropin\.install\(.*?\))`", text):
        code = f"import unisnn.dropin; {call}; import {library}; print(unisnn.dropin.active())"
        (edition,) = re.findall(r', "(.*)"\)', call)
        printed = run(sys.executable, "-c", code, path=[ROOT / "adapters", ROOT])
        assert printed == str({library: edition})


def test_processes_that_are_started_anew_see_the_name(tmp_path):
    (tmp_path / "program.py").write_text(
        "import multiprocessing\n"
        "from spikingjelly.activation_based.neuron import IFNode\n"
        "def child(node):\n"
        "    import spikingjelly\n"
        "    print(spikingjelly.__name__, type(node) is IFNode, flush=True)\n"
        "if __name__ == '__main__':\n"
        "    process = multiprocessing.get_context('spawn').Process(target=child, args=(IFNode(),))\n"
        "    process.start(), process.join()\n"
    )
    assert run(sys.executable, tmp_path / "program.py", path=[ROOT / "adapters", ROOT]) == (
        "unisnn.spikingjelly True"
    )


def pip_install(environment: Path, library: str, *options: str) -> list[object]:
    """Install an adapter without a network; return the start of a pip command for the same environment."""
    pip = [sys.executable, "-m", "pip", "--python", environment, "--disable-pip-version-check"]
    here = ROOT / "adapters" / library
    run(*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", *options, here)
    return pip


@pytest.mark.parametrize(
    ("library", "options"),
    [
        ("spikingjelly", []),
        ("qualia_plugin_snn", []),
        ("braincog", ["--editable"]),
        ("snngrow", ["--editable"]),
    ],
)
def test_installed(environment, library, options):
    here = ROOT / "adapters" / library
    before = sorted(here.iterdir())
    pip = pip_install(environment, library, *options)
    try:
        shown = json.loads(run(environment, "-m", "unisnn", "status", "--json"))["names"]
        (row,) = [row for row in shown if row["served_by"] != "nothing"]
        assert (row["name"], row["served_by"]) == (library, "adapter")
        assert row["distribution"] == "unisnn-" + library.replace("_", "-")
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


def genuine_in(environment: Path) -> Path:
    """Put a stand-in for the genuine library where pip would, with a record that pip can uninstall."""
    site = Path(run(environment, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
    info = site / "spikingjelly-0.0.0.0.14.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: spikingjelly\nVersion: 0.0.0.0.14\n")
    (info / "INSTALLER").write_text("pip\n")
    (site / "spikingjelly").mkdir(exist_ok=True)
    (site / "spikingjelly" / "__init__.py").write_text("GENUINE = True\n")
    files = [
        "spikingjelly/__init__.py",
        *(f"{info.name}/{name}" for name in ("METADATA", "INSTALLER", "RECORD")),
    ]
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return site


def test_installed_beside_the_genuine_library_and_mended(environment):
    site = genuine_in(environment)
    pip = pip_install(environment, "spikingjelly")  # its file takes the place of the genuine one
    try:
        refused = run(environment, "-c", "import spikingjelly", expect=1)
        assert (
            f"the genuine spikingjelly is installed beside unisnn (spikingjelly 0.0.0.0.14 in {site}"
            in refused
        )
        found = json.loads(run(environment, "-m", "unisnn", "doctor", "--json", expect=1))["problems"]
        assert [(problem["kind"], problem["name"]) for problem in found] == [("two-owners", "spikingjelly")]
        for command in found[0]["mend"]["serve the name from unisnn"].split(" && "):
            words = command.removeprefix("python -m pip ").replace("./", f"{ROOT}/").split()
            run(*pip, *words, *(["--no-build-isolation"] if words[0] == "install" else []))
        assert run(environment, "-m", "unisnn", "doctor").startswith("no problems")
        assert run(environment, "-c", SAME.format("spikingjelly")) == "unisnn.spikingjelly"
    finally:
        run(*pip, "uninstall", "--quiet", "--yes", "spikingjelly", "unisnn-spikingjelly")
    assert not (site / "spikingjelly").exists()
