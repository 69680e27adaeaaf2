"""Wrong objects: a memory that reset, a cast or a pickle forgets, that a copy or a replica shares."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []

_MEMORY, _PACKAGE = "unisnn.core.memory", "unisnn.spikingjelly.activation_based"


def _reset_all_but_last(_: Any) -> Any:
    def reset(self: Any) -> None:
        for name in list(self._memories)[:-1]:
            self._memories[name] = copy.deepcopy(self._memories_rv[name])

    return reset


def _shared_copy(right: Any) -> Any:
    def deepcopy(self: Any, memo: dict[int, Any]) -> Any:
        copied = right(self, memo)
        copied.__dict__["_memories"] = self._memories
        return copied

    return deepcopy


def _shared_replica(_: Any) -> Any:
    from torch import nn

    return nn.Module._replicate_for_data_parallel


def _still(_: Any) -> Any:
    from torch import nn

    return nn.Module._apply


def _fresh_pickle(_: Any) -> Any:
    def setstate(self: Any, state: dict[str, Any]) -> None:
        self.__dict__.update({**state, "_memories": dict(state.get("_memories_rv", {}))})

    return setstate


def _without_backend(right: Any) -> Any:
    return lambda self: right(self).partition(", backend")[0]


def _any_mode(right: Any) -> Any:
    def choose(self: Any, value: str) -> None:
        self._step_mode = value

    return property(right.fget, choose)


def _kept_value(_: Any) -> Any:
    def forget(self: Any, name: str) -> None:
        self._memories.pop(name, None)

    return forget


def _also_saved(right: Any) -> Any:
    def register_memory(self: Any, name: str, value: Any) -> None:
        import torch

        right(self, name, value)
        self.register_buffer(f"{name}_at_start", torch.zeros(()))

    return register_memory


_TABLE: tuple[tuple[str, str, str, Callable[[Any], Any], str, str], ...] = (
    (
        "reset-but-one",
        _MEMORY,
        "MemoryModule.reset",
        _reset_all_but_last,
        "*Node*",
        "reset leaves out a memory",
    ),
    (
        "shared-copy",
        _MEMORY,
        "MemoryModule.__deepcopy__",
        _shared_copy,
        "*Node*",
        "a copy shares its memories",
    ),
    (
        "shared-replica",
        _MEMORY,
        "MemoryModule._replicate_for_data_parallel",
        _shared_replica,
        "*Node*",
        "a replica shares its memories",
    ),
    ("cast-forgets", _MEMORY, "MemoryModule._apply", _still, "*Node*", "to() leaves memories where they are"),
    (
        "pickle-forgets",
        _MEMORY,
        "MemoryModule.__setstate__",
        _fresh_pickle,
        "*Node*",
        "a pickle keeps no state",
    ),
    (
        "delete-keeps",
        _MEMORY,
        "MemoryModule.__delattr__",
        _kept_value,
        "*Node*",
        "a reset value outlives its memory",
    ),
    (
        "saved",
        _MEMORY,
        "MemoryModule.register_memory",
        _also_saved,
        "*Node*",
        "state_dict has a key too many",
    ),
    (
        "short-repr",
        f"{_PACKAGE}.neuron._base_node",
        "BaseNode.extra_repr",
        _without_backend,
        "activation_based.neuron.*",
        "a repr without the backend",
    ),
    (
        "any-mode",
        f"{_PACKAGE}.base",
        "StepModule.step_mode",
        _any_mode,
        "activation_based.layer.*",
        "every step mode is accepted",
    ),
)


def _register() -> None:
    for name, module, path, make, symbol, text in _TABLE:
        which = f"object/{name}"
        patch(which)(functools.partial(replaced, module, path, make))
        add(Mutant(which, "object", "spikingjelly==0*", text, symbol, patch=which, limit=4))


_register()
