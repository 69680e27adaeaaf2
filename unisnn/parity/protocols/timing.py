"""How tempotrons and tuning curves are driven: constants, potentials, losses, and what flows back."""

from __future__ import annotations

import torch
from torch import Tensor

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["gaussian_tuning", "psp_kernel", "tempotron", "tempotron_loss"]


def _backward(y: Tensor, out: Outputs, **leaves: Tensor) -> None:
    if y.requires_grad:
        (y * cotangent(y.shape, y.dtype)).sum().backward()
        for name, leaf in leaves.items():
            if leaf.grad is not None:
                out.put(f"grad/{name}", leaf.grad)


def _leaf(x: Tensor) -> Tensor:
    return x.requires_grad_() if x.is_floating_point() else x


@protocol("tempotron")
def tempotron(case: Case, library: Library, out: Outputs) -> None:
    """One call for ``calls["returns"]``; the weights are scaled by ``calls["scale"]``, or all 1 (``one``)."""
    made = library.resolve(case.symbol)(*case.args, **case.kwargs)
    x = library.input(case, "x")
    if x.dtype == torch.float64:
        made.double()
    with torch.no_grad():
        made.fc.weight.mul_(case.calls.get("scale", 1.0))
        if case.calls.get("one"):
            made.fc.weight.fill_(1.0)
    out.put("repr", repr(made))
    out.put("state_dict", sorted(made.state_dict()))
    out.put("constants", [made.tau, made.tau_s, made.T, made.v_threshold, made.v0])
    out.put("weight", made.fc.weight)
    y = made(_leaf(x), case.calls.get("returns"))
    out.put("y", y)
    _backward(y, out, input=x, weight=made.fc.weight)


@protocol("psp_kernel")
def psp_kernel(case: Case, library: Library, out: Outputs) -> None:
    """The kernel at given times."""
    x = _leaf(library.input(case, "x"))
    y = library.resolve(case.symbol).psp_kernel(x, *case.args)
    out.put("y", y)
    _backward(y, out, input=x)


@protocol("tempotron_loss")
def tempotron_loss(case: Case, library: Library, out: Outputs) -> None:
    """The loss of given largest potentials."""
    x, label = _leaf(library.input(case, "x")), library.input(case, "label")
    threshold, classes = (library.value(value) for value in case.args)
    y = library.resolve(case.symbol).mse_loss(x, threshold, label, classes)
    out.put("y", y)
    _backward(y, out, input=x)


@protocol("gaussian_tuning")
def gaussian_tuning(case: Case, library: Library, out: Outputs) -> None:
    """The constants and one code; ``calls["latest"]`` is the time window."""
    low, high = library.input(case, "low"), library.input(case, "high")
    made = library.resolve(case.symbol)(*case.args, low, high)
    out.put("constants", [made.n, made.m, made.mu, made.sigma2])
    latest = [case.calls["latest"]] if "latest" in case.calls else []
    out.put("y", made.encode(library.input(case, "x"), *latest))
