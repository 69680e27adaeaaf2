"""What a neuron answers that no neutral description covers yet."""

from __future__ import annotations

__all__ = ["refuse"]


def refuse(node: object) -> TypeError:
    """Return the error that says that ``node`` has no neutral description yet."""
    return TypeError(
        f"{type(node).__qualname__}: this neuron has no neutral description yet; "
        "expected a neuron that is charged, fires and is reset within one time step"
    )
