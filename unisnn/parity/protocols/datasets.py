"""How the functions of SpikingJelly's datasets are driven: events, labelled samples, batches and files.

An argument of ``calls["arguments"]`` is a plain value or one of::

    {"array": recipe}                          a numpy array
    {"events": {"t": recipe, ...}}             a dict of arrays
    {"labels": [0, 1, ...]}                    a dataset of (tensor([i]), label)
    {"samples": [[recipe, label], ...]}        a list of (tensor, label); {"arrays": ...}: of (array, label)
    {"module": true}                           numpy.load, as the loader of a file of events
    {"structured": {"t": recipe, ...}}         a structured array of events
    {"bytes": "0a0b..."}                       a file in memory
    {"h5": {"t": [...], "x": [...]}}           recordings as an h5 file has them, labels 4, 5, ...

``calls["numpy"] == "fromstring"`` runs the case with the numpy that upstream was written for.
``numpy.random`` is seeded before the call, and drawn from once after it (``after``), so that both sides
must have drawn equally often. ``file`` protocols write into a temporary folder first.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
import torch
from torch.utils import data

from unisnn.parity import recipes
from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol

__all__ = [
    "datasets",
    "datasets_file",
    "datasets_folders",
    "datasets_module",
    "datasets_play",
    "datasets_transform",
]


class _Labelled(data.Dataset[Any]):
    def __init__(self, labels: list[Any]) -> None:
        self.labels = labels

    def __getitem__(self, index: int) -> tuple[torch.Tensor, Any]:
        return torch.tensor([index]), self.labels[index]

    def __len__(self) -> int:
        return len(self.labels)


def _array(recipe: Any) -> Any:
    return recipes.make(recipe).numpy()


def _structured(parts: dict[str, Any]) -> Any:
    fields = {name: _array(recipe) for name, recipe in parts.items()}
    events = numpy.zeros(
        len(next(iter(fields.values()))), dtype=[(name, each.dtype) for name, each in fields.items()]
    )
    for name, each in fields.items():
        events[name] = each
    return events


def _recordings(parts: dict[str, Any]) -> Any:
    times, units = ([_array(recipe) for recipe in parts[name]] for name in ("t", "x"))
    return {"spikes": {"times": times, "units": units}, "labels": numpy.arange(len(times)) + 4}


_WORDS: dict[str, Callable[[Any], Any]] = {
    "array": _array,
    "structured": _structured,
    "bytes": lambda text: io.BytesIO(bytes.fromhex(text)),
    "h5": _recordings,
    "tensor": recipes.make,
    "events": lambda parts: {name: _array(recipe) for name, recipe in parts.items()},
    "labels": _Labelled,
    "label_tensors": lambda labels: _Labelled([torch.tensor(label) for label in labels]),
    "samples": lambda parts: [(recipes.make(recipe), label) for recipe, label in parts],
    "arrays": lambda parts: [(_array(recipe), label) for recipe, label in parts],
    "module": lambda _: numpy.load,
}


def _argument(value: Any) -> Any:
    if isinstance(value, dict):
        ((word, content),) = value.items()
        return _WORDS[word](content)
    return value


def _put(out: Outputs, name: str, value: Any) -> None:
    if isinstance(value, data.Subset):
        out.put(f"{name}.indices", [int(index) for index in value.indices])
        out.put(f"{name}.type", type(value).__name__)
    elif isinstance(value, dict):
        for key in value:
            _put(out, f"{name}/{key}", value[key])
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            _put(out, f"{name}/{index}", item)
    elif isinstance(value, numpy.ndarray) and value.dtype.names:
        for key in value.dtype.names:
            _put(out, f"{name}/{key}", value[key])
    elif isinstance(value, numpy.generic):
        _put(out, name, value.item())
    elif isinstance(value, numpy.ndarray):
        out.put(f"{name}.dtype", str(value.dtype))
        kept = value.astype(numpy.int64) if value.dtype.kind == "u" else value
        out.put(name, torch.from_numpy(numpy.ascontiguousarray(kept)))
    else:
        out.put(name, value)


@contextlib.contextmanager
def _older_numpy() -> Iterator[None]:
    """Give ``numpy.fromstring`` its binary mode back, which upstream's readers call."""
    today = numpy.fromstring
    numpy.fromstring = lambda data, dtype=float, **more: numpy.frombuffer(data, dtype).copy()  # type: ignore
    try:
        yield
    finally:
        numpy.fromstring = today


@protocol("datasets")
def datasets(case: Case, library: Library, out: Outputs) -> None:
    """A function of events, arrays or labelled samples."""
    callee = library.resolve(case.symbol)
    arguments = [_argument(value) for value in case.calls["arguments"]]
    numpy.random.seed(case.seed)
    with _older_numpy() if case.calls.get("numpy") == "fromstring" else contextlib.nullcontext():
        _put(out, "y", callee(*arguments, **dict(case.kwargs)))
    out.put("after", float(numpy.random.rand()))


@protocol("datasets module")
def datasets_module(case: Case, library: Library, out: Outputs) -> None:
    """A module that draws: its attributes, and its output in train and in eval mode."""
    module = library.build(case)
    numpy.random.seed(case.seed)
    for training in (True, False):
        module.train(training)
        out.put(f"y/{training}", module(library.input(case, "x")))
    out.put("repr", repr(module))
    out.put("state_dict", sorted(module.state_dict()))
    out.put("after", float(numpy.random.rand()))


@protocol("datasets file")
def datasets_file(case: Case, library: Library, out: Outputs) -> None:
    """A function of files: ``calls["bytes"]`` becomes the file ``in``, ``calls["npz"]`` ``in.npz``."""
    callee, before = library.resolve(case.symbol), os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for made in ("made", *case.calls.get("folders", ())):
                Path(made).mkdir()
            if "bytes" in case.calls:
                Path("in").write_bytes(bytes.fromhex(case.calls["bytes"]))
            if "npz" in case.calls:
                numpy.savez("in.npz", **{name: _array(each) for name, each in case.calls["npz"].items()})
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                _put(out, "y", callee(*(_argument(value) for value in case.calls["arguments"])))
            out.put("said", said.getvalue())
            for path in sorted(Path("made").rglob("*.npz")):
                with numpy.load(path) as archive:
                    _put(out, f"file/{path.relative_to('made')}", dict(archive))
        finally:
            os.chdir(before)


@protocol("datasets transform")
def datasets_transform(case: Case, library: Library, out: Outputs) -> None:
    """An object that turns events into something, or (``calls["method"]``) slices them."""
    transform = library.build(case)
    out.put("repr", repr(transform))
    out.put("equal", [transform == library.build(case), library.build(case) == case.symbol])
    (events,) = (_argument(value) for value in case.calls["arguments"])
    if "method" in case.calls:
        _put(out, "metadata", transform.get_slice_metadata(events, 7))
        _put(out, "y", transform.slice(events, 7))
    else:
        _put(out, "y", transform(events))


@protocol("datasets play")
def datasets_play(case: Case, library: Library, out: Outputs) -> None:
    """Frames as a gif; where upstream asks torchvision to make the pictures, ``_to_picture`` does."""
    from PIL import Image

    module, _, name = case.symbol.rpartition(".")
    owner = library.resolve(module)
    if hasattr(owner, "transforms"):
        owner.transforms = type("transforms", (), {"ToPILImage": staticmethod(lambda: _to_picture)})
    (frames,) = (_argument(value) for value in case.calls["arguments"])
    with tempfile.TemporaryDirectory() as folder:
        path, said = Path(folder, "frames.gif"), io.StringIO()
        with contextlib.redirect_stdout(said):
            out.put("y", getattr(owner, name)(frames, str(path)))
        out.put("said", said.getvalue().replace(folder, ""))
        with Image.open(path) as gif:
            out.put("info", {key: str(value) for key, value in gif.info.items()})
            for index in range(getattr(gif, "n_frames", 1)):
                gif.seek(index)
                _put(out, f"frame/{index}", numpy.asarray(gif.convert("RGB")))


def _to_picture(x: torch.Tensor) -> Any:
    """Do what torchvision documents for ``ToPILImage``: floats from 0 to 1 become bytes, channels last."""
    from PIL import Image

    return Image.fromarray(x.mul(255).byte().permute(1, 2, 0).contiguous().numpy())


@protocol("datasets folders")
def datasets_folders(case: Case, library: Library, out: Outputs) -> None:
    """A function of two folders: ``calls["files"]`` lie in the first; not which ones it takes."""
    callee = library.resolve(case.symbol)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source"), Path(folder, "target")
        for name in case.calls["files"]:
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        for name in case.calls.get("folders", ()):
            (target / name).mkdir(parents=True)
        numpy.random.seed(case.seed)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            out.attempt("y", lambda: callee(str(source), str(target), *case.calls["arguments"]))
        out.put("said", sorted(said.getvalue().replace(folder, "").splitlines()))
        folders = sorted(path for path in target.rglob("*") if path.is_dir())
        out.put("folders", [str(path.relative_to(target)) for path in folders])
        made = [[path for path in each.iterdir() if path.is_file()] for each in folders]
        out.put("files", [len(each) for each in made])
        out.put("links", [path.is_symlink() for each in made for path in each])
        whole = [path.read_text() == str(path.relative_to(target)) for each in made for path in each]
        out.put("whole", whole)
        out.put("after", float(numpy.random.rand()))
