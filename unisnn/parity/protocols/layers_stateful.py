"""Layers that the usual protocols cannot drive: no ``nn.Module`` upstream, or output on the screen."""

from __future__ import annotations

import contextlib
import io
import re

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["gradient_report", "layer_method", "layer_printed"]


@protocol("layer_method")
def layer_method(case: Case, library: Library, out: Outputs) -> None:
    """Call ``calls["method"]`` of an object; ``calls["weights"]`` is the part that has parameters."""
    made = library.build(case)
    x = library.input(case, "x").requires_grad_()
    weights = dict(getattr(made, case.calls["weights"]).named_parameters())
    for name, parameter in weights.items():
        out.put(f"param/{name}", parameter)
    y = out.put("y", getattr(made, case.calls["method"])(x))
    y.backward(cotangent(y.shape, y.dtype))
    out.put("grad_x", x.grad)
    for name, parameter in weights.items():
        out.put(f"grad_p/{name}", parameter.grad)
    out.put("step_mode", made.step_mode)


@protocol("layer_printed")
def layer_printed(case: Case, library: Library, out: Outputs) -> None:
    """Call a module and record what it prints."""
    module = library.build(case)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        y = module(library.input(case, "x"))
    out.put("y", y)
    out.put("printed", printed.getvalue())
    out.put("repr", repr(module))


@protocol("gradient_report")
def gradient_report(case: Case, library: Library, out: Outputs) -> None:
    """A function that prints two gradients and where they differ most: the tensors and the place."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        out.put("y", library.build(case))
    out.put("tensors", re.findall(r"tensor\(\[[^\]]*\]\)", printed.getvalue()))
    out.put("places", re.findall(r"x\[\d+\]", printed.getvalue()))
