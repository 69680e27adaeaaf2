"""The drop-in door: one module, two names, nothing copied.

The mechanics are tested on a stand-in library placed inside ``unisnn`` (no torch, no upstream); the four
real namespaces are imported by their upstream names in subprocesses.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
import pkgutil
import runpy
import subprocess
import sys
import textwrap

import pytest

import unisnn
from unisnn import dropin
from unisnn.core import edition

FILES = {
    "__init__.py": "from unisnn.core import edition\nSEEN = edition.current('standin')\n",
    "base/__init__.py": "from .Node import Node\n",
    "base/Node.py": "class Node:\n    pass\n",
    "late.py": "VALUE = 1\n",
    "broken.py": "import a_module_that_nobody_has\n",
    "tool.py": "import sys\nprint(__name__, *sys.argv[1:])\n",
    "open.py": "__all__ = ['shown']\nshown = 1\nkept = 2\nfrom . import late\nfrom .base.Node import Node\n",
    "__main__.py": "import standin\nprint(__name__, __package__, standin.__name__)\n",
}


@pytest.fixture
def standin(tmp_path, monkeypatch):
    """A library ``standin`` whose namespace is ``unisnn.standin``; everything is undone afterwards."""
    for name, text in FILES.items():
        file = tmp_path / "house" / "standin" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.setattr(unisnn, "__path__", [*unisnn.__path__, str(tmp_path / "house")])
    monkeypatch.setitem(dropin.LIBRARIES, "standin", "stand-in")
    monkeypatch.setitem(edition.DOCUMENTED, "standin", "2")
    monkeypatch.setitem(edition.KNOWN, "standin", ("2", "1"))
    yield "standin"
    dropin.uninstall("standin")
    for name in [name for name in sys.modules if name.startswith(("standin", "unisnn.standin"))]:
        del sys.modules[name]
    vars(unisnn).pop("standin", None)


def test_all_import_forms_reach_the_same_objects(standin):
    dropin.install(standin)
    import standin.base.Node as by_alias
    import unisnn.standin.base.Node
    from standin import base
    from standin.base import Node

    module = sys.modules["unisnn.standin.base.Node"]
    assert sys.modules["standin.base.Node"] is module
    assert importlib.import_module("standin.base") is base is unisnn.standin.base
    assert importlib.import_module("standin") is unisnn.standin
    assert Node is module.Node
    assert (
        by_alias is Node
    )  # importlib's `import a.b.c as d` reads the attribute, as it does for unisnn's name


def test_everything_at_once_and_by_relative_names(standin):
    dropin.install(standin)
    space: dict[str, object] = {"__name__": "standin_user", "__package__": "standin.base"}
    exec("from standin.open import *", space)
    assert space["shown"] == 1
    assert "kept" not in space  # `__all__` decides, as it does under unisnn's name
    exec("from standin.late import *", space)
    assert space["VALUE"] == 1
    opened = sys.modules["unisnn.standin.open"]  # whose own imports are relative
    assert opened.late is sys.modules["standin.late"] is sys.modules["unisnn.standin.late"]
    exec("from ..late import VALUE as relative\nfrom .Node import Node", space)  # a caller's relative imports
    assert space["Node"] is opened.Node
    assert importlib.import_module("..late", "standin.base") is opened.late
    exec("import standin.late as renamed, standin.open", space)
    assert space["renamed"] is opened.late
    assert space["standin"] is unisnn.standin


def test_a_package_runs_as_a_program(standin, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["standin"])
    dropin.install(standin)
    runpy.run_module("standin", run_name="__main__", alter_sys=True)
    assert capsys.readouterr().out == "__main__ standin unisnn.standin\n"


def test_names_are_found_by_the_tools_that_look_for_them(standin):
    dropin.install(standin)
    assert pkgutil.resolve_name("standin.base.Node:Node") is unisnn.standin.base.Node
    found = {info.name for info in pkgutil.iter_modules(unisnn.standin.__path__, "standin.")}
    assert {"standin.base", "standin.late", "standin.open"} <= found


def test_a_class_bound_over_its_module_stays_bound(standin):
    dropin.install(standin)
    import standin.base.Node

    assert inspect.isclass(unisnn.standin.base.Node)
    assert inspect.ismodule(sys.modules["standin.base.Node"])


def test_modules_keep_their_own_names_and_specs(standin):
    dropin.install(standin)
    module = importlib.import_module("standin.late")
    assert module.__name__ == "unisnn.standin.late"
    assert module.__spec__.name == "unisnn.standin.late"
    assert importlib.reload(module) is module
    assert importlib.util.find_spec("standin.late") is module.__spec__


def test_a_module_loaded_by_its_own_name_first_is_the_same(standin):
    native = importlib.import_module("unisnn.standin.late")
    dropin.install(standin)
    assert importlib.import_module("standin.late") is native


def test_patching_one_name_patches_the_other(standin, monkeypatch):
    dropin.install(standin)
    alias = importlib.import_module("standin.late")
    monkeypatch.setattr(alias, "VALUE", 2)
    assert importlib.import_module("unisnn.standin.late").VALUE == 2


def test_pickles_written_under_either_name_load(standin):
    dropin.install(standin)
    from standin.base import Node

    written = pickle.dumps(Node())
    assert b"unisnn.standin" in written
    upstream = b"cstandin.base.Node\nNode\n)R."  # protocol 0, as the genuine library's class would be named
    assert isinstance(pickle.loads(written), Node)
    assert isinstance(pickle.loads(upstream), Node)


def test_nothing_is_imported_until_it_is_asked_for(standin):
    dropin.install(standin, "1")
    assert edition.current(standin) == "2"
    assert importlib.util.find_spec("standin") is not None
    assert "unisnn.standin" not in sys.modules
    assert importlib.import_module("standin").SEEN == "1"
    assert edition.current(standin) == "1"


def test_uninstall_forgets_the_alias_and_restores_the_edition(standin):
    dropin.install(standin, "1")
    native = importlib.import_module("standin")
    assert dropin.active()[standin] == "1"
    dropin.uninstall(standin)
    dropin.uninstall(standin)
    assert standin not in dropin.active()
    assert edition.current(standin) == "2"
    assert sys.modules["unisnn.standin"] is native
    with pytest.raises(ModuleNotFoundError, match="No module named 'standin'"):
        importlib.import_module("standin")


def test_install_twice_is_one_install(standin):
    before = len(sys.meta_path)
    dropin.install(standin, "1")
    dropin.install(standin, "1")
    dropin.install("stand-in".replace("-", ""))  # no version: whatever is served already
    assert len(sys.meta_path) <= before + 1
    assert dropin.active()[standin] == "1"


def test_another_version_is_refused(standin):
    dropin.install(standin, "1")
    with pytest.raises(dropin.DropinError, match=r"already served as standin==1.*uninstall"):
        dropin.install(standin, "2")


def test_a_missing_module_is_named_with_the_matrix(standin):
    dropin.install(standin)
    with pytest.raises(
        ModuleNotFoundError, match=r"standin==2 and has no unisnn\.standin\.cext.*MATRIX"
    ) as caught:
        importlib.import_module("standin.cext")
    assert caught.value.name == "standin.cext"
    with pytest.raises(ImportError, match="cannot import name 'cext'"):
        exec("from standin import cext")
    for statement in ("import standin.base.cext as c", "from standin.base.cext import *"):
        with pytest.raises(ModuleNotFoundError, match=r"No module named 'standin\.base\.cext'") as caught:
            exec(statement)
        assert caught.value.name == "standin.base.cext"
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'standin\.late\.deeper'"):
        importlib.import_module("standin.late.deeper")


def test_an_error_inside_a_module_is_not_hidden(standin):
    dropin.install(standin)
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="a_module_that_nobody_has") as caught:
            importlib.import_module("standin.broken")
        assert caught.value.name == "a_module_that_nobody_has"
        assert "standin.broken" not in sys.modules


def test_unknown_libraries_and_versions_are_listed():
    with pytest.raises(
        ValueError, match=r"library='norse' is not known; expected one of spikingjelly, braincog"
    ):
        dropin.install("norse")
    with pytest.raises(ValueError, match=r"version='9' of spikingjelly.*0\.0\.0\.0\.14"):
        dropin.install("spikingjelly", "9")


def test_an_imported_genuine_library_is_refused(standin, monkeypatch, tmp_path):
    (tmp_path / "standin.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("standin")
    with pytest.raises(
        dropin.DropinError, match=r"standin is already imported from .*standin\.py.*before the first"
    ):
        dropin.install(standin)


@pytest.mark.parametrize("kind", ["importable", "shadowed", "distribution"])
def test_a_genuine_library_beside_is_refused(standin, monkeypatch, tmp_path, kind):
    genuine = tmp_path / "site"
    if kind == "distribution":  # its modules may be reached by a hook of its own, as editable installs are
        info = genuine / "stand_in-3.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stand-in\nVersion: 3.0\n")
    else:
        (genuine / "standin").mkdir(parents=True)
        (genuine / "standin" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(genuine)
    if kind == "shadowed":
        adapter = tmp_path / "adapters" / "standin"
        adapter.mkdir(parents=True)
        (adapter / "__init__.py").write_text("from unisnn.dropin import claim\n\nclaim(__name__)\n")
        monkeypatch.syspath_prepend(adapter.parent)
    with pytest.raises(
        dropin.DropinError, match=r"genuine standin is installed beside.*from unisnn import standin"
    ):
        dropin.install(standin)
    assert standin not in dropin.active()
    assert "standin" not in sys.modules


def test_an_adapter_claims_its_name(standin, monkeypatch, tmp_path):
    adapter = tmp_path / "adapters" / "standin"
    adapter.mkdir(parents=True)
    (adapter / "__init__.py").write_text("from unisnn.dropin import claim\n\nclaim(__name__)\n")
    monkeypatch.syspath_prepend(adapter.parent)
    import standin

    assert standin is importlib.import_module("unisnn.standin")
    assert importlib.import_module("standin.base.Node") is sys.modules["unisnn.standin.base.Node"]


def test_dropin_needs_the_standard_library_alone():
    code = """
    import sys
    from unisnn import dropin
    dropin.install("spikingjelly", "0.0.0.0.14")
    print(sorted({name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)))
    """
    assert _python("-S", "-c", textwrap.dedent(code)) == "['__main__', 'unisnn']"


REAL = {
    "spikingjelly": ("spikingjelly.activation_based.neuron", "LIFNode"),
    "braincog": ("braincog.base.node.node", "LIFNode"),
    "snngrow": ("snngrow.base.neuron.LIFNode", "LIFNode"),
    "qualia_plugin_snn": ("qualia_plugin_snn.learningmodel.pytorch.layers.CustomNode", "ATIF"),
}


@pytest.mark.parametrize("library", REAL)
def test_a_real_namespace_by_its_upstream_name(library):
    module, name = REAL[library]
    code = f"""
    import importlib, pickle, sys
    from unisnn import dropin
    dropin.install({library!r})
    alias = importlib.import_module({module!r})
    native = importlib.import_module("unisnn." + {module!r})
    assert alias is native
    assert sys.modules[{library!r}] is sys.modules["unisnn." + {library!r}]
    cls = getattr(alias, {name!r})
    assert pickle.loads(pickle.dumps(cls)) is cls
    assert pickle.loads(b"c" + {module!r}.encode() + b"\\n" + {name!r}.encode() + b"\\n.") is cls
    print("same")
    """
    assert _python("-c", textwrap.dedent(code)) == "same"


def test_the_selected_edition_decides_the_numbers():
    code = """
    import torch
    from unisnn import dropin
    dropin.install("spikingjelly", "0.0.0.0.14")
    from spikingjelly.activation_based import surrogate
    x = torch.zeros(1, requires_grad=True)
    surrogate.PiecewiseLeakyReLU(w=4.0)(x).backward()
    print(x.grad.item())
    """
    assert _python("-c", textwrap.dedent(code)) == "0.25"


def _python(*arguments: str) -> str:
    root = str(importlib.util.find_spec("unisnn").submodule_search_locations[0]).rpartition("unisnn")[0]
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
