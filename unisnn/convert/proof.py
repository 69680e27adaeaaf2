"""Comparing two traces: spikes, outputs, states and gradients, layer by layer, and one verdict.

Forward numbers are compared bitwise (0 and -0 are equal, and so are two NaN). Gradients follow two
rules, eps being float32's::

    a neuron alone   |difference| <= 2*eps * largest |gradient|          (sums over a layer:
                                    2*eps * sum of the absolute terms)
    end to end       |difference| <= 2*eps * D * sum of the absolute terms    D = neurons * time steps

(The largest gradient stands for the terms of an input's gradient.)
D is the number of surrogate derivatives along the longest path: each may be off by rounding. What is
outside the rule is ``close`` up to 32 times it (hand-written backward passes add their terms in
another order), or up to a ``tolerance``; anything further apart is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from unisnn.convert import divergence, measure, simulate
from unisnn.convert.drives import NOISE
from unisnn.convert.judge import Judge, grade
from unisnn.convert.report import GradientProof, LayerProof, ProofReport
from unisnn.convert.trace import Trace, trace
from unisnn.core.equivalence import EPS

__all__ = ["compare_traces", "prove"]

_WORSE = ("none", "bitwise", "rounding", "close", "within tolerance", "far")


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
    judge = Judge(a, b, tolerance, list(bounds))
    if len(a.neurons) != len(b.neurons):
        judge.note(False, f"{len(a.neurons)} neurons against {len(b.neurons)}")
    count = min(len(a.neurons), len(b.neurons))
    layers = tuple(
        _layer(a, b, index, tolerance, allowed[index] if allowed else 0.0) for index in range(count)
    )
    first = divergence.first_divergence(a, b, count)
    judge.forward(layers, first)
    gradients = _end_to_end(judge, frozen, float("inf") if any(allowed) else 0.0)
    judge.gradients(layers, gradients)
    outputs = a.tensors["output"], b.tensors["output"]
    silent = [f"layer {row.path[0] or '(model)'} never fires here" for row in layers if not row.spikes]
    return ProofReport(
        verdict=judge.verdict,
        source="+".join(a.facts["libraries"]) or "torch",
        target="+".join(b.facts["libraries"]) or "torch",
        genuine=bool(b.facts["genuine"]),
        spikes_equal=count == len(a.neurons) == len(b.neurons) and not any(row.differing for row in layers),
        outputs_equal=measure.differing(*outputs) == 0,
        states_equal=all(not row.voltage_difference for row in layers),
        prediction_agreement=measure.agreement(*outputs),
        max_grad_diff=max((row.difference for row in gradients), default=None),
        layers=layers,
        gradients=gradients,
        first_divergence=first,
        bounds=tuple(judge.bounds),
        notes=(*notes, *silent),
        reasons=tuple(judge.reasons),
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
        differing=measure.differing(*spikes),
        probe_total=0 if probes[0] is None else probes[0].numel(),
        probe_differing=measure.differing(*probes),
        voltage_difference=max(
            (measure.largest_difference(x, y) for x, y in states if x is not None and y is not None),
            default=None,
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
            scale = measure.size(x)
            if name == f"{head}w" and "w" in dict(spec.parameters):
                drive = a.get(f"neuron/{index}/probe/drive" if part == "probe" else f"neuron/{index}/drive")
                gradient = a.tensors[f"{head}input"]
                assert drive is not None
                scale = max(
                    scale, simulate.absolute_terms_of_w(spec, drive.reshape(gradient.shape), gradient)
                )
            difference = measure.largest_difference(x, y)
            verdict = grade(difference, 2 * EPS * scale, tolerance, scale, allowed)
            if worst[0] is None or (_WORSE.index(verdict), difference) > (_WORSE.index(worst[2]), worst[0]):
                worst = difference, scale, verdict
    return worst


def _end_to_end(judge: Judge, frozen: bool, allowed: float) -> tuple[GradientProof, ...]:
    """Compare the gradients of the whole model; one that only one side has is noted."""
    a, b = judge.a, judge.b
    steps = int(a.facts["inputs"]["shape"][0]) if a.facts["inputs"]["shape"] else 1
    depth = max(1, len(a.neurons)) * max(1, steps)
    rows = []
    for name in sorted({name for name in (*a.tensors, *b.tensors) if name.startswith("grad/")}):
        x, y = a.get(name), b.get(name)
        short = name.removeprefix("grad/")
        if x is None or y is None or x.shape != y.shape:
            what = "learns on one side only" if x is None or y is None else "has another shape"
            judge.note(frozen or judge.tolerance is not None, f"{short} {what}")
            continue
        scale, difference = (
            max(measure.size(x), measure.size(a.get(f"terms/{short}"))),
            measure.largest_difference(x, y),
        )
        verdict = grade(difference, 2 * EPS * depth * scale, judge.tolerance, scale, allowed)
        rows.append(GradientProof(short, difference, scale, verdict))
    return tuple(rows)
