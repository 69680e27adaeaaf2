"""Curves for the report: surrogate functions and neuron traces, upstream's and unisnn's side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.editions import Edition
from unisnn.parity.outputs import Outputs

__all__ = ["collect"]


def collect(
    into: dict[str, list[dict[str, Any]]],
    entry: Edition,
    cases: Sequence[Case],
    upstream: Sequence[Outputs],
    unisnn: Sequence[Outputs],
) -> None:
    """Add a curve for every case that carries ``calls["plot"]`` (its label) to ``into``."""
    into.setdefault("surrogates", [])
    into.setdefault("neurons", [])
    for case, theirs, ours in zip(cases, upstream, unisnn, strict=True):
        label = case.calls.get("plot")
        if label is None:
            continue
        head = {"edition": entry.name, "symbol": case.symbol, "label": str(label), "case": case.id}
        if case.protocol == "surrogate":
            into["surrogates"].append({**head, **_surrogate(case, theirs, ours)})
        else:
            into["neurons"].append({**head, **_neuron(case, theirs, ours)})


def _floats(outputs: Outputs, name: str) -> list[float | None]:
    tensor = outputs.tensors.get(name)
    if tensor is None:
        return []
    return [
        round(value, 7) if math.isfinite(value) else None for value in tensor.double().reshape(-1).tolist()
    ]


def _both(name: str, theirs: Outputs, ours: Outputs) -> dict[str, list[float | None]]:
    return {"upstream": _floats(theirs, name), "unisnn": _floats(ours, name)}


def _surrogate(case: Case, theirs: Outputs, ours: Outputs) -> dict[str, Any]:
    from unisnn.parity import recipes

    x = recipes.make(case.inputs["x"]).double().tolist()
    return {
        "x": [round(value, 7) for value in x],
        "forward": _both("forward", theirs, ours),
        "gradient": _both("grad_ones", theirs, ours),
    }


def _neuron(case: Case, theirs: Outputs, ours: Outputs) -> dict[str, Any]:
    """Curves of a neuron case: outputs named by ``calls["curves"]`` (default ``voltage`` and ``spikes``)."""
    from unisnn.parity import recipes

    names = case.calls.get("curves", {"voltage": "voltage", "spikes": "spikes"})
    return {
        "input": [round(value, 7) for value in recipes.make(case.inputs["x"]).double().reshape(-1).tolist()],
        "threshold": case.calls.get("threshold", 1.0),
        **{curve: _both(output, theirs, ours) for curve, output in names.items()},
    }
