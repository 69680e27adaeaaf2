"""Stateful modules: memories that are reset, detached, moved and copied, and never saved.

A memory is a value with a name (a membrane potential, a queue of past inputs) that a module carries
from one time step to the next. It reads and writes like an attribute, but is neither a parameter
nor a buffer: ``state_dict`` does not contain it. Its reset value is kept beside it::

    register_memory("v", 0.0)      v = 0.0, reset value 0.0
    v = h                          the state after a step
    reset()                        v = 0.0 again

Both SpikingJelly's ``base.MemoryModule`` and SNNGrow's ``BaseNode`` build on this class.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn

__all__ = ["MemoryModule", "fill_like"]


class MemoryModule(nn.Module):
    """A module with memories: state that reads like an attribute and is restored by :meth:`reset`.

    Equation::

        memory[t] = f(memory[t-1], x[t])             a step, in the subclass's forward
        memory    = reset value                      reset()

    ``_memories`` maps each name to its present value (a number, a tensor, ``None`` or anything that
    can be deep-copied), ``_memories_rv`` to its reset value. The class has no forward of its own.

    What the rest of a module's life does to a memory:

    - ``to``, ``half``, ``double``, ``cuda`` move tensor memories, and leave tensor reset values
      where they are (as SpikingJelly 0.0.0.0.14 and SNNGrow do);
    - ``copy.deepcopy`` and ``pickle`` keep them; a deep copy of a state that is still attached to
      its graph raises ``RuntimeError``, since torch copies no graph;
    - a ``DataParallel`` replica starts with the same values in a dict of its own;
    - ``del module.v`` forgets the memory and its reset value.

    Source: ``base.MemoryModule``, SpikingJelly 0.0.0.0.14; ``BaseNode``, SNNGrow 0.1.1a1.
    """

    _memories: dict[str, Any]
    _memories_rv: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self._memories = {}
        self._memories_rv = {}

    def register_memory(self, name: str, value: Any) -> None:
        """Add a memory whose present value and reset value are ``value``.

        Args:
            name: attribute name of the memory.
            value: a number, a tensor, ``None``, or anything that can be deep-copied.

        Raises:
            AssertionError: the module has an attribute or a memory called ``name`` already.
        """
        if hasattr(self, name):
            raise AssertionError(f"{name} has been set as a member variable!")
        self._memories[name] = value
        self.set_reset_value(name, value)

    def set_reset_value(self, name: str, value: Any) -> None:
        """Make a deep copy of ``value`` what :meth:`reset` restores; the present value stays.

        A name without a memory is kept and has no effect until it is registered.
        """
        self._memories_rv[name] = copy.deepcopy(value)

    def reset(self) -> None:
        """Set every memory to a deep copy of its reset value."""
        for name in self._memories:
            value = self._memories_rv[name]
            self._memories[name] = value if type(value) is float else copy.deepcopy(value)

    def detach(self) -> None:
        """Cut every tensor memory off its graph, in place (truncated back-propagation through time)."""
        for name, value in self._memories.items():
            if isinstance(value, Tensor):
                self._memories[name] = value.detach() if value._is_view() else value.detach_()

    def memories(self) -> Iterator[Any]:
        """Yield the present value of each memory, numbers and ``None`` included."""
        for _, value in self.named_memories():
            yield value

    def named_memories(self) -> Iterator[tuple[str, Any]]:
        """Yield the name and the present value of each memory, numbers and ``None`` included."""
        yield from self._memories.items()

    def __getattr__(self, name: str) -> Any:
        memories = self.__dict__.get("_memories")
        if memories is not None and name in memories:
            return memories[name]
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        memories = self.__dict__.get("_memories")
        if memories is not None and name in memories:
            memories[name] = value
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if name in self._memories:
            del self._memories[name]
            del self._memories_rv[name]
        else:
            super().__delattr__(name)

    def __dir__(self) -> Iterable[str]:
        return sorted({*super().__dir__(), *self._memories})

    def _apply(self, fn: Callable[[Tensor], Tensor], *args: Any, **kwargs: Any) -> Any:
        for name, value in self._memories.items():
            if isinstance(value, Tensor):
                self._memories[name] = fn(value)
        return super()._apply(fn, *args, **kwargs)

    def _replicate_for_data_parallel(self) -> Any:
        replica = super()._replicate_for_data_parallel()
        replica._memories = self._memories.copy()
        return replica

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        for name, value in self._memories.items():
            if isinstance(value, Tensor) and value.grad_fn is not None:
                raise RuntimeError(
                    f"{type(self).__name__}: the memory {name!r} is attached to an autograd graph, "
                    "which torch cannot deep-copy; call reset() or detach() first"
                )
        create, arguments, state = cast("tuple[Any, ...]", self.__reduce_ex__(4))[:3]
        memo[id(self)] = copied = create(*arguments)
        copied.__setstate__(copy.deepcopy(state, memo))
        return copied


def fill_like(value: Any, x: Tensor) -> Any:
    """Return a state as a tensor: a ``float`` fills a tensor of the shape, dtype and device of ``x``.

    Equation::

        v[...] = value                   where value is a float, else value as it is

    Args:
        value: a memory; only a ``float`` is turned into a tensor.
        x: the input of the first step.

    The dtype is the input's even where that cannot hold the number (an int64 input rounds it).

    Source: ``BaseNode.v_float_to_tensor``, SpikingJelly 0.0.0.0.14 and SNNGrow.
    """
    return torch.full_like(x.detach(), fill_value=value) if isinstance(value, float) else value
