"""How the modules of ``clock_driven`` are driven that take functions, or do their work in a method.

::

    clock_recurrent     y = container(x), the function given by a word of :data:`FUNCTIONS`
    clock_plasticity    learner.stdp(s_pre[t], s_post[t], layer, rate) over all steps
    clock_methods       the results of methods called by name
    clock_seeded        a function of modules, seeded before and drawn after
    clock_encoder       an encoder call by call
    clock_apply, clock_liaf    an autograd function; a neuron with an activation
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import _actions, protocol
from unisnn.parity.protocols.neuron import Session, cotangent

__all__ = ["FUNCTIONS", "applied", "encoder", "liaf", "methods", "plasticity", "recurrent", "seeded"]

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": torch.add,
    "multiply": lambda y, x: (1.0 - y) * x,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "one": lambda w: 1.0,
    "twice": lambda w: 2.0 * w,
    "falling": lambda w: -w.abs() - 0.1,
}
"""Functions that a case can name."""


def _play(case: Case, library: Library, out: Outputs, module: Any) -> None:
    module.train(case.calls.get("training", True))
    for name, parameter in module.named_parameters():
        out.put(f"param/{name}", parameter)
    Session(case, library, out, module).play()


@protocol("clock_recurrent")
def recurrent(case: Case, library: Library, out: Outputs) -> None:
    """A recurrent container whose second argument is the function ``calls["function"]``."""
    inside = library.value(case.calls["inside"])
    container = library.resolve(case.symbol)(inside, FUNCTIONS[case.calls["function"]])
    _play(case, library, out, container)


@protocol("clock_liaf")
def liaf(case: Case, library: Library, out: Outputs) -> None:
    """A neuron whose first argument is the activation ``calls["function"]``."""
    given = {name: library.value(value) for name, value in case.kwargs.items()}
    _play(case, library, out, library.resolve(case.symbol)(FUNCTIONS[case.calls["function"]], **given))


@protocol("clock_plasticity")
def plasticity(case: Case, library: Library, out: Outputs) -> None:
    """Weight and traces after every step of a learning rule."""
    before, after = (FUNCTIONS[name] for name in case.calls["functions"])
    learner = library.resolve(case.symbol)(*case.args, before, after)
    layer = library.value(case.calls["inside"])
    s_pre, s_post = library.input(case, "s_pre"), library.input(case, "s_post")
    weights = []
    for t in range(s_pre.shape[0]):
        learner.stdp(s_pre[t], s_post[t], layer, case.calls["rate"])
        weights.append(layer.weight.detach().clone())
    out.put("weights", torch.stack(weights))
    out.put("trace_pre", learner.trace_pre)
    out.put("trace_post", learner.trace_post)
    learner.reset()
    out.put("reset", [learner.trace_pre, learner.trace_post])


@protocol("clock_methods")
def methods(case: Case, library: Library, out: Outputs) -> None:
    """Play the script on a module in eval, then call ``calls["methods"]``: ``[name, *arguments]`` each."""
    module = library.build(case)
    session = Session(case.with_(calls={**case.calls, "states": []}), library, out, module)
    for name, *arguments in case.calls.get("script", ()):
        _actions.ACTIONS[name](session, *arguments)
    module.eval()
    for number, (name, *arguments) in enumerate(case.calls["methods"]):
        result = getattr(module, name)(*arguments)
        if isinstance(result, nn.Module):
            out.put(f"{number}.{name}.repr", repr(result))
            for key, tensor in result.state_dict().items():
                out.put(f"{number}.{name}/{key}", tensor)
            result = result(library.input(case, "x"))
        if isinstance(result, Tensor):
            out.put(f"{number}.{name}", result)
    for key, tensor in module.state_dict().items():
        out.put(f"state/{key}", tensor)


@protocol("clock_seeded")
def seeded(case: Case, library: Library, out: Outputs) -> None:
    """A function with modules among its arguments: its result, the modules after it, the next draw."""
    modules = [library.value(each) for each in case.calls["modules"]]
    for module, values in zip(modules, case.calls.get("values", ()), strict=False):
        for name, recipe in values.items():
            tensor = module.get_parameter(name) if name in dict(module.named_parameters()) else None
            target = module.get_buffer(name) if tensor is None else tensor
            target.data.copy_(library.value(recipe))
    torch.manual_seed(case.seed)
    result = library.resolve(case.symbol)(*modules, *(library.value(item) for item in case.args))
    out.put("draw", torch.rand(3))
    if isinstance(result, nn.Module):
        out.put("result.repr", repr(result))
        for name, tensor in result.state_dict().items():
            out.put(f"result/{name}", tensor)
        result = None
    if isinstance(result, Tensor):
        out.put("result", result)
        if result.requires_grad:
            result.backward(cotangent(result.shape, result.dtype))
    for number, module in enumerate(modules):
        for name, parameter in module.named_parameters():
            out.put(f"grad/{number}.{name}", parameter.grad)
        for name, tensor in module.state_dict().items():
            out.put(f"after/{number}.{name}", tensor)


@protocol("clock_apply")
def applied(case: Case, library: Library, out: Outputs) -> None:
    """An autograd function's ``apply``: output and gradients of its first argument and of parameters."""
    x, *others = (library.value(item) for item in case.args)
    y = out.put("y", library.resolve(case.symbol).apply(x.requires_grad_(), *others))
    y.backward(cotangent(y.shape, y.dtype))
    out.put("grad_x", x.grad)
    for number, other in enumerate(others, 1):
        if isinstance(other, nn.Parameter):
            out.put(f"grad_p/{number}", other.grad)


@protocol("clock_encoder")
def encoder(case: Case, library: Library, out: Outputs) -> None:
    """An encoder called with ``x``, then ``calls["again"]`` times without it, reset, called once more.

    ``always``: every call has ``x``; ``silent``: even the first has none, and there is no reset.
    """
    module = library.build(case)
    x = library.input(case, "x")
    out.put("repr", repr(module))
    given = () if case.calls.get("silent") else (x,)
    steps = [module(*given)]
    for _ in range(case.calls["again"]):
        steps.append(module(*(given if case.calls.get("always") else ())))
    out.put("steps", torch.stack(steps))
    if given and hasattr(module, "reset"):
        out.put("t", module.t)
        module.reset()
        out.put("reset", [module.spike, module.t])
        out.put("again", module(x.flip(0)))
