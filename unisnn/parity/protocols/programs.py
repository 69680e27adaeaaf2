"""How training programs are driven: all epochs of a small net, the processes of a launcher, a command line.

``clock_loop`` takes ``calls["runs"]``, a list of keyword arguments for one net after the other; its
``tb_log_dir``, ``pt_dir`` and ``resume_pt`` are paths below one folder. ``clock_processes`` takes the
environment and the attributes ``calls["given"]`` of ``args``; CUDA, ``torch.distributed`` and its wrapper are
stand-ins that record calls. ``clock_options`` takes ``calls["argv"]``; ``clock_printed`` takes nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import torch
from torch import distributed, nn

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol

__all__ = ["loop", "options", "printed", "processes"]

_CHANGING = ((r"samples/s=[\d.]+", "samples/s"), (r"=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "=TIME"))
_PATHS = ("tb_log_dir", "pt_dir", "resume_pt")
_LAUNCHER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_PROCID")


@contextlib.contextmanager
def _listening() -> Iterator[io.StringIO]:
    with contextlib.redirect_stdout(io.StringIO()) as told:
        yield told


def _constant(told: str, folder: str = "\0") -> list[str]:
    """Return lines without what differs from run to run."""
    for pattern, word in _CHANGING:
        told = re.sub(pattern, word, told)
    return told.replace(folder, "FOLDER").splitlines()


@contextlib.contextmanager
def _board(module: Any, log: list[Any], folder: str) -> Iterator[None]:
    """Let ``SummaryWriter`` tell ``log`` what it is told."""

    class Writer:
        def __init__(self, log_dir: str, purge_step: Any = None) -> None:
            log.append(["open", str(log_dir).replace(folder, "FOLDER"), purge_step])

        def add_scalar(self, tag: str, value: float, step: int) -> None:
            log.append([tag, float(value).hex(), step])

    board: Any = ModuleType("torch.utils.tensorboard")
    board.SummaryWriter = Writer
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(sys.modules, {board.__name__: board}))
        if hasattr(module, "SummaryWriter"):
            stack.enter_context(mock.patch.object(module, "SummaryWriter", Writer))
        yield


@protocol("clock_loop")
def loop(case: Case, library: Library, out: Outputs) -> None:
    """What is printed, logged and saved in every run, and the weights after it."""
    path = case.symbol.rpartition(".")[0]
    x = library.input(case, "x")
    target = torch.arange(x.shape[0]) * 5 % 7
    batches = list(zip(x.split(5), target.split(5), strict=True))
    module = library.resolve(path)
    with tempfile.TemporaryDirectory() as folder:
        for number, given in enumerate(case.calls["runs"]):
            torch.manual_seed(number)
            net = nn.Sequential(*(library.value(each) for each in case.calls["modules"]))
            optimiser = torch.optim.SGD(net.parameters(), lr=0.4, momentum=0.9)
            schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1, 0.5)
            keywords = {
                name: f"{folder}/{value}" if name in _PATHS else value for name, value in given.items()
            }
            epochs = keywords.pop("max_epoch")
            log: list[Any] = []
            with _listening() as told, _board(module, log, folder):
                out.attempt(
                    f"{number}",
                    lambda: library.resolve(case.symbol)(
                        {"lr": 0.4},
                        "cpu",
                        net,  # noqa: B023
                        nn.CrossEntropyLoss(),
                        optimiser,  # noqa: B023
                        schedule,  # noqa: B023
                        batches,
                        batches,
                        epochs,  # noqa: B023
                        **keywords,  # noqa: B023
                    ),
                )
            out.put(f"{number}/printed", _constant(told.getvalue(), folder))
            out.put(f"{number}/logged", log)
            out.put(f"{number}/rate", optimiser.param_groups[0]["lr"])
            for name, tensor in net.state_dict().items():
                out.put(f"{number}/state.{name}", tensor)
            for saved in sorted(Path(folder).rglob("*")):
                label = f"{number}/{saved.relative_to(folder)}"
                out.put(label, "file" if saved.is_file() else "folder")
                if saved.suffix == ".pt":
                    _saved(out, label, torch.load(saved, weights_only=True))


def _saved(out: Outputs, label: str, held: Any) -> None:
    if isinstance(held, dict):
        for key in sorted(held, key=str):
            _saved(out, f"{label}.{key}", held[key])
    elif isinstance(held, torch.Tensor):
        out.put(label, held)
    else:
        out.put(label, repr(held))


@protocol("clock_processes")
def processes(case: Case, library: Library, out: Outputs) -> None:
    """The calls, what is printed, and what ``args`` and the model became."""
    log: list[str] = []

    def record(name: str, result: Callable[..., Any] = lambda *args: None) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            log.append(f"{name} {list(args)} {sorted(kwargs.items())}")
            return result(*args)

        return called

    class Net:
        def __repr__(self) -> str:
            return "net"

        def to(self, device: Any) -> Net:
            log.append(f"to {device}")
            return self

    module = library.resolve(case.symbol.rpartition(".")[0])
    args = SimpleNamespace(**case.calls["given"])
    cuda = case.calls.get("cuda", True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, case.calls["environment"]))
        for name in _LAUNCHER:
            if name not in case.calls["environment"]:
                os.environ.pop(name, None)
        for owner, name, stand_in in (
            (torch.cuda, "is_available", lambda: cuda),
            (torch.cuda, "device_count", lambda: 2 if cuda else 0),
            (torch.cuda, "set_device", lambda device: None),
            (distributed, "barrier", lambda: None),
            (distributed, "init_process_group", record("init")),
            (nn.SyncBatchNorm, "convert_sync_batchnorm", record("sync", lambda net: f"synchronised {net}")),
            (nn.parallel, "DistributedDataParallel", record("wrap", lambda net: f"wrapped {net}")),
            (module, "setup_for_distributed", record("print")),
        ):
            stack.enter_context(mock.patch.object(owner, name, stand_in))
        told = stack.enter_context(_listening())
        try:
            out.put("result", repr(library.resolve(case.symbol)(args, Net())))
        finally:
            out.put("calls", log)
            out.put("printed", _constant(told.getvalue()))
            out.put("args", vars(args))


@protocol("clock_options")
def options(case: Case, library: Library, out: Outputs) -> None:
    """What the command line ``calls["argv"]`` is read as."""
    callee = library.resolve(case.symbol)
    with mock.patch.object(sys, "argv", ["train", *case.calls["argv"]]), _listening() as told:
        try:
            out.put("options", {name: repr(value) for name, value in vars(callee()).items()})
        except SystemExit as exit:
            out.put("exit", exit.code)
    flags = re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", told.getvalue())
    out.put("help", sorted(set(flags)))


@protocol("clock_printed")
def printed(case: Case, library: Library, out: Outputs) -> None:
    """What a function without arguments prints and returns."""
    with _listening() as told:
        out.put("result", library.resolve(case.symbol)())
    out.put("printed", _constant(told.getvalue()))
