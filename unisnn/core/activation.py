"""Activation functions by name, so that a description can say which one a neuron applies.

torch has several objects for one function (``torch.relu``, ``torch.nn.functional.relu``,
``torch.nn.ReLU()``); they give the same bits and share one name here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as _nn_functional

__all__ = ["ACTIVATIONS", "name_of"]

_Function: TypeAlias = Callable[[Tensor], Tensor]

ACTIVATIONS: dict[str, _Function] = {
    "abs": torch.abs,
    "relu": torch.relu,
    "selu": torch.selu,
    "sigmoid": torch.sigmoid,
    "silu": _nn_functional.silu,
    "softsign": _nn_functional.softsign,
    "tanh": torch.tanh,
}
"""Every activation that a description can name: functions without parameters."""

_MODULES = {
    nn.ReLU: "relu",
    nn.SELU: "selu",
    nn.Sigmoid: "sigmoid",
    nn.SiLU: "silu",
    nn.Softsign: "softsign",
    nn.Tanh: "tanh",
}


def name_of(function: Any) -> str:
    """Return the name of an activation function.

    Equation::

        ACTIVATIONS[name_of(f)](x) = f(x)

    Args:
        function: one of torch's functions or modules above.

    Raises:
        TypeError: any other callable; the message lists the names.

    Source: none.
    """
    if type(function) in _MODULES:
        return _MODULES[type(function)]
    for name, known in ACTIVATIONS.items():
        homes = (torch, _nn_functional, Tensor)
        if function is known or any(function is getattr(home, name, known) for home in homes):
            return name
    known_names = ", ".join(ACTIVATIONS)
    raise TypeError(
        f"activation={function!r} has no neutral description; expected one of torch's {known_names}"
    )
