"""From a neuron of ``clock_driven`` to its neutral description."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor

from unisnn.core import layout, spec
from unisnn.spikingjelly.activation_based.neuron import _describe

__all__ = ["affine", "analog", "describe", "exponential", "leaky"]


def describe(
    node: Any, symbol: str, charge: str, parameters: spec.Values = (), learnable: tuple[str, ...] = ()
) -> spec.NeuronSpec:
    """Return the description of ``node``, which charges by ``charge`` in training and in eval alike.

    Only attribute names that upstream has too are read, so a genuine neuron can be given as ``node``.
    Raises ``TypeError`` where the neuron runs code of its own, which no description covers.
    """
    _describe._refuse_own_code(node, symbol)
    for name in ("v_threshold", "v_reset"):
        restored, present = node._memories_rv.get(name), getattr(node, name)
        if not isinstance(present, Tensor) and restored != present:
            raise TypeError(
                f"{symbol}: {name}={present!r} is a memory that reset() makes {restored!r} again, which no "
                "neutral description holds; expected the same value before and after"
            )
    soft = node.v_reset is None
    start = 0.0 if soft else node.v_reset
    restored = _describe._number(node._memories_rv.get("v", start), symbol, "the reset value of v")
    return spec.NeuronSpec(
        charge=charge,
        surrogate=_describe._surrogate(node, symbol),
        reset=spec.ResetSpec(
            kind="soft" if soft else "hard",
            value=node.v_reset,
            detached=bool(node.detach_reset),
            order="reset_soft" if soft else "reset_hard",
        ),
        parameters=parameters,
        learnable=learnable,
        threshold=_describe._number(node.v_threshold, symbol, "v_threshold"),
        initial=spec.values(v=start),
        restored=spec.values(v=restored),
        layout=layout.TIME_FIRST if symbol.startswith("MultiStep") else layout.STEP,
        first_step="number",
        library="spikingjelly",
        symbol=f"clock_driven.neuron.{symbol}",
    )


def leaky(
    node: Any, symbol: str, charge: str, parameters: spec.Values = (), learnable: tuple[str, ...] = ()
) -> spec.NeuronSpec:
    """Return the description of a leaky neuron; ``charge`` names its equation without decay of the input."""
    if node.decay_input:
        charge = f"{charge}_decay_input"
    if not _describe.rests_at_zero(node.v_reset):
        charge = f"{charge}_to"
        parameters = tuple(sorted((*parameters, ("v_reset", node.v_reset))))
    return describe(node, symbol, charge, parameters, learnable)


def exponential(node: Any, symbol: str) -> spec.NeuronSpec:
    """Return the description of an exponential neuron, whose membrane potential starts as a 0-dim tensor."""
    constants = spec.values(tau=node.tau, v_rest=node.v_rest, theta_rh=node.theta_rh, delta_t=node.delta_T)
    return replace(describe(node, symbol, "charge_eif", constants), first_step="tensor")


def affine(node: Any, symbol: str) -> spec.NeuronSpec:
    """Return the description of the neuron with any linear leak; its constants are buffers.

    Raises ``TypeError`` for a genuine neuron, whose constructor loses them.
    """
    given = {name: getattr(node, name, None) for name in ("a", "b", "c")}
    if any(value is None for value in given.values()):
        raise TypeError(f"{symbol}: the genuine neuron has lost its constants a, b and c and cannot run")
    numbers = {name: _describe._number(value, symbol, name) for name, value in given.items()}
    return describe(node, symbol, "charge_affine", spec.values(**numbers))


def analog(node: Any, symbol: str) -> spec.NeuronSpec:
    """Return the description of a leaky neuron that gives an activation instead of its spike."""
    return _describe.analog(node, symbol, leaky(node, symbol, "charge_lif", spec.values(tau=node.tau)))
