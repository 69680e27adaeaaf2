"""IF and LIF of SNNGrow 0.1.1a1: step by step and with ``parallel_optim``, train and eval."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITION = "snngrow==0.1.1a1"
_SYMBOL = {"IFNode": "base.neuron.IFNode.IFNode", "LIFNode": "base.neuron.LIFNode.LIFNode"}
_BASE = ("base.neuron.BaseNode.BaseNode",)

_DRIVES: tuple[dict[str, Any], ...] = (
    {"drive": "step"},
    {"drive": "flat"},
    {"drive": "step", "training": False, "loss": ["v"]},
    {"drive": "flat", "training": False, "loss": ["v"]},
)
_STEPS = {"one": 1, "odd": 5, "image": 4, "vector": 6, "empty": 4, "wild": 3}


def _word(drive: dict[str, Any]) -> str:
    return f"{'eval' if drive.get('training') is False else 'train'}-{drive['drive']}"


def _case(
    name: str, what: str, kwargs: dict[str, Any], source: str, drive: dict[str, Any], **more: Any
) -> Case:
    """Return one case; a flat drive switches ``parallel_optim`` on with the input's number of steps."""
    if drive["drive"] == "flat":
        kwargs = {**kwargs, "parallel_optim": True, "T": _STEPS.get(source, 8)}
    recipe = _grid.recipe(source, more.get("dtype"), more.pop("layout", None))
    return _grid.made(
        _EDITION,
        "neuron",
        _SYMBOL[name],
        f"{what}/{_word(drive)}-{source}",
        kwargs=kwargs,
        inputs={"x": recipe},
        evidence=_BASE,
        **{**drive, **more},
    )


def _arguments(name: str) -> Iterator[dict[str, Any]]:
    for v_reset, detach in itertools.product((0.0, None, -0.1, 0.2), (False, True)):
        if name == "IFNode":
            yield {"v_reset": v_reset, "detach_reset": detach}
            continue
        for tau, decay in itertools.product((2.0, 1.7, 4 / 3, 3.0), (True, False)):
            if tau in (2.0, 1.7) or not detach:
                yield {"tau": tau, "decay_input": decay, "v_reset": v_reset, "detach_reset": detach}


def _numbers(name: str) -> Iterator[Case]:
    for number, kwargs in enumerate(_arguments(name)):
        for place, drive in enumerate(_DRIVES):
            chosen = (
                ("uni", "grid")
                if kwargs["v_reset"] in (0.0, None)
                else (("uni", "grid")[(number + place) % 2],)
            )
            for source in chosen:
                yield _case(name, _grid.text(kwargs), kwargs, source, drive)


def _variations(name: str) -> Iterator[Case]:
    for threshold, drive in itertools.product((0.25, 0.5, 1.3, 2.0), _DRIVES):
        kwargs = {"v_threshold": threshold, "v_reset": None if threshold == 1.3 else 0.0}
        yield _case(name, f"v_threshold={threshold:g}", kwargs, "grid", drive)
    surrogates = (
        _grid.new("base.surrogate.ATan.ATan"),
        _grid.new("base.surrogate.ATan.ATan", alpha=3.0),
        _grid.new("base.surrogate.Sigmoid.Sigmoid", alpha=1.0),
        _grid.new("base.surrogate.Sigmoid.Sigmoid", alpha=7),
        _grid.new("base.surrogate.Sigmoid.Sigmoid", alpha=4.0, spiking=False),
        _grid.new("base.surrogate.ATan.ATan", alpha=2.0, spiking=False),
    )
    for surrogate, drive, v_reset in itertools.product(surrogates, _DRIVES, (0.0, None)):
        kwargs = {"surrogate_function": surrogate, "v_reset": v_reset}
        yield _case(name, _grid.text(kwargs), kwargs, "nrm", drive)
    extremes = (
        "silent",
        "loud",
        "negative",
        "tiny",
        "huge",
        "one",
        "odd",
        "image",
        "vector",
        "empty",
        "wild",
    )
    for source, drive, v_reset in itertools.product(extremes, _DRIVES, (0.0, None)):
        yield _case(name, f"{source}-v_reset={v_reset}", {"v_reset": v_reset}, source, drive)
    kinds = ("float16", "bfloat16", "float64")
    settings = (
        {"v_reset": 0.0},
        {"v_reset": None, "v_threshold": 0.9},
        {"v_reset": 0.2, "detach_reset": True},
    )
    for dtype, drive, kwargs in itertools.product(kinds, _DRIVES, settings):
        source = "grid" if kwargs["v_reset"] == 0.0 else "uni"
        yield _case(name, _grid.text(kwargs), dict(kwargs), source, drive, dtype=dtype)
    for layout, drive in itertools.product(("strided", "transposed"), _DRIVES):
        yield _case(name, f"layout={layout}", {}, "uni", drive, layout=layout)
    for drive in _DRIVES:
        yield _case(name, "integers", {}, "count", drive, dtype="int64", loss=[])


def _parallel(name: str) -> Iterator[Case]:
    """``parallel_optim`` by itself: state between calls, and time steps that do not divide the input."""
    for steps in (1, 2, 4, 8, 16, 32, 3, 64, 0):
        script = [["attempt", ["run", "x", "flat"]], ["attempt", ["run", "again", "flat"]]]
        inputs = {"x": _grid.recipe("uni"), "again": _grid.recipe("again")}
        kwargs = {"parallel_optim": True, "T": steps, "v_reset": None}
        what = f"parallel_optim-T={steps}"
        symbol = _SYMBOL[name]
        yield _grid.made(
            _EDITION, "neuron", symbol, what, kwargs=kwargs, inputs=inputs, script=script, evidence=_BASE
        )


def cases() -> Iterator[Case]:
    """Yield the neuron cases of SNNGrow."""
    for name in _SYMBOL:
        yield from _numbers(name)
        yield from _variations(name)
        yield from _parallel(name)
        yield _case(
            name,
            "curve",
            {},
            "ramp",
            _DRIVES[0],
            plot=name,
            curves={"voltage": "trace/v/0", "spikes": "y/0"},
            threshold=1.0,
        )
