"""Spiking recurrent cells and networks, in one and both directions."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ2 = "spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0"
_RNN, _SURROGATE = "activation_based.rnn", "activation_based.surrogate"
_KINDS = ("SpikingLSTM", "SpikingVanillaRNN", "SpikingGRU")
_X = {"kind": "normal", "seed": 95, "shape": [6, 3, 5], "std": 2}
_SOFT = _grid.new(f"{_SURROGATE}.Erf", spiking=False)
_ATAN = _grid.new(f"{_SURROGATE}.ATan")


def _case(edition: str, name: str, what: str, *args: Any, **more: Any) -> Case:
    more = {"protocol": "rnn", "inputs": {"x": _X}, "scale": 3.0, "args": args, **more}
    return _grid.made(edition, "rnn", f"{_RNN}.{name}", what, **more)


def _state(kind: str, layers: int) -> Any:
    def drawn(seed: int) -> dict[str, Any]:
        shape = [layers, 3, 4] if layers else [3, 4]
        return {"$tensor": {"kind": "normal", "seed": seed, "shape": shape}}

    return {"$tuple": [drawn(96), drawn(97)]} if kind == "SpikingLSTM" else drawn(96)


def _functions(kind: str) -> dict[str, dict[str, Any]]:
    if kind == "SpikingVanillaRNN":
        return {"ATan": {"surrogate_function": _ATAN}, "soft": {"surrogate_function": _SOFT}}
    return {
        "ATan": {"surrogate_function1": _ATAN},
        "two": {"surrogate_function1": _ATAN, "surrogate_function2": _grid.new(f"{_SURROGATE}.Sigmoid")},
        "soft": {"surrogate_function1": _SOFT},
        "mixed": {"surrogate_function1": _ATAN, "surrogate_function2": _SOFT},
    }


def _cells(edition: str) -> Iterator[Case]:
    for kind in _KINDS:
        name, evidence = f"{kind}Cell", (f"{_RNN}.SpikingRNNCellBase",)
        for scale, loss in itertools.product((1.0, 3.0), (None, True)):
            more = {"cell": True, "scale": scale, "state_loss": loss, "evidence": evidence}
            what = f"plain-{scale}{'-state' if loss else ''}"
            yield _case(edition, name, what, 5, 4, **more)
        yield _case(edition, name, "no-bias", 5, 4, cell=True, kwargs={"bias": False}, evidence=evidence)
        yield _case(edition, name, "given", 5, 4, cell=True, states=_state(kind, 0))
        for word, functions in _functions(kind).items():
            yield _case(edition, name, word, 5, 4, cell=True, kwargs=functions)


def _networks(edition: str) -> Iterator[Case]:
    """Networks; of several layers 0.0.0.0.14 gets little right, so only some of them run there."""
    old = edition == _SJ14
    for kind, both in itertools.product(_KINDS, (False, True)):
        kwargs = {"bidirectional": True} if both else {}
        word = "both" if both else "one"
        evidence = (f"{_RNN}.SpikingRNNBase",)
        yield _case(edition, kind, f"{word}-1", 5, 4, 1, kwargs=kwargs, evidence=evidence, state_loss=True)
        states = _state(kind, 2 if both else 1)
        yield _case(edition, kind, f"{word}-given", 5, 4, 1, kwargs=kwargs, states=states)
        yield _case(edition, kind, f"{word}-no-bias", 5, 4, 1, kwargs={**kwargs, "bias": False})
        functions = {**kwargs, **_functions(kind)["ATan"]}
        yield _case(edition, kind, f"{word}-ATan", 5, 4, 1, kwargs=functions)
        filled = _grid.options(filled=not old or None)
        for layers, training in itertools.product((2, 3), (True, False)):
            more = {"kwargs": kwargs, "training": training, **filled}
            what = f"{word}-{layers}-{'train' if training else 'eval'}"
            yield _case(edition, kind, what, 5, 4, layers, **more)
        for layers in (2,) if old and both else (2, 3):
            given = _state(kind, 2 * layers if both else layers)
            more = {"kwargs": kwargs, "states": given, **filled}
            yield _case(edition, kind, f"{word}-{layers}-given", 5, 4, layers, **more)
        for invariant, layers in itertools.product(
            (False,) if old else (False, True), (2,) if old else (2, 3)
        ):
            options = {**kwargs, "dropout_p": 0.4, "invariant_dropout_mask": invariant}
            what = f"{word}-{layers}-dropout{'-invariant' if invariant else ''}"
            more = {"kwargs": options, **filled}
            yield _case(edition, kind, what, 5, 4, layers, **more)
            yield _case(edition, kind, f"{what}-eval", 5, 4, layers, training=False, **more)


def _directions(edition: str) -> Iterator[Case]:
    for kind in _KINDS:
        cells = [_grid.new(f"{_RNN}.{kind}Cell", 5, 4), _grid.new(f"{_RNN}.{kind}Cell", 5, 4)]
        more = {"protocol": "rnn_directions", "cells": cells, "states": _state(kind, 0)}
        if kind == "SpikingLSTM":
            stacked = {"$tensor": {"kind": "normal", "seed": 96, "shape": [2, 3, 4]}}
            more["states"] = stacked
        yield _case(edition, "bidirectional_rnn_cell_forward", kind, **more)


def _refusals() -> Iterator[Case]:
    for name in ("SpikingRNNBase", "SpikingLSTM", "SpikingGRU", "SpikingVanillaRNN"):
        options = {"dropout_p": 2.0}
        yield _case(_SJ14, name, "refuses-dropout", 5, 4, 2, kwargs=options)


def cases() -> Iterator[Case]:
    """Yield the cases of both editions."""
    for edition in (_SJ14, _SJ2):
        yield from _cells(edition)
        yield from _networks(edition)
        yield from _directions(edition)
    yield from _refusals()
    older = [*_cells(_SJ14), *_networks(_SJ14), *_directions(_SJ14)]
    yield from (_of_clock_driven(case) for case in older if case.calls.get("scale") != 1.0)


def _of_clock_driven(case: Case) -> Case:
    """Return the same case asked of ``clock_driven.rnn``."""
    text = json.dumps(case.to_dict()).replace("activation_based.", "clock_driven.")
    return Case.from_dict(json.loads(text.replace(f"{_SJ14}/rnn/", f"{_SJ14}/rnn/clock_driven/")))
