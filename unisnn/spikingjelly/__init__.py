"""SpikingJelly's API, as its documented edition (commit 3756e2f8) describes it.

The modules live where upstream has them, below :mod:`unisnn.spikingjelly.activation_based`; the short
names are those very module objects, imported when they are first used::

    from unisnn.spikingjelly import functional, layer, neuron, surrogate

The older :mod:`unisnn.spikingjelly.clock_driven` is beside it.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = [
    "activation_based",
    "ann2snn",
    "base",
    "cext",
    "clock_driven",
    "datasets",
    "encoding",
    "event_driven",
    "functional",
    "layer",
    "learning",
    "model",
    "monitor",
    "neuron",
    "quantize",
    "rnn",
    "spike_op",
    "surrogate",
    "timing_based",
    "visualizing",
]

_SHORT = (
    "ann2snn",
    "base",
    "encoding",
    "functional",
    "layer",
    "learning",
    "model",
    "monitor",
    "neuron",
    "quantize",
    "rnn",
    "spike_op",
    "surrogate",
)
_PACKAGES = (
    "activation_based",
    "cext",
    "clock_driven",
    "datasets",
    "event_driven",
    "timing_based",
    "visualizing",
)


def __getattr__(name: str) -> ModuleType:
    if name in _SHORT:
        return importlib.import_module(f"{__name__}.activation_based.{name}")
    if name in _PACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
