"""How conversion is driven: a small network is trained, converted, and run for ``T`` time steps.

::

    ann2snn         net = NETS[calls["net"]]; train; snn = Converter(data, ...)(net); y[t] = snn(x)
    ann2snn_hook    a hook or scaler on every batch of an input, its scale after each
    ann2snn_steps   fuse, set_voltagehook and replace_by_ifnode by themselves
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["NETS", "convert", "hook", "steps"]


class _Residual(nn.Module):
    """One ReLU module called twice, a convolution whose output is used twice, and a functional ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.relu, self.drop = nn.ReLU(inplace=False), nn.Dropout(0.5)
        self.second = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3))
        self.fc = nn.Linear(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.conv(x)
        y = self.relu(self.norm(skip)) + skip
        z = self.relu(self.second(y)) + functional.relu(y)
        return self.fc(self.drop(z.mean((2, 3))))


class _Positive(nn.ReLU):
    """A ReLU that is none by its type."""


class _Nested(nn.Module):
    """ReLUs inside containers and blocks, one of them shared, and a subclass of it."""

    def __init__(self) -> None:
        super().__init__()
        relu = nn.ReLU()
        self.block = nn.Sequential(nn.Linear(6, 5), relu)
        self.parts = nn.ModuleDict({"act": relu, "own": _Positive(), "last": nn.Sequential(nn.ReLU())})
        self.missing = None
        self.fc = nn.Linear(5, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.parts["act"](self.block(x) - 0.1)
        return self.parts["last"](self.parts["own"](self.fc(x)) + 0.1)


def _cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.AvgPool2d(2, 2),
        nn.Flatten(),
        nn.Linear(4 * 2 * 2, 6),
        nn.ReLU(inplace=True),
        nn.Linear(6, 4),
    )


def _line() -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(1, 3, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 4), nn.ReLU6()
    )


def _volume() -> nn.Module:
    return nn.Sequential(nn.Conv3d(1, 2, 2), nn.BatchNorm3d(2), nn.ReLU(), nn.Flatten(), nn.Linear(16, 4))


def _mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4), nn.ReLU())


def _reused() -> nn.Module:
    conv = nn.Conv2d(1, 1, 3, padding=1)
    return nn.Sequential(conv, nn.BatchNorm2d(1), nn.ReLU(), conv, nn.ReLU(), nn.Flatten(), nn.Linear(36, 4))


def _dead() -> nn.Module:
    net = nn.Sequential(nn.Linear(6, 4), nn.ReLU())
    nn.init.constant_(net.get_parameter("0.bias"), -100.0)
    return net


NETS: dict[str, Callable[[], nn.Module]] = {
    "cnn": _cnn,
    "line": _line,
    "volume": _volume,
    "mlp": _mlp,
    "residual": _Residual,
    "reused": _reused,
    "dead": _dead,
    "nested": _Nested,
}
"""The networks that are converted, by name."""


def _trained(case: Case, batches: Tensor) -> nn.Module:
    net = NETS[case.calls["net"]]().to(batches.dtype)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for step in range(case.calls.get("train", 10)):
        x = batches[step % len(batches)]
        label = torch.arange(len(x)) % 4
        optimizer.zero_grad()
        functional.cross_entropy(net(x), label).backward()
        optimizer.step()
    return net


def _tell(out: Outputs, label: str, model: Any) -> None:
    out.put(f"{label}.repr", repr(model))
    if hasattr(model, "code"):
        out.put(f"{label}.code", str(model.code))
    out.put(f"{label}.training", [f"{name}:{module.training}" for name, module in model.named_modules()])
    for name, tensor in model.state_dict().items():
        out.put(f"{label}/{name}", tensor)


@protocol("ann2snn")
def convert(case: Case, library: Library, out: Outputs) -> None:
    """Train, convert, compare graph, scales and ``T`` outputs; then again after a reset."""
    batches = library.input(case, "x")
    net = _trained(case, batches)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    keywords = {name: library.value(value) for name, value in case.kwargs.items()}
    converter = library.resolve(case.symbol)([(x, 0) for x in batches], **keywords)
    snn = converter(net)
    out.put("device", str(converter.device))
    out.put("kept", all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items()))
    out.put("modes", [f"{name}:{module.training}" for name, module in net.named_modules()])
    _tell(out, "snn", snn)
    reset = library.resolve(f"{case.symbol.partition('.')[0]}.functional.reset_net")
    for turn in range(2):
        x = batches[turn % len(batches)].clone().requires_grad_()
        y = torch.stack([snn(x) for _ in range(case.calls.get("T", 8))])
        out.put(f"y/{turn}", y)
        y.backward(cotangent(y.shape, y.dtype))
        out.put(f"grad_x/{turn}", x.grad)
        reset(snn)


@protocol("ann2snn_hook")
def hook(case: Case, library: Library, out: Outputs) -> None:
    """A hook or scaler called with every batch of ``x``."""
    module = library.build(case)
    out.put("repr", repr(module))
    out.put("state_dict", list(module.state_dict()))
    out.put("scale/before", module.scale)
    for number, x in enumerate(library.input(case, "x")):
        y = module(x)
        out.put(f"y/{number}", y)
        out.put("same", y is x)
        out.put(f"scale_after/{number}", module.scale)
        out.put(f"count/{number}", getattr(module, "num_batches_tracked", None))


@protocol("ann2snn_steps")
def steps(case: Case, library: Library, out: Outputs) -> None:
    """The converter's three steps called by themselves, with their options."""
    batches = library.input(case, "x")
    converter = library.resolve(case.symbol)
    model = fx.symbolic_trace(_trained(case, batches))
    out.attempt("training", lambda: str(type(converter.fuse(model))))
    model.eval()
    fused = converter.fuse(model, **case.calls.get("fuse", {}))
    out.put("in_place", fused is model)
    _tell(out, "fused", fused)
    hooked = converter.set_voltagehook(fused, **case.calls.get("hook", {}))
    for x in batches:
        hooked(x)
    _tell(out, "hooked", hooked)
    snn = converter.replace_by_ifnode(hooked)
    _tell(out, "snn", snn)
    out.put("y", snn(batches[0]))
