"""Neutral descriptions of SNNGrow's surrogates and neurons, from the attributes that upstream has.

Everything here reads attributes by upstream's names alone, so that it describes a genuine SNNGrow
object as well as ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor, nn

from unisnn.core import layout, spec

__all__ = ["neuron", "require_steepness", "surrogate"]

_FAMILIES = {"ATan": "atan", "Sigmoid": "sigmoid"}
_HARD, _SOFT = "reset_hard", "reset_soft"


def require_steepness(alpha: Any, owner: str) -> None:
    """Raise ``TypeError`` unless ``alpha`` is a number or a tensor."""
    if not isinstance(alpha, (int, float, np.number, Tensor)):
        raise TypeError(f"{owner}: alpha={alpha!r} is not accepted; expected a number or a tensor")


def surrogate(module: Any, family: str) -> spec.SurrogateSpec:
    """Describe a surrogate with attributes ``alpha`` and ``spiking``."""
    alpha = module.alpha.detach() if isinstance(module.alpha, Tensor) else module.alpha
    learns = isinstance(module.alpha, nn.Parameter) and not module.spiking
    return spec.SurrogateSpec(
        family=family,
        parameters=spec.values(alpha=float(alpha)),
        learnable=("alpha",) if learns else (),
        spiking=bool(module.spiking),
    )


def neuron(module: Any, charge: str, **constants: float) -> spec.NeuronSpec:
    """Describe a neuron with the attributes of ``BaseNode``."""
    soft = module.v_reset is None
    return spec.NeuronSpec(
        charge=charge,
        parameters=spec.values(**constants),
        surrogate=_surrogate_of(module),
        reset=spec.ResetSpec(
            kind="soft" if soft else "hard",
            value=None if soft else float(module.v_reset),
            detached=bool(module.detach_reset),
            order=_SOFT if soft else _HARD,
        ),
        threshold=float(module.v_threshold),
        initial=spec.values(v=0.0 if soft else float(module.v_reset)),
        restored=spec.values(**{name: _plain(value) for name, value in module._memories_rv.items()}),
        eval_rule="hard",
        layout=layout.FOLDED if module.parallel_optim else layout.STEP,
        output="spike_tensor" if getattr(module, "spike_out", False) else "dense",
        library="snngrow",
        symbol=f"base.neuron.{type(module).__name__}.{type(module).__name__}",
    )


def _surrogate_of(module: Any) -> spec.SurrogateSpec:
    function = module.surrogate_function
    if hasattr(function, "__describe__"):
        return function.__describe__()
    kind = type(function)
    if kind.__module__.startswith("snngrow.") and kind.__name__ in _FAMILIES:
        return surrogate(function, _FAMILIES[kind.__name__])
    raise TypeError(
        f"{type(module).__name__}: surrogate_function={function!r} cannot be described; "
        "expected a surrogate of a library that unisnn knows"
    )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) and value.numel() == 1 else value
