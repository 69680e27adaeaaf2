"""``clock_driven`` of the 0.0.0.0.12 release: the cases of 0.0.0.0.14, asked of the older wheel.

Both wheels ship the same public names there, so each case is the same case in another edition; a
case that needs a module which 0.0.0.0.12 does not have is left out.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator

from unisnn.parity.case import Case

__all__ = ["cases"]

_NEW, _OLD = "spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12"
_SOURCES = (
    "clock_driven_encoders",
    "clock_driven_layers",
    "clock_driven_models",
    "clock_driven_neurons",
    "clock_driven_surrogates",
    "clock_driven_tools",
    "rnn",
)


def cases() -> Iterator[Case]:
    """Yield every case of ``clock_driven`` for the older edition."""
    for source in _SOURCES:
        for case in importlib.import_module(f"unisnn.parity.cases.{source}").cases():
            named = case.edition == _NEW and case.symbol.startswith("clock_driven.")
            if named and "activation_based" not in json.dumps(case.to_dict()):
                yield case.with_(id=case.id.replace(_NEW, _OLD, 1), edition=_OLD)
