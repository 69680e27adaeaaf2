"""The other half of :mod:`unisnn.parity.moves`, in a process where the genuine library is importable.

``python -m unisnn.parity.move_worker FOLDER`` reads ``job.json``, ``job.safetensors`` and the trace in
``before``; it writes the trace of the genuine model into ``after`` and ``answer.json`` beside it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

__all__ = ["main", "work"]


def work(folder: Path) -> dict[str, Any]:
    """Build the genuine model, record its run, move it back into unisnn; return what the answer holds.

    Raises:
        ImportError: the library that was imported does not come from the oracle's folder.
    """
    from unisnn.core import edition as selected
    from unisnn.parity import stubs
    from unisnn.parity.editions import edition

    job = json.loads((folder / "job.json").read_text())
    entry = edition(job["edition"])
    stubs.install(entry.stubs, entry.bare_packages)
    selected.use(*entry.select)
    from safetensors.torch import load_file

    from unisnn.convert import model as conversion
    from unisnn.convert import targets
    from unisnn.convert.parts import from_spec
    from unisnn.convert.trace import Trace, trace
    from unisnn.core.spec import LayerSpec

    tensors = load_file(folder / "job.safetensors")
    inputs = tensors.pop("inputs")
    named = {name.removeprefix("model:"): value for name, value in tensors.items()}
    root = from_spec(LayerSpec.from_dict(job["model"]), named)
    plan = conversion.Plan(job["tolerance"], job["freeze"])
    target = targets.target(job["to"] or entry.root, genuine=True)
    genuine = conversion.build(
        root, target, plan, inputs.shape[0], dimensions=job["dimensions"], dtype=inputs.dtype
    )
    _require_genuine(entry.root, job["folders"])
    before = Trace.load(folder / "before")
    trace(genuine, inputs, seed=job["seed"], face=job["face"], reference=before).save(folder / "after")
    answer: dict[str, Any] = {
        "bounds": plan.bounds,
        "notes": plan.notes,
        "edges": sorted(plan.edges),
        "frozen": plan.frozen,
        "back": None,
    }
    if job["back"]:
        _, report = conversion.convert(
            genuine,
            job["back"],
            inputs=inputs,
            seed=job["seed"],
            tolerance=job["tolerance"],
            freeze=job["freeze"],
        )
        answer["back"] = replace(report, source=job["edition"]).to_dict()
    return answer


def _require_genuine(root: str, folders: list[str]) -> None:
    """Refuse a library that comes from anywhere but the oracle's folder."""
    package = sys.modules.get(root)
    places = [str(Path(place).resolve()) for place in getattr(package, "__path__", [])]
    homes = [str(Path(folder).resolve()) for folder in folders]
    if not places or not all(any(place.startswith(home) for home in homes) for place in places):
        raise ImportError(f"move_worker: {root} was imported from {places}, not from the oracle in {homes}")


def main(arguments: list[str]) -> int:
    """Run the job in the folder that the only argument names; a refused conversion is an answer too."""
    folder = Path(arguments[0])
    from unisnn.convert.errors import ConversionError

    try:
        answer = work(folder)
    except ConversionError as error:
        answer = {"error": [error.layer, error.field, error.reason]}
    (folder / "answer.json").write_text(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
