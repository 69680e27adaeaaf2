"""What a protocol hands back: tensors, facts and failures, by name.

The name says by which rule an output is compared (:mod:`unisnn.parity.compare`): names that begin with
``grad`` are gradients, every other tensor is a forward value and must agree bit for bit. A tensor
under ``scale/NAME`` is not compared; it gives the size of the largest term (or, for a gradient that
is a sum over many elements, the sum of the absolute terms) by which the bound for ``NAME`` is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

__all__ = ["Failure", "Outputs", "layout_of"]


@dataclass(frozen=True)
class Failure:
    """An exception as data: its class names (most derived first) and its message."""

    types: tuple[str, ...]
    message: str

    @staticmethod
    def of(error: BaseException) -> Failure:
        """Describe ``error``; the classes above ``Exception`` are left out."""
        names = tuple(
            cls.__name__ for cls in type(error).__mro__ if issubclass(cls, Exception) and cls is not Exception
        )
        return Failure(names or (type(error).__name__,), str(error)[:400])


class Outputs:
    """The named outputs of one case, in the order in which they were made."""

    def __init__(self) -> None:
        self.tensors: dict[str, Tensor] = {}
        self.facts: dict[str, Any] = {}
        self.failures: dict[str, Failure] = {}

    def put(self, name: str, value: Any) -> Any:
        """Record ``value`` under ``name`` and return it.

        A tensor becomes an output; a tuple or list is recorded item by item (``name/0``, ...); a
        tensor subclass with a payload ``elem`` is recorded as its payload plus its class and public
        dtype; ``None``, numbers and strings become facts, which are compared for equality.
        """
        if isinstance(value, Tensor):
            self._put_tensor(name, value)
        elif isinstance(value, (tuple, list)):
            self.facts[f"{name}.length"] = len(value)
            for index, item in enumerate(value):
                self.put(f"{name}/{index}", item)
        elif value is None or isinstance(value, (bool, int, str)):
            self.facts[name] = value
        elif isinstance(value, float):
            self.facts[name] = value.hex() if value == value else "nan"
        elif isinstance(value, (torch.dtype, torch.Size)):
            self.facts[name] = str(value)
        elif isinstance(value, dict):
            self.facts[name] = {str(key): value[key] for key in sorted(value, key=str)}
        else:
            raise TypeError(f"outputs: {name} is a {type(value).__name__}, which cannot be recorded")
        return value

    def _put_tensor(self, name: str, value: Tensor) -> None:
        payload = getattr(value, "elem", None)
        if type(value) not in (Tensor, torch.nn.Parameter) and isinstance(payload, Tensor):
            self.facts[f"{name}.type"] = type(value).__name__
            self.facts[f"{name}.dtype"] = str(value.dtype)
            value = payload
        self.tensors[name] = value.detach().clone().contiguous()

    def attempt(self, name: str, function: Callable[[], Any]) -> Any:
        """Record what ``function()`` returns or raises; return the value, or ``None`` if it raised."""
        try:
            value = function()
        except Exception as error:  # the oracle may raise anything; the exception is the result
            self.failures[name] = Failure.of(error)
            return None
        return self.put(name, value)

    def fail(self, name: str, error: BaseException) -> None:
        """Record an exception under ``name``."""
        self.failures[name] = Failure.of(error)


def layout_of(x: Tensor) -> str:
    """Return shape-independent words for the memory order of ``x``: its dimensions by falling stride."""
    strides = x.stride()
    order = sorted(range(x.dim()), key=lambda d: (-strides[d], d))
    return f"{x.dim()}d:{','.join(map(str, order))}:{'dense' if x.is_contiguous() else 'reordered'}"
