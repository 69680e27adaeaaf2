"""How BrainCog's lateral inhibition is driven: a node, then the inhibition of its membrane potential.

Per step::

    s[t] = node(x[t]);  y[t] = inhibition(s[t], xori[t]);  mem[t] = node.mem afterwards
    loss = sum(y*g) + sum(mem_last*g)
"""

from __future__ import annotations

import torch
from torch import Tensor

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["lateral"]


@protocol("lateral")
def lateral(case: Case, library: Library, out: Outputs) -> None:
    """LateralInhibition over the steps of ``x``; ``calls["xori"]`` hands the input on as ``xori``."""
    inhibition = library.build(case)
    node = inhibition.node
    out.put("state_dict", sorted(inhibition.state_dict()))
    out.put("repr", repr(inhibition))
    x = library.input(case, "x")
    if x.is_floating_point():
        x = x.requires_grad_()
    spikes, potentials = [], []
    for step in x:
        s = node(step)
        y = inhibition(s, step) if case.calls.get("xori") else inhibition(s)
        out.put("same_object", y is s)
        spikes.append(y)
        potentials.append(node.mem if isinstance(node.mem, Tensor) else torch.tensor(node.mem))
    out.put("y", torch.stack(spikes))
    out.put("mem", torch.stack(potentials))
    y, last = torch.stack(spikes), potentials[-1]
    loss = (y * cotangent(y.shape, y.dtype)).sum() + (last * cotangent(last.shape, last.dtype, seed=8)).sum()
    if not loss.requires_grad:
        return
    loss.backward()
    out.put("grad_x", x.grad)
    for name, parameter in inhibition.named_parameters():
        out.put(f"grad_p/{name}", parameter.grad)
