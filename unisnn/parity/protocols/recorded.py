"""How the recorded neurons were driven when their goldens were made.

``calls["mode"]`` is ``steps`` (one call per time step), ``sequence`` (one call on ``[T, N, *]``) or
``flat`` (one call on ``[T*N, *]``); ``calls["training"]`` the module's mode. With the recorded
cotangent ``g``::

    grad_x = d sum(y*g) / dx,    grad_p/NAME = d sum(y*g) / d parameter
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol

__all__ = ["recorded_neuron"]


def _number(y: Any, out: Outputs) -> Tensor:
    """Return spikes as numbers: the payload of a spike tensor as integers, a plain tensor as it is."""
    payload = getattr(y, "elem", None)
    if isinstance(payload, Tensor):
        out.put("y.type", type(y).__name__)
        out.put("y.dtype", str(y.dtype))
        return payload.to(torch.int64)
    return y


@protocol("recorded_neuron")
def recorded_neuron(case: Case, library: Library, out: Outputs) -> None:
    """Spikes, the potential after every step and at the end, and the gradients of a fixed loss."""
    torch.manual_seed(0)
    node = library.build(case)
    node.train(case.calls.get("training", True))
    x, g = library.input(case, "x"), library.input(case, "g")
    trained = case.calls.get("training", True)
    if trained:
        x = x.requires_grad_()
    loss: Any = 0.0
    if case.calls["mode"] == "steps":
        spikes, trace = [], []
        for t in range(x.shape[0]):
            y = node(x[t])
            loss = loss + (y * g[t]).sum()
            spikes.append(_number(y, out))
            trace.append(node.v.detach().clone())
        out.put("y", torch.stack(spikes))
        out.put("trace/v", torch.stack(trace))
    else:
        flat = case.calls["mode"] == "flat"
        y = node(x.flatten(0, 1) if flat else x)
        loss = (y * (g.flatten(0, 1) if flat else g)).sum()
        out.put("y", _number(y, out).reshape(x.shape))
    for name in case.calls.get("states", ["v"]):
        out.put(f"state/{name}", getattr(node, name))
    for name, parameter in node.named_parameters():
        out.put(f"param/{name}", parameter)
    if trained:
        loss.backward()
        out.put("grad_x", x.grad)
        for name, parameter in node.named_parameters():
            out.put(f"grad_p/{name}", parameter.grad)
