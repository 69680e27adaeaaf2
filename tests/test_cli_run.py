"""``unisnn run``: what a program sees is what python would show it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile

import pytest
from click.testing import CliRunner

import unisnn
from unisnn import dropin
from unisnn.cli import VERBS
from unisnn.cli import unisnn as program

SEES = """
import pickle, sys
class Thing: pass
assert isinstance(pickle.loads(pickle.dumps(Thing())), Thing)
print(__name__, sys.argv, sys.path[0], globals().get("__file__"))
print(sys.modules["__main__"].Thing is Thing, __spec__ is None)
"""


def launch(*arguments, cwd, python=False):
    command = [sys.executable] if python else [sys.executable, "-m", "unisnn", "run", "--as", "spikingjelly"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=cwd, env=environment())


def environment():
    root = os.path.dirname(os.path.dirname(unisnn.__file__))
    return {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": ""}


def both(*arguments, cwd):
    """Run the same program by python and by ``unisnn run``; stdout and status must agree. Returns both."""
    theirs, ours = launch(*arguments, cwd=cwd, python=True), launch(*arguments, cwd=cwd)
    assert (ours.returncode, ours.stdout) == (theirs.returncode, theirs.stdout), ours.stderr
    return theirs, ours


def test_a_script_sees_what_python_shows_it(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "script.py").write_text(SEES)
    theirs, _ = both("folder/script.py", "--lr", "3", "-m", "-c", "--as", "x", "--", "-h", cwd=tmp_path)
    assert "['folder/script.py', '--lr', '3', '-m', '-c', '--as', 'x', '--', '-h']" in theirs.stdout


def test_code_and_modules_see_what_python_shows_them(tmp_path):
    (tmp_path / "tool.py").write_text(SEES)
    both("-c", SEES, "-m", "--as", cwd=tmp_path)
    both("-m", "tool", "-c", "4", cwd=tmp_path)


def test_a_folder_and_an_archive_with_a_main_run(tmp_path):
    (tmp_path / "application").mkdir()
    (tmp_path / "application" / "__main__.py").write_text(
        "import sys, helper\nprint(sys.path[0], helper.NAME)\n"
    )
    (tmp_path / "application" / "helper.py").write_text("NAME = 'helper'\n")
    with zipfile.ZipFile(tmp_path / "application.zip", "w") as archive:
        for name in ("__main__.py", "helper.py"):
            archive.write(tmp_path / "application" / name, name)
    both(str(tmp_path / "application"), cwd=tmp_path)
    both(str(tmp_path / "application.zip"), cwd=tmp_path)


@pytest.mark.parametrize(
    "ending", ["sys.exit(7)", "sys.exit('gone wrong')", "sys.exit()", "raise EOFError('end')"]
)
def test_the_exit_status_is_the_programs(tmp_path, ending):
    (tmp_path / "script.py").write_text(f"import sys\nprint('before')\n{ending}\n")
    theirs, ours = both("script.py", cwd=tmp_path)
    assert ours.stderr == theirs.stderr


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    raise KeyError('a')\ntry:\n    f()\nexcept KeyError:\n    1 / 0\n",
        "def f(:\n",
        "x = '\n",
    ],
)
def test_tracebacks_are_pythons(tmp_path, text):
    (tmp_path / "script.py").write_text(text)
    theirs, ours = both("script.py", cwd=tmp_path)
    assert ours.stderr == theirs.stderr
    assert "unisnn" not in ours.stderr


def test_what_cannot_be_found(tmp_path):
    theirs, ours = both("missing.py", cwd=tmp_path)
    assert theirs.returncode == ours.returncode == 2
    assert "can't open file" in ours.stderr
    theirs, ours = both("-m", "missing_module", cwd=tmp_path)
    assert theirs.returncode == ours.returncode == 1
    assert ours.stderr == theirs.stderr


def test_the_program_imports_unisnn_by_the_upstream_name(tmp_path):
    (tmp_path / "script.py").write_text(
        "from spikingjelly.activation_based import surrogate\n"
        "import torch, sys\n"
        "x = torch.zeros(1, requires_grad=True)\n"
        "surrogate.PiecewiseLeakyReLU(w=4.0)(x).backward()\n"
        "print(x.grad.item(), sys.modules['spikingjelly'].__name__)\n"
    )
    command = [sys.executable, "-m", "unisnn", "run", "--as", "spikingjelly==0.0.0.0.14", "script.py"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment())
    assert (done.returncode, done.stdout) == (0, "0.25 unisnn.spikingjelly\n"), done.stderr


USES = (
    "import spikingjelly.activation_based.neuron as n, pickle, importlib\n"
    "from spikingjelly.clock_driven.functional import *\n"
    "node = pickle.loads(pickle.dumps(n.LIFNode(tau=3.0)))\n"
    "reset_net(node)\n"
    "same = importlib.import_module('unisnn.spikingjelly.activation_based.neuron') is n\n"
    "print(node.tau, same, type(node).__module__.startswith('unisnn.'))\n"
)


def test_a_module_of_a_project_and_code_import_by_the_upstream_name(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "net.py").write_text(USES)
    (tmp_path / "package" / "train.py").write_text("from . import net\nfrom .net import n, node\n")
    for arguments in (["-m", "package.train"], ["-c", USES]):
        done = launch(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "3.0 True True\n"), done.stderr


def test_a_missing_module_is_told_by_the_name_that_was_asked_for(tmp_path):
    done = launch("-c", "import spikingjelly.no_such_part", cwd=tmp_path)
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'spikingjelly.no_such_part'" in done.stderr


def test_several_libraries_at_once(tmp_path):
    code = "from unisnn import dropin; print(sorted(dropin.active().items()))"
    command = ["--as", "snngrow==0.1.1a1", "--as=qualia-plugin-snn", "-c", code]
    done = subprocess.run(
        [sys.executable, "-m", "unisnn", "run", *command], capture_output=True, text=True, env=environment()
    )
    assert done.stdout == "[('qualia_plugin_snn', '2.6.0'), ('snngrow', '0.1.1a1')]\n", done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["script.py"], "Missing option '--as'"),
        (["--as", "norse", "x.py"], "unisnn does not reproduce 'norse'. It knows:\n  spikingjelly==3756e2f8"),
        (["--as", "spikingjelly==9", "x.py"], "does not reproduce 'spikingjelly==9'"),
        (["--as", "spikingjelly==", "x.py"], "has no version after =="),
        (["--as", "spikingjelly"], "name a script, -m MODULE or -c CODE"),
        (["--as", "spikingjelly", "-m"], "argument expected for the -m option"),
        (["--as", "spikingjelly", "--fast", "x.py"], "No such option"),
    ],
)
def test_wrong_usage_says_what_is_right(arguments, message):
    result = CliRunner().invoke(program, ["run", *arguments])
    dropin.uninstall("spikingjelly")
    assert result.exit_code == 2
    assert message in result.output


def test_beside_a_genuine_library_it_refuses(monkeypatch, tmp_path):
    (tmp_path / "braincog.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    result = CliRunner().invoke(program, ["run", "--as", "braincog", "-c", "pass"])
    assert result.exit_code == 1
    assert "the genuine braincog is installed beside unisnn" in result.output


def test_version_and_help_need_no_torch():
    for option in ("--version", "--help", "-h"):
        code = f"import sys; sys.argv[1:] = [{option!r}]\nfrom unisnn.__main__ import main\n"
        code += "try:\n    main()\nfinally:\n    assert 'torch' not in sys.modules"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
        assert done.returncode == 0, done.stderr
        assert unisnn.__version__ in done.stdout or all(verb in done.stdout for verb in VERBS)


def test_without_click_the_extra_is_named():
    code = "import sys; sys.modules['click'] = None\nfrom unisnn.__main__ import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert done.returncode == 1
    assert "needs click, which is not installed: pip install 'unisnn[cli]'" in done.stderr
