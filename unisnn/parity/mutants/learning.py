"""Wrong plasticity and monitors: a trace that decays otherwise, a factor left out, records twice."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch

__all__: list[str] = []

_EDITION = "spikingjelly==0.0.0.0.14"
_PLASTICITY = "unisnn.core.plasticity"


@contextlib.contextmanager
def _instead(module: str, name: str, wrap: Callable[[Any], Any]) -> Iterator[None]:
    owner: Any = importlib.import_module(module)
    before = getattr(owner, name)
    setattr(owner, name, wrap(before))
    try:
        yield
    finally:
        setattr(owner, name, before)


@patch("learning/leak-after")
def _leak_after() -> contextlib.AbstractContextManager[None]:
    return _instead(_PLASTICITY, "decay_leaky", lambda _: lambda p, s, tau: p + s - p / tau)


@patch("learning/unscaled-trace")
def _unscaled() -> contextlib.AbstractContextManager[None]:
    return _instead(_PLASTICITY, "decay_exponential", lambda _: lambda p, s, tau: p * (1 - 1 / tau) + s)


@patch("learning/swapped-factors")
def _swapped() -> contextlib.AbstractContextManager[None]:
    return _instead(_PLASTICITY, "stdp_dense", lambda right: lambda *a: right(*a[:5], a[6], a[5]))


@patch("learning/no-reset")
def _no_reset() -> contextlib.AbstractContextManager[None]:
    from unisnn.spikingjelly.activation_based.learning import STDPLearner

    @contextlib.contextmanager
    def kept() -> Iterator[None]:
        STDPLearner.reset = lambda self: None  # type: ignore[method-assign]
        try:
            yield
        finally:
            del STDPLearner.reset

    return kept()


def _mutant(name: str, symbol: str, text: str, case: str = "*") -> None:
    path = f"activation_based.learning.{symbol}"
    add(Mutant(f"learning/{name}", "learning", _EDITION, text, path, case, f"learning/{name}"))


_mutant("leak-after", "stdp_*", "p + s - p/tau for p - p/tau + s", "*/linear/*|*/factors0/*")
_mutant("unscaled-trace", "mstdp*", "1 - 1/tau for exp(-1/tau)", "*/factors0/*")
_mutant("swapped-factors", "stdp_linear_single_step", "f_pre and f_post swapped", "*/factors1/*")
_mutant("no-reset", "STDPLearner", "reset keeps the traces", "*/reset/*")


@patch("monitor/packed")
def _packed() -> contextlib.AbstractContextManager[None]:
    module = "unisnn.spikingjelly.activation_based.monitor"
    return _instead(module, "unpack_len1_tuple", lambda _: lambda x: x)


add(
    Mutant(
        "monitor/packed",
        "monitor",
        _EDITION,
        "tuples of one kept as tuples",
        "activation_based.monitor.InputMonitor",
        patch="monitor/packed",
    )
)
