"""One side of a comparison, in a process of its own.

``python -m unisnn.parity.worker JOB.json OUT`` reads a job, executes its cases one after the other on
one thread and writes ``OUT.safetensors`` (tensors), ``OUT.json`` (facts, failures, environment).
The genuine side never imports anything of unisnn but this light part of :mod:`unisnn.parity`; unisnn's
side never imports an upstream library; the worker refuses to hand anything back otherwise.

Job::

    {"edition": name, "genuine": bool, "batches": [{"patch": null or a mutant's patch, "cases": [...]}, ...]}

Progress goes to the original standard output as one number a line; what the libraries print goes to
standard error.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import time
import warnings
from pathlib import Path
from typing import Any, TextIO

__all__ = ["execute", "main", "run_job"]

_LIGHT = ("unisnn", "unisnn.parity")
_UPSTREAM = ("spikingjelly", "braincog", "snngrow", "qualia_plugin_snn", "qualia_core")


def execute(case: Any, library: Any) -> Any:
    """Run one case against ``library`` and return its :class:`~unisnn.parity.outputs.Outputs`."""
    import torch

    from unisnn.parity import protocols
    from unisnn.parity.outputs import Outputs

    out = Outputs()
    torch.manual_seed(case.seed)
    try:
        protocols.PROTOCOLS[case.protocol](case, library, out)
    except Exception as error:  # whatever the library raises is a result to compare
        out.fail("error", error)
    return out


def run_job(job: dict[str, Any], out: Path, progress: TextIO | None = None) -> None:
    """Execute the cases of ``job`` and write the results beside ``out``."""
    from unisnn.parity import stubs
    from unisnn.parity.editions import edition

    entry = edition(job["edition"])
    if job["genuine"]:
        stubs.install(entry.stubs, entry.bare_packages)
    import torch
    from safetensors.torch import save_file

    from unisnn.parity import protocols
    from unisnn.parity.case import Case
    from unisnn.parity.library import Library

    torch.set_num_threads(1)
    protocols.load()
    if not job["genuine"]:
        from unisnn.core import edition as numbers

        numbers.use(*entry.select)
    library = Library(entry.root if job["genuine"] else entry.ours, entry.name)
    tensors: dict[str, torch.Tensor] = {}
    records: list[list[dict[str, Any]]] = []
    done, total = 0, sum(len(batch["cases"]) for batch in job["batches"])
    for number, batch in enumerate(job["batches"]):
        records.append([])
        with _patched(batch.get("patch")):
            for index, data in enumerate(batch["cases"]):
                case, began = Case.from_dict(data), time.perf_counter()
                result = execute(case, library)
                prefix = f"{number}/{index}/"
                tensors.update({prefix + name: tensor for name, tensor in result.tensors.items()})
                records[-1].append(
                    {
                        "id": case.id,
                        "tensors": list(result.tensors),
                        "facts": result.facts,
                        "failures": {key: [list(f.types), f.message] for key, f in result.failures.items()},
                        "seconds": time.perf_counter() - began,
                    }
                )
                done += 1
                if progress is not None and (done % 20 == 0 or done == total):
                    print(done, file=progress, flush=True)
    _check_isolation(job["genuine"])
    save_file(tensors, f"{out}.safetensors")
    Path(f"{out}.json").write_text(json.dumps({"batches": records, "environment": _environment(entry.root)}))


def _patched(name: str | None) -> contextlib.AbstractContextManager[None]:
    if name is None:
        return contextlib.nullcontext()
    from unisnn.parity import mutants

    return mutants.patched(name)


def _check_isolation(genuine: bool) -> None:
    loaded = set(sys.modules)
    if genuine:
        wrong = {
            m
            for m in loaded
            if m.split(".")[0] == "unisnn" and m not in _LIGHT and m.split(".")[1] != "parity"
        }
    else:
        wrong = {m for m in loaded if m.split(".")[0] in _UPSTREAM}
    if wrong:
        side = "genuine" if genuine else "unisnn"
        raise RuntimeError(f"worker: the {side} side imported {sorted(wrong)}; the two sides must not meet")


def _environment(root: str) -> dict[str, Any]:
    import numpy
    import torch

    module = sys.modules.get(root)
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": str(numpy.__version__),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "jit": os.environ.get("PYTORCH_JIT", "1"),
        "upstream_loaded": module is not None,
    }


def main(arguments: list[str]) -> int:
    """Entry point of the subprocess: ``JOB.json OUT``."""
    warnings.simplefilter("ignore")
    progress = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    job = json.loads(Path(arguments[0]).read_text())
    run_job(job, Path(arguments[1]), progress)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
