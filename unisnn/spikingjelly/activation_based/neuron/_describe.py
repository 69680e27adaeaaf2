"""From a SpikingJelly neuron to its neutral description.

Only attribute names that upstream has too are read, so that a genuine SpikingJelly neuron (0.0.0.0.14
or 2.0.0) is described by calling the ``__describe__`` of our class of the same name with it.
2.0.0 is told by what it lost: it has no ``supported_backends``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor

from unisnn.core import activation, layout, spec
from unisnn.spikingjelly.activation_based import surrogate

__all__ = [
    "HARD_EVAL",
    "HOOKS",
    "adaptive",
    "analog",
    "describe",
    "is_version_2",
    "leaky",
    "rests_at_zero",
    "scaled",
]

HOOKS = (
    "forward",
    "multi_step_forward",
    "neuronal_adaptation",
    "neuronal_charge",
    "neuronal_fire",
    "neuronal_reset",
    "single_step_forward",
    "v_float_to_tensor",
    "w_float_to_tensor",
)
"""The methods that decide a neuron's numbers."""

HARD_EVAL = "hard"
"""``NeuronSpec.eval_rule`` of neurons that fire ``h >= threshold`` in eval, in the dtype of the input and
without a gradient, whatever their surrogate; a charge equation that differs in eval follows a colon."""

_LIBRARIES = ("unisnn", "spikingjelly")


def rests_at_zero(v_reset: float | None) -> bool:
    """Say whether the membrane potential decays to 0: ``v_reset`` is 0 or ``None``."""
    return v_reset is None or v_reset == 0.0


def describe(
    node: Any,
    symbol: str,
    charge: str,
    *,
    parameters: spec.Values = (),
    learnable: tuple[str, ...] = (),
    eval_charge: str | None = None,
    hard_in_eval: bool = False,
    reset_order: str | None = None,
) -> spec.NeuronSpec:
    """Return the description of ``node``, which charges by ``charge``.

    Raises ``TypeError`` where the neuron runs code of its own, which no description covers.
    """
    _refuse_own_code(node, symbol)
    version_2 = is_version_2(node)
    soft = node.v_reset is None
    order = "reset_soft" if soft else "reset_hard_eval" if version_2 else "reset_hard"
    eval_rule = "same"
    if hard_in_eval and not version_2:
        eval_rule = HARD_EVAL if eval_charge in (None, charge) else f"{HARD_EVAL}:{eval_charge}"
    if isinstance(node.v_threshold, Tensor) and node.v_threshold.requires_grad:
        learnable = (*learnable, "v_threshold")
    start = 0.0 if soft else node.v_reset
    return spec.NeuronSpec(
        charge=charge,
        surrogate=_surrogate(node, symbol),
        reset=spec.ResetSpec(
            kind="soft" if soft else "hard",
            value=node.v_reset,
            detached=bool(node.detach_reset),
            order=reset_order or order,
        ),
        parameters=parameters,
        learnable=learnable,
        threshold=_number(node.v_threshold, symbol, "v_threshold"),
        initial=spec.values(v=start),
        restored=spec.values(v=_number(node._memories_rv.get("v", start), symbol, "the reset value of v")),
        eval_rule=eval_rule,
        layout=layout.STEP if node.step_mode == "s" else layout.TIME_FIRST,
        library="spikingjelly",
        symbol=f"activation_based.neuron.{symbol}",
    )


def leaky(
    node: Any,
    symbol: str,
    charge: str,
    parameters: spec.Values = (),
    *,
    learnable: tuple[str, ...] = (),
    hard_in_eval: bool = False,
) -> spec.NeuronSpec:
    """Return the description of a leaky neuron; ``charge`` is its equation without decay of the input, to 0.

    2.0.0 subtracts a ``v_reset`` of 0 where 0.0.0.0.14 leaves it out, and 0.0.0.0.14 subtracts it in
    eval too. With decay of the input both give the same bits; without, ``v - (v - 0)/tau`` and
    ``v*(1 - 1/tau)`` do not.
    """
    to_zero, version_2 = rests_at_zero(node.v_reset), is_version_2(node)
    if node.decay_input:
        charge = f"{charge}_decay_input"
        eval_charge = None
    else:
        eval_charge = None if node.v_reset is None else f"{charge}_to"
    if not to_zero or (version_2 and not node.decay_input):
        charge = f"{charge}_to"
        parameters = tuple(sorted((*parameters, ("v_reset", 0.0 if to_zero else node.v_reset))))
    return describe(
        node,
        symbol,
        charge,
        parameters=parameters,
        learnable=learnable,
        eval_charge=eval_charge,
        hard_in_eval=hard_in_eval,
    )


def scaled(node: Any, symbol: str) -> spec.NeuronSpec:
    """Return the description of a leaky neuron with a learned scale ``k``, which its reset may take back."""
    charge = "charge_klif_decay_input" if node.decay_input else "charge_klif"
    rest = 0.0 if node.v_reset is None else node.v_reset
    order = None
    if node.scale_reset:
        order = "reset_soft_scaled" if node.v_reset is None else "reset_hard_scaled"
    return describe(
        node,
        symbol,
        charge,
        parameters=spec.values(tau=node.tau, v_reset=rest),
        learnable=("k",),
        reset_order=order,
    )


def adaptive(node: Any, symbol: str, charge: str, parameters: spec.Values) -> spec.NeuronSpec:
    """Return the description of a neuron with an adaptation current; ``charge`` reads that current too."""
    order = None if node.v_reset is None else "reset_hard_split"
    found = describe(node, symbol, charge, parameters=parameters, reset_order=order)
    constants = spec.values(v_rest=node.v_rest, tau_w=node.tau_w, a=node.a)
    rule = "adapt_to_charge_divided" if is_version_2(node) else "adapt_to_charge"
    current = _number(node._memories_rv.get("w", node.w_rest), symbol, "the reset value of w")
    return replace(
        found,
        initial=spec.values(**dict(found.initial), w=node.w_rest),
        restored=spec.values(**dict(found.restored), w=current),
        adaptation=spec.AdaptationSpec(rule=rule, parameters=constants, jump=node.b),
    )


def analog(node: Any, symbol: str, found: spec.NeuronSpec) -> spec.NeuronSpec:
    """Return ``found`` as the description of a neuron that gives an activation instead of its spike."""
    try:
        name = activation.name_of(node.act)
    except TypeError as error:
        raise TypeError(f"{symbol}: {error}") from error
    given = "h - threshold" if node.threshold_related else "h"
    return replace(found, output="activation", activation=name, activation_input=given)


def is_version_2(node: Any) -> bool:
    """Say whether ``node`` is a genuine neuron of 2.0.0."""
    return not hasattr(node, "supported_backends")


def _refuse_own_code(node: Any, symbol: str) -> None:
    """Refuse a method that decides numbers and is not of the class ``symbol`` or a base of it."""
    kinds = type(node).__mro__
    described = next((index for index, cls in enumerate(kinds) if cls.__name__ == symbol), 0)
    for name in HOOKS:
        owner = next((index for index, cls in enumerate(kinds) if name in vars(cls)), None)
        if owner is None:
            continue
        foreign = kinds[owner].__module__.partition(".")[0] not in (*_LIBRARIES, "torch")
        if foreign or owner < described or name in vars(node):
            raise TypeError(
                f"{symbol}: {type(node).__qualname__} defines {name} itself, so no neutral description says "
                "what it computes; expected a neuron that keeps the library's own methods"
            )


def _surrogate(node: Any, symbol: str) -> spec.SurrogateSpec:
    function = node.surrogate_function
    kind = type(function)
    if not hasattr(kind, "__describe__") and kind.__module__.startswith("spikingjelly."):
        kind = getattr(surrogate, kind.__name__, kind)
    if not hasattr(kind, "__describe__"):
        raise TypeError(
            f"{symbol}: surrogate_function={function!r} has no neutral description; "
            "expected a surrogate module of SpikingJelly or unisnn"
        )
    return kind.__describe__(function)


def _number(value: Any, symbol: str, what: str) -> float:
    if not isinstance(value, Tensor):
        return float(value)
    if value.numel() != 1:
        raise TypeError(
            f"{symbol}: {what} is a tensor of shape {list(value.shape)}, which no neutral description holds; "
            "expected a number"
        )
    return float(value.detach())
