"""``__all__`` in every module, equal to what is visible there.

Visible are the public names that a module defines; in a namespace, where users look around, also those
that it imports from unisnn. Modules, and names from torch or the standard library, are tools.
"""

from __future__ import annotations

import ast
import importlib
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMESPACES = ("spikingjelly", "braincog", "snngrow", "qualia_plugin_snn")
PATHS = sorted((ROOT / "unisnn").rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def defined(body: list[ast.stmt]) -> set[str]:
    """The names that a module's statements define, branches included."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found = [item for target in targets for item in ast.walk(target)]
            names |= {
                item.id for item in found if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
            }
        elif isinstance(node, (ast.If, ast.Try)):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                continue
            handlers = [statement for handler in getattr(node, "handlers", []) for statement in handler.body]
            names |= defined([*node.body, *handlers, *node.orelse])
    return names


def imported_from_unisnn(body: list[ast.stmt]) -> set[str]:
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.ImportFrom) and (
            node.level or (node.module or "").partition(".")[0] == "unisnn"
        ):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def annotations_only(tree: ast.Module, name: str) -> bool:
    """Whether ``name`` is used in annotations and nowhere else."""
    annotations: set[ast.AST] = set()
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            inside = getattr(node, field, None)
            if inside is not None:
                annotations |= set(ast.walk(inside))
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    return all(use in annotations for use in uses)


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_all_equals_what_is_visible(path):
    module = importlib.import_module(name_of(path))
    exported = getattr(module, "__all__", None)
    assert isinstance(exported, list), f"{module.__name__} has no __all__"
    assert len(exported) == len(set(exported))
    for name in exported:
        assert hasattr(module, name), f"{module.__name__}.__all__ lists {name}, which is not there"
    if path.stem.startswith("_") and path.stem != "__init__":
        return  # a private module: its public face is the package that re-exports it
    tree = ast.parse(path.read_text(encoding="utf-8"))
    visible = defined(tree.body)
    if path.relative_to(ROOT / "unisnn").parts[0] in NAMESPACES:
        visible |= {name for name in imported_from_unisnn(tree.body) if not annotations_only(tree, name)}
    public = {name for name in visible if not name.startswith("_")} - set(exported)
    hidden = {name for name in public if not isinstance(getattr(module, name, None), types.ModuleType)}
    assert not hidden, f"{module.__name__}: visible but not in __all__: {sorted(hidden)}"
