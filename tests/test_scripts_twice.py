"""Training scripts as papers write them, run twice from one seed: on the genuine wheel and on unisnn.

Each script of ``examples/scripts`` is ordinary SpikingJelly code that knows nothing of unisnn. It takes 20
optimiser steps and writes its losses and final weights, which must agree bit for bit.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from unisnn.parity import oracle

EDITION, OLDER = "spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12"
FOLDER = Path(__file__).resolve().parents[1] / "examples" / "scripts"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "common")
STEPS = 20

GENUINE = """
import os, runpy, sys
from unisnn.parity import stubs
from unisnn.parity.editions import edition
entry = edition(sys.argv[1])
stubs.install(entry.stubs, entry.bare_packages)
del sys.argv[:2]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
print(sys.modules["spikingjelly"].__path__[0])
"""

Arrays = dict[str, np.ndarray]


def start(
    script: str, out: Path, genuine: bool, *options: str, edition: str = EDITION
) -> subprocess.Popen[str]:
    """Start a script on one side; cupy is missing in the genuine wheel's environment, and asked of unisnn."""
    arguments = [str(FOLDER / f"{script}.py"), "--out", str(out), "--steps", str(STEPS), *options]
    launcher = ["-c", GENUINE, edition] if genuine else ["-m", "unisnn", "run", "--as", edition]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *launcher, *arguments, "--backend", "torch" if genuine else "cupy"],
        env=oracle.environment(edition, genuine),
        cwd=out.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], out: Path) -> tuple[Arrays, str]:
    """Wait for a script; return what it saved and what it printed."""
    printed, complaints = process.communicate(timeout=300)
    assert process.returncode == 0, complaints[-3000:]
    with np.load(out) as saved:
        return {name: saved[name] for name in saved.files}, printed


@functools.cache
def both(script: str, edition: str = EDITION) -> tuple[Arrays, Arrays]:
    """Run a script on both sides at the same time; return ``(genuine, ours)``."""
    oracle.install(edition)
    with tempfile.TemporaryDirectory() as folder:
        genuine, ours = Path(folder, "genuine.npz"), Path(folder, "ours.npz")
        first = start(script, genuine, True, edition=edition)
        second = start(script, ours, False, edition=edition)
        upstream, printed = finish(first, genuine)
        assert Path(printed.strip().splitlines()[-1]).is_relative_to(oracle.folder(edition))
        return upstream, finish(second, ours)[0]


def first_difference(genuine: Arrays, ours: Arrays) -> str | None:
    """Name the first entry whose bits differ, ``None`` where none does."""
    if list(genuine) != list(ours):
        return f"names: {sorted(set(genuine) ^ set(ours)) or 'in another order'}"
    for name, expected in genuine.items():
        found = ours[name]
        if (expected.dtype, expected.shape) != (found.dtype, found.shape):
            return f"{name}: {expected.dtype}{expected.shape} and {found.dtype}{found.shape}"
        if expected.tobytes() != found.tobytes():
            differ = np.flatnonzero(~((expected == found) & (np.signbit(expected) == np.signbit(found))))
            index = np.unravel_index(differ[0], expected.shape)
            return f"{name}{list(map(int, index))}: {expected[index]!r} and {found[index]!r}"
    return None


def test_there_are_scripts_and_they_are_upstream_code() -> None:
    assert len(SCRIPTS) >= 6
    for script in SCRIPTS:
        text = (FOLDER / f"{script}.py").read_text(encoding="utf-8")
        assert "from spikingjelly." in text
        assert "unisnn" not in text
    assert "unisnn" not in (FOLDER / "common.py").read_text(encoding="utf-8")


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("script", "edition"), [*((script, EDITION) for script in SCRIPTS), ("sew_resnet", OLDER)]
)
def test_losses_and_weights_agree_bit_for_bit(script: str, edition: str) -> None:
    genuine, ours = both(script, edition)
    assert first_difference(genuine, ours) is None
    assert genuine["losses"].shape == (STEPS,)
    assert np.isfinite(genuine["losses"]).all()
    assert len(set(genuine["losses"].tolist())) > STEPS // 2
    assert sum(name.startswith("weight/") for name in genuine) >= 4


@pytest.mark.oracle
@pytest.mark.parametrize("options", [("--tau", "2.001"), ("--seed", "2024")], ids=["tau", "seed"])
def test_another_tau_or_seed_is_noticed(options: tuple[str, str], tmp_path: Path) -> None:
    genuine, ours = both("plif_net")
    assert first_difference(genuine, ours) is None
    out = tmp_path / "other.npz"
    other, _ = finish(start("plif_net", out, False, *options), out)
    assert first_difference(genuine, other) is not None


def test_the_comparison_sees_one_bit_and_a_sign_of_zero() -> None:
    values = {"losses": np.array([0.0, 1.0, np.nan])}
    assert first_difference(values, {"losses": values["losses"].copy()}) is None
    flipped = {"losses": np.array([0.0, np.nextafter(1.0, 2.0), np.nan])}
    assert "losses[1]" in (first_difference(values, flipped) or "")
    assert "losses[0]" in (first_difference(values, {"losses": np.array([-0.0, 1.0, np.nan])}) or "")
    assert "float32" in (first_difference(values, {"losses": values["losses"].astype("float32")}) or "")
    assert "names" in (first_difference(values, {"loss": values["losses"]}) or "")
