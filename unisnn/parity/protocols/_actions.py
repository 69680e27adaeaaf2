"""What the script of a neuron case can say: one small function an action.

::

    ["run", "x"]  ["run", "x", "sequence"]      feed an input (with another drive)
    ["call", "reset"]  ["call", "n_reset", 1]   call a method; a returned tensor or number is recorded
    ["apply", "path.function", ...]             call a function of the library on the module
    ["set", "step_mode", "m"]  ["del", "v"]     set or delete an attribute
    ["train", false]  ["to", "float64"]         switch mode or dtype
    ["coefficients", [0.9]]                     set_coeffs without graph
    ["attempt", [...]]                          do an action; what it raises is recorded and play goes on
    ["backward"]                                differentiate now
    ["facts", "label"]  ["get", "v"]            record facts or an attribute
    ["parameters", "label"]                     record every parameter's values
    ["deepcopy"]  ["state_dict"]                go on with a copy; save, load into a fresh module, go on
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["ACTIONS"]


def _run(session: Any, name: str, drive: str | None = None) -> None:
    session.run(name, drive)


def _call(session: Any, method: str, *arguments: Any) -> None:
    result = getattr(session.node, method)(*(session.library.value(item) for item in arguments))
    _record(session, f"call/{method}", result)


def _apply(session: Any, path: str, *arguments: Any) -> None:
    function = session.library.resolve(path)
    result = function(session.node, *(session.library.value(item) for item in arguments))
    _record(session, f"apply/{path}", result)


def _record(session: Any, name: str, result: Any) -> None:
    if isinstance(result, (Tensor, bool, int, float, str, tuple)):
        session.out.put(name, result)


def _set(session: Any, name: str, value: Any) -> None:
    setattr(session.node, name, session.library.value(value))


def _delete(session: Any, name: str) -> None:
    delattr(session.node, name)


def _train(session: Any, mode: bool) -> None:
    session.node.train(mode)


def _to(session: Any, dtype: str) -> None:
    session.node.to(getattr(torch, dtype))


def _coefficients(session: Any, values: list[float]) -> None:
    with torch.no_grad():
        session.node.set_coeffs(torch.tensor(values))


def _attempt(session: Any, action: list[Any]) -> None:
    try:
        ACTIONS[action[0]](session, *action[1:])
    except Exception as error:  # the exception is the result
        session.out.fail(f"attempt/{session.attempts}", error)
    session.attempts += 1


def _backward(session: Any) -> None:
    session.backward()


def _get(session: Any, name: str) -> None:
    session.out.put(f"get/{name}", session.state(name))


def _deepcopy(session: Any) -> None:
    session.node = copy.deepcopy(session.node)


def _state_dict(session: Any) -> None:
    saved = copy.deepcopy(session.node.state_dict())
    for name, tensor in saved.items():
        session.out.put(f"saved/{name}", tensor)
    session.node = session.library.build(session.case)
    session.node.load_state_dict(saved)


def _facts(session: Any, label: str) -> None:
    node, out = session.node, session.out
    out.put(f"{label}.repr", repr(node))
    out.put(f"{label}.extra_repr", node.extra_repr())
    out.put(f"{label}.state_dict", sorted(node.state_dict()))
    out.put(f"{label}.parameters", [name for name, each in node.named_parameters() if each.requires_grad])
    out.put(f"{label}.buffers", sorted(name for name, _ in node.named_buffers()))
    if hasattr(node, "named_memories"):
        out.put(f"{label}.memories", sorted(name for name, _ in node.named_memories()))
        out.put(f"{label}.memory_count", len(list(node.memories())))
    for name in _ATTRIBUTES:
        value = getattr(node, name, None)
        if isinstance(value, (bool, int, float, str, tuple)):
            out.put(f"{label}.{name}", value)


_ATTRIBUTES = ("step_mode", "supported_step_mode", "training", "v_threshold", "v_reset", "detach_reset")


def _parameters(session: Any, label: str) -> None:
    for name, parameter in session.node.named_parameters():
        session.out.put(f"{label}/{name}", parameter)


ACTIONS: dict[str, Callable[..., None]] = {
    "run": _run,
    "call": _call,
    "apply": _apply,
    "set": _set,
    "del": _delete,
    "train": _train,
    "to": _to,
    "coefficients": _coefficients,
    "attempt": _attempt,
    "backward": _backward,
    "get": _get,
    "deepcopy": _deepcopy,
    "state_dict": _state_dict,
    "facts": _facts,
    "parameters": _parameters,
}
"""Every action by name."""
