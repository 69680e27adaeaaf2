"""Docstrings: every public name says what it is; upstream's names say where they come from.

Everywhere: a module, class, function, method and constant has a docstring with a summary line. In a
namespace, where a user looks a name up: the source (``Source:``), every argument by its name, and for what
computes something the equation as a block.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "unisnn"
NAMESPACES = ("spikingjelly", "braincog", "snngrow", "qualia_plugin_snn")
PATHS = sorted(PACKAGE.rglob("*.py"))
COMPUTES = re.compile(r"surrogate|neuron|node|CustomNode|LateralInhibition", re.IGNORECASE)
Definition = ast.ClassDef | ast.FunctionDef


def identifier(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def public(body: list[ast.stmt]) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
            yield node


def methods(cls: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The public methods, without the setters that belong to a documented property."""
    for node in cls.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            if not any(name.endswith((".setter", ".deleter", "overload")) for name in decorators):
                yield node


def bare_constants(tree: ast.Module) -> Iterator[str]:
    """Public module constants that no docstring follows."""
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            if not text:
                yield from (name for name in names if not name.startswith("_"))


def summary_of(node: ast.Module | Definition) -> str:
    text = ast.get_docstring(node) or ""
    return text.split("\n\n")[0].strip()


@pytest.mark.parametrize("path", PATHS, ids=identifier)
def test_every_public_name_says_what_it_is(path):
    tree = parsed(path)
    silent = [] if summary_of(tree) else ["the module"]
    for node in public(tree.body):
        silent += [] if summary_of(node) else [node.name]
        if isinstance(node, ast.ClassDef):
            silent += [f"{node.name}.{method.name}" for method in methods(node) if not summary_of(method)]
    if not path.stem.startswith("_") or path.stem == "__init__":
        silent += bare_constants(tree)
    assert not silent, f"without a docstring: {', '.join(silent)}"


def mirrored() -> list[tuple[str, object]]:
    """Upstream's names as users reach them: ``module.name`` and the class or function."""
    found: dict[int, tuple[str, object]] = {}
    for path in PATHS:
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[1] not in NAMESPACES or any(part.startswith("_") and part != "__init__" for part in parts):
            continue
        module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                found.setdefault(id(value), (f"{module.__name__.removeprefix('unisnn.')}.{name}", value))
    return sorted(found.values(), key=lambda item: item[0])


MIRRORED = mirrored()


def named(items: list[tuple[str, object]]) -> list[object]:
    return [pytest.param(value, id=name) for name, value in items]


@pytest.mark.parametrize("value", named(MIRRORED))
def test_an_upstream_name_says_where_it_comes_from(value):
    assert has_source(own_docstring(value)), "no line below `Source:`"


@pytest.mark.parametrize("value", named(MIRRORED))
def test_an_upstream_name_explains_its_arguments(value):
    text = own_docstring(value)
    lacking = [name for name in arguments(value) if not re.search(rf"\b{re.escape(name)}\b", text)]
    assert not lacking, f"not in the docstring: {', '.join(lacking)}"


@pytest.mark.parametrize(
    "value", named([item for item in MIRRORED if inspect.isclass(item[1]) and COMPUTES.search(item[0])])
)
def test_what_computes_shows_its_equation(value):
    assert "::\n" in own_docstring(value), "no equation (a block after `::`)"


def own_docstring(value: object) -> str:
    """The docstring that the class or function itself has, not one that it inherits."""
    return inspect.cleandoc(
        vars(value).get("__doc__") or "" if inspect.isclass(value) else value.__doc__ or ""
    )


def has_source(text: str) -> bool:
    return re.search(r"^Source:[ \n]+\S", text, re.MULTILINE) is not None


def arguments(value: object) -> list[str]:
    """The arguments that a caller gives: of the function, or of the class's own constructor."""
    if inspect.isclass(value):
        value = vars(value).get("__init__")
    if not inspect.isfunction(value):
        return []
    return [
        name for name in inspect.signature(value).parameters if name != "self" and not name.startswith("_")
    ]


def test_the_checks_see_what_they_must_see():
    tree = ast.parse(
        '"""Module."""\n'
        "SIZE = 1\n"
        "class Node:\n"
        '    """A node."""\n'
        "    def step(self): ...\n"
        "def f(x):\n"
        '    """Return ``x``."""\n'
    )
    cls, _ = public(tree.body)
    assert [method.name for method in methods(cls) if not summary_of(method)] == ["step"]
    assert list(bare_constants(tree)) == ["SIZE"]

    class Node:
        """A node of ``tau``.

        Source:
            somewhere
        """

        def __init__(self, tau, v_reset):
            self.tau, self.v_reset = tau, v_reset

    assert has_source(own_docstring(Node))
    assert not has_source("A node. Source: none")
    assert arguments(Node) == ["tau", "v_reset"]
    assert own_docstring(type("Heir", (Node,), {})) == ""
