"""``unisnn status`` and ``unisnn doctor``: what serves a name, what is wrong with it, and what mends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import unisnn
from unisnn import dropin
from unisnn.cli import status as status_verb
from unisnn.cli import unisnn as program
from unisnn.dropin import doctor
from unisnn.dropin.survey import survey

ROOT = Path(__file__).resolve().parents[1]
ADAPTERS = ROOT / "adapters"


def distribution(site: Path, name: str, version: str, *files: str, record: bool = True) -> Path:
    """Write an installed distribution: metadata, the record of its files, and the files."""
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if record:
        listed = [*files, f"{info.name}/METADATA", f"{info.name}/RECORD"]
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in listed))
    for file in files:
        module(site, file)
    return site


def module(site: Path, file: str, text: str = "GENUINE = True\n") -> Path:
    path = site / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return site


ADAPTER = (ADAPTERS / "spikingjelly" / "__init__.py").read_text()


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder that pip installs into, as far as the doctor can see."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setattr(doctor, "_among_packages", lambda other: Path(other).resolve() == folder.resolve())
    return folder


def kinds(*path: Path) -> list[tuple[str, str]]:
    found = doctor.diagnose([str(folder) for folder in path])
    assert all(problem.mend for problem in found)
    return [(problem.kind, problem.name) for problem in found]


def only(*path: Path) -> doctor.Problem:
    (found,) = doctor.diagnose([str(folder) for folder in path])
    return found


def test_a_genuine_library_alone_is_fine(site):
    distribution(site, "spikingjelly", "0.0.0.0.14", "spikingjelly/__init__.py")
    assert kinds(site) == []
    found = survey("spikingjelly", [str(site)])
    assert (found.reached.kind, found.owners[0].version) == ("genuine", "0.0.0.0.14")
    assert found.owner_of(found.reached) == found.owners[0]


@pytest.mark.parametrize("library", dropin.LIBRARIES)
def test_adapters_on_the_path_are_fine(library):
    assert kinds(ADAPTERS) == []
    found = survey(library, [str(ADAPTERS)])
    assert [place.kind for place in found.places] == ["adapter"]
    assert found.genuine() is None


def test_an_installed_adapter_is_fine(site):
    distribution(site, "unisnn-spikingjelly", "0.1.0", "spikingjelly/__init__.py")
    module(site, "spikingjelly/__init__.py", ADAPTER)
    assert kinds(site) == []
    assert kinds(site, ADAPTERS) == []  # the same two lines


@pytest.mark.parametrize("last", ["adapter", "genuine"])
def test_an_adapter_and_the_genuine_library_in_one_folder(site, last):
    distribution(
        site, "spikingjelly", "0.0.0.0.14", "spikingjelly/__init__.py", "spikingjelly/clock_driven.py"
    )
    distribution(site, "unisnn-spikingjelly", "0.1.0", "spikingjelly/__init__.py")
    if last == "adapter":
        module(site, "spikingjelly/__init__.py", ADAPTER)
    problem = only(site)
    assert problem.kind == "two-owners"
    assert "spikingjelly 0.0.0.0.14" in problem.found
    assert "unisnn-spikingjelly 0.1.0" in problem.found
    assert problem.mend["keep the genuine library"] == (
        "python -m pip uninstall --yes unisnn-spikingjelly && "
        "python -m pip install --force-reinstall --no-deps spikingjelly==0.0.0.0.14"
    )
    away, _, back = problem.mend["serve the name from unisnn"].partition(" && ")
    assert set(away.removeprefix("python -m pip uninstall --yes ").split()) == {
        "spikingjelly",
        "unisnn-spikingjelly",
    }
    assert back == "python -m pip install --no-deps ./adapters/spikingjelly"


def test_a_foreign_distribution_with_files_under_the_name(site):
    distribution(site, "snngrow", "0.1.1a1", "snngrow/__init__.py")
    distribution(site, "a-fork-of-it", "3", "snngrow/__init__.py", "snngrow/base.py")
    problem = only(site)
    assert (problem.kind, problem.name) == ("two-owners", "snngrow")
    assert "a-fork-of-it 3" in problem.found
    assert "pip uninstall --yes a-fork-of-it &&" in problem.mend["keep the genuine library"]


def test_two_records_of_one_distribution(site, tmp_path):
    distribution(site, "braincog", "0.2.7.19", "braincog/__init__.py")
    distribution(site, "braincog", "0.2.7.1", "braincog/__init__.py")
    problem = only(site)
    assert problem.kind == "twice-installed"
    assert "0.2.7.1 in" in problem.found
    assert problem.mend["install it once"].count("pip uninstall --yes braincog") == 2


@pytest.mark.parametrize("first", ["adapter", "genuine"])
def test_a_genuine_folder_and_an_adapter_on_the_path(tmp_path, first):
    genuine = module(tmp_path / "checkout", "spikingjelly/__init__.py")
    problem = only(*((ADAPTERS, genuine) if first == "adapter" else (genuine, ADAPTERS)))
    assert problem.kind == "shadowed"
    assert problem.mend["keep the adapter"].startswith(f"take {genuine} off the import path")
    assert problem.mend["keep the genuine library"].startswith(f"take {ADAPTERS} off the import path")
    assert ("refuses to load" in problem.found) == (first == "adapter")


def test_two_copies_of_the_genuine_library(site, tmp_path):
    distribution(site, "spikingjelly", "2.0.0", "spikingjelly/__init__.py")
    checkout = module(tmp_path / "checkout", "spikingjelly/__init__.py")
    assert "python -m pip uninstall --yes spikingjelly" in only(checkout, site).mend.values()


def test_partial_installs(site, tmp_path):
    distribution(site, "spikingjelly", "0.0.0.0.14", "spikingjelly/__init__.py")
    (site / "spikingjelly" / "__init__.py").unlink()
    (site / "spikingjelly").rmdir()
    problem = only(site)
    assert problem.kind == "metadata-without-module"
    assert "--force-reinstall --no-deps spikingjelly==0.0.0.0.14" in problem.mend["install it again"]
    module(site, "braincog/__init__.py")
    assert kinds(site) == [
        ("metadata-without-module", "spikingjelly"),
        ("module-without-metadata", "braincog"),
    ]
    assert (
        kinds(module(tmp_path / "checkout", "braincog/__init__.py")) == []
    )  # a folder on the path is no install


def test_metadata_that_lists_no_files_and_no_module(site):
    distribution(site, "snngrow", "0.1.1a1", record=False)
    assert kinds(site) == [("metadata-without-module", "snngrow")]


def test_an_editable_install_is_whole(site, tmp_path):
    distribution(site, "spikingjelly", "2.0.0", "_spikingjelly.pth")
    assert kinds(site, module(tmp_path / "checkout", "spikingjelly/__init__.py")) == []


def test_a_folder_that_is_imported_and_has_nothing_in_it(tmp_path):
    (tmp_path / "spikingjelly" / "examples").mkdir(parents=True)
    problem = only(tmp_path)
    assert problem.kind == "empty-folder"
    assert problem.mend["if it is a leftover"] == f"rm -r {tmp_path / 'spikingjelly'}"
    assert kinds(tmp_path, ADAPTERS) == []  # a package stands before it


def test_unisnns_own_folder_on_the_path():
    folder = Path(unisnn.__file__).parent
    found = kinds(folder)
    assert found == [("own-folder", library) for library in dropin.LIBRARIES]


def test_broken_metadata_is_passed_over(site):
    (site / "nameless-1.dist-info").mkdir()
    (site / "nameless-1.dist-info" / "METADATA").write_text("")
    assert kinds(site) == []


def test_torch_missing_old_and_broken(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    module(tmp_path, "numpy.py", "__version__ = '2.0'\n")
    module(tmp_path, "torch.py", "__version__ = '2.3.1+cpu'\n")
    (problem,) = doctor.diagnose_torch()
    assert problem.found == "torch 2.3.1+cpu is older than 2.4"
    assert problem.mend == {"install it": "python -m pip install --upgrade 'torch>=2.4'"}
    module(tmp_path, "torch.py", "__version__ = '2.10.0'\n")
    assert doctor.diagnose_torch() == []
    module(tmp_path, "torch.py", "raise OSError('libcudart.so: cannot open')\n")
    module(tmp_path, "numpy.py", "import sys; sys.exit(3)\n")
    assert [problem.found for problem in doctor.diagnose_torch()] == [
        "import torch fails: OSError: libcudart.so: cannot open",
        "import numpy fails: exit status 3",
    ]


def test_the_oldest_torch_is_the_one_that_the_package_asks_for():
    wanted = ".".join(map(str, doctor.OLDEST_TORCH))
    assert f'"torch>={wanted}"' in (ROOT / "pyproject.toml").read_text()


def unisnn_in(folder: Path, *arguments: str, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT])),
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "unisnn", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_doctor_where_all_is_well(tmp_path):
    done = unisnn_in(tmp_path, "doctor")
    assert (done.returncode, done.stdout) == (
        0,
        "no problems: every import name means one library, torch and numpy are there\n",
    )


def test_doctor_tells_what_to_do(tmp_path):
    module(tmp_path, "spikingjelly/__init__.py")  # in the folder that python is started in
    told = unisnn_in(tmp_path, "doctor", path=(ADAPTERS,))
    assert told.returncode == 1
    assert f"spikingjelly: the genuine library in {tmp_path} stands before the adapter" in told.stdout
    assert f"  to keep the adapter:\n    take {tmp_path} off the import path" in told.stdout
    data = json.loads(unisnn_in(tmp_path, "doctor", "--json", path=(ADAPTERS,)).stdout)
    assert data["ok"] is False
    assert [problem["kind"] for problem in data["problems"]] == ["shadowed"]


def status_of(folder: Path, *path: Path) -> dict[str, dict[str, object]]:
    done = unisnn_in(folder, "status", "--json", path=path)
    assert done.returncode == 0, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)["names"]}


def test_status_of_every_kind(tmp_path):
    genuine = distribution(tmp_path / "genuine", "snngrow", "0.1.1a1", "snngrow/__init__.py")
    (tmp_path / "adapters").mkdir()
    (tmp_path / "adapters" / "braincog").symlink_to(ADAPTERS / "braincog")
    (tmp_path / "here" / "qualia_plugin_snn").mkdir(parents=True)
    rows = status_of(tmp_path / "here", genuine, tmp_path / "adapters")
    assert {name: row["served_by"] for name, row in rows.items()} == {
        "spikingjelly": "nothing",
        "braincog": "adapter",
        "snngrow": "genuine",
        "qualia_plugin_snn": "empty",
    }
    row = rows["snngrow"]
    assert (row["distribution"], row["version"], row["folder"]) == ("snngrow", "0.1.1a1", str(genuine))
    assert rows["spikingjelly"]["editions"] == ["3756e2f8", "0.0.0.0.14", "0.0.0.0.12"]
    assert rows["qualia_plugin_snn"]["note"] == "see unisnn doctor"


def test_status_inside_the_door(tmp_path):
    done = unisnn_in(tmp_path, "run", "--as", "spikingjelly==0.0.0.0.12", "-m", "unisnn", "status")
    assert done.returncode == 0, done.stderr
    first, _, rest = done.stdout.partition("\nbraincog")
    assert "unisnn, by the drop-in door: unisnn" in first
    assert "0.0.0.0.12 (selected)" in first
    assert "nothing" in rest


def test_status_names_what_a_part_lacks(monkeypatch):
    listed = ["torch>=2.4", 'click>=8.1; extra == "cli"', 'absent-thing; extra == "cli"']
    listed += ['unisnn[cli]; extra == "dev"', 'other.absent>=1 ; extra == "dev"']
    monkeypatch.setattr(status_verb.importlib.metadata, "requires", lambda name: listed)
    assert status_verb.extras() == {"cli": ["absent-thing"], "dev": ["absent-thing", "other.absent"]}
    shown = CliRunner().invoke(program, ["status"]).output
    assert "unisnn[dev]: lacks absent-thing, other.absent" in shown
    assert "torch 2." in shown


def test_status_and_doctor_load_no_torch(tmp_path):
    code = "import sys; from unisnn.cli import doctor, status; status.status(); doctor.diagnose()"
    code += "; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_status_names_the_engine_and_what_is_not_there():
    program = [sys.executable, "-m", "unisnn", "status", "--json"]
    for asked in ("auto", "fused", "reference"):
        done = subprocess.run(
            program, env={**os.environ, "UNISNN_ENGINE": asked}, capture_output=True, text=True, check=True
        )
        engines = json.loads(done.stdout)["engines"]
        assert engines["asked"] == asked
        native = engines["engines"]["native"] is None
        assert engines["cpu"] == ("native" if native and asked == "auto" else asked.replace("auto", "fused"))
        assert engines["engines"]["reference"] is None
