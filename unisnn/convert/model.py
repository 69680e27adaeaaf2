"""Moving a model to another library: read, write, compare the descriptions, prove on real inputs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.convert import drives, execute, targets, twins
from unisnn.convert.errors import ConversionError
from unisnn.convert.parts import Part, walk
from unisnn.convert.proof import compare_traces
from unisnn.convert.report import ProofReport
from unisnn.convert.scale import SCALED
from unisnn.convert.trace import Trace, trace
from unisnn.convert.tree import read, time_steps_of
from unisnn.convert.write import Writer
from unisnn.core.equivalence import Comparison, Difference, compare
from unisnn.core.layout import STEP
from unisnn.core.spec import NeuronSpec

__all__ = ["Plan", "build", "convert"]

_NEGLIGIBLE = 1e-3
"""A gradient bound below this is rounding and needs no consent; the proof measures it."""

_FLOAT32_ONLY = ("braincog", "qualia_plugin_snn")


def convert(
    model: nn.Module,
    to: str,
    *,
    genuine: bool = False,
    tolerance: float | None = None,
    inputs: Tensor | None = None,
    time_steps: int | None = None,
    freeze: Collection[str] = (),
    seed: int = 0,
    layout: str | None = None,
) -> tuple[nn.Module, ProofReport]:
    """Rebuild a model in another library, and prove that it computes the same.

    Neurons, surrogates and time layouts are rebuilt, plain torch layers, parameters, buffers and reset
    values are carried. The given model is never changed, and the new one starts with a clean state.
    Its input has the layout of the given one: what takes ``[T, N, *]`` still does.

    Args:
        model: a model of one of the four libraries, in unisnn or genuine, with any torch layers.
        to: ``"spikingjelly"``, ``"braincog"``, ``"snngrow"`` or ``"qualia_plugin_snn"``.
        genuine: build with the upstream library of this process instead of unisnn (default False).
        tolerance: accept what is exact only within a known bound, if the bound is no larger; voltages
            and gradients count relative to the larger of 1 and the largest number compared. Values
            that cannot learn in the target then stop learning (default: refuse both).
        inputs: what to prove on, ``[T, N, *]`` whatever the model's layout (default: invented from the
            first layer that fixes a shape).
        time_steps: T for invented inputs and for neurons that take folded data (default: that of
            ``inputs`` or of the model, else 4).
        freeze: learned values that may stop learning: ``"threshold"``, ``"w"``, ``"surrogate.alpha"``.
        seed: of the proof (default 0).
        layout: the model's time layout (default: read off its layers); ``"whole"`` for a model that
            loops over time itself.

    Returns:
        The new model and a :class:`~unisnn.convert.report.ProofReport`, whose verdict is ``exact`` or
        ``close``.

    Raises:
        ConversionError: something has no exact counterpart (the message names layer and field), or the
            proof failed.
        ValueError: ``to`` is no library.

    Source: none; the pairs are those of the project's measured equivalences.
    """
    target = targets.target(to, genuine)
    source = execute.duplicate(model)
    root = read(source)
    face = layout or root.face or STEP
    steps = (
        time_steps or (inputs.shape[0] if inputs is not None and inputs.dim() else time_steps_of(root)) or 4
    )
    if inputs is None:
        inputs = drives.invent(source, face, steps, seed)
    before = trace(source, inputs, seed=seed, face=face)
    plan = Plan(tolerance, freeze)
    converted = build(
        root, target, plan, steps, dimensions=_dimensions(before), device=inputs.device, dtype=inputs.dtype
    )
    after = trace(converted, inputs, seed=seed, face=face, reference=before)
    report = compare_traces(
        before,
        after,
        tolerance=tolerance,
        bounds=plan.bounds,
        notes=plan.notes,
        allowed=[plan.edges.get(row["path"], 0.0) for row in before.neurons],
        frozen=plan.frozen,
    )
    if report.verdict == "refused":
        error = ConversionError("", "", f"the proof failed\n{report}")
        error.report = report
        raise error
    return converted, report


class Plan:
    """What a conversion may give up, and what it found on the way: bounds, notes, edges, frozen values."""

    def __init__(self, tolerance: float | None = None, freeze: Collection[str] = ()) -> None:
        self.tolerance, self.freeze = tolerance, frozenset(freeze)
        self.bounds: list[str] = []
        self.notes: list[str] = []
        self.edges: dict[str, float] = {}
        self.frozen = False

    def accept(self, part: Part, comparison: Comparison, target: str) -> None:
        """Note every difference of a pair of descriptions, or refuse it.

        Raises:
            ConversionError: a difference has no bound, or a bound that nobody agreed to.
        """
        for item in comparison.differences:
            if item.kind == "other":
                raise ConversionError(
                    part.label, f"{item.field}={item.left!r}", f"{target} has {item.right!r}{_why(item)}"
                )
            getattr(self, f"_{item.kind}")(part, item, target)

    def _frozen(self, part: Part, item: Difference, target: str) -> None:
        name = item.field.replace("learnable.", "")
        if not item.left or (self.tolerance is None and not {name, name.rpartition(".")[2]} & self.freeze):
            reason = f"{target} cannot train it (freeze=({name!r},) or tolerance= gives that up)"
            raise ConversionError(part.label, f"{item.field}={item.left!r}", reason)
        self.frozen = True
        self.notes.append(f"{part.label}: {name} no longer learns")

    def _rounding(self, part: Part, item: Difference, target: str) -> None:
        voltage, gradient = item.voltage or 0.0, item.gradient or 0.0
        needed = max(voltage, gradient if gradient > _NEGLIGIBLE else 0.0)
        if needed and (self.tolerance is None or self.tolerance < needed):
            reason = f"{target} has {item.right!r}, equal only within {needed:.2g}{_why(item)}"
            reason = f"{reason}; pass tolerance={needed:.2g} or more"
            raise ConversionError(part.label, f"{item.field}={item.left!r}", reason)
        if needed:
            text = (
                f"voltage within {voltage:.2g} of the largest"
                if voltage
                else f"gradient within {gradient:.2g}"
            )
            self.bounds.append(f"{part.label}: {item.field}: {text}{_why(item)}")

    def _edge(self, part: Part, item: Difference, target: str) -> None:
        self.edges[part.path] = float("inf")
        self.notes.append(
            f"{part.label}: {item.field}: the gradient may differ by {item.gradient:g}{_why(item)}"
        )


def _why(item: Difference) -> str:
    return f" ({item.why})" if item.why else ""


def build(
    root: Part,
    target: targets.Target,
    plan: Plan,
    time_steps: int,
    *,
    dimensions: dict[str, int] | None = None,
    device: Any = None,
    dtype: torch.dtype = torch.float32,
) -> nn.Module:
    """Write the tree for ``target`` and compare the description of every neuron with its source's.

    Args:
        root: the tree, from :func:`~unisnn.convert.tree.read` or a file.
        target: the library to build with.
        plan: what may be given up; what was found is noted in it.
        time_steps: T that folded neurons start with.
        dimensions: number of dimensions of one time step of each neuron's input by path.
        device: where new neurons live.
        dtype: of the model's inputs.

    Raises:
        ConversionError: see :func:`convert`.
    """
    _check_dtype(root, target, dtype)
    writer = Writer(target, time_steps, dimensions, device)
    with torch.random.fork_rng(devices=[]):
        converted = writer.write(root)
    for part, node in writer.pairs:
        spec = twins.describe_leaf(node)
        assert isinstance(part.neuron, NeuronSpec)
        assert isinstance(spec, NeuronSpec)
        wanted = part.neuron if spec.output == SCALED else replace(part.neuron, output="dense")
        plan.accept(part, compare(wanted, spec, training=part.training), target.name)
        if part.neuron.surrogate.fire != spec.surrogate.fire:
            plan.notes.append(
                f"{part.label}: fires at h {part.neuron.surrogate.fire} {part.neuron.threshold!r}, now at "
                f"h {spec.surrogate.fire} {spec.threshold!r}: the same float32 voltages (float32 only)"
            )
    plan.notes += writer.notes
    return converted


def _check_dtype(root: Part, target: targets.Target, dtype: torch.dtype) -> None:
    """Refuse other dtypes than float32 where a library computes in float32 whatever it is given."""
    found: Sequence[Part] = [part for part in walk(root) if part.kind == "neuron"]
    for part in found:
        assert part.neuron is not None
        libraries = {target.name, part.neuron.library}
        if dtype != torch.float32 and libraries & {*_FLOAT32_ONLY} and len(libraries) > 1:
            name = next(name for name in _FLOAT32_ONLY if name in libraries)
            raise ConversionError(
                part.label, f"dtype={dtype}", f"{name} makes float32 spikes whatever its input is"
            )


def _dimensions(before: Trace) -> dict[str, int]:
    found = {}
    for index, row in enumerate(before.neurons):
        drive = before.get(f"neuron/{index}/drive")
        if drive is not None:
            found[row["path"]] = drive.dim() - 1
    return found
