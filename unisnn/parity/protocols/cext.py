"""How names of the old CUDA extension are driven: what works without a kernel."""

from __future__ import annotations

import torch

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["cext_neuron", "sparse_linear"]

_FACTS = ("v_threshold", "v_reset", "detach_reset", "alpha", "grad_surrogate_function_index", "v")


@protocol("sparse_linear")
def sparse_linear(case: Case, library: Library, out: Outputs) -> None:
    """A seeded layer, one call, what flows back."""
    made = library.resolve(case.symbol)(*case.args, **case.kwargs)
    x = library.input(case, "x").requires_grad_()
    made.to(x.dtype)
    out.put("repr", repr(made))
    out.put("in_spikes", made.in_spikes)
    out.put("critical_sparsity", made.critical_sparsity)
    for name, parameter in made.named_parameters():
        out.put(f"parameter/{name}", parameter)
    y = made(x)
    out.put("y", y)
    (y * cotangent(y.shape, y.dtype)).sum().backward()
    out.put("grad/input", x.grad)
    for name, parameter in made.named_parameters():
        out.put(f"grad/{name}", parameter.grad)


@protocol("cext_neuron")
def cext_neuron(case: Case, library: Library, out: Outputs) -> None:
    """What the constructor makes of its arguments, ``reset``, and a run where there are inputs."""
    made = library.resolve(case.symbol)(**case.kwargs)
    for name in (*_FACTS, "reciprocal_tau"):
        out.put(name, getattr(made, name, None))
    out.put("extra_repr", made.extra_repr())
    out.put("state_dict", sorted(made.state_dict()))
    made.v = torch.ones(3)
    made.reset()
    out.put("after", made.v)
    if "x" in case.inputs:
        x = library.input(case, "x")
        many = type(made).__name__.startswith("MultiStep")
        out.attempt("y", lambda: made(x) if many else torch.stack([made(step) for step in x]))
