"""What is timed: the neurons of each library in their multi-step form, at several sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["SIZES", "Subject", "subjects"]

SIZES: dict[str, tuple[int, ...]] = {"tiny": (4, 1, 128), "mid": (16, 64, 256), "long": (100, 16, 250)}
"""``[T, N, features]`` by name."""

_MULTI_STEP: dict[str, tuple[str, dict[str, Any], tuple[tuple[str, str], ...]]] = {
    "spikingjelly": (
        "activation_based.neuron.{0}",
        {"step_mode": "m"},
        (("IF", "IFNode"), ("LIF", "LIFNode"), ("PLIF", "ParametricLIFNode")),
    ),
    "braincog": (
        "base.node.node.{0}",
        {"layer_by_layer": True, "step": "T"},
        (("IF", "IFNode"), ("LIF", "LIFNode"), ("PLIF", "PLIFNode")),
    ),
    "snngrow": (
        "base.neuron.{0}.{0}",
        {"parallel_optim": True, "T": "T"},
        (("IF", "IFNode"), ("LIF", "LIFNode")),
    ),
}
"""Symbol, multi-step arguments (``"T"`` stands for the number of time steps) and classes, by library."""

_EDITIONS = ("spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0", "braincog==0.2.7.19", "snngrow==0.1.1a1")


@dataclass(frozen=True)
class Subject:
    """One neuron at one size in one mode: ``forward`` (evaluation, no gradients) or ``train``."""

    edition: str
    neuron: str
    symbol: str
    size: str
    mode: str
    kwargs: dict[str, Any] = field(hash=False, default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the subject as JSON-ready data."""
        return asdict(self)


def subjects(editions: tuple[str, ...], sizes: tuple[str, ...]) -> Iterator[Subject]:
    """Yield what is timed for the given editions and sizes; all of them where a tuple is empty.

    Raises:
        ValueError: an edition or size is unknown.
    """
    for given, known, what in ((editions, _EDITIONS, "edition"), (sizes, tuple(SIZES), "size")):
        for name in given:
            if name not in known:
                raise ValueError(
                    f"benchmarks: {what}={name!r} is not known; expected one of {', '.join(known)}"
                )
    for edition in editions or _EDITIONS:
        symbol, arguments, classes = _MULTI_STEP[edition.partition("==")[0]]
        for neuron, name in classes:
            for size in sizes or tuple(SIZES):
                steps = SIZES[size][0]
                kwargs = {key: steps if value == "T" else value for key, value in arguments.items()}
                for mode in ("forward", "train"):
                    yield Subject(edition, neuron, symbol.format(name), size, mode, kwargs)
