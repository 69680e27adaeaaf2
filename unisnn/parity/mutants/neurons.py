"""Mutants of neurons: an argument that is slightly off, a mode that is the other one, a call left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.mutants import Mutant, add

__all__ = ["CHANGES"]

_SJ, _SJ14, _SG, _BC, _QU = "spikingjelly==*", "spikingjelly==0*", "snngrow==*", "braincog*", "qualia*"

_Change = Callable[[Case], "Case | None"]


def _with(case: Case, **kwargs: Any) -> Case:
    return case.with_(kwargs={**case.kwargs, **kwargs})


def _scaled(*names: str, factor: float) -> _Change:
    """Multiply the first of the named number arguments that the case gives."""

    def change(case: Case) -> Case | None:
        for name in names:
            value = case.kwargs.get(name)
            if isinstance(value, float) and value:
                return _with(case, **{name: value * factor})
        return None

    return change


def _given(name: str, value: Any) -> _Change:
    """Give an argument that the case leaves at its default."""
    return lambda case: None if name in case.kwargs else _with(case, **{name: value})


def _flipped(name: str, default: bool = False) -> _Change:
    return lambda case: _with(case, **{name: not case.kwargs.get(name, default)})


def _without(action: str) -> _Change:
    """Leave the calls of one method out of the script."""

    def change(case: Case) -> Case | None:
        script = list(case.calls.get("script", ()))
        kept = [step for step in script if step[:2] != ["call", action]]
        return None if kept == script else case.with_(calls={**case.calls, "script": kept})

    return change


def _other_mode(case: Case) -> Case:
    return case.with_(calls={**case.calls, "training": not case.calls.get("training", True)})


def _other_surrogate(case: Case) -> Case | None:
    chosen = case.kwargs.get("surrogate_function")
    if not chosen or "alpha" not in chosen["kwargs"]:
        return None
    alpha = {"alpha": chosen["kwargs"]["alpha"] * 1.001}
    return _with(case, surrogate_function={**chosen, "kwargs": {**chosen["kwargs"], **alpha}})


def _other_act(case: Case) -> Case | None:
    chosen = case.kwargs.get("act_fun")
    if not isinstance(chosen, dict) or not chosen["$symbol"].endswith(("SigmoidGrad", "AtanGrad")):
        return None
    name = "AtanGrad" if chosen["$symbol"].endswith("SigmoidGrad") else "SigmoidGrad"
    return _with(case, act_fun={"$symbol": f"base.strategy.surrogate.{name}"})


def _coefficients(case: Case) -> Case | None:
    script = [
        ["coefficients", [action[1][0] * 1.0001]] if action[0] == "coefficients" else action
        for action in case.calls["script"]
    ]
    return None if script == case.calls["script"] else case.with_(calls={**case.calls, "script": script})


CHANGES: tuple[tuple[str, str, str, str, str, _Change, str], ...] = (
    (
        "threshold",
        "neuron",
        f"{_SJ}|{_SG}",
        "*",
        "*v_threshold=*",
        _scaled("v_threshold", factor=1.0001),
        "too large by 1e-4",
    ),
    (
        "threshold-next",
        "neuron",
        f"{_SJ}|{_SG}",
        "*",
        "*-grid/*",
        _given("v_threshold", 1.0 + 2.0**-23),
        "the next float",
    ),
    (
        "bc-threshold",
        "neuron",
        _BC,
        "*",
        "*threshold=*",
        _scaled("threshold", factor=1.0001),
        "too large by 1e-4",
    ),
    (
        "tau",
        "neuron",
        f"{_SJ}|{_SG}",
        "*",
        "*tau=*",
        _scaled("tau", "init_tau", factor=1.0001),
        "too large by 1e-4",
    ),
    ("bc-tau", "neuron", _BC, "*", "*tau=*", _scaled("tau", factor=1.000001), "too large by 1e-6"),
    (
        "v-reset",
        "neuron",
        f"{_SJ}|{_SG}",
        "*",
        "*v_reset=0.2*",
        _scaled("v_reset", factor=1.0001),
        "too large by 1e-4",
    ),
    (
        "detach",
        "neuron",
        f"{_SJ}|{_SG}",
        "*",
        "*detach_reset=*/train*",
        _flipped("detach_reset"),
        "the other way",
    ),
    (
        "decay",
        "neuron",
        f"{_SJ}|{_SG}",
        "*",
        "*decay_input=*",
        _flipped("decay_input", True),
        "the other way",
    ),
    ("alpha", "neuron", f"{_SJ}|{_SG}", "*", "*alpha=*", _other_surrogate, "alpha is too large by 1e-3"),
    ("mode", "neuron", _SJ14, "*", "*/train-step*", _other_mode, "eval instead of train"),
    ("act", "neuron", _BC, "*", "*act_fun=*", _other_act, "another surrogate"),
    ("mem-detach", "neuron", _BC, "*", "*mem_detach=*", _flipped("mem_detach"), "the other way"),
    (
        "sigmoid-thres",
        "neuron",
        _BC,
        "*.IFNode",
        "*sigmoid_thres=*",
        _flipped("sigmoid_thres"),
        "the other way",
    ),
    (
        "thres-grad",
        "neuron",
        _BC,
        "*",
        "*requires_thres_grad=*",
        _flipped("requires_thres_grad"),
        "the other way",
    ),
    (
        "dt",
        "neuron",
        _BC,
        "*.IFNode|*.PLIFNode",
        "*dt=*",
        _scaled("dt", factor=1.000001),
        "too large by 1e-6",
    ),
    ("feature-maps", "neuron", _BC, "*", "*feature-maps*", _flipped("requires_fp"), "not kept"),
    ("qu-alpha", "neuron", _QU, "*", "*alpha=*", _scaled("alpha", factor=1.0001), "too large by 1e-4"),
    (
        "qu-coefficient",
        "neuron",
        _QU,
        "*",
        "*set_coeffs=*",
        _coefficients,
        "the threshold is too large by 1e-4",
    ),
    (
        "qu-range",
        "neuron",
        _QU,
        "*",
        "*vth_init_l=0.5*",
        _scaled("vth_init_l", factor=1.001),
        "the drawn threshold's range",
    ),
    ("no-reset", "state", f"{_SJ}|{_SG}|{_QU}", "*", "*reset*", _without("reset"), "reset is not called"),
    ("no-n-reset", "state", _BC, "*", "*n-reset*", _without("n_reset"), "n_reset is not called"),
    ("no-detach", "state", f"{_SJ}|{_SG}", "*", "*detach*", _without("detach"), "detach is not called"),
    (
        "no-set-reset-value",
        "state",
        f"{_SJ}|{_SG}",
        "*",
        "*reset-value*",
        _without("set_reset_value"),
        "is not called",
    ),
    (
        "no-set-n-threshold",
        "state",
        _BC,
        "*",
        "*set-n-threshold*",
        _without("set_n_threshold"),
        "is not called",
    ),
)
"""Argument-level mutants: id, family, edition, symbol, case, change, text."""


def _register() -> None:
    for name, family, edition, symbol, case, change, text in CHANGES:
        told = f"{name}: {text}"
        add(Mutant(f"argument/{name}", family, edition, told, symbol, case, change=change, limit=12))


_register()
