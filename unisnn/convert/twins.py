"""Which library an object belongs to, and the class of ours that can describe it.

A genuine upstream object is never asked by importing upstream: its class says which module it comes
from, and the class at the same path in unisnn describes it (``Twin.__describe__(genuine)``).
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from unisnn.convert.errors import ConversionError
from unisnn.core.spec import NeuronSpec, SurrogateSpec, values

__all__ = ["LIBRARIES", "describe_leaf", "is_neuron", "learned_values", "library_of", "neurons", "twin_of"]

LIBRARIES = ("spikingjelly", "braincog", "snngrow", "qualia_plugin_snn")
"""The libraries that models move between, by import name."""

_HARMLESS = ("__init__", "__describe__", "__repr__", "extra_repr")
_LEARNED = ("k", "w")
_THRESHOLDS = ("threshold", "v_threshold", "vp_th")


def library_of(kind: type) -> tuple[str, bool] | None:
    """Return the library that defines the class and whether it is the genuine one; ``None`` for others."""
    path = kind.__module__.split(".")
    if path[0] == "unisnn" and len(path) > 1 and path[1] in LIBRARIES:
        return path[1], False
    return (path[0], True) if path[0] in LIBRARIES else None


def twin_of(module: object) -> type | None:
    """Return our class that describes ``module``: its own, the mirrored one, or that of a base class.

    A subclass outside the libraries is described by its library base; the description itself refuses
    a subclass that runs equations of its own.
    """
    for kind in type(module).__mro__:
        home = library_of(kind)
        if home is None:
            continue
        twin = _mirrored(kind) if home[1] else kind
        if twin is not None and hasattr(twin, "__describe__"):
            return twin
    return None


def _mirrored(kind: type) -> type | None:
    """Return the class at the same path in unisnn; upstream may have split its module into a package."""
    parts = kind.__module__.split(".")
    for end in range(len(parts), 0, -1):
        try:
            module: Any = importlib.import_module(".".join(["unisnn", *parts[:end]]))
        except ModuleNotFoundError:
            continue
        found = vars(module).get(kind.__name__)
        if isinstance(found, type):
            return found
    return None


def describe_leaf(module: Any) -> NeuronSpec | SurrogateSpec | None:
    """Return the description of a neuron or surrogate, or ``None`` for any other object.

    Learned values that the description leaves to the module's parameters are filled in, and a
    parameter that is not trained does not count as learned.

    Raises:
        ConversionError: the object belongs to a library and runs code that no description covers.
    """
    twin: Any = twin_of(module)
    if twin is None:
        return None
    _refuse_own_code(module)
    try:
        spec = twin.__describe__(module)
    except TypeError as error:
        raise ConversionError("", "", str(error)) from error
    return _with_learned_values(module, spec) if isinstance(spec, NeuronSpec) else spec


def _refuse_own_code(module: Any) -> None:
    """Refuse a subclass outside the libraries that replaces a method of its library base."""
    kinds = type(module).__mro__
    first = next(index for index, kind in enumerate(kinds) if library_of(kind) is not None)
    for kind in kinds[:first]:
        for name, value in vars(kind).items():
            replaced = callable(value) or isinstance(value, (staticmethod, classmethod, property))
            if replaced and name not in _HARMLESS and hasattr(kinds[first], name):
                raise ConversionError(
                    "", name, f"{kind.__qualname__} runs code of its own here, which no description covers"
                )


def _with_learned_values(module: Any, spec: NeuronSpec) -> NeuronSpec:
    constants, learned = dict(spec.parameters), set()
    for name in spec.learnable:
        neutral = "threshold" if name in _THRESHOLDS else name
        value = getattr(module, name, None)
        if isinstance(value, Tensor):
            if neutral != "threshold" and value.numel() == 1:
                constants[neutral] = float(value.detach())
            if not value.requires_grad:
                continue
        learned.add(neutral)
    return replace(spec, parameters=values(**constants), learnable=tuple(sorted(learned)))


def learned_values(module: nn.Module) -> dict[str, Tensor]:
    """Return the parameters of a neuron under their neutral names: ``w``, ``k`` and ``threshold``."""
    found: dict[str, Tensor] = {}
    for name, value in module.named_parameters(recurse=False):
        if name in (*_LEARNED, *_THRESHOLDS):
            found["threshold" if name in _THRESHOLDS else name] = value
    return found


def is_neuron(module: nn.Module) -> bool:
    """Say whether ``module`` is a spiking neuron of one of the libraries (surrogates are not)."""
    twin: Any = twin_of(module)
    if twin is None:
        return False
    parts = twin.__module__.split(".")
    return not any(part.startswith("surrogate") for part in parts)


def neurons(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Return path and module of every spiking neuron in ``model``, in the order of the module tree."""
    return [(path, module) for path, module in model.named_modules() if is_neuron(module)]
