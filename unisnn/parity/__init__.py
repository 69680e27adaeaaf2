"""Parity: unisnn against the genuine libraries, bit by bit.

::

    from unisnn import parity

    report = parity.run(["spikingjelly==0.0.0.0.14"], sample=200, seed=0)
    report.summary()      # {"cases": .., "exact": .., "close": .., "deviates": .., "unexplained": 0, ...}
    report.problems()     # one line for everything that is wrong

A case is data (:mod:`unisnn.parity.case`); one worker executes it for either side
(:mod:`unisnn.parity.worker`); upstream runs in a folder and a process of its own
(:mod:`unisnn.parity.oracle`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unisnn.parity.case import Case
    from unisnn.parity.compare import Verdict
    from unisnn.parity.editions import EDITIONS, Edition
    from unisnn.parity.results import CaseResult, Report
    from unisnn.parity.runner import run

__all__ = ["EDITIONS", "Case", "CaseResult", "Edition", "Report", "Verdict", "run"]

_HOME = {
    "EDITIONS": "editions",
    "Edition": "editions",
    "Case": "case",
    "CaseResult": "results",
    "Report": "results",
    "Verdict": "compare",
    "run": "runner",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        import importlib

        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
