"""Names and paths: a node's name is the class and the module that holds it, by every import form."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import subprocess
import sys
import types

import pytest
import torch

import unisnn.snngrow.base.neuron.LIFNode as module_form
import unisnn.snngrow.base.surrogate.ATan as atan_form
from unisnn.snngrow.base import neuron, surrogate
from unisnn.snngrow.base.neuron import LIFNode as package_form
from unisnn.snngrow.base.neuron.LIFNode import LIFNode

PLACES = [
    (neuron, "BaseNode"),
    (neuron, "IFNode"),
    (neuron, "LIFNode"),
    (surrogate, "ATan"),
    (surrogate, "Sigmoid"),
]


def test_every_import_form_reaches_one_class() -> None:
    assert inspect.isclass(LIFNode)
    assert module_form.LIFNode is LIFNode
    assert package_form is LIFNode
    assert package_form.LIFNode is LIFNode
    assert unisnn_attribute("unisnn.snngrow.base.neuron.LIFNode.LIFNode") is LIFNode
    assert unisnn_attribute("unisnn.snngrow.base.neuron.LIFNode.LIFNode.LIFNode") is LIFNode


def unisnn_attribute(path: str) -> object:
    first, *rest = path.split(".")
    value: object = importlib.import_module(first)
    importlib.import_module("unisnn.snngrow")
    for name in rest:
        value = getattr(value, name)
    return value


@pytest.mark.parametrize(("package", "name"), PLACES)
def test_class_in_the_package_module_in_sys_modules(package: types.ModuleType, name: str) -> None:
    path = f"{package.__name__}.{name}"
    cls = getattr(package, name)
    held = sys.modules[path]
    assert inspect.isclass(cls)
    assert isinstance(held, types.ModuleType)
    assert importlib.import_module(path) is held
    assert getattr(held, name) is cls is getattr(cls, name)
    assert (cls.__module__, cls.__qualname__) == (path, name)
    assert getattr(package, name) is cls  # importing the module again does not put it here


def test_the_class_carries_the_modules_other_names() -> None:
    held = sys.modules["unisnn.snngrow.base.surrogate.ATan"]
    assert atan_form.atan is held.atan
    assert atan_form.atan_backward is held.atan_backward
    x = torch.ones(2, requires_grad=True)
    assert atan_form.ATan.atan.apply(x, 2.0).sum() == 2
    assert isinstance(surrogate.BaseFunction, types.ModuleType)


class _Halved(module_form.LIFNode):  # a subclass through the module's name
    def neuronal_dynamics(self, x: torch.Tensor) -> None:
        self.v = self.v + 0.5 * x


def test_instances_subclasses_and_pickles() -> None:
    node = package_form()
    assert isinstance(node, LIFNode)
    assert isinstance(node, module_form.LIFNode)
    assert isinstance(node, neuron.BaseNode.BaseNode)
    assert issubclass(_Halved, neuron.BaseNode)
    assert isinstance(_Halved(), package_form)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(LIFNode, protocol)) is LIFNode
        assert type(pickle.loads(pickle.dumps(node, protocol))) is LIFNode
    assert type(copy.deepcopy(_Halved())) is _Halved


IMPORTS = [
    "import snngrow.base.neuron.LIFNode as m; cls = m.LIFNode",
    "from snngrow.base.neuron.LIFNode import LIFNode as cls",
    "from snngrow.base.neuron import LIFNode; cls = LIFNode.LIFNode",
    "from snngrow.base.neuron import LIFNode as cls; assert isinstance(cls, type)",
    "import snngrow.base.neuron.LIFNode; cls = snngrow.base.neuron.LIFNode.LIFNode",
    "import snngrow.base.neuron.LIFNode; cls = snngrow.base.neuron.LIFNode; assert isinstance(cls, type)",
    "import importlib; cls = importlib.import_module('snngrow.base.neuron.LIFNode').LIFNode",
]


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("prefix", ["", "unisnn."])
def test_any_first_import_in_a_fresh_process(prefix: str, order: int) -> None:
    """Whatever is imported first, every later form reaches the same class; under upstream's name too."""
    forms = [
        form.replace("snngrow.base", f"{prefix}snngrow.base") for form in (IMPORTS, IMPORTS[::-1])[order]
    ]
    held = f"sys.modules['{prefix}snngrow.base.neuron.LIFNode'].LIFNode"
    lines = ["import pickle, sys", "seen = []"]
    if not prefix:
        lines.append("from unisnn import dropin; dropin.install('snngrow', '0.1.1a1')")
    for form in forms:
        lines += [form, "seen.append(cls)", f"assert cls is seen[0] is {held}, {form!r}"]
        lines.append("assert type(pickle.loads(pickle.dumps(cls()))) is cls")
    result = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_package_facts() -> None:
    package = importlib.import_module("unisnn.snngrow")
    assert package.name == "snngrow"
    assert package.__version__ == "1.0.0"
    for name in ("datasets", "base.functional", "base.utils", "base.spiketensor"):
        importlib.import_module(f"unisnn.snngrow.{name}")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing
