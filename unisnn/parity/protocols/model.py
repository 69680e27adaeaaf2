"""How whole networks are driven: the same seed, then keys, shapes, weights, outputs and gradients.

::

    net = build(seed 0);  y = net(x);  loss = sum(y*g);  gradients, running statistics, then a second call

``calls``: ``training``, ``step_mode`` (where a network has one), ``steps`` (a second argument of the call),
``weights`` (which parameters are recorded in full: a glob; of the others a checksum of their bits),
``structure`` (no forward), ``meta`` (the same without numbers: shapes alone), ``gradients``, ``seed``.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
from typing import Any

import torch
from torch import Tensor

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["model"]

_SMALL = 4096


def _checksum(value: Tensor) -> str:
    return hashlib.sha256(value.detach().contiguous().numpy().tobytes()).hexdigest()[:16]


def _record(out: Outputs, prefix: str, tensors: dict[str, Tensor], pattern: str) -> None:
    """Record what matches ``pattern`` and is small in full, the rest by shape and a checksum of its bits."""
    for name, tensor in tensors.items():
        if not tensor.is_meta and fnmatch.fnmatchcase(name, pattern) and tensor.numel() <= _SMALL:
            out.put(f"{prefix}/{name}", tensor)
        elif tensor.is_meta:
            out.put(f"{prefix}/{name}.shape", list(tensor.shape))
        else:
            out.put(f"{prefix}/{name}.bits", f"{list(tensor.shape)} {_checksum(tensor)}")


@protocol("model")
def model(case: Case, library: Library, out: Outputs) -> None:
    """A network built from a seed, in one step mode, for one or two calls."""
    calls = case.calls
    torch.manual_seed(calls.get("seed", 0))
    with torch.device("meta") if calls.get("meta") else contextlib.nullcontext():
        net: Any = library.build(case)
    out.put("keys", list(net.state_dict()))
    out.put("modules", [f"{name}: {type(part).__name__}" for name, part in net.named_modules()])
    out.put("attributes", sorted(name for name in vars(net) if not name.startswith("_")))
    out.put("repr", repr(net))
    out.put("draw", torch.rand(3))
    _record(out, "weight", dict(net.state_dict()), calls.get("weights", "*"))
    if calls.get("structure") or calls.get("meta"):
        return
    if "step_mode" in calls:
        library.resolve("activation_based.functional.set_step_mode")(net, calls["step_mode"])
    net.train(calls.get("training", True))
    x = library.input(case, "x").requires_grad_()
    more = [calls["steps"]] if "steps" in calls else []
    for turn in range(calls.get("turns", 1)):
        torch.manual_seed(turn)
        y = out.put(f"y/{turn}", net(x, *more))
    if y.requires_grad and calls.get("gradients", True):
        (y * cotangent(y.shape, y.dtype)).sum().backward()
        out.put("grad_x", x.grad)
        gradients = {name: each.grad for name, each in net.named_parameters() if each.grad is not None}
        _record(out, "grad_p", gradients, "*")
    _record(out, "buffer", dict(net.named_buffers()), "*")
