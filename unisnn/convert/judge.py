"""From measurements to a verdict: what is exact, what is close and within which bound, what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from unisnn.convert import divergence, measure
from unisnn.convert.report import Divergence, GradientProof, LayerProof
from unisnn.convert.trace import Trace

__all__ = ["CLOSE", "Judge", "grade"]

CLOSE = 32.0
"""How many times the rounding rule a gradient may be off and still count as close."""


def grade(difference: float, rule: float, tolerance: float | None, scale: float, allowed: float) -> str:
    """Return how good a gradient is: ``bitwise``, ``rounding``, ``close``, ``within tolerance`` or ``far``.

    Args:
        difference: the largest absolute difference.
        rule: what rounding explains.
        tolerance: what the caller accepts, relative to the larger of 1 and ``scale``; or ``None``.
        scale: the size of the gradient.
        allowed: a bound that is known beforehand.
    """
    if difference == 0:
        return "bitwise"
    if difference <= rule:
        return "rounding"
    if difference <= CLOSE * rule or difference <= allowed:
        return "close"
    if tolerance is not None and difference <= tolerance * max(1.0, scale):
        return "within tolerance"
    return "far"


@dataclass
class Judge:
    """Collects reasons to refuse and bounds to state; ``verdict`` follows from them."""

    a: Trace
    b: Trace
    tolerance: float | None
    bounds: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    close: bool = False

    @property
    def verdict(self) -> Literal["exact", "close", "refused"]:
        """``refused`` with any reason, ``close`` with anything that is not exact, else ``exact``."""
        return "refused" if self.reasons else "close" if self.close else "exact"

    def note(self, accepted: bool, text: str) -> None:
        """State ``text`` as a bound if it is accepted, as a reason to refuse otherwise."""
        (self.bounds if accepted else self.reasons).append(text)
        self.close = True

    def forward(self, layers: Sequence[LayerProof], first: Divergence | None) -> None:
        """Judge spikes, states and outputs."""
        for index, row in enumerate(layers):
            label = f"layer {row.path[0] or '(model)'}"
            if row.probe_differing:
                self._probe(label, row, divergence.first_on_probe(self.a, self.b, index))
            if row.differing:
                agreed = self.tolerance is not None and first is not None
                self.note(agreed, f"{label}: {row.differing} of {row.total} spikes differ")
            if row.voltage_difference:
                self._voltage(label, index, row)
        if first is not None and self.tolerance is not None and not divergence.within(first, self.tolerance):
            self.note(False, f"first divergence beyond the tolerance: {first}")
        self._outputs(bool(first))

    def _probe(self, label: str, row: LayerProof, found: Divergence | None) -> None:
        agreed = self.tolerance is not None and found is not None and divergence.within(found, self.tolerance)
        self.note(agreed, f"{label}: {row.probe_differing} of {row.probe_total} spikes differ on the probe")

    def _voltage(self, label: str, index: int, row: LayerProof) -> None:
        difference, flipped = row.voltage_difference or 0.0, row.differing or row.probe_differing
        heads = (f"neuron/{index}", f"neuron/{index}/probe")
        largest = max(
            measure.size(self.a.get(f"{head}/{name}")) for head in heads for name in ("drive", "state")
        )
        agreed = self.tolerance is not None and (
            bool(flipped) or difference <= self.tolerance * max(1.0, largest)
        )
        self.note(agreed, f"{label}: voltages differ by up to {difference:.2e}")

    def _outputs(self, flipped: bool) -> None:
        x, y = self.a.tensors["output"], self.b.tensors["output"]
        count = measure.differing(x, y)
        if not count:
            return
        difference = measure.largest_difference(x, y)
        agreed = self.tolerance is not None and (
            flipped or difference <= self.tolerance * max(1.0, measure.size(x))
        )
        self.note(agreed, f"{count} of {x.numel()} outputs differ, by up to {difference:.2e}")

    def gradients(self, layers: Sequence[LayerProof], gradients: Sequence[GradientProof]) -> None:
        """Judge the gradients; where spikes flipped within the tolerance, gradients follow the spikes."""
        flips = self.tolerance is not None and any(row.differing for row in layers)
        for row in layers:
            label = f"layer {row.path[0] or '(model)'} alone"
            own = self.tolerance is not None and bool(row.differing or row.probe_differing)
            self._gradient(label, row.gradient, row.gradient_difference, row.gradient_scale, own)
        for item in gradients:
            self._gradient(f"end to end, {item.name}", item.verdict, item.difference, item.scale, flips)

    def _gradient(
        self, label: str, verdict: str, difference: float | None, scale: float | None, flipped: bool
    ) -> None:
        if verdict in ("close", "within tolerance", "far"):
            text = f"gradient of {label}: differs by up to {difference or 0:.2e} (largest {scale or 0:.2e})"
            self.note(verdict != "far" or flipped, text)
