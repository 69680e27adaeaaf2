"""Mutants of ``clock_driven``: a wrong charge, reset, norm, loss; a window of half the height."""

from __future__ import annotations

import contextlib
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []

_EDITION = "spikingjelly==0.0.0.0.1[24]"


def _qif(v, x, tau, v_c, a0, v_rest):  # type: ignore[no-untyped-def]
    return v + (x + a0 * (v - v_c) * (v - v_rest)) / tau * 1.0000001


def _eif(v, x, tau, v_rest, theta_rh, delta_t):  # type: ignore[no-untyped-def]
    return v + (x + v_rest - v + delta_t * ((v - theta_rh) / delta_t).exp()) * (1.0 / tau)


def _affine(v, x, a, b, c):  # type: ignore[no-untyped-def]
    return a * v + b * (x + c)


def _swapped(function: str, wrong: Any) -> contextlib.AbstractContextManager[None]:
    from unisnn.core import neuron_nonlinear

    return swapped_code(getattr(neuron_nonlinear, function), wrong)


@patch("clock/qif")
def _wrong_qif() -> contextlib.AbstractContextManager[None]:
    return _swapped("charge_qif", _qif)


@patch("clock/eif")
def _wrong_eif() -> contextlib.AbstractContextManager[None]:
    return _swapped("charge_eif", _eif)


@patch("clock/affine")
def _wrong_affine() -> contextlib.AbstractContextManager[None]:
    return _swapped("charge_affine", _affine)


def _argument(case: Case, name: str, value: Any) -> Case | None:
    return case.with_(kwargs={**case.kwargs, name: value}) if name in case.kwargs else None


def _first_argument(case: Case, factor: float) -> Case | None:
    if not case.args or not isinstance(case.args[0], (int, float)):
        return None
    return case.with_(args=(case.args[0] * factor, *case.args[1:]))


def _neuron(name: str, symbol: str, text: str, **more: Any) -> None:
    add(Mutant(f"clock/{name}", "clock_neuron", _EDITION, text, f"clock_driven.neuron.{symbol}", **more))


_neuron("qif", "QIFNode", "the quadratic charge off by one part in ten million", patch="clock/qif")
_neuron("eif", "EIFNode", "a product with 1/tau for the division", case="*tau=1.7*", patch="clock/eif")
_neuron("affine", "GeneralNode", "c scaled by b", case="*/filled-*", patch="clock/affine")
_neuron(
    "detach",
    "MultiStepLIFNode",
    "the reset not detached",
    change=lambda case: _argument(case, "detach_reset", False),
)
_neuron("tau", "LIFNode", "another time constant", change=lambda case: _argument(case, "tau", 1.9))
_neuron(
    "soft",
    "MultiStepIFNode",
    "a hard reset for a soft one",
    change=lambda case: _argument(case, "v_reset", 0.1),
)

add(
    Mutant(
        "clock/synapse-tau",
        "clock_layer",
        _EDITION,
        "a slower synapse",
        "clock_driven.layer.SynapseFilter",
        change=lambda case: _first_argument(case, 1.001),
    )
)
add(
    Mutant(
        "clock/dropout-p",
        "clock_layer",
        _EDITION,
        "another probability",
        "clock_driven.layer.MultiStepDropout",
        change=lambda case: _first_argument(case, 0.5),
    )
)
add(
    Mutant(
        "clock/latency",
        "clock_encoder",
        _EDITION,
        "the linear code for the logarithmic one",
        "clock_driven.encoding.LatencyEncoder",
        change=lambda case: case.with_(args=(case.args[0],)) if "log" in case.args else None,
    )
)
add(
    Mutant(
        "clock/kernel",
        "clock_functional",
        _EDITION,
        "another kernel",
        "clock_driven.functional.kernel_dot_product",
        change=lambda case: case.with_(args=(*case.args[:2], "linear")) if case.args[2] != "linear" else None,
    )
)
add(
    Mutant(
        "clock/half-window",
        "clock_surrogate",
        _EDITION,
        "the window of the documented edition's half width",
        "clock_driven.surrogate.PiecewiseLeakyReLU",
        change=lambda case: _argument(case, "w", 0.6),
    )
)
