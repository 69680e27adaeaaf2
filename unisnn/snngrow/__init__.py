"""SNNGrow's API on unisnn's core: surrogates, neurons, spike tensors.

Paths are SNNGrow's own: ``snngrow.base.neuron.LIFNode`` is ``unisnn.snngrow.base.neuron.LIFNode``.
The documented edition (the one with ``spike_out``) is followed; where 0.1.1a1 differs, the drop-in
for 0.1.1a1 gives what that one gives (see :mod:`unisnn.core.edition`).
"""

from unisnn.core import edition as _edition
from unisnn.snngrow import base

__all__ = ["base", "name"]

name = "snngrow"
"""The library's name, as upstream's package states it."""

_VERSIONS = {"git": "1.0.0", "0.1.1a1": "0.1.1a1"}


def __getattr__(attribute: str) -> str:
    if attribute == "__version__":
        return _VERSIONS[_edition.current("snngrow")]
    raise AttributeError(f"module {__name__!r} has no attribute {attribute!r}")
