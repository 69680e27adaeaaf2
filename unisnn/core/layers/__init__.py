"""Layers without a step mode: what a library's generations of one layer have in common.

A namespace's class inherits one of these beside its own base. It brings signature, defaults and docstring,
calls ``_make`` in its constructor, and its forward, in whatever step mode, calls the method that takes one
time step::

    class NeuNorm(synapse.ChannelNorm, base.MemoryModule):
        def __init__(self, in_channels, height, width, k=0.9, shared_across_channels=False, step_mode="s"):
            super().__init__()
            self.step_mode = step_mode
            self._make(in_channels, height, width, k, shared_across_channels)

        def single_step_forward(self, in_spikes):
            return self._take_step(in_spikes)

The mathematics is in the pure functions of :mod:`unisnn.core.synapse`, :mod:`unisnn.core.encoding` and
:mod:`unisnn.core.attention`.
"""

from __future__ import annotations

__all__: list[str] = []
