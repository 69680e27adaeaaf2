"""Worker processes: started, watched, and their answers read back."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unisnn.parity import goldens, oracle
from unisnn.parity.editions import Edition
from unisnn.parity.outputs import Failure, Outputs

__all__ = ["Answers", "WorkerError", "both_sides", "run_worker"]

_Meter = Callable[[int], None]


class WorkerError(RuntimeError):
    """A worker process ended without handing anything back; the message holds the end of what it printed."""


@dataclass
class Answers:
    """What both sides gave: upstream's outputs, unisnn's outputs batch by batch, and the environment."""

    upstream: list[Outputs]
    unisnn: list[list[Outputs]]
    environment: dict[str, Any] = field(default_factory=dict)


def both_sides(entry: Edition, batches: list[dict[str, Any]], meter: _Meter, genuine: bool = True) -> Answers:
    """Run the genuine side (``genuine=False``: read the goldens) and unisnn's side, at the same time.

    The genuine side runs the first batch only; the others hold mutants.

    Raises:
        WorkerError: one of the workers crashed.
    """
    answers: dict[bool, tuple[list[list[Outputs]], dict[str, Any]]] = {}
    errors: list[Exception] = []
    progress = {True: 0, False: 0}
    lock = threading.Lock()

    def side(upstream: bool, wanted: list[dict[str, Any]]) -> None:
        def count(done: int) -> None:
            with lock:
                progress[upstream] = done
                meter(sum(progress.values()))

        try:
            answers[upstream] = run_worker(entry.name, upstream, wanted, count)
        except Exception as error:
            errors.append(error)

    wanted = {False: batches}
    if genuine:
        wanted[True] = batches[:1]
    threads = [threading.Thread(target=side, args=item, daemon=True) for item in wanted.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    unisnn, environment = answers[False]
    if not genuine:
        stored = [goldens.recorded(case.id) for case in batches[0]["cases"]]
        return Answers(
            [out if out is not None else Outputs() for out in stored], unisnn, {"unisnn": environment}
        )
    upstream, upstream_environment = answers[True]
    return Answers(upstream[0], unisnn, {"upstream": upstream_environment, "unisnn": environment})


def run_worker(
    name: str, genuine: bool, batches: list[dict[str, Any]], progress: _Meter | None = None
) -> tuple[list[list[Outputs]], dict[str, Any]]:
    """Run ``batches`` of cases in a fresh worker process and return the outputs and its environment.

    Raises:
        WorkerError: the worker crashed.
    """
    with tempfile.TemporaryDirectory(prefix="unisnn-parity-") as scratch:
        job, out = Path(scratch, "job.json"), Path(scratch, "out")
        listed = [{"patch": b["patch"], "cases": [case.to_dict() for case in b["cases"]]} for b in batches]
        job.write_text(json.dumps({"edition": name, "genuine": genuine, "batches": listed}, allow_nan=False))
        with (
            open(Path(scratch, "stderr"), "w+", encoding="utf-8", errors="replace") as complaints,
            subprocess.Popen(
                [sys.executable, "-m", "unisnn.parity.worker", str(job), str(out)],
                env=oracle.environment(name, genuine),
                cwd=scratch,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            ) as worker,
        ):
            assert worker.stdout is not None
            for line in worker.stdout:
                if progress is not None and line.strip().isdigit():
                    progress(int(line))
            status = worker.wait()
            if status != 0 or not out.with_suffix(".json").is_file():
                complaints.seek(0)
                side = "genuine" if genuine else "unisnn"
                raise WorkerError(
                    f"{name}: the {side} worker ended with status {status}:\n{complaints.read()[-3000:]}"
                )
        return _read_answers(out)


def _read_answers(out: Path) -> tuple[list[list[Outputs]], dict[str, Any]]:
    """Read what a worker wrote beside ``out``."""
    from safetensors.torch import load_file

    told = json.loads(out.with_suffix(".json").read_text())
    tensors = load_file(out.with_suffix(".safetensors"))
    batches: list[list[Outputs]] = []
    for number, records in enumerate(told["batches"]):
        batches.append([])
        for index, record in enumerate(records):
            outputs = Outputs()
            outputs.tensors = {name: tensors[f"{number}/{index}/{name}"] for name in record["tensors"]}
            outputs.facts = record["facts"]
            outputs.failures = {
                name: Failure(tuple(types), message) for name, (types, message) in record["failures"].items()
            }
            batches[-1].append(outputs)
    return batches, told["environment"]
