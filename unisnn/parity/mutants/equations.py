"""Mutants of the charge and reset equations: the same mathematics, rounded in another order.

Where another order gives the same numbers, the mutant is a wrong equation instead. A mutant runs the
code of its function in place of the right one, so every namespace that uses the equation uses the
wrong one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__ = ["VARIANTS"]

_SJ14, _SJ, _SG, _BC, _QU = "spikingjelly==0*", "spikingjelly==*", "snngrow==*", "braincog*", "qualia*"
_IF, _LIF, _PLIF = "*.IFNode", "*.LIFNode", "*.ParametricLIFNode"


def _if(v, x):  # type: ignore[no-untyped-def]
    return v + x * 1.0000002


def _scaled(v, x, dt):  # type: ignore[no-untyped-def]
    return (v + x) * dt


def _lif_decay(v, x, tau):  # type: ignore[no-untyped-def]
    return v + x / tau - v / tau


def _lif_decay_to(v, x, tau, v_reset):  # type: ignore[no-untyped-def]
    return v + (x - v + v_reset) / tau


def _lif(v, x, tau):  # type: ignore[no-untyped-def]
    return v - v / tau + x


def _lif_to(v, x, tau, v_reset):  # type: ignore[no-untyped-def]
    return v * (1.0 - 1.0 / tau) + v_reset / tau + x


def _plif_decay(v, x, q):  # type: ignore[no-untyped-def]
    return v + x * q - v * q


def _plif_decay_to(v, x, q, v_reset):  # type: ignore[no-untyped-def]
    return v + (x - v + v_reset) * q


def _plif(v, x, q):  # type: ignore[no-untyped-def]
    return v - v * q + x


def _plif_to(v, x, q, v_reset):  # type: ignore[no-untyped-def]
    return v * (1.0 - q) + v_reset * q + x


def _plif_scaled(v, x, q, dt):  # type: ignore[no-untyped-def]
    return v + (x - v) * (q * dt)


def _hard(h, s, v_reset):  # type: ignore[no-untyped-def]
    return h - s * (h - v_reset)


def _hard_eval(h, s, v_reset):  # type: ignore[no-untyped-def]
    return h + s * (v_reset - h)


def _soft(h, s, threshold):  # type: ignore[no-untyped-def]
    return h - s


def _zero(h, s):  # type: ignore[no-untyped-def]
    return h - h * s.clamp(0.0, 0.9999999)


def _mix(h, s, threshold):  # type: ignore[no-untyped-def]
    return (1.0 - s) * h + s * (h - 1.0)


VARIANTS: dict[str, tuple[Callable[..., Any], str, tuple[tuple[str, str, str], ...]]] = {
    "charge_if": (
        _if,
        "the input is two units in the last place too large",
        ((f"{_SJ}|{_SG}|{_QU}", "*", "*"),),
    ),
    "charge_scaled": (_scaled, "(v + x)*dt", ((_BC, _IF, "*dt=*"),)),
    "charge_lif_decay_input": (
        _lif_decay,
        "v + x/tau - v/tau",
        (
            (_SJ14, _LIF, "*tau=1.7,decay_input=True,v_reset=[0N]*"),
            (_SG, "*LIFNode", "*tau=1.7,decay_input=True*"),
            (_BC, _LIF, "*tau=1.7*"),
        ),
    ),
    "charge_lif_decay_input_to": (
        _lif_decay_to,
        "v + (x - v + v_reset)/tau",
        (
            (_SJ14, _LIF, "*tau=1.7,decay_input=True,v_reset=0.2*"),
            (_SG, "*LIFNode", "*decay_input=True,v_reset=0.2*"),
        ),
    ),
    "charge_lif": (
        _lif,
        "v - v/tau + x",
        (
            (_SJ14, _LIF, "*tau=1.7,decay_input=False,v_reset=[0N]*"),
            (_SG, "*LIFNode", "*tau=1.7,decay_input=False*"),
        ),
    ),
    "charge_lif_to": (
        _lif_to,
        "v*(1 - 1/tau) + v_reset/tau + x",
        (
            (_SJ14, _LIF, "*decay_input=False,v_reset=0.2*"),
            (_SG, "*LIFNode", "*decay_input=False,v_reset=0.2*"),
        ),
    ),
    "charge_plif_decay_input": (
        _plif_decay,
        "v + x*q - v*q",
        ((_SJ14, _PLIF, "*tau=1.7,decay_input=True,v_reset=[0N]*"),),
    ),
    "charge_plif_decay_input_to": (
        _plif_decay_to,
        "v + (x - v + v_reset)*q",
        ((_SJ14, _PLIF, "*tau=1.7,decay_input=True,v_reset=0.2*"),),
    ),
    "charge_plif": (_plif, "v - v*q + x", ((_SJ14, _PLIF, "*tau=1.7,decay_input=False,v_reset=[0N]*"),)),
    "charge_plif_to": (
        _plif_to,
        "v*(1 - q) + v_reset*q + x",
        ((_SJ14, _PLIF, "*tau=1.7,decay_input=False,v_reset=0.2*"),),
    ),
    "charge_plif_scaled": (_plif_scaled, "v + (x - v)*(q*dt)", ((_BC, "*.PLIFNode", "*dt=0.1*"),)),
    "reset_hard": (_hard, "h - s*(h - v_reset)", ((f"{_SJ}|{_SG}", "*", "*v_reset=0.2*"),)),
    "reset_hard_eval": (_hard_eval, "h + s*(v_reset - h)", ((_SJ14, "*", "*v_reset=0.2*/eval*"),)),
    "reset_soft": (_soft, "h - s, whatever the threshold", ((f"{_SJ}|{_SG}", "*", "*v_threshold=1.3/*"),)),
    "reset_to_zero": (_zero, "not quite to zero", ((_BC, "*", "*"),)),
    "reset_by_threshold_mix": (_mix, "h - 1, whatever the threshold", ((_QU, "*", "*"),)),
}
"""Each equation of :mod:`unisnn.core.neuron` with a wrong variant, what it says, and who must notice."""


def _swapped(name: str, wrong: Callable[..., Any]) -> Any:
    from unisnn.core import neuron

    return swapped_code(getattr(neuron, name), wrong)


def _register() -> None:
    for name, (wrong, text, users) in VARIANTS.items():
        which = f"equation/{name}"
        patch(which)(functools.partial(_swapped, name, wrong))
        for number, (edition, symbol, case) in enumerate(users):
            told = f"{name} computes {text}"
            add(Mutant(f"{which}/{number}", "neuron", edition, told, symbol, case, patch=which, limit=12))


_register()
