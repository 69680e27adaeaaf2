"""How surrogate functions are driven: forward, gradients, primitives, functional forms.

With ``g1`` = ones and ``gv`` the varied gradient::

    forward         y = f(x)
    grad_ones       d sum(y*g1) / dx
    grad_varied     d sum(y*gv) / dx
    grad_p/NAME     the same for every parameter of the module (its scale beside it)

``calls`` options: ``spiking`` (False: compare the primitive), ``set_spiking`` (switch after construction),
``graph`` (False: x does not require grad), ``facts`` (record repr, memory order and state; ``"no repr"``
leaves out the repr).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.parity import recipes
from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs, layout_of
from unisnn.parity.protocols import protocol

__all__ = ["autograd_function", "backward_function", "call", "double_backward", "forward_only", "surrogate"]


def _cotangent(case: Case, y: Tensor, varied: bool) -> Tensor:
    if not varied:
        return torch.ones_like(y)
    return recipes.make({"kind": "varied", "shape": list(y.shape)}).to(y.dtype)


def _module(case: Case, library: Library) -> Any:
    module = library.build(case)
    if "set_spiking" in case.calls:
        module.set_spiking_mode(case.calls["set_spiking"])
    return module


def _leaf(case: Case, library: Library, name: str = "x") -> Tensor:
    return library.input(case, name).requires_grad_()


@protocol("surrogate")
def surrogate(case: Case, library: Library, out: Outputs) -> None:
    """Forward and both gradients of a surrogate module, with the gradients of its own parameters."""
    module = _module(case, library)
    y = out.put("forward", module(library.input(case, "x")))
    out.put("forward.requires_grad", bool(y.requires_grad))
    if case.calls.get("facts"):
        if case.calls["facts"] != "no repr":
            out.put("repr", repr(module))
        out.put("forward.layout", layout_of(y))
        out.put("state", sorted(module.state_dict()))
    if case.calls.get("graph", True):
        for varied, name in ((False, "grad_ones"), (True, "grad_varied")):
            try:
                _gradients(case, library, out, name, varied)
            except Exception as error:
                out.fail(name, error)


def _gradients(case: Case, library: Library, out: Outputs, name: str, varied: bool) -> None:
    module = _module(case, library)
    x = _leaf(case, library)
    y = module(x)
    y.backward(_cotangent(case, y, varied))
    out.put(name, x.grad)
    if case.calls.get("facts") and x.grad is not None:
        out.put(f"{name}.layout", layout_of(x.grad))
    for parameter, tensor in module.named_parameters():
        out.put(f"grad_p/{parameter}/{name}", tensor.grad)
        if tensor.grad is not None and 0 < x.numel() <= 64 and bool(torch.isfinite(x).all()):
            scale = _sum_of_absolute_terms(case, library, parameter, varied)
            out.put(f"scale/grad_p/{parameter}/{name}", scale)


def _sum_of_absolute_terms(case: Case, library: Library, parameter: str, varied: bool) -> Tensor:
    """Sum over the elements of x of the parameter gradient that each of them causes alone."""
    total = torch.zeros((), dtype=torch.float64)
    for index in range(library.input(case, "x").numel()):
        module = _module(case, library)
        x = library.input(case, "x").reshape(-1)
        g = _cotangent(case, x, varied)[index : index + 1]
        y = module(x[index : index + 1].clone().requires_grad_())
        y.backward(g.to(y.dtype))
        grad = dict(module.named_parameters())[parameter].grad
        total = total + (grad.double().abs().sum() if grad is not None else 0.0)
    return total


@protocol("forward")
def forward_only(case: Case, library: Library, out: Outputs) -> None:
    """Forward without any graph: under no_grad, in inference mode and plainly; for any callable on ``x``."""
    module = _module(case, library) if case.calls.get("construct", True) else library.resolve(case.symbol)
    arguments = [library.value(item) for item in case.calls.get("with", ())]
    y = out.put("forward", module(library.input(case, "x"), *arguments))
    out.put("forward.requires_grad", bool(y.requires_grad))
    out.put("forward.layout", layout_of(y))
    with torch.no_grad():
        out.put("forward/no_grad", module(library.input(case, "x"), *arguments))
    with torch.inference_mode():
        out.put("forward/inference", module(library.input(case, "x"), *arguments).clone())


@protocol("backward_function")
def backward_function(case: Case, library: Library, out: Outputs) -> None:
    """A functional ``X_backward(g, x, ...)`` or a class's static ``X.backward(g, x, ...)``."""
    function = library.resolve(case.symbol)
    for varied, name in ((False, "grad_ones"), (True, "grad_varied")):
        x = library.input(case, "x")
        arguments = [library.value(item) for item in case.args]
        keywords = {key: library.value(item) for key, item in case.kwargs.items()}
        result = function(_cotangent(case, x, varied), x, *arguments, **keywords)
        if isinstance(result, tuple):
            out.put(f"{name}.returned", [None if item is None else "tensor" for item in result])
            result = result[0]
        out.put(name, result)


@protocol("autograd_function")
def autograd_function(case: Case, library: Library, out: Outputs) -> None:
    """A ``torch.autograd.Function``: ``apply(x, ...)``, its gradient, and gradients of tensor arguments."""
    function = library.resolve(case.symbol)
    for varied, name in ((False, "grad_ones"), (True, "grad_varied")):
        x = _leaf(case, library)
        arguments = [library.value(item) for item in case.args]
        if "seed" in case.calls:
            torch.manual_seed(case.calls["seed"])
        y = function.apply(x, *arguments)
        out.put("forward", y)
        y.backward(_cotangent(case, y, varied))
        out.put(name, x.grad)
        for index, argument in enumerate(arguments):
            if isinstance(argument, Tensor):
                out.put(f"grad_p/{index}/{name}", argument.grad)


@protocol("double_backward")
def double_backward(case: Case, library: Library, out: Outputs) -> None:
    """The gradient's gradient: with respect to ``x`` and to the incoming gradient."""
    module = _module(case, library)
    x = _leaf(case, library)
    y = module(x)
    g = _cotangent(case, y, True).requires_grad_()
    (first,) = torch.autograd.grad(y, x, g, create_graph=True)
    out.put("grad_first", first)
    out.put("grad_first.requires_grad", bool(first.requires_grad))
    weights = _cotangent(case, first, False)
    for target, name in ((x, "x"), (g, "g")):
        try:
            (second,) = torch.autograd.grad(first, target, weights, retain_graph=True, allow_unused=True)
        except Exception as error:
            out.fail(f"grad_second/{name}", error)
        else:
            out.put(f"grad_second/{name}", second)


@protocol("call")
def call(case: Case, library: Library, out: Outputs) -> None:
    """A plain function of ``x`` and the case's arguments: its value and its autograd gradient, if any."""
    function = library.resolve(case.symbol)
    arguments = [library.value(item) for item in case.args]
    keywords = {key: library.value(item) for key, item in case.kwargs.items()}
    y = out.put("forward", function(library.input(case, "x"), *arguments, **keywords))
    if not isinstance(y, Tensor) or not library.input(case, "x").dtype.is_floating_point:
        return
    x = _leaf(case, library)
    y = function(x, *arguments, **keywords)
    out.put("forward.requires_grad", bool(y.requires_grad))
    if y.requires_grad:
        y.backward(_cotangent(case, y, True))
        out.put("grad_varied", x.grad)
