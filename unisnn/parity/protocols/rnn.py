"""Recurrent cells and networks: parameters from a seed, output, last states, gradients."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.parity import recipes
from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["directions", "recurrent_network"]


def _states(library: Library, case: Case) -> list[Any]:
    given = case.calls.get("states")
    return [] if given is None else [library.value(given)]


@protocol("rnn")
def recurrent_network(case: Case, library: Library, out: Outputs) -> None:
    """A cell, called step by step, or a network, called once; ``calls["scale"]`` enlarges the weights.

    With ``calls["filled"]`` every weight is drawn by its place instead of by the constructor.
    """
    module = library.build(case)
    module.train(case.calls.get("training", True))
    if case.calls.get("filled"):
        for number, (_, parameter) in enumerate(sorted(module.named_parameters())):
            shape = list(parameter.shape)
            drawn = {"kind": "uniform", "seed": 300 + number, "shape": shape, "low": -0.5, "high": 0.5}
            parameter.data.copy_(recipes.make(drawn))
    _facts(module, out)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(case.calls.get("scale", 1.0))
    x = library.input(case, "x").requires_grad_()
    states = _states(library, case)
    if case.calls.get("cell"):
        outputs, state = [], states[0] if states else None
        for step in x.unbind(0):
            state = module(step, state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        y = torch.stack(outputs)
    else:
        y, state = module(x, *states)
    out.put("y", y)
    for number, last in enumerate(state if isinstance(state, tuple) else (state,)):
        out.put(f"shape{number}", str(list(last.shape)))
        out.put(f"state{number}", last.reshape(-1, *last.shape[-2:]))
    out.put("draw", torch.rand(2))
    terms = [(y * cotangent(y.shape, y.dtype)).sum()]
    for last in state if isinstance(state, tuple) else (state,):
        terms.append((last * cotangent(last.shape, last.dtype, seed=9)).sum())
    torch.stack(terms[: None if case.calls.get("state_loss") else 1]).sum().backward()
    out.put("grad_x", x.grad)
    for name, parameter in module.named_parameters():
        out.put(f"grad_p/{name}", parameter.grad)


def _facts(module: Any, out: Outputs) -> None:
    for name, parameter in module.named_parameters():
        out.put(f"param/{name}", parameter)
    out.put("repr", repr(module))
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "states_num"):
        if hasattr(module, name):
            out.put(name, getattr(module, name)())


@protocol("rnn_directions")
def directions(case: Case, library: Library, out: Outputs) -> None:
    """``bidirectional_rnn_cell_forward`` of two cells."""
    cells = [library.value(each) for each in case.calls["cells"]]
    x = library.input(case, "x").requires_grad_()
    y, *states = library.resolve(case.symbol)(*cells, x, *_states(library, case), *_states(library, case))
    out.put("y", y)
    for number, state in enumerate(states):
        parts = [state] if isinstance(state, Tensor) else list(state)
        for index, part in enumerate(parts):
            out.put(f"state{number}/{index}", part)
    y.backward(cotangent(y.shape, y.dtype))
    out.put("grad_x", x.grad)
