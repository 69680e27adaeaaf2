"""unisnn: one core, every spiking-neural-network library's API.

``unisnn.spikingjelly``, ``unisnn.braincog``, ``unisnn.snngrow`` and ``unisnn.qualia_plugin_snn`` hold
the libraries' names under their own paths. What this module offers itself is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["__version__", "convert", "describe", "engine", "load", "prove", "spikes_as_bits"]

if TYPE_CHECKING:
    from unisnn.convert import convert, describe, load, prove
    from unisnn.core.engines import engine
    from unisnn.core.saved_spikes import spikes_as_bits

_HOMES = {
    "convert": "unisnn.convert",
    "describe": "unisnn.convert",
    "engine": "unisnn.core.engines",
    "load": "unisnn.convert",
    "prove": "unisnn.convert",
    "spikes_as_bits": "unisnn.core.saved_spikes",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    module = importlib.import_module(_HOMES[name])
    return module if name == "convert" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
