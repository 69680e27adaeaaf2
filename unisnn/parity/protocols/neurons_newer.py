"""Neurons with parameters of their own, and neurons that hand a trace on beside their spikes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import _actions, protocol
from unisnn.parity.protocols.neuron import Session, cotangent

__all__ = ["learned", "online"]


@protocol("neuron_learned")
def learned(case: Case, library: Library, out: Outputs) -> None:
    """The protocol ``neuron`` for a node that draws its parameters, from torch or from NumPy.

    ``calls["gain"]`` multiplies every parameter first, ``calls["shift"]`` is added to it.
    """
    np.random.seed(case.seed % 2**31)
    node = library.build(case)
    out.put("draw", torch.rand(2))
    for name, parameter in node.named_parameters():
        out.put(f"param/{name}", parameter)
    for name, buffer in node.named_buffers():
        out.put(f"buffer/{name}", buffer)
    with torch.no_grad():
        for parameter in node.parameters():
            parameter.mul_(case.calls.get("gain", 1.0)).add_(case.calls.get("shift", 0.0))
    node.train(case.calls.get("training", True))
    session = Session(case, library, out, node)
    if case.calls.get("facts"):
        _actions.ACTIONS["facts"](session, "before")
    session.play()


@protocol("neuron_online")
def online(case: Case, library: Library, out: Outputs) -> None:
    """A node that takes one step a call; every step is differentiated at once, alone.

    Recorded: what a call returns, the memories after it, the gradient of its own input; with
    ``calls["through"]`` one backward pass at the end instead.
    """
    node = library.build(case)
    node.train(case.calls.get("training", True))
    session = Session(case.with_(calls={**case.calls, "states": []}), library, out, node)
    if case.calls.get("facts"):
        _actions.ACTIONS["facts"](session, "before")
    x_seq = library.input(case, "x")
    leaves, losses = [], []
    for t, x in enumerate(x_seq):
        leaf = x.clone().requires_grad_()
        y = node(leaf)
        out.put(f"kind/{t}", type(y).__name__)
        for number, each in enumerate(y if isinstance(y, list) else [y]):
            out.put(f"y/{t}.{number}", each)
            out.put(f"y/{t}.{number}.requires_grad", each.requires_grad)
        spike = y[0] if isinstance(y, list) else y
        for name, value in node.named_memories():
            out.put(f"state/{name}/{t}", value)
        terms = [term for term in (spike, node.v) if term.requires_grad]
        loss = sum((term * cotangent(term.shape, term.dtype)).sum().to(torch.float64) for term in terms)
        if not isinstance(loss, Tensor):
            continue
        if case.calls.get("through"):
            losses.append(loss)
            leaves.append(leaf)
        else:
            loss.backward()
            out.put(f"grad_x/{t}", leaf.grad)
    if losses:
        torch.stack(losses).sum().backward()
        for t, leaf in enumerate(leaves):
            out.put(f"grad_x/{t}", leaf.grad)
    if case.calls.get("facts"):
        _actions.ACTIONS["facts"](session, "after")
