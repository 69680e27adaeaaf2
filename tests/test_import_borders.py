"""Who may import whom: read from the syntax trees, and from ``sys.modules`` of fresh processes.

``core`` needs torch and numpy; a namespace needs ``core`` and itself; nothing imports an upstream library;
``import unisnn``, the drop-in door and ``unisnn --help`` need no torch.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "unisnn"
UPSTREAM = {"spikingjelly", "braincog", "snngrow", "qualia_plugin_snn", "qualia_core"}
NAMESPACES = {"spikingjelly", "braincog", "snngrow", "qualia_plugin_snn"}
TENSORS = {"torch", "numpy"}
OURS = {path.stem for path in PACKAGE.iterdir() if path.name != "__pycache__"}

THIRD_PARTY: dict[str, set[str]] = {
    "__init__": set(),
    "__main__": set(),
    "core": TENSORS,
    "dropin": set(),
    "convert": {*TENSORS, "safetensors"},
    "cli": {"click", "rich"},
    "matrix": {"jsonschema"},
    "parity": {
        *TENSORS,
        "PIL",
        "filelock",
        "jinja2",
        "markupsafe",
        "matplotlib",
        "packaging",
        "platformdirs",
        "rich",
        "safetensors",
    },
    **dict.fromkeys(NAMESPACES, TENSORS),
}
"""What each part may import from outside, lazily or not."""

PLUGINS = {
    PACKAGE / "dropin" / "pytest.py": {"pytest"},
    PACKAGE / "core" / "engines" / "triton_kernels.py": {"triton"},
}
"""Modules that another program loads, or that need it, and what of it they may import."""

INSIDE: dict[str, set[str]] = {
    "__main__": {"cli"},
    "core": {"core"},
    "dropin": {"core", "dropin"},
    "convert": {"convert", "core", *NAMESPACES},
    **{name: {name, "core"} for name in NAMESPACES},
    "qualia_plugin_snn": {"qualia_plugin_snn", "core", "spikingjelly"},  # ATIF is a SpikingJelly BaseNode
}
"""What each part may import of unisnn; parts that are not listed may import everything."""


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every imported module's absolute name; relative imports are resolved."""
    relative = path.relative_to(ROOT).with_suffix("")
    package = list(relative.parts if path.name == "__init__.py" else relative.parts[:-1])
    package = package[:-1] if path.name == "__init__.py" else package
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_stays_inside_its_borders(path):
    part = part_of(path)
    wrong = []
    for line, name in imports(path):
        top, _, rest = name.partition(".")
        if top == "unisnn":
            inner = rest.partition(".")[0]
            if inner in OURS and part in INSIDE and inner not in INSIDE[part]:
                wrong.append(f"line {line}: {name}: {part} may import {sorted(INSIDE[part])} of unisnn")
        elif top in UPSTREAM:
            wrong.append(f"line {line}: {name}: upstream runs in an oracle's process only")
        elif top not in sys.stdlib_module_names and top not in THIRD_PARTY[part] | PLUGINS.get(path, set()):
            wrong.append(f"line {line}: {name}: {part} may import {sorted(THIRD_PARTY[part])} from outside")
    assert not wrong, "\n".join(wrong)


def test_every_part_has_its_border():
    parts = {part_of(path) for path in modules()}
    assert parts <= set(THIRD_PARTY), f"say what {parts - set(THIRD_PARTY)} may import"


def test_adapters_import_the_drop_in_door_alone():
    for path in (ROOT / "adapters").glob("*/*.py"):
        assert [name for _, name in imports(path)] == ["unisnn.dropin.claim"], path


def test_the_checker_sees_what_it_must_see(tmp_path, monkeypatch):
    source = "import scipy.stats\nfrom .. import braincog\nfrom ..core import spec\n"
    source += "def f():\n    import spikingjelly\n"
    file = tmp_path / "unisnn" / "snngrow" / "bad.py"
    file.parent.mkdir(parents=True)
    file.write_text(source)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path / "unisnn")
    found = [name for _, name in imports(file)]
    assert found == ["scipy.stats", "unisnn.braincog", "unisnn.core.spec", "spikingjelly"]
    with pytest.raises(AssertionError, match=r"scipy(?s:.*)unisnn\.braincog(?s:.*)spikingjelly: upstream"):
        test_a_module_stays_inside_its_borders(file)


def loaded_by(code: str, before: str = "") -> set[str]:
    """Return the third-party and own modules that ``code`` loads in a fresh process, after ``before``."""
    program = f"""
import json, sys
{before}
known = set(sys.modules)
{code}
print(json.dumps(sorted(set(sys.modules) - known)))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names = json.loads(done.stdout.splitlines()[-1])
    return {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}


def outside(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names} - {"unisnn"}


@pytest.mark.parametrize(
    "code",
    ["import unisnn", "import unisnn.dropin", "import unisnn.dropin.doctor", "import unisnn.__main__"],
)
def test_the_face_and_the_door_load_no_third_party_code(code):
    assert outside(loaded_by(code)) == set()


def test_the_command_line_loads_no_torch():
    assert (
        outside(
            loaded_by(
                "import unisnn.cli.run, unisnn.cli.status, unisnn.cli.doctor", before="import click, rich"
            )
        )
        == set()
    )


WALK = """
import importlib, pkgutil, torch
random, threads, dtype = torch.get_rng_state(), torch.get_num_threads(), torch.get_default_dtype()
package = importlib.import_module({name!r})
for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(found.name)
assert torch.equal(random, torch.get_rng_state()), "importing it drew random numbers"
assert threads == torch.get_num_threads() and dtype == torch.get_default_dtype()
"""


@pytest.mark.parametrize("name", sorted({"core", *NAMESPACES}))
def test_a_namespace_needs_torch_and_numpy_alone_and_does_no_work(name):
    names = loaded_by(WALK.format(name=f"unisnn.{name}"), before="import numpy, torch")
    assert outside(names) == set()
    parts = {loaded.split(".")[1] for loaded in names if loaded.startswith("unisnn.")}
    assert parts <= INSIDE[name]
