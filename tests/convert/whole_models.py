"""Runs on the genuine library: whole models as papers save them, and what they compute.

``python whole_models.py FOLDER LINE`` writes for each model ``NAME.pt`` (as built), ``NAME.after.pt`` (with
the memories of one run, detached) and the arrays of :func:`arrays`, which the test makes again from the
files. The same file is the user's code on unisnn: :class:`Net` is a class of the user's own.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

T, N = 4, 2
SHORT: tuple[Callable[[], tuple[Any, ...]], ...] = (
    tuple,
    lambda: (4,),
    lambda: (4, 4),
    lambda: (4, 4, 1),
    lambda: (nn.Linear(4, 4),),
    lambda: (nn.Linear(4, 4), nn.Flatten()),
    lambda: (4, 4, 3),
)
"""Arguments from which most module classes of the wheels can be built."""

SHAPES = ((T, N, 4), (T, N, 4, 6), (T, N, 4, 6, 6), (N, 4), (N, 4, 6, 6), (N, 4, 6, 6, 6), (T, N, 4, 6, 6, 6))


class Net(nn.Module):
    """A user's own class around the library's."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the mean over time."""
        return self.body(x).mean(0)


def drive(*shape: int) -> torch.Tensor:
    """Return an input that makes neurons fire now and then."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(7)) * 1.8 - 0.3


def arrays(model: nn.Module, shape: tuple[int, ...], count: int = 1) -> list[np.ndarray]:
    """Return the outputs of ``count`` calls, and the gradients of the input and of every parameter."""
    x = drive(*shape).requires_grad_()
    torch.manual_seed(3)
    tensors: list[Any] = []
    for _ in range(count):
        tensors += flat(model(x))
    total = sum(y.double().pow(2).sum() + y.double().sum() for y in tensors if y.requires_grad)
    if isinstance(total, torch.Tensor):
        model.zero_grad()
        total.backward()
        tensors += [tensor.grad for tensor in (x, *model.parameters()) if tensor.grad is not None]
    return [tensor.detach().numpy().copy() for tensor in tensors]


def flat(value: Any) -> list[torch.Tensor]:
    """Return the tensors of a nested output."""
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for item in value for tensor in flat(item)] if isinstance(value, (list, tuple)) else []


def networks(line: str) -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    """Return networks in the style of the line, and the shape of their input."""
    layer, neuron, surrogate, rnn = (
        importlib.import_module(f"spikingjelly.{line}.{name}")
        for name in ("layer", "neuron", "surrogate", "rnn")
    )
    if line == "clock_driven":
        body = nn.Sequential(
            layer.SeqToANNContainer(nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4)),
            neuron.MultiStepParametricLIFNode(surrogate_function=surrogate.ATan(), detach_reset=True),
            layer.SeqToANNContainer(nn.AvgPool2d(2), nn.Flatten()),
            layer.MultiStepDropout(0.5),
            layer.SeqToANNContainer(nn.Linear(16, 5)),
            neuron.MultiStepLIFNode(tau=2.0, v_reset=None, surrogate_function=surrogate.S2NN()),
        )
    else:
        body = nn.Sequential(
            layer.Conv2d(2, 4, 3, bias=False, step_mode="m"),
            layer.BatchNorm2d(4, step_mode="m"),
            neuron.ParametricLIFNode(surrogate_function=surrogate.ATan(), detach_reset=True, step_mode="m"),
            layer.SeqToANNContainer(nn.AvgPool2d(2), nn.Flatten()),
            layer.Dropout(0.5, step_mode="m"),
            layer.Linear(16, 5, step_mode="m"),
            neuron.LIFNode(
                v_reset=None, surrogate_function=surrogate.PiecewiseLeakyReLU(w=2.0), step_mode="m"
            ),
        )
    return {
        "network": (body, (T, N, 2, 6, 6)),
        "own_class": (Net(copy.deepcopy(body)), (T, N, 2, 6, 6)),
        "lstm": (rnn.SpikingLSTM(4, 4, 2), (T, N, 4)),
        "windows": (nn.Sequential(nn.Linear(4, 4), surrogate.PiecewiseLeakyReLU(w=3.0)), (N, 4)),
    }


def classes(line: str) -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    """Return one object of every module class that short arguments build and that can be called and saved."""
    found = {}
    for part in ("neuron", "layer", "surrogate", "encoding", "rnn"):
        module = importlib.import_module(f"spikingjelly.{line}.{part}")
        for name, cls in sorted(vars(module).items()):
            public = inspect.isclass(cls) and cls.__module__ == module.__name__ and not name.startswith("_")
            if public and issubclass(cls, nn.Module):
                made = first_that_works(cls)
                if made is not None:
                    found[f"{part}.{name}"] = made
    return found


def first_that_works(cls: type[nn.Module]) -> tuple[nn.Module, tuple[int, ...]] | None:
    """Build an object and find an input shape that it takes both ways; upstream fails in many ways."""
    for arguments in SHORT:
        for shape in SHAPES:
            try:
                torch.manual_seed(1)
                model = cls(*arguments())
                if arrays(model, shape, 2):
                    torch.manual_seed(1)
                    return cls(*arguments()), shape
            except Exception:
                continue
    return None


def main(folder: Path, line: str) -> None:
    """Write every model and its arrays."""
    torch.manual_seed(0)
    results, shapes = {}, {}
    for name, (model, shape) in {**networks(line), **classes(line)}.items():
        torch.save(model, folder / f"{name}.pt")
        shapes[name] = np.array(shape)
        for number, array in enumerate(arrays(model, shape)):
            results[f"{name}/{number}"] = array
        detach(model)
        torch.save(model, folder / f"{name}.after.pt")
        for number, array in enumerate(arrays(model, shape, 2)):
            results[f"{name}.after/{number}"] = array
    np.savez(folder / "results.npz", **results)
    np.savez(folder / "shapes.npz", **shapes)
    print(sys.modules["spikingjelly"].__path__[0])


def detach(model: nn.Module) -> None:
    """Cut the memories off the graph, which cannot be saved."""
    for module in model.modules():
        for name, value in getattr(module, "_memories", {}).items():
            if isinstance(value, torch.Tensor):
                module._memories[name] = value.detach()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
