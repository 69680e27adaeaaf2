"""The pytest plugin: a project's own test-suite on unisnn, in one process and in xdist's workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ["-p", "unisnn.dropin.pytest"]
CONFTEST = "from spikingjelly.activation_based import neuron\nimport snngrow\nNODE = neuron.LIFNode\n"
TEST = """
import conftest, torch, unisnn.snngrow, unisnn.spikingjelly, pytest
from spikingjelly.activation_based import surrogate
from unisnn import dropin

def test_the_names_are_unisnns():
    assert conftest.NODE is unisnn.spikingjelly.activation_based.neuron.LIFNode
    assert conftest.snngrow is unisnn.snngrow
    assert dropin.active() == {"spikingjelly": "0.0.0.0.14", "snngrow": "git"}

@pytest.mark.parametrize("w", [1.0, 2.0, 4.0])
def test_the_edition_decides(w):
    x = torch.zeros(1, requires_grad=True)
    surrogate.PiecewiseLeakyReLU(w=w)(x).backward()
    assert x.grad.item() == 1 / w
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_project.py").write_text(TEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run(folder: Path, *arguments: str, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT])),
        "OMP_NUM_THREADS": "1",
    }
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


SERVED = [*PLUGIN, "--dropin", "spikingjelly==0.0.0.0.14", "--dropin=snngrow"]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
def test_a_projects_tests_run_on_unisnn(project, workers):
    done = run(project, *SERVED, *workers)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
    line = "unisnn: import spikingjelly is unisnn.spikingjelly, with the numbers of spikingjelly==0.0.0.0.14"
    assert done.stdout.count(line) == 1
    assert "unisnn: import snngrow is unisnn.snngrow, with the numbers of snngrow==git" in done.stdout
    without = run(project, *PLUGIN, *workers)
    assert without.returncode != 0
    assert "No module named 'spikingjelly'" in without.stdout + without.stderr


def test_the_options_may_stand_in_the_projects_configuration(project):
    (project / "pytest.ini").write_text(f"[pytest]\naddopts = {' '.join(SERVED)}\n")
    assert "4 passed" in run(project, "-q").stdout


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("norse", "--dropin norse: dropin: library='norse' is not known; expected one of spikingjelly"),
        ("spikingjelly==9", "version='9' of spikingjelly is not reproduced"),
        ("spikingjelly==", "no version after =="),
    ],
)
def test_wrong_usage_is_a_usage_error(project, wanted, message):
    done = run(project, *PLUGIN, "--dropin", wanted)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert message in done.stderr


def test_beside_a_genuine_library_it_refuses(project, tmp_path_factory):
    genuine = tmp_path_factory.mktemp("genuine")
    (genuine / "snngrow.py").write_text("")
    done = run(project, *SERVED, path=(genuine,))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "the genuine snngrow is installed beside unisnn" in done.stderr


def test_what_was_served_before_stays_and_the_rest_goes(project):
    program = f"""
import os, pytest, sys
from unisnn import dropin
dropin.install("snngrow")
assert pytest.main({["-q", "-p", "no:cacheprovider", *SERVED]!r}) == 0
print(dropin.active(), os.environ.get("PYTEST_PLUGINS"), "spikingjelly" in sys.modules)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "{'snngrow': 'git'} None False", done.stdout + done.stderr


def test_the_header_is_silent_without_names(tmp_path):
    (tmp_path / "test_nothing.py").write_text("def test(): pass\n")
    done = run(tmp_path, *PLUGIN)
    assert "unisnn:" not in done.stdout
    assert "--dropin=LIBRARY[==VERSION]" in run(tmp_path, *PLUGIN, "--help").stdout
