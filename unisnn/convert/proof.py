"""Comparing two traces: spikes, outputs, states and gradients, layer by layer, and one verdict.

Forward numbers are compared bitwise (0 and -0 are equal, and so are two NaN). Gradients follow two
rules, eps being float32's::

    a neuron alone   |difference| <= 2*eps * largest |gradient|          (sums over a layer:
                                    2*eps * sum of the absolute terms)
    end to end       |difference| <= 2*eps * D * largest |gradient|      D = neurons * time steps

D is the number of surrogate derivatives along the longest path: each may be off by rounding. What is
outside the rule is ``close`` up to 32 times it (hand-written backward passes add their terms in
another order), or up to a ``tolerance``; anything further apart is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.convert import simulate
from unisnn.convert.drives import NOISE
from unisnn.convert.report import Divergence, GradientProof, LayerProof, ProofReport
from unisnn.convert.trace import Trace, trace
from unisnn.core.equivalence import EPS

__all__ = ["CLOSE", "compare_traces", "prove"]

CLOSE = 32.0
"""How many times the rounding rule a gradient may be off and still count as close."""

_RANK = {"bitwise": 0, "none": 0, "rounding": 1, "close": 2, "within tolerance": 2, "far": 3, "one-sided": 3}


def prove(
    a: nn.Module,
    b: nn.Module,
    inputs: Tensor,
    *,
    seed: int = 0,
    tolerance: float | None = None,
    layout: str | None = None,
) -> ProofReport:
    """Compare two models on the same inputs: spikes layer by layer, outputs, states and gradients.

    Both are copied, their states are reset, and they run on one thread with torch's generator seeded.
    Each neuron is also run alone on a probe of 96 channels that puts voltages exactly on the threshold.

    Args:
        a: the model that is to be reproduced.
        b: the model that claims to.
        inputs: ``[T, N, *]``, time first, whatever the time layout of either model; with
            ``layout="whole"`` whatever both models take.
        seed: of the loss weights, the probes and torch's generator (default 0).
        tolerance: how far voltages and gradients may be apart, relative to the larger of 1 and the
            largest number compared (default: not at all beyond rounding of gradients).
        layout: the time layout of both models (default: read off each model's layers); ``"whole"``
            for models that loop over time themselves.

    Returns:
        A :class:`~unisnn.convert.report.ProofReport`.

    Raises:
        ConversionError: a model cannot be described.
        TypeError: a model returns something other than one tensor.
    """
    first = trace(a, inputs, seed=seed, face=layout)
    return compare_traces(
        first, trace(b, inputs, seed=seed, face=layout, reference=first), tolerance=tolerance
    )


@dataclass
class _Findings:
    """What speaks against ``exact``: reasons to refuse, and whether something is only close."""

    reasons: list[str]
    bounds: list[str]
    close: bool = False


def compare_traces(
    a: Trace,
    b: Trace,
    *,
    tolerance: float | None = None,
    bounds: Sequence[str] = (),
    notes: Sequence[str] = (),
    allowed: Sequence[float] = (),
    frozen: bool = False,
) -> ProofReport:
    """Compare two traces, of this process or read back from files.

    Args:
        a: the trace to be reproduced.
        b: the trace that claims to; its ``reference`` should have been ``a``.
        tolerance: see :func:`prove`.
        bounds: bounds known beforehand, for the report.
        notes: remarks for the report.
        allowed: per neuron, how far its gradient may be off where voltages lie exactly on an edge of
            the surrogate derivative; on the noise of the probe the rounding rule holds all the same.
        frozen: whether values that learn only on one side are expected.

    Raises:
        ValueError: the traces were recorded on different inputs or with different seeds.
    """
    for name in ("inputs", "seed"):
        if a.facts[name] != b.facts[name]:
            raise ValueError(f"compare_traces: {name} differ: {a.facts[name]!r} against {b.facts[name]!r}")
    found = _Findings([], list(bounds))
    if len(a.neurons) != len(b.neurons):
        found.reasons.append(f"{len(a.neurons)} neurons against {len(b.neurons)}")
    count = min(len(a.neurons), len(b.neurons))
    layers = tuple(
        _layer(a, b, index, tolerance, allowed[index] if allowed else 0.0) for index in range(count)
    )
    divergence = _first_divergence(a, b, count)
    _judge_forward(a, b, layers, divergence, tolerance, found)
    gradients = _end_to_end(a, b, max(1, len(a.neurons)), tolerance, any(allowed), frozen, found)
    _judge_gradients(layers, gradients, found)
    outputs = a.tensors["output"], b.tensors["output"]
    verdict: Any = "refused" if found.reasons else "close" if found.close else "exact"
    return ProofReport(
        verdict=verdict,
        source="+".join(a.facts["libraries"]) or "torch",
        target="+".join(b.facts["libraries"]) or "torch",
        genuine=bool(b.facts["genuine"]),
        spikes_equal=count == len(a.neurons) == len(b.neurons) and not any(row.differing for row in layers),
        outputs_equal=_differing(*outputs) == 0,
        states_equal=all(not row.voltage_difference for row in layers),
        prediction_agreement=_agreement(*outputs),
        max_grad_diff=max((row.difference for row in gradients), default=None),
        layers=layers,
        gradients=gradients,
        first_divergence=divergence,
        bounds=tuple(found.bounds),
        notes=(*notes, *(f"layer {row.path[0]} never fires here" for row in layers if not row.spikes)),
        reasons=tuple(found.reasons),
        tolerance=tolerance,
        seed=int(a.facts["seed"]),
        inputs=a.facts["inputs"],
        versions={**a.facts["versions"], **b.facts["versions"]},
    )


def _layer(a: Trace, b: Trace, index: int, tolerance: float | None, allowed: float) -> LayerProof:
    head = f"neuron/{index}"
    spikes = a.get(f"{head}/spikes"), b.get(f"{head}/spikes")
    states = [(a.get(f"{head}{part}/state"), b.get(f"{head}{part}/state")) for part in ("", "/probe")]
    probes = a.get(f"{head}/probe/spikes"), b.get(f"{head}/probe/spikes")
    difference, scale, verdict = _own_gradients(a, b, index, tolerance, allowed)
    left, right = a.neurons[index], b.neurons[index]
    return LayerProof(
        path=(left["path"], right["path"]),
        kind=(left["class"], right["class"]),
        spikes=0 if spikes[0] is None else int(spikes[0].count_nonzero()),
        total=0 if spikes[0] is None else spikes[0].numel(),
        differing=_differing(*spikes),
        probe_total=0 if probes[0] is None else probes[0].numel(),
        probe_differing=_differing(*probes),
        voltage_difference=max(
            (_largest(x, y) for x, y in states if x is not None and y is not None), default=None
        ),
        gradient_difference=difference,
        gradient_scale=scale,
        gradient=verdict,
    )


def _own_gradients(
    a: Trace, b: Trace, index: int, tolerance: float | None, allowed: float
) -> tuple[float | None, float | None, str]:
    """Return difference, scale and verdict of the worst gradient of one neuron alone."""
    worst: tuple[float | None, float | None, str] = (None, None, "none")
    spec = a.spec(index)
    for part in ("own", "probe"):
        head = f"neuron/{index}/{part}/grad/"
        for name in sorted(name for name in a.tensors if name.startswith(head) and name in b.tensors):
            x, y = a.tensors[name], b.tensors[name]
            if allowed and part == "probe" and name.endswith("/input"):
                x, y, allowed = x[:, :NOISE], y[:, :NOISE], 0.0
            scale = _size(x)
            if name == f"{head}w" and "w" in dict(spec.parameters):
                drive = a.get(f"neuron/{index}/probe/drive" if part == "probe" else f"neuron/{index}/drive")
                gradient = a.tensors[f"{head}input"]
                assert drive is not None
                scale = max(
                    scale, simulate.absolute_terms_of_w(spec, drive.reshape(gradient.shape), gradient)
                )
            difference = _largest(x, y)
            verdict = _grade(difference, 2 * EPS * scale, tolerance, scale, allowed)
            if worst[0] is None or (_RANK[verdict], difference) > (_RANK[worst[2]], worst[0]):
                worst = difference, scale, verdict
    return worst


def _grade(difference: float, rule: float, tolerance: float | None, scale: float, allowed: float) -> str:
    if difference == 0:
        return "bitwise"
    if difference <= rule:
        return "rounding"
    if difference <= CLOSE * rule or difference <= allowed:
        return "close"
    if tolerance is not None and difference <= tolerance * max(1.0, scale):
        return "within tolerance"
    return "far"


def _end_to_end(
    a: Trace, b: Trace, neurons: int, tolerance: float | None, allowed: bool, frozen: bool, found: _Findings
) -> tuple[GradientProof, ...]:
    steps = int(a.facts["inputs"]["shape"][0]) if a.facts["inputs"]["shape"] else 1
    rows = []
    for name in sorted({name for name in (*a.tensors, *b.tensors) if name.startswith("grad/")}):
        x, y = a.get(name), b.get(name)
        if x is None or y is None or x.shape != y.shape:
            what = "exists on one side only" if x is None or y is None else "has another shape"
            text = f"the gradient {name.removeprefix('grad/')} {what}"
            (found.bounds if frozen or tolerance is not None else found.reasons).append(text)
            found.close = True
            continue
        scale, difference = _size(x), _largest(x, y)
        limit = float("inf") if allowed else 0.0
        verdict = _grade(difference, 2 * EPS * neurons * max(1, steps) * scale, tolerance, scale, limit)
        rows.append(GradientProof(name.removeprefix("grad/"), difference, scale, verdict))
    return tuple(rows)


def _judge_forward(
    a: Trace,
    b: Trace,
    layers: Sequence[LayerProof],
    divergence: Divergence | None,
    tolerance: float | None,
    found: _Findings,
) -> None:
    found_before = len(found.reasons)
    for row in layers:
        label = f"layer {row.path[0] or '(model)'}"
        if row.probe_differing and tolerance is None:
            found.reasons.append(
                f"{label}: {row.probe_differing} of {row.probe_total} spikes differ on the probe"
            )
        if row.differing and tolerance is None:
            found.reasons.append(f"{label}: {row.differing} of {row.total} spikes differ")
        if row.voltage_difference:
            _judge_voltage(label, row, tolerance, found)
    outputs_differ = _differing(a.tensors["output"], b.tensors["output"])
    if tolerance is None:
        if outputs_differ and len(found.reasons) == found_before:
            found.reasons.append(f"{outputs_differ} of {a.tensors['output'].numel()} outputs differ")
        return
    if divergence is not None:
        margins = [abs(margin) for margin in divergence.margin if margin is not None]
        if not margins or min(margins) > tolerance * max(1.0, *(abs(value) for value in divergence.drive)):
            found.reasons.append(f"first divergence beyond the tolerance: {divergence}")
        found.close = True
        share = sum(row.differing for row in layers) / max(1, sum(row.total for row in layers))
        found.bounds.append(
            f"{share:.3%} of the spikes differ, the first of them within the tolerance of its threshold"
        )
    elif outputs_differ:
        _judge_outputs(a, b, tolerance, found)


def _judge_voltage(label: str, row: LayerProof, tolerance: float | None, found: _Findings) -> None:
    if tolerance is None:
        found.reasons.append(f"{label}: voltages differ by up to {row.voltage_difference:.2e}")
    elif not (row.differing or row.probe_differing) and row.voltage_difference > tolerance * 16:  # type: ignore[operator]
        found.reasons.append(
            f"{label}: voltages differ by up to {row.voltage_difference:.2e}, beyond the tolerance"
        )
    else:
        found.close = True
        found.bounds.append(f"{label}: voltages differ by up to {row.voltage_difference:.2e}")


def _judge_outputs(a: Trace, b: Trace, tolerance: float, found: _Findings) -> None:
    difference, size = _largest(a.tensors["output"], b.tensors["output"]), _size(a.tensors["output"])
    text = f"outputs differ by up to {difference:.2e}"
    (found.bounds if difference <= tolerance * max(1.0, size) else found.reasons).append(text)
    found.close = True


def _judge_gradients(
    layers: Sequence[LayerProof], gradients: Sequence[GradientProof], found: _Findings
) -> None:
    rows = [
        (f"layer {row.path[0] or '(model)'} alone", row.gradient, row.gradient_difference, row.gradient_scale)
        for row in layers
    ]
    rows += [(f"end to end, {row.name}", row.verdict, row.difference, row.scale) for row in gradients]
    for name, verdict, difference, scale in rows:
        text = f"gradient of {name}: differs by up to {difference or 0.0:.2e} (largest {scale or 0.0:.2e})"
        if verdict == "far":
            found.reasons.append(text)
        elif _RANK[verdict] == 2:
            found.close = True
            found.bounds.append(text)


def _first_divergence(a: Trace, b: Trace, count: int) -> Divergence | None:
    """Return the earliest spike that differs: by time step, then by layer."""
    earliest: tuple[int, int] | None = None
    for index in range(count):
        x, y = a.get(f"neuron/{index}/spikes"), b.get(f"neuron/{index}/spikes")
        if x is None or y is None or x.shape != y.shape:
            continue
        steps = (~_equal(x, y)).flatten(1).any(1).nonzero()
        if len(steps) and (earliest is None or int(steps[0]) < earliest[0]):
            earliest = int(steps[0]), index
    if earliest is None:
        return None
    step, index = earliest
    x, y = a.tensors[f"neuron/{index}/spikes"], b.tensors[f"neuron/{index}/spikes"]
    place = tuple(int(i) for i in (~_equal(x[step], y[step])).nonzero()[0])
    path = a.neurons[index]["path"] or "(model)"
    sides = [_at(side, index, step, place) for side in (a, b)]
    return Divergence(
        layer=f"{path} ({a.neurons[index]['class']})",
        step=step,
        index=place,
        spikes=(float(x[step][place]), float(y[step][place])),
        drive=(sides[0][0], sides[1][0]),
        margin=(sides[0][1], sides[1][1]),
    )


def _at(side: Trace, index: int, step: int, place: tuple[int, ...]) -> tuple[float, float | None]:
    """Return the drive of one neuron in one step, and how far its voltage was from the threshold."""
    drive = side.tensors[f"neuron/{index}/drive"]
    where: Any = (slice(0, step + 1), *place)
    here = drive[where]
    spec = side.spec(index)
    if spec.surrogate.fire not in (">=", ">"):
        return float(here[-1]), None
    voltage, _, _ = simulate.simulate(spec, here.float())
    return float(here[-1]), float(voltage[-1] - simulate.threshold_of(spec))


def _equal(x: Tensor, y: Tensor) -> Tensor:
    return (x == y) | (x.isnan() & y.isnan())


def _differing(x: Tensor | None, y: Tensor | None) -> int:
    if x is None or y is None:
        return 0 if x is None and y is None else 1
    if x.shape != y.shape:
        return max(x.numel(), y.numel(), 1)
    return int((~_equal(x, y)).sum())


def _largest(x: Tensor, y: Tensor) -> float:
    """Return the largest absolute difference; equal infinities and two NaN differ by 0, NaN alone by inf."""
    if x.shape != y.shape:
        return float("inf")
    unequal = ~_equal(x, y)
    if not bool(unequal.any()):
        return 0.0
    difference = (x.double() - y.double())[unequal].abs()
    return float(torch.nan_to_num(difference, nan=float("inf")).max())


def _size(x: Tensor) -> float:
    finite = x.double().abs()[x.isfinite()]
    return float(finite.max()) if finite.numel() else 0.0


def _agreement(x: Tensor, y: Tensor) -> float | None:
    if x.shape != y.shape or x.dim() not in (2, 3) or not x.numel():
        return None
    scores = [out.mean(0) if out.dim() == 3 else out for out in (x, y)]
    return float((scores[0].argmax(1) == scores[1].argmax(1)).double().mean())
