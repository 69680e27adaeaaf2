"""From the neutral tree to modules of a target library.

Every part is written for the time layout of the data that it will see. Where the target's neurons
take folded data and the model takes time first, the whole sequence is folded once around them; where
the target's neurons take time first, the folding is pushed down into each plain layer. What fits
neither way gets an adapter of :mod:`unisnn.core.layout` around itself.
"""

from __future__ import annotations

import copy
import inspect
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from unisnn.convert import layers
from unisnn.convert.errors import ConversionError
from unisnn.convert.parts import Part
from unisnn.convert.scale import SCALED, Scale
from unisnn.convert.targets import SpikingJelly, Target
from unisnn.convert.tree import layer_arguments
from unisnn.convert.twins import library_of
from unisnn.core.layout import FOLDED, STEP, TIME_FIRST, FoldTime, SplitTime

__all__ = ["Writer"]

_FOLDABLE = frozenset(
    (
        "Identity",
        "ReLU",
        "LeakyReLU",
        "Sigmoid",
        "Tanh",
        "GELU",
        "SiLU",
        "ELU",
        "Hardtanh",
        "Dropout",
        "Linear",
    )
)
"""Torch layers that give the same numbers on [T, N, *] and on [T*N, *]."""

_BRAINCOG_DIMENSIONS = (2, 4)


class Writer:
    """Writes one tree for one target; parameters that are shared stay shared.

    Args:
        target: the library to build with.
        time_steps: T that folded neurons start with where the model does not say.
        dimensions: number of dimensions of one time step of each neuron's input by path, as far as known.
        device: where new neurons live.
    """

    def __init__(
        self, target: Target, time_steps: int, dimensions: Mapping[str, int] | None = None, device: Any = None
    ) -> None:
        self.target, self.time_steps, self.device = target, time_steps, device
        self.dimensions = dict(dimensions or {})
        self.pairs: list[tuple[Part, nn.Module]] = []
        self.notes: list[str] = []
        self._copies: dict[int, Any] = {}
        self._written: dict[tuple[int, str], nn.Module] = {}

    def write(self, root: Part) -> nn.Module:
        """Return the model; its input has the same layout as the source's."""
        return self._emit(root, root.face or STEP)

    def _emit(self, part: Part, context: str) -> nn.Module:
        key = id(part), context
        if key not in self._written:
            module = getattr(self, f"_{part.kind}")(part, context)
            self._written[key] = module
        return self._written[key]

    @property
    def _folds(self) -> bool:
        """Whether this target wants folded data inside a model that takes time first."""
        return TIME_FIRST not in self.target.layouts

    def _emit_all(self, part: Part, context: str) -> OrderedDict[str, nn.Module]:
        return OrderedDict((name, self._emit(child, context)) for name, child in part.children)

    def _like(self, part: Part, module: nn.Module) -> nn.Module:
        module.training = part.training
        return module

    def _neuron(self, part: Part, context: str) -> nn.Module:
        time_steps = int(part.arguments.get("T", self.time_steps))
        native, adapters = self._placement(part, context)
        assert part.neuron is not None
        try:
            node = self.target.neuron(part.neuron, native, time_steps, part.tensors)
        except ConversionError as error:
            raise error.at(part.label) from error
        node.train(part.training)
        self.pairs.append((part, node.to(self.device) if self.device is not None else node))
        for adapter in adapters:
            wrapped = SplitTime(node, T=time_steps) if adapter is SplitTime else adapter(node)
            node = self._like(part, wrapped)
        if part.neuron.output == SCALED and self.target.name != "qualia_plugin_snn":
            self.notes.append(f"{part.label}: its output is scaled by a layer of its own behind it")
            return self._like(part, nn.Sequential(node, Scale(part.neuron.threshold)))
        return node

    def _placement(self, part: Part, context: str) -> tuple[str, list[type[nn.Sequential]]]:
        """Return the neuron's own layout and the adapters around it, inner first."""
        assert part.neuron is not None
        layouts = self.target.layouts_of(part.neuron)
        dimensions = self.dimensions.get(part.path)
        if (
            self.target.name == "braincog"
            and dimensions is not None
            and dimensions not in _BRAINCOG_DIMENSIONS
        ):
            layouts = (STEP,)
        if context in layouts:
            return context, []
        if context == TIME_FIRST:
            return (FOLDED, [FoldTime]) if FOLDED in layouts else (STEP, [self.target.step_container])
        if TIME_FIRST in layouts:
            return TIME_FIRST, [SplitTime]
        return STEP, [self.target.step_container, SplitTime]

    def _layer(self, part: Part, context: str) -> nn.Module:
        face = part.face or context
        if face == FOLDED and context == TIME_FIRST:
            return self._time_first_layer(part)
        if (
            face == TIME_FIRST
            and context == FOLDED
            and part.arguments["class"].rpartition(".")[2] not in _FOLDABLE
        ):
            return self._like(part, SplitTime(self._plain(part), T=self.time_steps))
        return self._plain(part, stepped=context == STEP and bool(part.arguments.get("step_layer")))

    def _time_first_layer(self, part: Part) -> nn.Module:
        """Return a layer on [T*N, *] as one on [T, N, *]."""
        if not isinstance(self.target, SpikingJelly):
            return self._like(part, FoldTime(self._plain(part)))
        stepped = self._step_layer(part, "m")
        return stepped or self._like(part, self.target.layer("SeqToANNContainer")(self._plain(part)))

    def _plain(self, part: Part, stepped: bool = False) -> nn.Module:
        """Return the torch layer itself; with ``stepped`` as SpikingJelly's layer of one step."""
        if stepped and isinstance(self.target, SpikingJelly):
            layer = self._step_layer(part, "s")
            if layer is not None:
                return layer
        if part.source is not None and not part.arguments.get("step_layer"):
            if library_of(type(part.source)) is not None:
                self._kept_as_it_is(part)
            return copy.deepcopy(part.source, self._copies)
        if part.arguments["class"] == f"{Scale.__module__}.Scale":
            return Scale(part.arguments["factor"])
        kind = self._torch_class(part)
        if kind is None:
            raise ConversionError(part.label, "class", f"{part.arguments['class']} is no layer of torch.nn")
        return self._filled(kind(**self._constructor(part)), part)

    def _step_layer(self, part: Part, step_mode: str) -> nn.Module | None:
        kind = self._torch_class(part)
        if kind is None or not isinstance(self.target, SpikingJelly):
            return None
        stepped = self.target.layer(kind.__name__)
        if stepped is None or not issubclass(stepped, kind):
            return None
        accepted = inspect.signature(stepped).parameters
        arguments = {name: value for name, value in self._constructor(part).items() if name in accepted}
        return self._filled(stepped(**arguments, step_mode=step_mode), part)

    def _torch_class(self, part: Part) -> Any:
        path = part.arguments["class"]
        exact = path.startswith("torch.nn.") and path.count(".") == 2
        return getattr(nn, path.rpartition(".")[2], None) if exact else None

    @staticmethod
    def _constructor(part: Part) -> dict[str, Any]:
        if part.source is not None:
            plain = getattr(nn, part.arguments["class"].rpartition(".")[2])
            return layer_arguments(part.source, plain)
        return {name: value for name, value in part.arguments.items() if name not in ("class", "step_layer")}

    def _filled(self, module: nn.Module, part: Part) -> nn.Module:
        """Give a new layer the parameters, buffers and mode of the source."""
        for name in [name for name in module._parameters if name not in part.tensors]:
            module._parameters[name] = None
        for path, tensor in part.tensors.items():
            owner_path, _, name = path.rpartition(".")
            owner = module.get_submodule(owner_path)
            if name in owner._parameters:
                value: Any = tensor
                if part.source is None:
                    value = nn.Parameter(tensor.clone(), requires_grad=path in part.trained)
                owner._parameters[name] = copy.deepcopy(value, self._copies)
            else:
                owner._buffers[name] = copy.deepcopy(tensor, self._copies)
        module.train(part.training)
        return module

    def _sequence(self, part: Part, context: str) -> nn.Module:
        if context == TIME_FIRST and self._folds and any(child.kind != "layer" for _, child in part.children):
            return self._like(part, FoldTime(self._emit_all(part, FOLDED)))
        return self._like(part, nn.Sequential(self._emit_all(part, context)))

    def _fold(self, part: Part, context: str) -> nn.Module:
        if part.virtual:
            return self._emit(part.children[0][1], context)
        if context == FOLDED:
            return self._like(part, nn.Sequential(self._emit_all(part, FOLDED)))
        if self._folds:
            return self._like(part, FoldTime(self._emit_all(part, FOLDED)))
        if all(child.kind == "layer" for _, child in part.children) and isinstance(self.target, SpikingJelly):
            plain = OrderedDict((name, self._plain(child)) for name, child in part.children)
            return self._like(part, self.target.layer("SeqToANNContainer")(plain))
        return self._like(part, nn.Sequential(self._emit_all(part, TIME_FIRST)))

    def _split(self, part: Part, context: str) -> nn.Module:
        if context == TIME_FIRST or self._folds:
            return self._like(part, nn.Sequential(self._emit_all(part, context)))
        time_steps = int(part.arguments.get("T", self.time_steps))
        wrapped = SplitTime(self._emit_all(part, TIME_FIRST), T=time_steps)  # type: ignore[arg-type]
        return self._like(part, wrapped)

    def _each(self, part: Part, context: str) -> nn.Module:
        steps = self._like(part, self.target.step_container(self._emit_all(part, STEP)))
        return steps if context == TIME_FIRST else self._like(part, SplitTime(steps, T=self.time_steps))

    def _kept(self, part: Part, context: str) -> nn.Module:
        if part.source is None:
            raise ConversionError(part.label, "class", f"{self.target.name} has no such layer")
        kept = self._rebuilt(part)
        if kept is None:
            self._kept_as_it_is(part)
            kept = copy.deepcopy(part.source, self._copies)
        if context == FOLDED and part.face == TIME_FIRST:
            return self._like(part, SplitTime(kept, T=self.time_steps))
        return kept

    def _kept_as_it_is(self, part: Part) -> None:
        self.notes.append(f"{part.label} has no counterpart in {self.target.name} and is kept as it is")

    def _rebuilt(self, part: Part) -> nn.Module | None:
        """Return a stateful layer in the target, or ``None`` where the target has no such layer."""
        source: Any = part.source
        if layers.known(source):
            return layers.rebuilt(source, self.target, self._copies)
        twin = self.target.layer(type(source).__name__)
        if twin is None or not hasattr(twin, "step_mode"):
            return None
        module = twin(**layer_arguments(source, type(source)))
        module.train(source.training)
        return module

    def _module(self, part: Part, context: str) -> nn.Module:
        """Copy any other module, with the parts inside it replaced wherever it refers to them."""
        assert part.source is not None
        home = library_of(type(part.source))
        if home is not None and home != (self.target.library, self.target.genuine):
            raise ConversionError(
                part.label, "class", f"{self.target.name} has no counterpart of this module"
            )
        for name, child in part.children:
            self._copies[id(part.source.get_submodule(name))] = self._emit(child, child.face or STEP)
        with torch.no_grad():
            return copy.deepcopy(part.source, self._copies)
