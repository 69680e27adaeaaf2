"""What no file of the repository may contain, and how long a module may be."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 450
"""Lines. A module that needs more holds two ideas."""

FORBIDDEN = {
    "a folder of one machine": re.compile(r"(?<![\w.])/(?:work|root|home|Users|mnt)/\w"),
    "a temporary folder of one session": re.compile(r"/tmp/\w"),
    "a package index or its files": re.compile(
        r"\b(?:pypi|pythonhosted|files\.python|conda|anaconda|download\.pytorch|mirrors?)\.[a-z]{2,}"
    ),
    "a conflict marker": re.compile(r"^(?:<{7}|>{7}|={7})(?:\s|$)", re.MULTILINE),
}
HERE = Path(__file__).resolve()


def tracked() -> list[Path]:
    """The repository's files, or those of an unpacked source archive."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        hidden = {".venv", "build", "dist", "__pycache__"}
        paths = [path for path in ROOT.rglob("*") if not hidden & set(path.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file() and path.resolve() != HERE]


def text_of(path: Path) -> str | None:
    data = path.read_bytes()
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what):
    found = []
    for path in tracked():
        text = text_of(path)
        match = FORBIDDEN[what].search(text) if text is not None else None
        if text is not None and match is not None:
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}: {match.group()!r}")
    assert not found, "\n".join(found)


def test_modules_are_short():
    long = {
        str(path.relative_to(ROOT)): length
        for path in tracked()
        if path.suffix == ".py" and (length := path.read_text(encoding="utf-8").count("\n")) > LONGEST
    }
    assert not long, f"longer than {LONGEST} lines: {long}"


def test_no_large_file_is_tracked():
    large = {
        str(path.relative_to(ROOT)): path.stat().st_size
        for path in tracked()
        if path.stat().st_size > 8_000_000
    }
    assert not large, large


def test_the_checks_see_what_they_must_see():
    for what, text in {
        "a folder of one machine": "x = '/home/someone'",
        "a temporary folder of one session": "cd /tmp/x",
        "a package index or its files": "see https://pypi.org/simple",
        "a conflict marker": "<<<<<<< HEAD",
    }.items():
        assert FORBIDDEN[what].search(text), what
    assert not FORBIDDEN["a folder of one machine"].search("benchmarks/work/x and ./root/y")
