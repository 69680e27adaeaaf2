"""IF, LIF and ParametricLIF of SpikingJelly: the numbers, over all arguments, drives and inputs.

The same cases run against 0.0.0.0.14 (TorchScript off) and, for what the two share, against 2.0.0.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITIONS = ("spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0")
_NEURON = "activation_based.neuron"
_SURROGATE = "activation_based.surrogate"
_BASE = (f"{_NEURON}.BaseNode", "activation_based.base.MemoryModule")

_CLASSES = ("IFNode", "LIFNode", "ParametricLIFNode")
_TAU = {"LIFNode": "tau", "ParametricLIFNode": "init_tau"}
_DRIVES: tuple[dict[str, Any], ...] = (
    {"drive": "step"},
    {"drive": "sequence"},
    {"drive": "step", "training": False, "loss": ["v"]},
    {"drive": "sequence", "training": False, "loss": ["v"]},
)

_SURROGATES: tuple[dict[str, Any], ...] = (
    _grid.new(f"{_SURROGATE}.ATan"),
    _grid.new(f"{_SURROGATE}.ATan", alpha=3.0),
    _grid.new(f"{_SURROGATE}.Sigmoid", alpha=1.0),
    _grid.new(f"{_SURROGATE}.PiecewiseQuadratic"),
    _grid.new(f"{_SURROGATE}.PiecewiseExp"),
    _grid.new(f"{_SURROGATE}.SoftSign"),
    _grid.new(f"{_SURROGATE}.Erf"),
    _grid.new(f"{_SURROGATE}.S2NN"),
    _grid.new(f"{_SURROGATE}.QPseudoSpike"),
    _grid.new(f"{_SURROGATE}.LogTailedReLU"),
    _grid.new(f"{_SURROGATE}.FakeNumericalGradient"),
    _grid.new(f"{_SURROGATE}.NonzeroSignLogAbs"),
    _grid.new(f"{_SURROGATE}.SquarewaveFourierSeries"),
    _grid.new(f"{_SURROGATE}.LeakyKReLU", leak=0.1, k=0.5),
    _grid.new(f"{_SURROGATE}.PiecewiseLeakyReLU", w=0.5, c=0.1),
)
"""Surrogates as constructor arguments; keywords only, because 2.0.0 reorders some positions."""


def _arguments(name: str, edition: str) -> Iterator[dict[str, Any]]:
    """Yield every combination of reset, detach, time constant and decay of a class."""
    resets = (0.0, None, -0.1, 0.2)
    if name == "IFNode":
        for v_reset, detach in itertools.product(resets, (False, True)):
            yield {"v_reset": v_reset, "detach_reset": detach}
        return
    taus = (2.0, 1.7, 4 / 3, 3.0)
    for tau, decay, v_reset, detach in itertools.product(taus, (True, False), resets, (False, True)):
        if tau in (4 / 3, 3.0) and (v_reset == -0.1 or detach):
            continue
        yield {_TAU[name]: tau, "decay_input": decay, "v_reset": v_reset, "detach_reset": detach}


def _drives(edition: str) -> tuple[dict[str, Any], ...]:
    """Return the drives; 2.0.0 differentiates in eval mode as well, which is no shared behaviour."""
    if edition.endswith("2.0.0"):
        return tuple(dict(drive, loss=[]) if drive.get("training") is False else drive for drive in _DRIVES)
    return _DRIVES


def _drive_word(drive: dict[str, Any]) -> str:
    return f"{'eval' if drive.get('training') is False else 'train'}-{drive['drive']}"


def _in_mode(drive: dict[str, Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    return {**kwargs, "step_mode": "m"} if drive["drive"] == "sequence" else kwargs


def _numbers(edition: str, name: str) -> Iterator[Case]:
    """All arguments in all drives; two inputs, one of them full of ties at the threshold."""
    for number, kwargs in enumerate(_arguments(name, edition)):
        for place, drive in enumerate(_drives(edition)):
            chosen = (
                ("uni", "grid")
                if kwargs.get("v_reset") in (0.0, None)
                else (("uni", "grid")[(number + place) % 2],)
            )
            for source in chosen:
                yield _grid.made(
                    edition,
                    "neuron",
                    f"{_NEURON}.{name}",
                    f"{_grid.text(kwargs)}/{_drive_word(drive)}-{source}",
                    kwargs=_in_mode(drive, kwargs),
                    inputs=_grid.drawn(source),
                    evidence=_BASE if name == "IFNode" else (),
                    **drive,
                )


def _thresholds(edition: str, name: str) -> Iterator[Case]:
    for threshold, drive, source in itertools.product(
        (0.25, 0.5, 1.3, 2.0), _drives(edition)[:3], ("grid", "nrm")
    ):
        kwargs = {"v_threshold": threshold, "v_reset": None if threshold == 1.3 else 0.0}
        what = f"v_threshold={threshold:g}/{_drive_word(drive)}-{source}"
        inputs = _grid.drawn(source)
        yield _grid.made(
            edition,
            "neuron",
            f"{_NEURON}.{name}",
            what,
            kwargs=_in_mode(drive, kwargs),
            inputs=inputs,
            **drive,
        )


def _surrogates(edition: str, name: str) -> Iterator[Case]:
    for surrogate, drive in itertools.product(_SURROGATES, _drives(edition)[:2]):
        if edition.endswith("0.14") and "NonzeroSignLogAbs" in surrogate["$new"]:
            continue  # its backward raises there
        for v_reset in (0.0, 0.2) if drive["drive"] == "step" else (None,):
            kwargs = {"surrogate_function": surrogate, "v_reset": v_reset, "detach_reset": v_reset is None}
            what = f"{_grid.text(kwargs)}/{_drive_word(drive)}"
            yield _grid.made(
                edition,
                "neuron",
                f"{_NEURON}.{name}",
                what,
                kwargs=_in_mode(drive, kwargs),
                inputs=_grid.drawn("nrm"),
                evidence=(surrogate["$new"],),
                **drive,
            )


def _inputs(edition: str, name: str) -> Iterator[Case]:
    """Extremes, shapes, dtypes and memory layouts, on default arguments and on soft reset."""
    for source, drive in itertools.product(_grid.EXTREMES, _drives(edition)):
        for v_reset in (0.0, None):
            if source == "empty" and drive["drive"] == "sequence" and edition.endswith("2.0.0"):
                continue
            kwargs = {"v_reset": v_reset}
            what = f"{source}/{_grid.text(kwargs)}/{_drive_word(drive)}"
            yield _grid.made(
                edition,
                "neuron",
                f"{_NEURON}.{name}",
                what,
                kwargs=_in_mode(drive, kwargs),
                inputs=_grid.drawn(source),
                **drive,
            )
    for dtype, drive, source in itertools.product(
        ("float16", "bfloat16", "float64"), _drives(edition), ("uni", "grid")
    ):
        for kwargs in _grid.SETTINGS:
            what = f"{_grid.text(kwargs)}/{_drive_word(drive)}-{source}"
            yield _grid.made(
                edition,
                "neuron",
                f"{_NEURON}.{name}",
                what,
                kwargs=_in_mode(drive, kwargs),
                inputs=_grid.drawn(source, dtype),
                dtype=dtype,
                **drive,
            )
    for layout, drive in itertools.product(("strided", "transposed", "expanded"), _drives(edition)[:3]):
        what = f"layout={layout}/{_drive_word(drive)}"
        inputs = _grid.drawn("uni", layout=layout)
        yield _grid.made(
            edition, "neuron", f"{_NEURON}.{name}", what, kwargs=_in_mode(drive, {}), inputs=inputs, **drive
        )
    for drive in _drives(edition):
        yield _grid.made(
            edition,
            "neuron",
            f"{_NEURON}.{name}",
            f"integers/{_drive_word(drive)}",
            kwargs=_in_mode(drive, {}),
            inputs=_grid.drawn("count"),
            dtype="int64",
            **{**drive, "loss": []},
        )


def _curve(edition: str, name: str) -> Case:
    """The trace that the report draws."""
    return _grid.made(
        edition,
        "neuron",
        f"{_NEURON}.{name}",
        "curve",
        inputs=_grid.drawn("ramp"),
        drive="step",
        plot=name,
        curves={"voltage": "trace/v/0", "spikes": "y/0"},
        threshold=1.0,
    )


def _eval_graph(edition: str, name: str) -> Iterator[Case]:
    """Spikes of eval mode, on input that asks for a gradient: whether they are in the graph."""
    for drive in _DRIVES[2:]:
        yield _grid.made(
            edition,
            "neuron",
            f"{_NEURON}.{name}",
            f"graph/{_drive_word(drive)}-uni",
            kwargs=_in_mode(drive, {}),
            inputs=_grid.drawn("uni"),
            **{**drive, "loss": ["y"]},
        )


def cases() -> Iterator[Case]:
    """Yield the cases of both editions."""
    for edition, name in itertools.product(_EDITIONS, _CLASSES):
        yield from _numbers(edition, name)
        yield from _thresholds(edition, name)
        yield from _surrogates(edition, name)
        yield from _inputs(edition, name)
        yield from _eval_graph(edition, name)
        yield _curve(edition, name)
