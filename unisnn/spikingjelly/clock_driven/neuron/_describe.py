"""From a neuron of ``clock_driven`` to its neutral description."""

from __future__ import annotations

from typing import Any

from unisnn.core import layout, spec
from unisnn.spikingjelly.activation_based.neuron import _describe

__all__ = ["describe", "leaky"]


def describe(
    node: Any, symbol: str, charge: str, parameters: spec.Values = (), learnable: tuple[str, ...] = ()
) -> spec.NeuronSpec:
    """Return the description of ``node``, which charges by ``charge`` in training and in eval alike.

    Only attribute names that upstream has too are read, so a genuine neuron can be given as ``node``.
    Raises ``TypeError`` where the neuron runs code of its own, which no description covers.
    """
    _describe._refuse_own_code(node, symbol)
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
