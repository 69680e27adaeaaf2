"""How plasticity and monitors are driven: a synapse and its neurons over many time steps.

``calls`` of "learner": ``synapse`` and ``sn`` (words), ``steps``, ``reward`` (one list a step, or a number),
``mode``, ``each`` (how many records one ``step`` uses), ``reset`` and ``off`` (steps before which the learner
is reset, or switched off for one step), ``scale``, ``factors``; the weight is changed by SGD, so it goes on
from step to step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol
from unisnn.parity.protocols.neuron import cotangent

__all__ = ["learner", "monitors", "plasticity"]

_FACTORS: dict[str, Callable[[Tensor], Tensor]] = {
    "clamp": lambda w: torch.clamp(w, -1.0, 1.0),
    "half": lambda w: 0.5 * w,
    "soft": lambda w: (1.0 - w) ** 2,
    "one": torch.ones_like,
}


def _layer(library: Library, word: Any) -> Any:
    torch.manual_seed(3)
    made = library.value(word)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.abs_()
    return made


def _factors(case: Case) -> dict[str, Any]:
    names = case.calls.get("factors", {})
    return {name: _FACTORS[word] for name, word in names.items()}


@protocol("plasticity")
def plasticity(case: Case, library: Library, out: Outputs) -> None:
    """A function of one time step (or of many), its traces handed on from call to call."""
    function = library.resolve(case.symbol)
    layer = _layer(library, case.calls["synapse"])
    pre, post = library.input(case, "pre"), library.input(case, "post")
    traces = [library.value(value) for value in case.calls.get("traces", [None, None])]
    whole = case.calls.get("whole", False)
    for t in range(1 if whole else pre.shape[0]):
        x, y = (pre, post) if whole else (pre[t], post[t])
        *traces, change = function(layer, x, y, *traces, *case.args, **_factors(case))
        out.put(f"traces/{t}", list(traces))
        out.put(f"change/{t}", change)
    out.put("graph", bool(change.requires_grad))


@protocol("learner")
def learner(case: Case, library: Library, out: Outputs) -> None:
    """A learner over the steps of ``x``: gradients, weights and traces after each use of the records."""
    calls = case.calls
    synapse, sn = _layer(library, calls["synapse"]), library.value(calls["sn"])
    make = library.resolve(case.symbol)
    before = [calls["batch"]] if "batch" in calls else []
    made = make(calls.get("mode", "s"), *before, synapse, sn, *case.args, **_factors(case))
    out.put("repr", repr(made))
    out.put("state_dict", sorted(made.state_dict()))
    optimizer = torch.optim.SGD(synapse.parameters(), lr=0.05)
    x = library.input(case, "x")
    chunk, each, uses = calls.get("chunk", 1), calls.get("each", 1), 0
    with torch.no_grad():
        for t in range(0, x.shape[0], chunk):
            step = x[t] if chunk == 1 else x[t : t + chunk]
            if t in calls.get("reset", ()):
                made.reset()
                sn.reset()
            off = t in calls.get("off", ())
            if off:
                made.disable()
            out.put(f"y/{t}", sn(synapse(step)))
            if off:
                made.enable()
            if (t // chunk + 1) % each == 0:
                reward = (
                    [torch.tensor(calls["reward"][uses % len(calls["reward"])])] if "reward" in calls else []
                )
                optimizer.zero_grad()
                turn = made.step(*reward, on_grad=uses % 3 != 2, scale=calls.get("scale", 1.0))
                out.put(f"returned/{t}", turn)
                if synapse.weight.grad is not None:
                    out.put(f"grad/{t}", synapse.weight.grad)
                optimizer.step()
                out.put(f"weight/{t}", synapse.weight)
                uses += 1
        for name, value in made.named_memories():
            out.put(f"memory/{name}", value)
        made.reset()
        out.put("records", [len(made.in_spike_monitor.records), len(made.out_spike_monitor.records)])
        out.put("memories", sorted(name for name, value in made.named_memories() if value is None))


class _Two(nn.Module):
    def forward(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        return a + b, a * b


@protocol("monitors")
def monitors(case: Case, library: Library, out: Outputs) -> None:
    """A monitor on a network: records by index and by name, switched off and on, cleared and removed."""
    calls = case.calls
    modules = [_layer(library, each) for each in calls["modules"]]
    net = _Two() if calls.get("two") else nn.Sequential(*modules)
    functions: dict[str, Callable[[Any], Any]] = {"sum": lambda y: y.sum(), "shape": lambda y: list(y.shape)}
    instance = library.value(calls["instance"]) if "instance" in calls else None
    if isinstance(instance, list):
        instance = tuple(instance)
    more = [functions[calls["function"]]] if "function" in calls else []
    made = library.resolve(case.symbol)(*case.args, net, instance, *more)
    out.put("monitored", made.monitored_layers)
    out.put("attributes", sorted(name for name in vars(made)))
    x = library.input(case, "x").requires_grad_()

    def run() -> None:
        y = net(x, 2 * x) if calls.get("two") else net(x)
        first = y[0] + y[1] if isinstance(y, tuple) else y
        (first * cotangent(first.shape, first.dtype)).sum().backward()
        module: Any
        for module in net.modules():
            if hasattr(module, "reset"):
                module.reset()

    for _ in range(2):
        run()
    out.put("records", made.records)
    for name in made.monitored_layers:
        out.put(f"named/{name}", made[name])
    out.put("last", made[-1])
    out.attempt("unknown", lambda: made["no such layer"])
    out.attempt("slice", lambda: made[0:1])
    made.disable()
    run()
    out.put("off", [made.is_enable(), len(made.records)])
    made.enable()
    made.clear_recorded_data()
    run()
    out.put("cleared", [len(made.records), made.is_enable()])
    made.remove_hooks()
    run()
    out.put("removed", len(made.records))
