"""What a model does on given inputs, recorded so that another process can compare it.

A trace holds, for one run with a clean state::

    output, input gradient, gradient of every trained parameter     of the loss sum(output * G)
    per neuron: input (drive), spikes, state after the last step
    per neuron, alone: spikes, state and gradients on that drive and on a probe full of ties

G is drawn from the seed. Neurons run in training mode for the gradients, since some libraries cut
the graph in eval mode; every other layer stays in the mode that it is in.
"""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from unisnn import __version__
from unisnn.convert import drives, execute, twins
from unisnn.convert.scale import SCALED
from unisnn.convert.terms import Terms
from unisnn.convert.tree import layout_of
from unisnn.core import layout
from unisnn.core.spec import NeuronSpec, neuron_from_dict

__all__ = ["Trace", "trace", "versions"]


@dataclass(frozen=True)
class Trace:
    """The record of one run: tensors by name, and the facts around them (JSON data)."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def neurons(self) -> list[dict[str, Any]]:
        """Path, library, class and description of every neuron, in the order of the module tree."""
        return self.facts["neurons"]

    def spec(self, index: int) -> NeuronSpec:
        """Return the description of neuron ``index``."""
        return neuron_from_dict(self.neurons[index]["spec"])

    def get(self, name: str) -> Tensor | None:
        """Return the tensor called ``name``, or ``None``."""
        return self.tensors.get(name)

    def save(self, folder: str | Path) -> None:
        """Write ``trace.json`` and ``trace.safetensors`` into ``folder``."""
        from safetensors.torch import save_file

        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in self.tensors.items()}
        save_file(plain, target / "trace.safetensors")
        (target / "trace.json").write_text(json.dumps(self.facts, indent=1))

    @classmethod
    def load(cls, folder: str | Path) -> Trace:
        """Read back what :meth:`save` wrote."""
        from safetensors.torch import load_file

        source = Path(folder)
        return cls(load_file(source / "trace.safetensors"), json.loads((source / "trace.json").read_text()))


def trace(
    model: nn.Module,
    inputs: Tensor,
    *,
    seed: int = 0,
    face: str | None = None,
    reference: Trace | None = None,
) -> Trace:
    """Run ``model`` on ``inputs`` and record what every neuron does.

    Args:
        model: any module; it is copied, and its copy's state is reset first.
        inputs: ``[T, N, *]``, whatever the model's own time layout.
        seed: of the loss weights G, the probes and torch's generator (default 0).
        face: the model's time layout (default: read off its layers).
        reference: a trace whose drives and probes the neurons are given when they run alone
            (default: their own).

    Returns:
        A :class:`Trace`.

    Raises:
        ConversionError: the model cannot be described.
        TypeError: the model returns something other than one tensor.
    """
    face = face or layout_of(model)
    recorded: dict[str, Tensor] = {}
    found = []
    with execute.quiet(seed):
        _whole(model, inputs, face, seed, recorded)
        own = reference or Trace(recorded)
        for index, (path, neuron) in enumerate(twins.neurons(model)):
            spec = twins.describe_leaf(neuron)
            assert isinstance(spec, NeuronSpec)
            found.append(_facts(path, neuron, spec))
            if spec.surrogate.fire in (">=", ">"):
                given = own.get(f"neuron/{index}/probe/drive")
                drive = drives.probe(spec, seed + index) if given is None else given
                _alone(neuron, drive, f"neuron/{index}/probe", recorded, seed, inputs.device)
            seen = own.get(f"neuron/{index}/drive")
            if seen is not None and seen.is_floating_point():
                _alone(neuron, seen, f"neuron/{index}/own", recorded, seed, inputs.device)
    facts = {
        "neurons": found,
        "face": face,
        "training": model.training,
        "seed": seed,
        "inputs": drives.describe_tensor(inputs),
        "versions": versions(found),
        "libraries": sorted({entry["library"] for entry in found}),
        "genuine": any(entry["genuine"] for entry in found),
    }
    recorded = {name: tensor.cpu() for name, tensor in recorded.items()}
    return Trace(recorded, json.loads(json.dumps(facts)))  # the same data as after save and load


def versions(found: list[dict[str, Any]]) -> dict[str, str]:
    """Return the versions that a trace depends on: Python, torch, unisnn and the genuine libraries in it."""
    known = {"python": platform.python_version(), "torch": str(torch.__version__), "unisnn": __version__}
    for library in sorted({entry["library"] for entry in found if entry["genuine"]}):
        try:
            known[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            known[library] = "unknown"
    return known


def _facts(path: str, neuron: nn.Module, spec: NeuronSpec) -> dict[str, Any]:
    home = next((found for kind in type(neuron).__mro__ if (found := twins.library_of(kind))), ("", False))
    return {
        "path": path,
        "library": home[0],
        "genuine": home[1],
        "class": type(neuron).__name__,
        "spec": spec.to_dict(),
    }


def _whole(model: nn.Module, inputs: Tensor, face: str, seed: int, recorded: dict[str, Tensor]) -> None:
    """Record the whole model: once as it is, and once more for the gradients if neurons are in eval mode."""
    copied = execute.duplicate(model)
    found = twins.neurons(copied)
    in_training = all(neuron.training for _, neuron in found)
    terms = {"layer": Terms(_plain(copied, found)), "neuron": Terms([neuron for _, neuron in found])}
    x = inputs.detach().clone().requires_grad_(inputs.is_floating_point())
    with _Recorder(found, face, inputs.shape[0]) as recorder:
        execute.reset_states(copied)
        output = execute.run(copied, x, face)
        recorded["output"] = output.detach()
        recorder.store(recorded)
    for index, (_, neuron) in enumerate(found):
        state = execute.state_of(neuron)
        if state is not None:
            recorded[f"neuron/{index}/state"] = state.clone()
    if not in_training:
        torch.manual_seed(seed)
        for _, neuron in found:
            neuron.train()
        execute.reset_states(copied)
        output = execute.run(copied, x, face)
    if output.requires_grad:
        weights = torch.randn(output.shape, generator=torch.Generator().manual_seed(seed)).to(output)
        (output * weights).sum().backward()
        named = {"input": x, **dict(_trained(copied, found))}
        recorded |= {f"grad/{name}": value.grad for name, value in named.items() if value.grad is not None}
        for kind, noted in terms.items():
            recorded |= {f"terms/{kind}/{name}": torch.tensor(size) for name, size in noted.sums().items()}
    for noted in terms.values():
        noted.close()


def _plain(model: nn.Module, found: list[tuple[str, nn.Module]]) -> list[nn.Module]:
    """Return the modules with parameters of their own outside any neuron, in the order of the module tree."""
    inside = {id(part) for _, neuron in found for part in neuron.modules()}
    return [
        part
        for part in model.modules()
        if id(part) not in inside and any(True for _ in part.parameters(recurse=False))
    ]


def _trained(model: nn.Module, found: list[tuple[str, nn.Module]]) -> list[tuple[str, Tensor]]:
    """Return the trained parameters under names that do not depend on the library.

    Neurons count from 0, other modules with parameters count from 0, in the order of the module tree.
    """
    named: list[tuple[str, Tensor]] = []
    for index, (_, neuron) in enumerate(found):
        named += [(f"neuron/{index}/{name}", value) for name, value in twins.learned_values(neuron).items()]
        named += [
            (f"neuron/{index}/{name.rpartition('.')[2]}", value)
            for name, value in neuron.named_parameters()
            if name.count(".") and value.requires_grad
        ]
    for index, part in enumerate(_plain(model, found)):
        named += [(f"layer/{index}/{name}", value) for name, value in part.named_parameters(recurse=False)]
    return [(name, value) for name, value in named if value.requires_grad]


class _Recorder:
    """Forward hooks that note what goes into and comes out of each neuron."""

    def __init__(self, found: list[tuple[str, nn.Module]], face: str, time_steps: int) -> None:
        self.calls: dict[int, list[tuple[Tensor, Tensor]]] = {index: [] for index in range(len(found))}
        self.layouts = [_layout(neuron) for _, neuron in found]
        self.factors = [_output_factor(neuron) for _, neuron in found]
        self.time_steps = time_steps
        self.hooks = [
            neuron.register_forward_hook(lambda module, args, y, index=index: self._note(index, args, y))
            for index, (_, neuron) in enumerate(found)
        ]

    def _note(self, index: int, args: Any, y: Any) -> None:
        spikes = execute.dense(y).detach() / self.factors[index]
        self.calls[index].append((execute.dense(args[0]).detach(), spikes))

    def __enter__(self) -> _Recorder:
        return self

    def __exit__(self, *error: object) -> None:
        for hook in self.hooks:
            hook.remove()

    def store(self, recorded: dict[str, Tensor]) -> None:
        """Put drive and spikes of every neuron into ``recorded``, time first."""
        for index, calls in self.calls.items():
            if calls:
                for name, tensors in zip(("drive", "spikes"), zip(*calls, strict=True), strict=True):
                    recorded[f"neuron/{index}/{name}"] = self._time_first(self.layouts[index], list(tensors))

    def _time_first(self, kind: str, calls: list[Tensor]) -> Tensor:
        if kind == layout.STEP:
            return torch.stack(calls)
        if kind == layout.FOLDED:
            calls = [layout.split(call, self.time_steps) for call in calls]
        return calls[0] if len(calls) == 1 else torch.cat(calls)


def _layout(neuron: nn.Module) -> str:
    spec = twins.describe_leaf(neuron)
    return spec.layout if isinstance(spec, NeuronSpec) else layout.STEP


def _output_factor(neuron: nn.Module) -> float:
    """Return what a spike of the neuron is multiplied by in its output: 1, or the threshold (ATIF)."""
    spec = twins.describe_leaf(neuron)
    return spec.threshold if isinstance(spec, NeuronSpec) and spec.output == SCALED else 1.0


def _alone(
    neuron: nn.Module, drive: Tensor, name: str, recorded: dict[str, Tensor], seed: int, device: Any
) -> None:
    """Run a copy of one neuron in training mode on ``drive`` and record spikes, state and gradients.

    The drive is laid out as ``[T, M, 1]`` for every library, so that sums run over equal shapes.
    """
    copied = execute.duplicate(neuron).train()
    execute.reset_states(copied)
    x = drive.detach().reshape(drive.shape[0], -1, 1).to(device, copy=True).requires_grad_()
    y = execute.run(copied, x, _layout(copied)).reshape(x.shape) / _output_factor(copied)
    if name.endswith("/probe"):
        recorded[f"{name}/drive"] = drive
        recorded[f"{name}/spikes"] = y.detach()[..., 0]
        state = execute.state_of(copied)
        if state is not None:
            recorded[f"{name}/state"] = state.reshape(-1).clone()
    if y.requires_grad:
        weights = torch.randn(y.shape, generator=torch.Generator().manual_seed(seed)).to(y)
        (y * weights).sum().backward()
        if x.grad is not None:
            recorded[f"{name}/grad/input"] = x.grad[..., 0]
        for parameter, value in _trained(copied, [("", copied)]):
            if value.grad is not None:
                recorded[f"{name}/grad/{parameter.rpartition('/')[2]}"] = value.grad
