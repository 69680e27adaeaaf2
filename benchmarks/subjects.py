"""What is timed: neurons of each library in their multi-step form, and a small convolutional network.

SpikingJelly 2.0.0, the yardstick of the targets, is compared with every pair of surrogate and reset; each
other edition with two pairs, ATan with hard and Sigmoid with soft reset, in which all four occur.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

__all__ = [
    "EDITIONS",
    "GROWTH",
    "SIZES",
    "SMALL",
    "Subject",
    "anchors",
    "engines_of",
    "growth",
    "is_weighed",
    "networks",
    "neurons",
    "wall",
]

SIZES: dict[str, tuple[int, int, int]] = {
    "one": (1, 1, 1),
    "tiny": (4, 1, 128),
    "mid": (16, 64, 1024),
    "long": (100, 16, 1000),
    "big": (4, 32, 65536),
}
"""``[T, N, features]`` by name."""

SMALL = ("one", "tiny")
"""Sizes at which the calls themselves cost, and ``auto`` may choose another engine than at the others."""

GROWTH: dict[str, tuple[tuple[int, int, int], ...]] = {
    "T": tuple((steps, 16, 1024) for steps in (1, 4, 16, 64, 256)),
    "N": tuple((16, batch, 1024) for batch in (1, 4, 16, 64, 256)),
}
"""Shapes that grow along one dimension."""

EDITIONS = ("spikingjelly==2.0.0", "spikingjelly==0.0.0.0.14", "snngrow==0.1.1a1", "braincog==0.2.7.19")
"""The editions that unisnn is compared with; the first is the one that the targets speak of."""

_SYMBOLS: dict[str, tuple[str, str, dict[str, Any], dict[str, str]]] = {
    "spikingjelly": (
        "activation_based.neuron.{0}",
        "activation_based.surrogate.{0}",
        {"step_mode": "m"},
        {"IF": "IFNode", "LIF": "LIFNode", "PLIF": "ParametricLIFNode"},
    ),
    "snngrow": (
        "base.neuron.{0}.{0}",
        "base.surrogate.{0}.{0}",
        {"parallel_optim": True, "T": "T"},
        {"IF": "IFNode", "LIF": "LIFNode"},
    ),
    "braincog": (
        "base.node.node.{0}",
        "",
        {"layer_by_layer": True, "step": "T"},
        {"IF": "IFNode", "LIF": "LIFNode", "PLIF": "PLIFNode"},
    ),
}
"""By library: neuron and surrogate symbols, multi-step arguments (``"T"``: the number of steps), classes."""

_BRAINCOG_SURROGATES = {"ATan": "AtanGrad", "Sigmoid": "SigmoidGrad"}


@dataclass(frozen=True)
class Subject:
    """One thing that is timed, in one mode: ``infer`` (evaluation, no gradients) or ``train``."""

    edition: str
    kind: str
    neuron: str
    surrogate: str
    reset: str
    size: str
    mode: str
    shape: tuple[int, int, int]
    symbol: str
    kwargs: dict[str, Any] = field(hash=False, default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the subject as JSON-ready data."""
        return asdict(self)

    @property
    def label(self) -> str:
        """Return the subject as a line of text."""
        return f"{self.neuron} {self.surrogate} {self.reset} {self.size} {self.mode}"


def neurons(edition: str, sizes: Iterable[str] = (), kinds: Iterable[str] = ()) -> Iterator[Subject]:
    """Yield the neurons of an edition; of all sizes and all neurons where these are empty.

    Raises:
        ValueError: the edition, a size or a neuron is unknown.
    """
    sizes, kinds = tuple(sizes), tuple(kinds)
    _known((edition,), EDITIONS, "edition")
    _known(sizes, SIZES, "size")
    _known(kinds, ("IF", "LIF", "PLIF"), "neuron")
    for neuron in kinds or tuple(_SYMBOLS[edition.partition("==")[0]][3]):
        for surrogate, reset in _pairs(edition):
            for size in sizes or tuple(SIZES):
                for mode in ("infer", "train"):
                    yield from _neuron(edition, neuron, surrogate, reset, size, mode, SIZES[size])


def wall(edition: str) -> Iterator[Subject]:
    """Yield the LIF neurons that are timed on the clock, too, with all threads."""
    for subject in neurons(edition, ("mid", "long", "big"), ("LIF",)):
        if (subject.surrogate, subject.reset) == ("ATan", "hard"):
            yield subject


def growth(edition: str) -> Iterator[Subject]:
    """Yield LIF neurons whose inputs grow in T, and in N."""
    for along, shapes in GROWTH.items():
        for shape in shapes:
            size = f"{along}={shape[0] if along == 'T' else shape[1]}"
            for mode in ("infer", "train"):
                yield from _neuron(edition, "LIF", "ATan", "hard", size, mode, shape)


def networks(edition: str) -> Iterator[Subject]:
    """Yield a training step of Conv-BN-LIF, pool, Conv-BN-LIF, Linear with an edition's neuron."""
    for subject in _neuron(edition, "LIF", "ATan", "hard", "step", "train", (4, 32, 784)):
        yield replace(subject, kind="network")


def anchors() -> Iterator[Subject]:
    """Yield the LIF neurons of unisnn that other libraries' leaky neurons are measured beside."""
    for subject in neurons(EDITIONS[0], ("tiny", "mid", "long"), ("LIF",)):
        if (subject.surrogate, subject.reset) == ("ATan", "hard"):
            yield replace(subject, kind="anchor")


def is_weighed(subject: Subject) -> bool:
    """Say whether a neuron's memory is measured: at the sizes where the process's own does not drown it; with
    every surrogate against the first edition, else with one.
    """
    if subject.kind != "neuron" or subject.size not in ("mid", "long", "big"):
        return False
    return subject.edition == EDITIONS[0] or subject.surrogate == "ATan"


def engines_of(subject: Subject, there: Iterable[str]) -> tuple[str, ...]:
    """Return those of the engines that a subject is timed with.

    ``native`` and ``fused`` always; ``auto`` at the small sizes, where it chooses by size; ``reference`` for
    one neuron of the first edition.
    """
    wanted = {"native", "fused"}
    if subject.kind == "neuron" and subject.size in SMALL:
        wanted.add("auto")
    one = (EDITIONS[0], "neuron", "LIF", "ATan", "hard")
    if subject.size in SIZES and one == (
        subject.edition,
        subject.kind,
        subject.neuron,
        subject.surrogate,
        subject.reset,
    ):
        wanted.add("reference")
    return tuple(name for name in there if name in wanted)


def _neuron(
    edition: str, neuron: str, surrogate: str, reset: str, size: str, mode: str, shape: tuple[int, int, int]
) -> Iterator[Subject]:
    library = edition.partition("==")[0]
    symbol, surrogates, arguments, classes = _SYMBOLS[library]
    if neuron not in classes:
        return
    kwargs = {name: shape[0] if value == "T" else value for name, value in arguments.items()}
    if library == "braincog":
        kwargs["act_fun"] = {"$symbol": f"base.strategy.surrogate.{_BRAINCOG_SURROGATES[surrogate]}"}
    else:
        kwargs["surrogate_function"] = {"$new": surrogates.format(surrogate)}
        kwargs["v_reset"] = 0.0 if reset == "hard" else None
    path = symbol.format(classes[neuron])
    yield Subject(edition, "neuron", neuron, surrogate, reset, size, mode, shape, path, kwargs)


def _pairs(edition: str) -> tuple[tuple[str, str], ...]:
    """Return the surrogates and resets of an edition; BrainCog's nodes reset hard alone."""
    if edition.startswith("braincog"):
        return (("ATan", "hard"), ("Sigmoid", "hard"))
    if edition != EDITIONS[0]:
        return (("ATan", "hard"), ("Sigmoid", "soft"))
    return tuple((surrogate, reset) for surrogate in ("ATan", "Sigmoid") for reset in ("hard", "soft"))


def _known(given: Iterable[str], known: Iterable[str], what: str) -> None:
    for name in given:
        if name not in known:
            raise ValueError(f"benchmarks: {what}={name!r} is not known; expected one of {', '.join(known)}")
