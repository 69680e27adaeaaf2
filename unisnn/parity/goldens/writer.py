"""Writing goldens: arrays collected into flat buffers of bit patterns, records beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Writer"]


class Writer:
    """Collects arrays and records and writes ``NAME.json`` and ``NAME.npz``; equal arrays are stored once."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self._chunks: dict[str, list[Any]] = {}
        self._lengths: dict[str, int] = {}
        self._known: dict[tuple[str, bytes], str] = {}

    def put(self, tensor: Tensor) -> list[Any]:
        """Store ``tensor`` and return its reference ``[key, dtype, shape]``."""
        import torch

        size = tensor.element_size()
        bits = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[size]
        raw = tensor.detach().contiguous().reshape(-1).view(bits).numpy()
        buffer = f"b{8 * size}"
        known = (buffer, raw.tobytes())
        if known not in self._known:
            start = self._lengths.get(buffer, 0)
            self._lengths[buffer] = start + raw.size
            self._chunks.setdefault(buffer, []).append(raw.copy())
            self._known[known] = f"{buffer}@{start}-{start + raw.size}"
        return [self._known[known], str(tensor.dtype).removeprefix("torch."), list(tensor.shape)]

    def add(self, record: dict[str, Any]) -> None:
        """Add a golden record (see :mod:`unisnn.parity.goldens.store`)."""
        case = {name: value for name, value in record["case"].items() if value not in ([], {}, "")}
        self.records.append({**record, "case": case})

    def save(self, path: Path, recorded: dict[str, Any]) -> None:
        """Write ``path.json`` and ``path.npz``."""
        joined: dict[str, Any] = {name: numpy.concatenate(chunks) for name, chunks in self._chunks.items()}
        with open(f"{path}.npz", "wb") as stream:
            numpy.savez_compressed(stream, **joined)
        lines = ",\n".join(json.dumps(record, separators=(",", ":")) for record in self.records)
        head = json.dumps(recorded)
        Path(f"{path}.json").write_text(
            f'{{"recorded": {head}, "records": [\n{lines}\n]}}\n', encoding="utf-8"
        )
