"""Memories: what every stateful module of ``clock_driven`` is made of."""

from __future__ import annotations

from unisnn.core import memory as _memory

__all__ = ["MemoryModule"]


class MemoryModule(_memory.MemoryModule):
    """A module with memories: state that reads like an attribute and is restored by ``reset``.

    Equation::

        register_memory("v", 0.0)        v = 0.0, reset value 0.0
        v = h                            the state after a step
        reset()                          v = 0.0 again

    ``register_memory``, ``set_reset_value``, ``reset``, ``detach``, ``memories`` and ``named_memories``
    are described at :class:`unisnn.core.memory.MemoryModule`. Unlike the class of that name in
    ``activation_based`` it has neither a step mode nor a backend.

    Raises:
        AssertionError: ``register_memory`` meets a name that is taken.

    Source: ``clock_driven.base.MemoryModule``, SpikingJelly 0.0.0.0.14.
    """
