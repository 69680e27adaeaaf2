"""How neurons are driven: a script of runs, resets and other calls on one module.

One step or a sequence, with ``s`` the spikes, ``v`` the states and ``g`` a fixed cotangent::

    y[t], v[t] = node(x[t], v[t-1])
    loss       = sum over runs of sum(y*g)  (+ sum(v_last*g) where asked)
    grad_x     = d loss / dx,   grad_p/NAME = d loss / d parameter

``calls`` options:

- ``script``: list of actions, default ``[["run", "x"]]`` (see :data:`ACTIONS`);
- ``drive``: ``step`` (one call per step), ``sequence`` (one call on ``[T, N, *]``), ``flat`` (one call on
  ``[T*N, *]``), ``groups`` (one call on ``[N, C*T, *]``, time fastest);
- ``states``: attributes to trace after every call and to record at the end (default ``["v"]``);
- ``training``: ``False`` switches to eval first;
- ``loss``: ``["y"]`` (default), ``["y", "v"]``, ``["v"]`` or ``[]`` (no gradient);
- ``facts``: record repr, keys of the state dict, memories and flags.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from unisnn.parity import recipes
from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import _actions, protocol

__all__ = ["Session", "cotangent", "neuron", "subclass"]


def cotangent(shape: Any, dtype: torch.dtype, seed: int = 7) -> Tensor:
    """Return the fixed cotangent for an output of ``shape``: normal numbers, rounded to ``dtype``."""
    kept = dtype if dtype.is_floating_point else torch.float32
    return recipes.make({"kind": "normal", "seed": seed, "shape": list(shape)}).to(kept)


class Session:
    """One module under test, what was fed to it, and what it gave."""

    def __init__(self, case: Case, library: Library, out: Outputs, node: Any) -> None:
        self.case, self.library, self.out, self.node = case, library, out, node
        self.states: list[str] = list(case.calls.get("states", ["v"]))
        self.drive: str = case.calls.get("drive", "step")
        self.losses: list[Tensor] = []
        self.leaves: dict[str, Tensor] = {}
        self.runs = self.attempts = 0

    def play(self) -> None:
        """Do everything that the script says, then backward, then record the final states."""
        for name, *arguments in self.case.calls.get("script", [["run", "x"]]):
            _actions.ACTIONS[name](self, *arguments)
        self.backward()
        for state in self.states:
            self.out.put(f"state/{state}", self.state(state))

    def run(self, name: str, drive: str | None = None) -> None:
        """Feed input ``name`` and record spikes and traces."""
        x = self.library.input(self.case, name)
        wanted = self.case.calls.get("loss", ["y"])
        if wanted and x.is_floating_point():
            x = x.requires_grad_()
            self.leaves[f"{name}.{self.runs}" if name in self.leaves else name] = x
        y, traces = self._driven(x, drive or self.drive)
        label, self.runs = f"{self.runs}", self.runs + 1
        self.out.put(f"y/{label}", y)
        if isinstance(y, Tensor):
            self.out.put(f"y/{label}.requires_grad", bool(y.requires_grad))
        for state, values in traces.items():
            self.out.put(f"trace/{state}/{label}", _stacked(values))
        if "y" in wanted and isinstance(y, Tensor) and y.requires_grad:
            self.losses.append((y * cotangent(y.shape, y.dtype)).sum())
        if "v" in wanted:
            for state in self.states:
                last = getattr(self.node, state)
                if isinstance(last, Tensor) and last.requires_grad:
                    self.losses.append((last * cotangent(last.shape, last.dtype, seed=8)).sum())

    def _driven(self, x: Tensor, drive: str) -> tuple[Any, dict[str, list[Any]]]:
        traces: dict[str, list[Any]] = {state: [] for state in self.states}
        if drive == "step":
            outputs = []
            for t in range(x.shape[0]):
                outputs.append(self.dense(self.node(x[t])))
                for state in self.states:
                    traces[state].append(self.state(state))
            return _stacked(outputs), traces
        y = self.dense(self.node(_folded(x, drive)))
        for state in self.states:
            traces[state].append(self.state(state))
        return _unfolded(y, x, drive), traces

    def dense(self, y: Any) -> Any:
        """Return ``y``, a spike tensor as a dense float (its class and public dtype are recorded)."""
        if isinstance(getattr(y, "elem", None), Tensor):
            self.out.put("y.class", type(y).__name__)
            self.out.put("y.public_dtype", str(y.dtype))
            return y * torch.ones(())
        return y

    def state(self, name: str) -> Any:
        """Return a snapshot of the attribute ``name``."""
        value = getattr(self.node, name, "no attribute")
        return value.detach().clone() if isinstance(value, Tensor) else value

    def backward(self) -> None:
        """Differentiate what was summed up so far, and record the gradients."""
        if not self.losses:
            return
        try:
            torch.stack([loss.to(torch.float64) for loss in self.losses]).sum().backward()
        except Exception as error:  # what backward raises is a result to compare
            self.out.fail("grad", error)
        self.losses = []
        for name, leaf in self.leaves.items():
            self.out.put(f"grad_x/{name}", leaf.grad)
        for name, parameter in self.node.named_parameters():
            self.out.put(f"grad_p/{name}", parameter.grad)


def _stacked(values: list[Any]) -> Any:
    """Return tensors of equal shape and dtype as one tensor, anything else as the list it is."""
    kinds = {(value.shape, value.dtype) if isinstance(value, Tensor) else None for value in values}
    return torch.stack(values) if len(kinds) == 1 and None not in kinds else values


def _folded(x: Tensor, drive: str) -> Tensor:
    if drive == "sequence":
        return x
    if drive == "flat":
        return x.flatten(0, 1)
    if drive == "groups":
        return x.movedim(0, 2).flatten(1, 2)
    raise ValueError(f"neuron: drive={drive!r} is not accepted; expected step, sequence, flat or groups")


def _unfolded(y: Any, x: Tensor, drive: str) -> Any:
    if not isinstance(y, Tensor) or drive == "sequence":
        return y
    if drive == "flat":
        return y.unflatten(0, x.shape[:2])
    return y.unflatten(1, (x.shape[2], x.shape[0])).movedim(2, 0)


def _play(case: Case, library: Library, out: Outputs, node: Any) -> None:
    if case.calls.get("training") is False:
        node.eval()
    session = Session(case, library, out, node)
    if case.calls.get("facts"):
        _actions.ACTIONS["facts"](session, "before")
    session.play()
    if case.calls.get("facts"):
        _actions.ACTIONS["facts"](session, "after")


@protocol("neuron")
def neuron(case: Case, library: Library, out: Outputs) -> None:
    """A neuron, or any stateful module, driven by the script of the case."""
    _play(case, library, out, library.build(case))


@protocol("neuron_subclass")
def subclass(case: Case, library: Library, out: Outputs) -> None:
    """A subclass that overrides a hook: ``calls["override"]`` is ``[method, kind]`` of :data:`_HOOKS`."""
    parent = library.resolve(case.symbol)
    method, kind = case.calls["override"]
    child = type("Child", (parent,), {method: _HOOKS[kind]})
    keywords = {name: library.value(item) for name, item in case.kwargs.items()}
    _play(case, library, out, child(*(library.value(item) for item in case.args), **keywords))


def _charge_quarter(self: Any, x: Tensor) -> None:
    self.v = self.v + 0.25 * x


def _fire_strictly(self: Any) -> Tensor:
    return self.surrogate_function(self.v - 2.0 * self.v_threshold)


def _reset_halves(self: Any, spike: Tensor) -> None:
    self.v = self.v * (1.0 - 0.5 * spike)


_HOOKS = {"charge_quarter": _charge_quarter, "fire_twice": _fire_strictly, "reset_halves": _reset_halves}
