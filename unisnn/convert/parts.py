"""The neutral tree of a model: what a converter reads, writes, and sends between processes.

A :class:`Part` is one node of that tree::

    neuron     a spiking neuron, with its description
    layer      a plain torch layer, carried as it is
    sequence   parts one after the other
    fold       a sequence on [T*N, *] inside a model on [T, N, *]
    split      a sequence on [T, N, *] inside a model on [T*N, *]
    each       a sequence on [N, *], once per time step, inside a model on [T, N, *]
    kept       a stateful layer of one library without a twin elsewhere, carried as it is
    module     any other module: it is copied, and the parts inside it are replaced

``face`` is the time layout of the data that a part sees (:mod:`unisnn.core.layout`). A part that
stands for no module of its own (the folding that SpikingJelly's layers do themselves, an adapter
around one neuron) is ``virtual``: it adds no level to the names of parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from unisnn.convert.errors import ConversionError
from unisnn.core.spec import LayerSpec, NeuronSpec, values

__all__ = ["Part", "from_spec", "tensors_of", "walk"]


@dataclass(eq=False)
class Part:
    """One node of the neutral tree; ``source`` is the module that it was read from, if there is one."""

    kind: str
    path: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    neuron: NeuronSpec | None = None
    children: list[tuple[str, Part]] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    trained: tuple[str, ...] = ()
    training: bool = True
    face: str | None = None
    virtual: bool = False
    source: nn.Module | None = None

    @property
    def label(self) -> str:
        """Path and class as an error names them: ``layer 3 (LIFNode)``."""
        name = self.arguments.get("class", self.kind).rpartition(".")[2]
        return f"layer {self.path} ({name})" if self.path else f"model ({name})"

    def spec(self) -> LayerSpec:
        """Return the description of this part and everything in it."""
        facts = {**self.arguments, "training": self.training, "virtual": self.virtual, "face": self.face}
        return LayerSpec(
            kind=self.kind,
            arguments=values(**facts, trained=self.trained),
            neuron=self.neuron,
            children=tuple((name, child.spec()) for name, child in self.children),
        )


def walk(part: Part) -> Iterator[Part]:
    """Yield ``part`` and every part inside it, parents first."""
    yield part
    for _, child in part.children:
        yield from walk(child)


def tensors_of(root: Part) -> dict[str, Tensor]:
    """Return every tensor of the tree under ``PATH|NAME``, PATH being made of child names.

    Raises:
        ConversionError: a part is a module that only this process knows, or occurs twice.
    """
    found: dict[str, Tensor] = {}
    seen: set[int] = set()

    def visit(part: Part, prefix: str) -> None:
        if part.kind in ("module", "kept"):
            reason = "only plain torch layers and the libraries' neurons travel to another process"
            raise ConversionError(part.label, "", reason)
        if id(part) in seen:
            raise ConversionError(
                part.label, "", "a layer that occurs twice does not travel to another process"
            )
        seen.add(id(part))
        found.update({f"{prefix}|{name}": tensor.detach() for name, tensor in part.tensors.items()})
        for name, child in part.children:
            visit(child, f"{prefix}/{name}")

    visit(root, "")
    return found


def from_spec(spec: LayerSpec, tensors: Mapping[str, Tensor], prefix: str = "", path: str = "") -> Part:
    """Rebuild a tree from its description and the tensors that :func:`tensors_of` gave."""
    facts = dict(spec.arguments)
    start = f"{prefix}|"
    known = {key: facts.pop(key) for key in ("training", "virtual", "face", "trained")}
    part = Part(
        kind=spec.kind,
        path=path,
        arguments=facts,
        neuron=spec.neuron,
        tensors={
            name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)
        },
        trained=tuple(known["trained"]),
        training=known["training"],
        face=known["face"],
        virtual=known["virtual"],
    )
    for name, child in spec.children:
        below = path if _children_are_virtual(spec) else f"{path}.{name}" if path else name
        part.children.append((name, from_spec(child, tensors, f"{prefix}/{name}", below)))
    return part


def _children_are_virtual(spec: LayerSpec) -> bool:
    """Say whether the names of a part's children are no level of their own."""
    return bool(dict(spec.arguments).get("virtual"))
