"""What the networks of ``activation_based.model`` and of ``clock_driven.model`` have in common.

Both packages build the same architectures; they differ in the layers they are made of, in the name of the
argument that gives the neuron, and in how time reaches a stateless layer. A :class:`build.Kit` says these.
"""

from __future__ import annotations

__all__: list[str] = []
