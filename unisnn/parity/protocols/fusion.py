"""Online training: some rounds over a sequence, the weights and running averages after each."""

from __future__ import annotations

import torch
from torch import nn

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol

__all__ = ["online"]


@protocol("online")
def online(case: Case, library: Library, out: Outputs) -> None:
    """Train ``calls["modules"]`` with ``calls["optimizer"]`` for ``calls["rounds"]`` sequences."""
    net = nn.Sequential(*(library.value(each) for each in case.calls["modules"]))
    optimizer = getattr(torch.optim, case.calls["optimizer"])(net.parameters(), lr=0.05)
    path = case.symbol.rpartition(".")[0]
    averages = library.resolve(f"{path}.fptt_online_training_init_w_ra")(optimizer)
    train = library.resolve(f"{path}.fptt_online_training")
    out.put("averages", averages)
    out.put("shared", [a.data_ptr() == p.data_ptr() for a, p in zip(averages, net.parameters(), strict=True)])
    x, target = library.input(case, "x"), library.input(case, "target")
    for turn in range(case.calls["rounds"]):
        train(net, optimizer, x, target, nn.functional.mse_loss, case.calls["alpha"], averages)
        for name, parameter in net.named_parameters():
            out.put(f"weight{turn}/{name}", parameter)
            out.put(f"left{turn}/{name}", parameter.grad)
        for number, average in enumerate(averages):
            out.put(f"average{turn}/{number}", average)
        for name, module in net.named_modules():
            for memory, value in getattr(module, "named_memories", dict)() or ():
                out.put(f"memory{turn}/{name}.{memory}", value)
