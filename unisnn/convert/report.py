"""The outcome of a proof, as data: a verdict, the evidence for it, and everything that it depends on."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = ["Divergence", "GradientProof", "LayerProof", "ProofReport"]

_Verdict = Literal["exact", "close", "refused"]


@dataclass(frozen=True)
class LayerProof:
    """One pair of neurons: what both did inside the model, and alone on a probe full of ties.

    ``differing`` of ``total`` spikes differ inside the model, ``probe_differing`` on the probe;
    ``voltage_difference`` is the largest of the final states. The gradient is the one of each neuron
    alone on the same input: its largest difference, and the size that it is measured against.
    """

    path: tuple[str, str]
    kind: tuple[str, str]
    spikes: int
    total: int
    differing: int
    probe_total: int
    probe_differing: int
    voltage_difference: float | None
    gradient_difference: float | None
    gradient_scale: float | None
    gradient: str


@dataclass(frozen=True)
class GradientProof:
    """One gradient of the whole model: the input's, or that of a trained parameter."""

    name: str
    difference: float
    scale: float
    verdict: str


@dataclass(frozen=True)
class Divergence:
    """The first spike that differs: where, when, and how far each voltage was from its threshold.

    ``drive`` is what went into that neuron in that step on either side: where it differs, the cause
    lies before this layer.
    """

    layer: str
    step: int
    index: tuple[int, ...]
    spikes: tuple[float, float]
    drive: tuple[float, float]
    margin: tuple[float | None, float | None]

    def __str__(self) -> str:
        same = (
            "the same input"
            if self.drive[0] == self.drive[1]
            else f"inputs {self.drive[0]!r} and {self.drive[1]!r}"
        )
        return (
            f"layer {self.layer}, t={self.step}, index {list(self.index)}: spikes {self.spikes[0]:g} and "
            f"{self.spikes[1]:g} on {same}, margin to the threshold {self.margin[0]!r} and {self.margin[1]!r}"
        )


@dataclass(frozen=True)
class ProofReport:
    """Two models compared: the same inputs, spikes and gradients layer by layer.

    ``verdict`` is ``exact`` (spikes, outputs and states bitwise equal, gradients within rounding),
    ``close`` (within a stated bound, see ``bounds``) or ``refused`` (neither; see ``reasons``).
    ``prediction_agreement`` is the share of samples with the same largest output, where the output is
    ``[N, C]`` or ``[T, N, C]``; ``max_grad_diff`` the largest difference of any end-to-end gradient.
    """

    verdict: _Verdict
    source: str
    target: str
    genuine: bool
    spikes_equal: bool
    outputs_equal: bool
    states_equal: bool
    prediction_agreement: float | None
    max_grad_diff: float | None
    layers: tuple[LayerProof, ...] = ()
    gradients: tuple[GradientProof, ...] = ()
    first_divergence: Divergence | None = None
    bounds: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    tolerance: float | None = None
    seed: int = 0
    inputs: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready data."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_json(cls, text: str) -> ProofReport:
        """Return the report that :meth:`to_json` wrote."""
        data = json.loads(text)
        pairs = ("path", "kind")
        layers = [{**row, **{name: tuple(row[name]) for name in pairs}} for row in data.pop("layers")]
        gradients = data.pop("gradients")
        found = data.pop("first_divergence")
        if found is not None:
            lists = ("index", "spikes", "drive", "margin")
            found = Divergence(**{**found, **{name: tuple(found[name]) for name in lists}})
        texts: dict[str, Any] = {name: tuple(data.pop(name)) for name in ("bounds", "notes", "reasons")}
        return cls(
            **data,
            **texts,
            layers=tuple(LayerProof(**row) for row in layers),
            gradients=tuple(GradientProof(**row) for row in gradients),
            first_divergence=found,
        )

    def save(self, path: str | Path) -> None:
        """Write the report as JSON to ``path``; the file is there whole or not at all."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(self.to_json() + "\n")
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise

    def __str__(self) -> str:
        side = "genuine " if self.genuine else ""
        lines = [f"{self.source} -> {side}{self.target}: {self.verdict}"]
        rows = [("layer", "neuron", "spikes", "differing", "on probe", "max dv", "max dgrad")]
        rows += [
            (
                row.path[0] or "(model)",
                row.kind[0] if row.kind[0] == row.kind[1] else f"{row.kind[0]} -> {row.kind[1]}",
                f"{row.spikes}/{row.total}",
                str(row.differing),
                f"{row.probe_differing}/{row.probe_total}",
                _number(row.voltage_difference),
                f"{_number(row.gradient_difference)} {row.gradient}",
            )
            for row in self.layers
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines += [
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        agreement = "none" if self.prediction_agreement is None else f"{self.prediction_agreement:.2%}"
        lines.append(
            f"  predictions agree: {agreement}; "
            f"largest end-to-end gradient difference: {_number(self.max_grad_diff)}"
        )
        if self.first_divergence is not None:
            lines.append(f"  first divergence: {self.first_divergence}")
        for head, texts in (("bound", self.bounds), ("note", self.notes), ("reason", self.reasons)):
            lines += [f"  {head}: {text}" for text in texts]
        return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else "0" if value == 0 else f"{value:.1e}"
