"""From modules to the neutral tree: which layers, which neurons, in which time layout.

Two passes. The first reads the module tree: neurons are described, SpikingJelly's layers become the
plain torch layers that they are around a folding of time, adapters become what they mean. The second
hands the time layout down from the outermost part, and refuses a neuron that expects another one.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from unisnn.convert import layers, twins
from unisnn.convert.errors import ConversionError
from unisnn.convert.parts import Part, walk
from unisnn.convert.scale import Scale
from unisnn.core import layout
from unisnn.core.spec import LayerSpec, NeuronSpec, SurrogateSpec

__all__ = ["describe", "layer_arguments", "layout_of", "read", "time_steps_of"]

_INSIDE = {"fold": layout.FOLDED, "split": layout.TIME_FIRST, "each": layout.STEP}
_OUTSIDE = {"fold": layout.TIME_FIRST, "split": layout.FOLDED, "each": layout.TIME_FIRST}
_CONTAINERS = {
    "FoldTime": "fold",
    "SeqToANNContainer": "fold",
    "SplitTime": "split",
    "StepTime": "each",
    "MultiStepContainer": "each",
}
_UNCHANGED = frozenset(["activation_based", "layer"])


def describe(module: Any) -> NeuronSpec | SurrogateSpec | LayerSpec:
    """Describe a module, of unisnn or of a genuine upstream library, in neutral terms.

    Args:
        module: a spiking neuron, a surrogate, or any model made of them and of torch layers.

    Returns:
        A :class:`~unisnn.core.spec.NeuronSpec` for a neuron, a
        :class:`~unisnn.core.spec.SurrogateSpec` for a surrogate, and a
        :class:`~unisnn.core.spec.LayerSpec`, the whole tree, for everything else.

    Raises:
        TypeError: ``module`` is no ``nn.Module`` of any kind.
        ConversionError: a neuron runs code that no description covers, or two layers of the model
            expect different time layouts.

    Source: none; the fields are those of :mod:`unisnn.core.spec`.
    """
    leaf = twins.describe_leaf(module)
    if leaf is not None:
        return leaf
    if not isinstance(module, nn.Module):
        raise TypeError(f"describe: module={module!r} is not accepted; expected an nn.Module")
    return read(module).spec()


def layout_of(model: nn.Module) -> str:
    """Return the time layout of a model's input: ``step``, ``time_first`` or ``folded``."""
    return read(model).face or layout.STEP


def read(model: nn.Module) -> Part:
    """Return the neutral tree of ``model``, with the time layout of every part.

    Raises:
        ConversionError: see :func:`describe`.
    """
    root = _Reader().part(model, "")
    _hand_down(root, _face(root))
    return root


class _Reader:
    """Reads each module once: a module that occurs twice becomes one part that occurs twice."""

    def __init__(self) -> None:
        self.seen: dict[int, Part] = {}

    def part(self, module: nn.Module, path: str) -> Part:
        if id(module) not in self.seen:
            self.seen[id(module)] = self._read(module, path)
        return self.seen[id(module)]

    def _read(self, module: nn.Module, path: str) -> Part:
        if twins.is_neuron(module):
            return _neuron(module, path)
        kind = type(module)
        home = twins.library_of(kind)
        facts = {"class": f"{kind.__module__}.{kind.__qualname__}"}
        base: dict[str, Any] = {
            "path": path,
            "arguments": facts,
            "training": module.training,
            "source": module,
        }
        if kind.__name__ in _CONTAINERS and (home or kind.__module__ == layout.__name__):
            return self._container(module, base)
        if layers.known(module):
            part = Part("kept", **base)
            part.face = layers.face_of(module)
            return part
        if home and hasattr(module, "step_mode"):
            return self._step_layer(module, base)
        if isinstance(module, nn.Sequential) and kind.forward is nn.Sequential.forward:
            return Part("sequence", children=self._children(module, path), **base)
        if any(_matters(inner) for inner in module.modules()):
            return Part("module", children=self._children(module, path), **base)
        return _layer(module, base)

    def _children(self, module: nn.Module, path: str) -> list[tuple[str, Part]]:
        """Read the modules inside, one that occurs twice twice (``named_children`` would skip it)."""
        inside = [(name, child) for name, child in module._modules.items() if child is not None]
        return [(name, self.part(child, f"{path}.{name}" if path else name)) for name, child in inside]

    def _container(self, module: nn.Module, base: dict[str, Any]) -> Part:
        kind = _CONTAINERS[type(module).__name__]
        part = Part(kind, children=self._children(module, base["path"]), **base)
        if kind == "split":
            part.arguments["T"] = module.T
        inner = [child for _, child in part.children]
        if len(inner) == 1 and inner[0].kind in ("neuron", *_INSIDE):
            return _adapted_neuron(part, inner[0])
        return part

    def _step_layer(self, module: Any, base: dict[str, Any]) -> Part:
        name = type(module).__name__
        plain: Any = getattr(nn, name, None)
        stateless = isinstance(plain, type) and issubclass(type(module), plain)
        if not stateless:
            if any(True for _ in module.children()):
                raise ConversionError(
                    _label(base, module), "class", "this container of SpikingJelly has no neutral form"
                )
            part = Part("kept", **base)
            part.face = layout.STEP if module.step_mode == "s" else layout.TIME_FIRST
            return part
        facts = {"class": f"torch.nn.{name}", "step_layer": True, **layer_arguments(module, plain)}
        part = _layer(module, {**base, "arguments": facts})
        if module.step_mode == "s":
            return part
        return Part("fold", virtual=True, children=[("0", part)], **base)


def _label(base: dict[str, Any], module: nn.Module) -> str:
    return Part("module", base["path"], {"class": type(module).__name__}).label


def _matters(module: nn.Module) -> bool:
    """Say whether a module has to be seen by the converter: a neuron, a step-mode layer, a time adapter."""
    kind = type(module)
    home = twins.library_of(kind)
    return (
        twins.is_neuron(module)
        or layers.known(module)
        or (home is not None and hasattr(module, "step_mode"))
        or kind.__name__ in _CONTAINERS
    )


def _neuron(module: nn.Module, path: str) -> Part:
    kind = type(module)
    part = Part(
        "neuron",
        path,
        {"class": f"{kind.__module__}.{kind.__qualname__}"},
        training=module.training,
        source=module,
    )
    try:
        spec = twins.describe_leaf(module)
    except ConversionError as error:
        raise error.at(part.label) from error
    assert isinstance(spec, NeuronSpec)
    part.neuron, part.face = spec, spec.layout
    if spec.layout not in layout.LAYOUTS:
        raise ConversionError(
            part.label, f"layout={spec.layout}", f"expected one of {', '.join(layout.LAYOUTS)}"
        )
    if spec.layout == layout.FOLDED:
        part.arguments["T"] = int(getattr(module, "step", 0) or getattr(module, "T", 1))
    part.tensors = twins.learned_values(module)
    part.trained = tuple(name for name, value in part.tensors.items() if value.requires_grad)
    return part


def _adapted_neuron(wrapper: Part, inner: Part) -> Part:
    """Return a neuron inside an adapter as a neuron of the adapter's outer layout."""
    if inner.kind != "neuron" or inner.face != _INSIDE[wrapper.kind]:
        return wrapper
    inner.face = _OUTSIDE[wrapper.kind]
    inner.arguments["adapted"] = True
    if wrapper.kind == "split":
        inner.arguments["T"] = wrapper.arguments["T"]
    return inner


def _layer(module: nn.Module, base: dict[str, Any]) -> Part:
    kind = type(module)
    if kind.__module__.startswith("torch.nn.modules") and "step_layer" not in base["arguments"]:
        base["arguments"] = {"class": f"torch.nn.{kind.__name__}", **layer_arguments(module, kind)}
    if isinstance(module, Scale):
        base["arguments"]["factor"] = module.factor
    part = Part("layer", **base)
    part.tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    part.trained = tuple(name for name, value in module.named_parameters() if value.requires_grad)
    return part


def layer_arguments(module: Any, plain: type) -> dict[str, Any]:
    """Return the constructor arguments of a torch layer, read off its attributes of the same names."""
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(plain).parameters.items():
        if (
            name in ("device", "dtype", "args", "kwargs")
            or parameter.kind is inspect.Parameter.VAR_POSITIONAL
        ):
            continue
        if name == "bias":
            found[name] = getattr(module, "bias", None) is not None
        elif hasattr(module, name):
            value = getattr(module, name)
            if isinstance(value, (int, float, str, bool, type(None))) or (
                isinstance(value, tuple) and not isinstance(value, torch.Tensor)
            ):
                found[name] = tuple(value) if isinstance(value, tuple) else value
    return found


def _face(part: Part) -> str | None:
    """Return the time layout of the data that a part takes, as far as the part itself shows it."""
    if part.kind in ("neuron", "kept"):
        return part.face
    if part.kind in _OUTSIDE:
        return _OUTSIDE[part.kind]
    faces = {face: child for _, child in part.children if (face := _face(child)) is not None}
    if part.kind == "layer" or not faces:
        return None
    if len(faces) > 1 and part.kind == "module":
        return None
    if len(faces) > 1:
        told = ", ".join(f"{child.label} takes {face}" for face, child in faces.items())
        raise ConversionError(part.label, "layout", f"its layers expect different time layouts: {told}")
    return next(iter(faces))


def _hand_down(part: Part, face: str | None) -> None:
    """Give every part the layout of the data that it sees."""
    own = _face(part)
    if face is not None and own is not None and own != face:
        raise ConversionError(part.label, f"layout={own}", f"the data here is in the layout {face}")
    part.face = face or own
    inside: Iterable[Part] = (child for _, child in part.children)
    for child in inside:
        _hand_down(child, _INSIDE.get(part.kind, None if part.kind == "module" else part.face))


def time_steps_of(root: Part) -> int | None:
    """Return T where the model itself fixes it (folded neurons outside any folding), else ``None``."""
    found = {
        part.arguments["T"] for part in walk(root) if part.face == layout.FOLDED and "T" in part.arguments
    }
    return found.pop() if len(found) == 1 else None
