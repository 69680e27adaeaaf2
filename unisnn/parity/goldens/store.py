"""Reading the goldens: cases from JSON, arrays from npz without pickle.

``NAME.json``::

    {"note": "...", "recorded": {...}, "records": [
        {"case": {...}, "outputs": {"grad_ones": ["key", "float32", [37]]}, "facts": {...},
         "failures": {"error": [["RuntimeError"], "message"]}}]}

``NAME.npz`` holds the arrays as integers: bit patterns of the floats, so that NaN, the sign of zero and
bfloat16 survive.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from unisnn.parity.case import Case

if TYPE_CHECKING:
    from torch import Tensor

    from unisnn.parity.outputs import Outputs

__all__ = ["array", "cases", "is_recorded", "names", "names_recorded", "recorded"]


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of the stored files."""
    folder = resources.files("unisnn.parity.goldens")
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".json")))


@functools.cache
def _index(name: str) -> dict[str, Any]:
    text = resources.files("unisnn.parity.goldens").joinpath(f"{name}.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@functools.cache
def _arrays(name: str) -> dict[str, Any]:
    import numpy

    path = resources.files("unisnn.parity.goldens").joinpath(f"{name}.npz")
    with path.open("rb") as stream, numpy.load(stream, allow_pickle=False) as stored:
        return {key: stored[key] for key in stored.files}


def array(name: str, key: str, dtype: str | None = None, shape: Any = None) -> Tensor:
    """Return the tensor stored under ``key``, or ``start:stop:dtype`` of a stored buffer."""
    import torch

    if dtype is None:
        key, dtype = key.rsplit(":", 1)
    buffer, _, span = key.partition("@")
    bits = torch.from_numpy(_arrays(name)[buffer].copy())
    if span:
        start, stop = (int(part) for part in span.split("-"))
        bits = bits[start:stop]
    made = (
        bits.view(getattr(torch, dtype))
        if bits.dtype != torch.bool and dtype != str(bits.dtype)[6:]
        else bits
    )
    return made if shape is None else made.reshape(tuple(shape))


@functools.cache
def _records() -> dict[str, tuple[str, dict[str, Any]]]:
    return {record["case"]["id"]: (name, record) for name in names() for record in _index(name)["records"]}


def cases(edition: str | None = None) -> list[Case]:
    """Return the recorded cases of ``edition`` (of every edition for ``None``)."""
    found = [Case.from_dict(record["case"]) for _, record in _records().values()]
    return [case for case in found if edition in (None, case.edition)]


def recorded(case_id: str) -> Outputs | None:
    """Return upstream's recorded outputs for a case, ``None`` where nothing is recorded."""
    from unisnn.parity.outputs import Failure, Outputs

    if case_id not in _records():
        return None
    name, record = _records()[case_id]
    out = Outputs()
    for output, (key, dtype, shape) in record.get("outputs", {}).items():
        out.tensors[output] = array(name, key, dtype, shape)
    out.facts.update(record.get("facts", {}))
    for output, (types, message) in record.get("failures", {}).items():
        out.failures[output] = Failure(tuple(types), message)
    return out


def is_recorded(case_id: str) -> bool:
    """Tell whether a case has recorded outputs."""
    return case_id in _records()


def names_recorded(case_id: str) -> tuple[str, ...]:
    """Return the names of the recorded outputs, facts and failures of a case."""
    record = _records()[case_id][1]
    return tuple(name for part in ("outputs", "facts", "failures") for name in record.get(part, {}))
