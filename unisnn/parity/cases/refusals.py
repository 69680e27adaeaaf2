"""Bad arguments: what upstream refuses, unisnn refuses with an exception that the same code catches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ2, _SG, _BC = (
    "spikingjelly==0.0.0.0.14",
    "spikingjelly==2.0.0",
    "snngrow==0.1.1a1",
    "braincog==0.2.7.19",
)
_NEURON, _NODE = "activation_based.neuron", "base.node.node"

_SHARED: tuple[dict[str, Any], ...] = (
    {"v_reset": 0},
    {"v_reset": "0."},
    {"v_reset": True},
    {"v_threshold": 1},
    {"v_threshold": None},
    {"v_threshold": "1."},
    {"detach_reset": 0},
    {"detach_reset": None},
    {"detach_reset": "no"},
    {"unknown": 1},
)
_TAUS: tuple[Any, ...] = (1, 2, 1.0, 0.5, 0.0, -2.0, "2.", None, {"$float": "nan"}, {"$float": "inf"})
_DECAYS: tuple[Any, ...] = (0, 1, "yes", None)


def _made(edition: str, symbol: str, kwargs: dict[str, Any], *args: Any) -> Case:
    given = {**{str(index): value for index, value in enumerate(args)}, **kwargs}
    what = ",".join(
        f"{name}={_grid.word(value) if isinstance(value, dict) else repr(value)}"
        for name, value in given.items()
    )
    more = _grid.options(kwargs=kwargs, args=args, inputs=_grid.drawn("odd"))
    return _grid.made(edition, "refusal", symbol, what, **more)


def _told(value: Any) -> str:
    return _grid.word(value) if isinstance(value, dict) else repr(value)


def _time_constants(edition: str, symbol: str, argument: str) -> Iterator[Case]:
    for tau in _TAUS:
        yield _made(edition, symbol, {argument: tau})
    if edition == _SJ2:
        return
    for decay, v_reset in itertools.product(_DECAYS, (0.0, 0.2)):
        yield _made(edition, symbol, {"decay_input": decay, "v_reset": v_reset, argument: 1.7})


def _spikingjelly(edition: str) -> Iterator[Case]:
    for name, tau in (("IFNode", ""), ("LIFNode", "tau"), ("ParametricLIFNode", "init_tau")):
        symbol = f"{_NEURON}.{name}"
        modes = ({"step_mode": mode} for mode in ("x", None, "S", 0))
        for kwargs in (*_SHARED, *modes):
            yield _made(edition, symbol, dict(kwargs))
        if tau:
            yield from _time_constants(edition, symbol, tau)
        if edition == _SJ14:
            yield _made(edition, symbol, {"backend": "abacus"})
            yield _made(edition, symbol, {"backend": "torch"})
    yield _made(edition, f"{_NEURON}.LIFNode", {}, 1.7, True, 0.9, None)
    yield _made(edition, f"{_NEURON}.IFNode", {}, 0.9, None)
    yield _made(edition, f"{_NEURON}.ParametricLIFNode", {}, 1.7, True, 0.9, 0.2)


def _snngrow() -> Iterator[Case]:
    for name, tau in (("IFNode", ""), ("LIFNode", "tau")):
        symbol = f"base.neuron.{name}.{name}"
        parallel = ({"parallel_optim": value} for value in (1, None, "no"))
        steps = ({"T": value} for value in (1.0, "1", None, True))
        for kwargs in (*_SHARED, *parallel, *steps):
            yield _made(_SG, symbol, dict(kwargs))
        if tau:
            yield from _time_constants(_SG, symbol, tau)
    yield _made(_SG, "base.neuron.LIFNode.LIFNode", {}, 1.7, False, 0.9, None)


def _braincog() -> Iterator[Case]:
    for name in ("IFNode", "LIFNode", "PLIFNode"):
        symbol = f"{_NODE}.{name}"
        for kwargs in (
            {"threshold": 1},
            {"threshold": "1."},
            {"act_fun": "NoSuchGrad"},
            {"act_fun": 3},
            {"act_fun": _grid.new("base.strategy.surrogate.SigmoidGrad")},
            {"v_reset": "0."},
            {"step": 2.0},
        ):
            yield _made(_BC, symbol, dict(kwargs))
        if name != "IFNode":
            for tau in (1, 2, 4.0, "2.", None):
                yield _made(_BC, symbol, {"tau": tau})
    for tau in (1.0, 0.5):
        yield _made(_BC, f"{_NODE}.PLIFNode", {"tau": tau})
    yield _made(_BC, f"{_NODE}.LIFNode", {}, 0.6, 3.0)
    yield _made(_BC, f"{_NODE}.IFNode", {}, 0.6)
    yield _made(_BC, f"{_NODE}.PLIFNode", {}, 0.6, 3.0)


def cases() -> Iterator[Case]:
    """Yield the cases of constructors with arguments that are odd, wrong or missing."""
    for edition in (_SJ14, _SJ2):
        yield from _spikingjelly(edition)
    yield from _snngrow()
    yield from _braincog()
