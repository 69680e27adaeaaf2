"""How stateless layers and networks are driven: parameters, outputs, gradients and running statistics.

::

    y = layer(x)                      per step, or on the whole sequence in step mode 'm'
    loss = sum over calls of sum(y*g)

``calls`` options: ``each`` (one call per step of ``x``), ``repeat`` (number of calls on the same input),
``training``, ``facts``, ``script`` (actions before the first call).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import _actions, protocol
from unisnn.parity.protocols.neuron import Session, cotangent

__all__ = ["function", "layer", "network"]


@protocol("layer")
def layer(case: Case, library: Library, out: Outputs) -> None:
    """A module without a spiking state of its own."""
    module = library.build(case)
    module.train(case.calls.get("training", True))
    session = Session(case.with_(calls={**case.calls, "states": []}), library, out, module)
    for name, *arguments in case.calls.get("script", ()):
        _actions.ACTIONS[name](session, *arguments)
    for name, parameter in module.named_parameters():
        out.put(f"param/{name}", parameter)
    if case.calls.get("facts"):
        out.put("repr", repr(module))
        out.put("state_dict", sorted(module.state_dict()))
        out.put("step_mode", getattr(module, "step_mode", "none"))
    x = library.input(case, "x")
    if x.is_floating_point():
        x = x.requires_grad_()
    terms: list[Tensor] = []
    for turn in range(case.calls.get("repeat", 1)):
        steps = list(x) if case.calls.get("each") else [x]
        for index, step in enumerate(steps):
            y = out.put(f"y/{turn}.{index}", module(step))
            first = y[0] if isinstance(y, tuple) else y
            if first.requires_grad:
                terms.append((first * cotangent(first.shape, first.dtype)).sum().to(torch.float64))
    for name, buffer in module.named_buffers():
        out.put(f"buffer/{name}", buffer)
    if terms:
        torch.stack(terms).sum().backward()
        out.put("grad_x", x.grad)
        for name, parameter in module.named_parameters():
            out.put(f"grad_p/{name}", parameter.grad)


@protocol("network")
def network(case: Case, library: Library, out: Outputs) -> None:
    """Functions that walk a network: ``calls["modules"]`` in a ``Sequential``, then the script.

    After every action the ``calls["attributes"]`` of every module are recorded.
    """
    modules = [library.value(each) for each in case.calls["modules"]]
    net = nn.Sequential(*modules)
    session = Session(case.with_(calls={**case.calls, "states": []}), library, out, net)
    for number, (name, *arguments) in enumerate(case.calls["script"]):
        _actions.ACTIONS[name](session, *arguments)
        for path, module in net.named_modules():
            for attribute in case.calls.get("attributes", ("step_mode", "v", "training")):
                value = getattr(module, attribute, None)
                if value is not None:
                    out.put(f"after{number}/{path}.{attribute}", value)
    session.backward()


@protocol("function")
def function(case: Case, library: Library, out: Outputs) -> None:
    """A function of tensors: result and gradients of every floating-point tensor among the arguments."""
    callee = library.resolve(case.symbol)
    leaves: dict[str, Tensor] = {}

    def built(label: str, data: Any) -> Any:
        value = library.value(data)
        if isinstance(value, Tensor) and value.is_floating_point() and not isinstance(value, nn.Parameter):
            leaves[label] = value.requires_grad_()
        return value

    arguments = [built(str(index), data) for index, data in enumerate(case.args)]
    keywords = {name: built(name, data) for name, data in case.kwargs.items()}
    y = out.put("y", callee(*arguments, **keywords))
    made = [each for each in (y if isinstance(y, (tuple, list)) else [y]) if isinstance(each, Tensor)]
    terms = [(each * cotangent(each.shape, each.dtype)).sum() for each in made if each.requires_grad]
    if terms:
        torch.stack([term.to(torch.float64) for term in terms]).sum().backward()
        for label, leaf in leaves.items():
            out.put(f"grad_{label}", leaf.grad)
