"""Moving models between libraries, with a proof: describe, convert, prove, load.

::

    spec = describe(module)                       what decides the numbers, in neutral terms
    model, report = convert(model, to="braincog") the same model in another library, proven
    report = prove(a, b, inputs)                  two models on the same inputs
    model = load("old.pt")                        a whole model that an upstream library saved

A proof can be made in two halves, in two processes: ``trace`` records a run, ``compare_traces``
compares two records. ``unisnn.convert`` is this module and the function at once: calling the module
calls :func:`convert`.
"""

from __future__ import annotations

import sys as _sys
import types as _types
from typing import Any

from unisnn.convert.errors import ConversionError
from unisnn.convert.model import convert
from unisnn.convert.pickles import RefusedError, load
from unisnn.convert.proof import compare_traces, prove
from unisnn.convert.report import ProofReport
from unisnn.convert.trace import Trace, trace
from unisnn.convert.tree import describe

__all__ = [
    "ConversionError",
    "ProofReport",
    "RefusedError",
    "Trace",
    "compare_traces",
    "convert",
    "describe",
    "load",
    "prove",
    "trace",
]


class _CallableModule(_types.ModuleType):
    """A module that stands for its function of the same name too."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return convert(*args, **kwargs)


_sys.modules[__name__].__class__ = _CallableModule
