"""Do two neuron descriptions give the same numbers?

Two specs compare field by field. A field is *equal* where both sides give the same float32 numbers
(perhaps under another name: BrainCog's ``v + x*dt`` with ``dt = 1`` is ``v + x``), it differs by
*rounding* where a bound is known, and it is *different* otherwise::

    exact      no field differs, or only by rounding in the gradient within its bound
    close      every difference has a known bound
    different  some field has none

Fire rules are compared on the voltage axis. ``h >= c`` and ``h > d`` fire on the same float32
voltages if ``c`` is the next float32 above ``d``, because no float32 number lies between them::

    first_firing_voltage = float32(threshold)                       for >=
                         = nextafter(float32(threshold), +inf)      for >

Bounds are relative: the voltage bound to the largest ``|v|``, ``|x|`` or threshold of the run, the
gradient bound to the largest surrogate derivative. All statements are about float32.
"""

from __future__ import annotations

from typing import Any

import numpy

from unisnn.core import equivalence_state as _state
from unisnn.core.difference import EPS, Comparison, Difference, first_firing_voltage, next_float32
from unisnn.core.spec import NeuronSpec, SurrogateSpec

__all__ = [
    "EPS",
    "Comparison",
    "Difference",
    "compare",
    "compare_surrogates",
    "first_firing_voltage",
    "next_float32",
]


def compare(left: NeuronSpec, right: NeuronSpec, *, training: bool = True) -> Comparison:
    """Compare what two neurons compute; names of libraries and time layouts do not matter.

    Args:
        left: the description that is to be reproduced.
        right: the description that claims to reproduce it.
        training: whether the equations of training or those of evaluation are meant (default
            training); they differ in SpikingJelly 0.0.0.0.14's leaky neuron without input decay.

    Returns:
        A :class:`Comparison`; its ``verdict`` is ``exact``, ``close`` (``bound``, ``why``) or
        ``different`` (``field``).

    Source: none; the pairs are those of DESIGN's compatibility tables, each measured.
    """
    found = [
        *_charges(left, right, training),
        *_learnables(left, right),
        *_thresholds(left, right),
        *_resets(left, right),
        *_state.starts(left, right),
        *_state.adaptations(left, right),
        *_state.activations(left, right),
    ]
    scaled = [spec.output == "threshold_scaled" for spec in (left, right)]
    if scaled[0] != scaled[1]:
        why = "one side's output is the spike times the threshold"
        found.append(Difference("output", left.output, right.output, why=why))
    hard = [not training and spec.eval_rule != "same" for spec in (left, right)]
    if hard[0] != hard[1] and not left.surrogate.spiking:
        why = "a primitive output on one side, a hard spike on the other"
        found.append(Difference("eval_rule", left.eval_rule, right.eval_rule, why=why))
    shifted = left.surrogate.fire != right.surrogate.fire
    found += compare_surrogates(
        left.surrogate, right.surrogate, threshold=left.threshold, shifted=shifted
    ).differences
    return Comparison(tuple(found))


_SCALED = {"charge_klif", "charge_klif_decay_input"}
_RESTING = {"charge_lif_decay_input_to", "charge_lif_to", "charge_plif_decay_input_to", "charge_plif_to"}


def _canonical_charge(spec: NeuronSpec, training: bool) -> tuple[str, dict[str, Any]]:
    """Return the charge under one name per set of float32 numbers, with the constants that matter."""
    name, constants = spec.charge, dict(spec.parameters)
    _, separator, in_eval = spec.eval_rule.partition(":")
    if separator and not training:
        name = in_eval
    if name == "charge_plif_scaled" and constants.get("dt", 1.0) == 1.0:
        name, constants = "charge_plif_decay_input", {key: constants[key] for key in constants if key != "dt"}
    if name in _RESTING and not constants.get("v_reset"):
        constants.pop("v_reset", None)
        exponent = numpy.log2(constants["tau"]) if name == "charge_lif_to" else 0.0
        if name.endswith("decay_input_to") or (name == "charge_lif_to" and exponent == round(exponent)):
            name = name.removesuffix("_to")
    if name not in _RESTING | _SCALED:
        constants.pop("v_reset", None)
    if name == "charge_scaled" and constants.get("dt", 1.0) == 1.0:
        constants.pop("dt", None)
        name = "charge_if"
    if name.startswith("charge_plif"):
        constants.pop("tau", None)
    return name, constants


def _time_constant(spec: NeuronSpec) -> float | None:
    constants = dict(spec.parameters)
    if "tau" in constants:
        return float(constants["tau"])
    if "w" in constants:
        return 1.0 + float(numpy.exp(-constants["w"]))
    return None


def _charges(left: NeuronSpec, right: NeuronSpec, training: bool) -> list[Difference]:
    (a, a_constants), (b, b_constants) = (_canonical_charge(spec, training) for spec in (left, right))
    if a == b:
        return [
            Difference(f"parameters.{key}", a_constants.get(key), b_constants.get(key))
            for key in sorted({*a_constants, *b_constants})
            if a_constants.get(key) != b_constants.get(key)
        ]
    tau_a, tau_b = _time_constant(left), _time_constant(right)
    alike = a.replace("plif", "lif").removesuffix("_to") == b.replace("plif", "lif").removesuffix("_to")
    resting = [constants.get("v_reset") or 0.0 for constants in (a_constants, b_constants)]
    if alike and tau_a and tau_b and abs(tau_a - tau_b) <= 8 * EPS * tau_a and resting[0] == resting[1]:
        bound = 4 * tau_a * EPS
        why = "the same equation in another order of operations"
        return [Difference("charge", left.charge, right.charge, "rounding", bound, bound, why)]
    return [Difference("charge", left.charge, right.charge)]


def _learnables(left: NeuronSpec, right: NeuronSpec) -> list[Difference]:
    found = []
    for name in sorted({*left.learnable, *right.learnable}):
        if name in left.learnable and name in right.learnable:
            continue
        why = f"{name} learns on one side and is a constant on the other"
        found.append(
            Difference(
                f"learnable.{name}", name in left.learnable, name in right.learnable, "frozen", 0.0, 0.0, why
            )
        )
    return found


def _thresholds(left: NeuronSpec, right: NeuronSpec) -> list[Difference]:
    if left.threshold_rule != right.threshold_rule:
        return [Difference("threshold_rule", left.threshold_rule, right.threshold_rule)]
    rules = left.surrogate.fire, right.surrogate.fire
    if not {*rules} <= {">=", ">"}:
        if rules[0] != rules[1]:
            return [Difference("surrogate.fire", *rules)]
        return (
            []
            if left.threshold == right.threshold
            else [Difference("threshold", left.threshold, right.threshold)]
        )
    first = [first_firing_voltage(spec.threshold, spec.surrogate.fire) for spec in (left, right)]
    if first[0] == first[1]:
        return []
    field = "threshold" if rules[0] == rules[1] else "surrogate.fire"
    why = f"the first float32 voltage that fires is {first[0]!r} against {first[1]!r}"
    return [Difference(field, (rules[0], left.threshold), (rules[1], right.threshold), why=why)]


_SAME_RESET = (
    {"reset_hard", "reset_hard_eval", "reset_to_zero"},
    {"reset_soft", "reset_by_threshold_mix"},
)


def _resets(left: NeuronSpec, right: NeuronSpec) -> list[Difference]:
    a, b = left.reset, right.reset
    if a.kind != b.kind:
        return [Difference("reset.kind", a.kind, b.kind)]
    found = []
    if a.kind == "hard" and (a.value or 0.0) != (b.value or 0.0):
        found.append(Difference("reset.value", a.value, b.value))
    if a.kind == "soft" and numpy.float32(left.threshold) != numpy.float32(right.threshold):
        found.append(
            Difference("threshold", left.threshold, right.threshold, why="the soft reset subtracts it")
        )
    if a.kind != "none" and a.detached != b.detached:
        found.append(
            Difference("reset.detached", a.detached, b.detached, why="the gradient through the reset")
        )
    if a.order != b.order and not any({a.order, b.order} <= group for group in _SAME_RESET):
        found.append(Difference("reset.order", a.order, b.order))
    elif a.order != b.order:
        why = "the same value; autograd adds its terms in another order"
        found.append(Difference("reset.order", a.order, b.order, "rounding", 0.0, 4 * EPS, why))
    return found


def _canonical_surrogate(spec: SurrogateSpec) -> tuple[str, dict[str, Any]]:
    """Return the surrogate derivative under one name per function of ``x``."""
    constants = dict(spec.parameters)
    name = _SAME_FAMILY.get(spec.family, spec.family)
    if spec.family.startswith("piecewise_leaky_relu") and not constants.get("c"):
        name = "window"
    if name == "window":
        return name, dict(zip(("height", "half_width"), _WINDOWS[spec.family](constants), strict=True))
    if spec.family == "leaky_k_relu" and not constants.get("leak"):
        return "step_with_spike", {"height": float(constants.get("k", 1.0))}
    if spec.family == "stdp":
        return "step_with_spike", {"height": 1.0}
    if spec.family == "relu_like" and isinstance(constants["alpha"], (int, float)):
        return "step_above_spike", {"height": float(constants["alpha"])}
    if name == "pass":
        return name, {}
    if "alpha" in constants and isinstance(constants["alpha"], (int, float)):
        constants["alpha"] = float(numpy.float32(constants["alpha"]))
    return name, constants


_SAME_FAMILY = {
    "sigmoid_tensor_alpha": "sigmoid",
    "sigmoid_vector_alpha": "sigmoid",
    "atan_tensor_alpha": "atan",
    "quadratic_gate": "piecewise_quadratic",
    "deterministic_pass": "pass",
    "straight_through": "pass",
    "rect": "window",
    "gate": "window",
    "back_ei_gate": "window",
}

_WINDOWS: dict[str, Any] = {
    "rect": lambda constants: (float(constants["alpha"]), 0.5 / constants["alpha"]),
    "gate": lambda constants: (1.0, float(numpy.float32(1.0) / numpy.float32(constants["alpha"]))),
    "back_ei_gate": lambda constants: (1.0, 0.5),
    "piecewise_leaky_relu": lambda constants: (1.0 / (2.0 * constants["w"]), float(constants["w"])),
    "piecewise_leaky_relu_full_height": lambda constants: (1.0 / constants["w"], float(constants["w"])),
}


def compare_surrogates(
    left: SurrogateSpec, right: SurrogateSpec, *, threshold: float = 1.0, shifted: bool = False
) -> Comparison:
    """Compare two surrogate derivatives.

    Args:
        left: the description that is to be reproduced.
        right: the description that claims to reproduce it.
        threshold: the neuron's threshold, which scales what a shift of one ulp means.
        shifted: whether one side fires at ``>=`` and the other at ``>`` one float32 below, so that
            ``x = h - threshold`` differs by one ulp of the threshold.
    """
    (a, a_constants), (b, b_constants) = _canonical_surrogate(left), _canonical_surrogate(right)
    found = []
    for name in sorted({*left.learnable, *right.learnable}):
        if (name in left.learnable) != (name in right.learnable):
            sides = name in left.learnable, name in right.learnable
            why = f"{name} learns on one side and is a constant on the other"
            found.append(Difference(f"surrogate.learnable.{name}", *sides, "frozen", 0.0, 0.0, why))
    if left.spiking != right.spiking:
        found.append(Difference("surrogate.spiking", left.spiking, right.spiking))
    if {a, b} == {"step_with_spike", "step_above_spike"} and a_constants == b_constants:
        why, height = "they differ where the voltage is exactly the threshold", a_constants["height"]
        found.append(Difference("surrogate.family", left.family, right.family, "rounding", 0.0, height, why))
    elif a != b:
        found.append(Difference("surrogate.family", left.family, right.family))
    elif a_constants != b_constants:
        found += [
            Difference(f"surrogate.{key}", a_constants.get(key), b_constants.get(key))
            for key in sorted({*a_constants, *b_constants})
            if a_constants.get(key) != b_constants.get(key)
        ]
    elif left.family != right.family or shifted:
        found += _surrogate_rounding(left, right, a, a_constants, threshold, shifted)
    return Comparison(tuple(found))


def _surrogate_rounding(
    left: SurrogateSpec,
    right: SurrogateSpec,
    name: str,
    constants: dict[str, Any],
    threshold: float,
    shifted: bool,
) -> list[Difference]:
    if name in ("pass", "step_with_spike"):
        return []
    if name == "window":
        if not shifted:
            return []
        why = "the window's edge moves with the threshold: voltages exactly on it, one float32 wide"
        height = constants["height"]
        return [Difference("surrogate.family", left.family, right.family, "edge", 0.0, height, why)]
    steepness = max(
        [abs(float(value)) for value in constants.values() if isinstance(value, (int, float))], default=1.0
    )
    bound = (8 + 2 * steepness * abs(threshold)) * EPS
    why = "the same derivative in another order of operations"
    return [Difference("surrogate.family", left.family, right.family, "rounding", 0.0, bound, why)]
