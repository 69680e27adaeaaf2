"""Convert recorded neuron runs into the goldens of ``unisnn.parity``.

    python tools/convert_goldens_neurons.py goldens_neurons.json goldens_neurons.npz unisnn/parity/goldens

The source holds flat buffers (npz) and, per case, the class, its arguments, the mode and references
``[buffer, offset, shape]`` into the buffers.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy
import torch

from unisnn.parity.case import Case
from unisnn.parity.goldens.writer import Writer

EDITIONS = {
    "sggit": ("snngrow-git", "sggit"),
    "sgpypi": ("snngrow==0.1.1a1", "sg-recorded"),
    "sj14": ("spikingjelly==0.0.0.0.14", "sj14-recorded"),
}
CLASSES = ("IFNode", "LIFNode", "ParametricLIFNode")
MODES = {"s": "steps", "": "steps", "m": "sequence", "m-store": "sequence", "par": "flat"}
NAMES = {"gx": "grad_x", "y": "y", "trace/v": "trace/v"}


class Source:
    """The recording: JSON beside flat buffers."""

    def __init__(self, described: Path, buffers: Path) -> None:
        self.data: dict[str, Any] = json.loads(described.read_text())
        with numpy.load(buffers, allow_pickle=False) as stored:
            self.buffers = {name: stored[name] for name in stored.files}

    def tensor(self, reference: list[Any]) -> torch.Tensor:
        """Return the array that ``[buffer, offset, shape]`` refers to."""
        buffer, offset, shape = reference
        flat = self.buffers[buffer][offset : offset + math.prod(shape)]
        return torch.from_numpy(flat.copy()).reshape(shape)


def arguments(library: str, recorded: dict[str, Any], mode: str) -> dict[str, Any]:
    """Return constructor arguments as JSON values."""
    given = dict(recorded)
    name = given.pop("surrogate")
    grow = library.startswith("sg")
    path = f"base.surrogate.{name}.{name}" if grow else f"activation_based.surrogate.{name}"
    spikes = {"spike_out": given["spike_out"]} if "spike_out" in given else {}
    given["surrogate_function"] = {"$new": path, "args": [], "kwargs": spikes}
    if mode == "par":
        given.update(parallel_optim=True, T=8)
    if mode.startswith("m"):
        given["step_mode"] = "m"
    if mode == "m-store":
        given["store_v_seq"] = True
    return given


def converted(source: Source, key: str, record: dict[str, Any], writer: Writer) -> dict[str, Any]:
    """Return the golden record of one recorded run."""
    library = key.split(".")[0]
    edition, short = EDITIONS[library]
    training, _, mode = record["mode"].partition("-")
    symbol = f"base.neuron.{record['class']}.{record['class']}"
    if library == "sj14":
        symbol = f"activation_based.neuron.{record['class']}"
    inputs = {}
    for name, where in (("x", f"X/{record['x']}"), ("g", "G")):
        stored, dtype, shape = writer.put(source.tensor(source.data["inputs"][where]))
        inputs[name] = {
            "kind": "stored",
            "file": f"neurons-{edition.replace('==', '-')}",
            "key": f"{stored}:{dtype}",
        }
        inputs[name].update(dtype=dtype, shape=shape)
    words = key.split("(", 1)[1].replace("|", "/").replace(")/", "/").replace(";sf=", ",")
    calls: dict[str, Any] = {"mode": MODES[mode], "training": training == "train"}
    parts: dict[str, Any] = {"outputs": {}, "facts": {}, "failures": {}}
    for name, reference in record["arrays"].items():
        output = NAMES.get(name, name.replace("gparam/", "grad_p/"))
        parts["outputs"][output] = writer.put(source.tensor(reference))
    calls["states"] = [
        name.removeprefix("state/") for name in record["arrays"] if name.startswith("state/")
    ] or ["v"]
    if record["ok"] and record["y_type"] != "Tensor":
        parts["facts"] = {"y.type": record["y_type"], "y.dtype": record["y_dtype"]}
    if not record["ok"]:
        kind, _, message = record["error"].partition(": ")
        parts["failures"]["error"] = [[kind], message]
    case = Case(
        id=f"{short}/neuron/{record['class']}/{words}",
        edition=edition,
        family="neuron",
        symbol=symbol,
        protocol="recorded_neuron",
        kwargs=arguments(library, record["kwargs"], mode),
        inputs=inputs,
        calls=calls,
    )
    return {"case": case.to_dict(), **{name: value for name, value in parts.items() if value}}


def main(arguments_: list[str]) -> int:
    """Entry point: ``SOURCE.json SOURCE.npz FOLDER``."""
    source = Source(Path(arguments_[0]), Path(arguments_[1]))
    for library, (edition, _) in EDITIONS.items():
        writer = Writer()
        for key, record in source.data["cases"].items():
            if key.startswith(f"{library}.") and record["class"] in CLASSES:
                writer.add(converted(source, key, record, writer))
        told = {name: source.data["libs"][library][name] for name in ("version", "torch")}
        writer.save(
            Path(arguments_[2]) / f"neurons-{edition.replace('==', '-')}", {"edition": edition, **told}
        )
        print(f"{edition}: {len(writer.records)} records")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
