"""Modules of SpikingJelly's ``clock_driven`` package, as 0.0.0.0.14 still ships it, file for file.

Here a neuron has no step mode: ``LIFNode`` takes one time step a call, ``MultiStepLIFNode`` all of them::

    y    = LIFNode()(x)                  x of shape [N, *]
    y[t] = MultiStepLIFNode()(x)[t]      x of shape [T, N, *]
"""

from __future__ import annotations

__all__: list[str] = []
