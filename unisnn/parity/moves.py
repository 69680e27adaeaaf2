"""Moving a model into a genuine library, and proving it, without importing that library here.

The calling process describes the model (JSON and tensors), a worker process in the oracle's folder
rebuilds it from the description with the genuine library, runs it on the same inputs and hands its
trace back; the traces are compared here. The worker also moves the genuine model back into unisnn and
proves that move in its own process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from unisnn.convert.errors import ConversionError
from unisnn.convert.execute import duplicate
from unisnn.convert.parts import tensors_of
from unisnn.convert.proof import compare_traces
from unisnn.convert.report import ProofReport
from unisnn.convert.trace import Trace, trace
from unisnn.convert.tree import read
from unisnn.core.layout import STEP
from unisnn.parity import oracle

__all__ = ["GenuineMove", "move_to_genuine"]


@dataclass(frozen=True)
class GenuineMove:
    """The two proofs of a genuine move: into the upstream library, and from there back into unisnn."""

    there: ProofReport
    back: ProofReport | None


def move_to_genuine(
    model: nn.Module,
    edition: str,
    inputs: Tensor,
    *,
    to: str | None = None,
    tolerance: float | None = None,
    freeze: Collection[str] = (),
    seed: int = 0,
    back: bool = True,
    say: Callable[[str], None] | None = None,
) -> GenuineMove:
    """Build ``model`` in the genuine library of ``edition`` and compare it on ``inputs``.

    Args:
        model: made of neurons that unisnn describes and of torch layers, in ``nn.Sequential`` and the
            time containers; modules of other classes do not travel to another process.
        edition: such as ``"spikingjelly==0.0.0.0.14"``; it is installed into the cache if need be.
        inputs: ``[T, N, *]``.
        to: a part of the library, ``"spikingjelly.clock_driven"`` (default: the library itself).
        tolerance: see :func:`unisnn.convert.convert`.
        freeze: see :func:`unisnn.convert.convert`.
        seed: of the proof (default 0).
        back: whether the genuine model is also moved back into the library that ``model`` is written
            in, and that move proven (default True).
        say: where messages about an installation go.

    Raises:
        ConversionError: as in :func:`unisnn.convert.convert`.
        OracleError: the genuine library cannot be had.
        RuntimeError: the worker ended without handing anything back.
    """
    oracle.install(edition, say)
    source = duplicate(model)
    root = read(source)
    face = root.face or STEP
    before = trace(source, inputs, seed=seed, face=face)
    job = {
        "edition": edition,
        "to": to,
        "folders": oracle.search_path(edition),
        "face": face,
        "seed": seed,
        "tolerance": tolerance,
        "freeze": sorted(freeze),
        "back": _home(before) if back else None,
        "dimensions": {row["path"]: _dimensions(before, index) for index, row in enumerate(before.neurons)},
        "model": root.spec().to_dict(),
    }
    with tempfile.TemporaryDirectory(prefix="unisnn-move-") as scratch:
        folder = Path(scratch)
        _write(
            folder, job, {f"model:{name}": value for name, value in tensors_of(root).items()}, inputs, before
        )
        _run(folder, edition)
        told = json.loads((folder / "answer.json").read_text())
        if "error" in told:
            raise ConversionError(*told["error"])
        after = Trace.load(folder / "after")
    there = compare_traces(
        before,
        after,
        tolerance=tolerance,
        bounds=told["bounds"],
        notes=told["notes"],
        allowed=[float("inf") if row["path"] in told["edges"] else 0.0 for row in before.neurons],
        frozen=told["frozen"],
    )
    returned = ProofReport.from_json(json.dumps(told["back"])) if told["back"] else None
    named = replace(returned, source=edition) if returned is not None else None
    return GenuineMove(replace(there, target=edition), named)


def _home(before: Trace) -> str | None:
    """Return the one library, or part of it, that every neuron comes from; ``None`` where there is none."""
    symbols = [before.spec(index).symbol for index in range(len(before.neurons))]
    libraries = before.facts["libraries"]
    if libraries == ["spikingjelly"] and all(symbol.startswith("clock_driven.") for symbol in symbols):
        return "spikingjelly.clock_driven"
    return libraries[0] if len(libraries) == 1 else None


def _dimensions(before: Trace, index: int) -> int:
    drive = before.get(f"neuron/{index}/drive")
    return 2 if drive is None else drive.dim() - 1


def _write(
    folder: Path, job: dict[str, Any], tensors: dict[str, Tensor], inputs: Tensor, before: Trace
) -> None:
    from safetensors.torch import save_file

    named = {**tensors, "inputs": inputs}
    plain = {name: value.detach().cpu().contiguous().clone() for name, value in named.items()}
    save_file(plain, folder / "job.safetensors")
    (folder / "job.json").write_text(json.dumps(job))
    before.save(folder / "before")


def _run(folder: Path, edition: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "unisnn.parity.move_worker", str(folder)],
        env=oracle.environment(edition, True),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not (folder / "answer.json").is_file():
        raise RuntimeError(
            f"move_to_genuine: the worker for {edition} ended with status {done.returncode}:\n"
            f"{done.stderr[-3000:]}"
        )
