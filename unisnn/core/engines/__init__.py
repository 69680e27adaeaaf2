"""Engines: how T time steps of a neuron are run.

The reference loop takes them one by one under autograd and runs anything. A fused engine takes them in one
differentiable operation, from a :class:`Plan`, with the same bits.
"""

from __future__ import annotations

from unisnn.core.engines._kept import release
from unisnn.core.engines.choice import ENGINES, chosen, engine, run, status
from unisnn.core.engines.plan import Plan

__all__ = ["ENGINES", "Plan", "chosen", "engine", "release", "run", "status"]
