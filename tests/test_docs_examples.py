"""Every example of the README and the docs runs, and every command that they show exists.

The Python blocks of a page run in order in one process, as a reader would type them. A comment before one,
``<!-- example: as LIBRARY==VERSION -->``, runs it alone under ``unisnn run --as LIBRARY==VERSION``.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from unisnn.cli import VERBS
from unisnn.cli import unisnn as program

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?:<!-- example: as (?P<served>\S+) -->\n)?^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.M | re.S
)
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)")


def blocks(page: Path, language: str) -> list[re.Match[str]]:
    return [
        found for found in BLOCK.finditer(page.read_text(encoding="utf-8")) if found["language"] == language
    ]


def run(folder: Path, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def python_pages() -> list[Path]:
    return [page for page in PAGES if blocks(page, "python")]


@pytest.mark.oracle
@pytest.mark.parametrize("page", python_pages(), ids=lambda page: page.name)
def test_the_examples_run(page, tmp_path):
    plain = []
    for number, block in enumerate(blocks(page, "python")):
        if block["served"]:
            script = tmp_path / f"served_{number}.py"
            script.write_text(block["code"])
            run(tmp_path, "-m", "unisnn", "run", "--as", block["served"], script.name)
        else:
            plain.append(block["code"])
    if plain:
        (tmp_path / "page.py").write_text("\n".join(plain))
        run(tmp_path, "page.py")


def commands() -> list[tuple[str, str]]:
    lines = []
    for page in PAGES:
        for block in blocks(page, "sh"):
            lines += [(page.name, line) for line in block["code"].splitlines() if line.strip()]
    return lines


@pytest.mark.parametrize(("page", "line"), commands(), ids=lambda value: value)
def test_the_commands_exist(page, line):
    words = [word for word in shlex.split(line, comments=True) if not re.match(r"[A-Z]+=", word)]
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.M), words[1]
    elif words[0] == "pip":
        assert (ROOT / words[-1] / "pyproject.toml").exists()
    elif words[0] == "unisnn":
        assert words[1] in VERBS
        shown = CliRunner().invoke(program, [words[1], "--help"]).output
        own = words[2 : 4 if words[1] == "run" else None]
        for option in [word for word in own if word.startswith("--")]:
            assert re.search(rf"{option}\b", shown), f"unisnn {words[1]} has no {option}"
    else:
        assert words[0] == "python", line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_first_screen_names_the_doors_and_the_commands():
    first = (ROOT / "README.md").read_text(encoding="utf-8").split("## What is proven")[0]
    for words in ("make demo", "make test", "Side by side", "Drop-in", "Move", "For you"):
        assert words in first
    assert len(first.splitlines()) <= 62
