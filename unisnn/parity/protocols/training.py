"""How the functions are driven that train and evaluate a classifier for one epoch.

::

    train_one_epoch(net, criterion, SGD(0.1), batches), weights;  evaluate(net, criterion, batches)

``calls``: ``sizes`` of the batches, ``modules`` in a ``Sequential``. ``clock_print`` records what the
built-in ``print`` still tells after a function that replaces it.
"""

from __future__ import annotations

import builtins
from typing import Any

import torch
from torch import nn

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol

__all__ = ["epoch", "printing"]


@protocol("clock_epoch")
def epoch(case: Case, library: Library, out: Outputs) -> None:
    """The function named by the case, twice on the same batches of ``x``, with its weights and memories."""
    net = nn.Sequential(*(library.value(each) for each in case.calls["modules"]))
    x = library.input(case, "x")
    target = torch.arange(x.shape[0]) * 5 % 7
    sizes = case.calls["sizes"]
    batches = list(zip(x.split(sizes), target.split(sizes), strict=True))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    callee = library.resolve(case.symbol)
    training = case.symbol.endswith("train_one_epoch")
    arguments = (net, nn.CrossEntropyLoss(), *((optimiser,) if training else ()), batches, "cpu")
    for turn in range(2):
        out.put(f"returned/{turn}", list(callee(*arguments)))
        out.put(f"training/{turn}", net.training)
        for name, tensor in net.state_dict().items():
            out.put(f"state/{turn}.{name}", tensor)
        for number, part in enumerate(net):
            out.put(f"v/{turn}.{number}", getattr(part, "v", None))


@protocol("clock_print")
def printing(case: Case, library: Library, out: Outputs) -> None:
    """What is printed after the function named by the case, told plainly and with ``force=True``."""
    told: list[list[Any]] = []
    before = builtins.print

    def record(*args: Any, **kwargs: Any) -> None:
        told.append([*args, sorted(kwargs)])

    builtins.print = record
    try:
        library.resolve(case.symbol)(*case.args)
        builtins.print("plain", end="")
        builtins.print("forced", force=True)  # type: ignore[call-overload]
    finally:
        builtins.print = before
    out.put("told", told)
