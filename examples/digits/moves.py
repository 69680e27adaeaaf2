"""The moves: into every library that has the neuron, into the genuine ones, back, and one that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

import unisnn
from digits import network
from unisnn.convert import ConversionError, ProofReport
from unisnn.parity.moves import move_to_genuine

__all__ = ["GENUINE", "Move", "impossible", "inside", "into_genuine"]

GENUINE = ("spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0", "braincog==0.2.7.19", "snngrow==0.1.1a1")
"""The genuine libraries, each run in a process of its own from a folder of its own."""


@dataclass(frozen=True)
class Move:
    """One move: from where to where, and its proof, or the reason why it was refused."""

    origin: str
    destination: str
    genuine: bool
    proof: ProofReport | None
    reason: str = ""

    @property
    def verdict(self) -> str:
        """``exact``, ``close`` or ``refused``."""
        return self.proof.verdict if self.proof else "refused"

    def summary(self) -> dict[str, object]:
        """Return the row of ``summary.json``."""
        proof = self.proof
        return {
            "from": self.origin,
            "to": self.destination,
            "genuine": self.genuine,
            "verdict": self.verdict,
            "spikes_equal": bool(proof and proof.spikes_equal),
            "prediction_agreement": proof.prediction_agreement if proof else None,
            "max_grad_diff": proof.max_grad_diff if proof else None,
        }

    def save(self, folder: Path) -> None:
        """Write the proof as JSON into ``folder``."""
        if self.proof:
            names = (self.origin, "to", "genuine" if self.genuine else "unisnn", self.destination)
            self.proof.save(folder / f"{'-'.join(names)}.json")


def inside(net: nn.Module, inputs: Tensor) -> Iterator[Move]:
    """Move within unisnn: SpikingJelly to BrainCog and SNNGrow, from one to the other, and back."""
    moved: dict[str, nn.Module] = {"spikingjelly": net}
    for origin, destination in (
        ("spikingjelly", "braincog"),
        ("spikingjelly", "snngrow"),
        ("braincog", "snngrow"),
        ("braincog", "spikingjelly"),
        ("snngrow", "spikingjelly"),
    ):
        model, proof = unisnn.convert(moved[origin], to=destination, inputs=inputs)
        moved.setdefault(destination, model)
        yield Move(origin, destination, False, proof)


def into_genuine(net: nn.Module, inputs: Tensor, edition: str, say: Callable[[str], None]) -> Iterator[Move]:
    """Move into a genuine library (installed first if need be), and back into unisnn's SpikingJelly."""
    moves = move_to_genuine(net, edition, inputs, say=say)
    yield Move("spikingjelly", edition, True, moves.there)
    if moves.back:
        yield Move(edition, "spikingjelly", False, moves.back)


def impossible(inputs: Tensor) -> Move:
    """Try what cannot be: BrainCog has no soft reset."""
    try:
        _, proof = unisnn.convert(network.build(v_reset=None), to="braincog", inputs=inputs)
    except ConversionError as error:
        return Move("spikingjelly", "braincog", False, None, str(error))
    return Move("spikingjelly", "braincog", False, proof)
