"""The target libraries of a conversion, one module each."""

from __future__ import annotations

from unisnn.convert.targets.base import Target
from unisnn.convert.targets.braincog import BrainCog
from unisnn.convert.targets.clock_driven import ClockDriven
from unisnn.convert.targets.qualia_plugin_snn import Qualia
from unisnn.convert.targets.snngrow import SNNGrow
from unisnn.convert.targets.spikingjelly import SpikingJelly

__all__ = ["TARGETS", "BrainCog", "ClockDriven", "Qualia", "SNNGrow", "SpikingJelly", "Target", "target"]

_ALL: tuple[type[Target], ...] = (SpikingJelly, BrainCog, SNNGrow, Qualia, ClockDriven)

TARGETS: dict[str, type[Target]] = {kind.name: kind for kind in _ALL}
"""Every target by the library's import name; ``spikingjelly`` is its ``activation_based``."""


def target(name: str, genuine: bool = False) -> Target:
    """Return the target called ``name``.

    Raises:
        ValueError: no library has that name; the message lists the accepted ones.
    """
    known = TARGETS.get(name.replace("-", "_"))
    if known is None:
        raise ValueError(
            f"convert: to={name!r} is not accepted; expected one of {', '.join(map(repr, TARGETS))}"
        )
    return known(genuine)
