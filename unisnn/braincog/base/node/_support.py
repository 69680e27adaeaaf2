"""What the nodes share besides their equations: argument checks, the surrogate table, descriptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.braincog.base.strategy import surrogate as _surrogate
from unisnn.core import layout as _layout
from unisnn.core import spec as _spec

__all__ = [
    "ABSENT",
    "SURROGATES",
    "describe",
    "detached",
    "float_copy",
    "require_number",
    "surrogate_module",
    "threshold_parameter",
]

_LATER = "this node model is not reproduced yet"

ABSENT: dict[str, str] = {
    "BackEINode": _LATER,
    "BaseMCNode": "multi-compartment nodes are not reproduced yet",
    "BiasLIFNode": _LATER,
    "BiasPLIFNode": _LATER,
    "BiasReLUNode": _LATER,
    "BurstLIFNode": _LATER,
    "CTIzhNode": "scalar code of one experiment, not a batch node",
    "DGLIFNode": _LATER,
    "DoubleSidePLIFNode": "upstream's class fails on every call (it subtracts a tensor from a method)",
    "HHNode": _LATER,
    "HTDGLIFNode": _LATER,
    "IzhNode": _LATER,
    "IzhNodeMU": _LATER,
    "LIAFNode": _LATER,
    "LIFSTDPNode": _LATER,
    "NoiseLIFNode": _LATER,
    "NoisePLIFNode": _LATER,
    "OnlineLIFNode": _LATER,
    "ReLUNode": _LATER,
    "SimHHNode": _LATER,
    "ThreeCompNode": "multi-compartment nodes are not reproduced yet",
    "aEIF": _LATER,
    "adth": "upstream's forward returns the constant 0.",
}
"""Public nodes of upstream's module that unisnn does not provide, each with its reason."""

SURROGATES: dict[str, type[nn.Module]] = {
    "AtanGrad": _surrogate.AtanGrad,
    "BackEIGateGrad": _surrogate.BackEIGateGrad,
    "EIGrad": _surrogate.EIGrad,
    "GateGrad": _surrogate.GateGrad,
    "QGateGrad": _surrogate.QGateGrad,
    "ReLUGrad": _surrogate.ReLUGrad,
    "RoundGrad": _surrogate.RoundGrad,
    "STDPGrad": _surrogate.STDPGrad,
    "SigmoidGrad": _surrogate.SigmoidGrad,
}
"""The names that ``act_fun`` may be given as a string: looked up here, never evaluated."""


def surrogate_module(owner: str, act_fun: str | Callable[..., Any], *, requires_grad: bool) -> Any:
    """Build a node's surrogate with ``alpha=2.0``.

    Raises:
        NameError: a string that is not in :data:`SURROGATES`.
        TypeError: neither a string nor a class or callable; or a module that is built already.
    """
    if isinstance(act_fun, str):
        if act_fun not in SURROGATES:
            raise NameError(
                f"{owner}: act_fun={act_fun!r} is not accepted; expected one of {', '.join(SURROGATES)}, "
                "or a class"
            )
        act_fun = SURROGATES[act_fun]
    if not callable(act_fun) or isinstance(act_fun, nn.Module):
        raise TypeError(
            f"{owner}: act_fun={act_fun!r} is not accepted; expected a class or a callable that takes alpha "
            "and requires_grad (for another alpha: functools.partial or lambda), or a name"
        )
    return act_fun(alpha=2.0, requires_grad=requires_grad)


def threshold_parameter(
    owner: str, value: Any, requires_grad: bool, argument: str = "threshold"
) -> nn.Parameter:
    """Return ``value`` as a Parameter in torch's dtype for it; a trained integer becomes a float."""
    if value is None or isinstance(value, (str, bytes)):
        raise TypeError(f"{owner}: {argument}={value!r} is not accepted; expected a number or a tensor")
    tensor = value.detach().clone() if isinstance(value, Tensor) else torch.tensor(value)
    if requires_grad and not tensor.is_floating_point():
        tensor = tensor.to(torch.get_default_dtype())
    return nn.Parameter(tensor, requires_grad=requires_grad)


def require_number(owner: str, argument: str, value: Any) -> Any:
    """Return ``value``; ``TypeError`` for None and strings."""
    if value is None or isinstance(value, (str, bytes)):
        raise TypeError(f"{owner}: {argument}={value!r} is not accepted; expected a number or a tensor")
    return value


def float_copy(value: Any) -> Tensor:
    """Return a float32 copy of a number or tensor."""
    return torch.as_tensor(value).detach().to(torch.float32, copy=True)


def detached(value: Any) -> Any:
    """Return a tensor cut from its graph; anything else unchanged."""
    return value.detach() if isinstance(value, Tensor) else value


def _number(value: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    return value.item() if value.numel() == 1 else tuple(value.detach().flatten().tolist())


def _surrogate_spec(owner: str, act_fun: Any) -> _spec.SurrogateSpec:
    kind = type(act_fun)
    if "__describe__" in vars(kind):  # a subclass that merely inherits it may run code of its own
        return act_fun.__describe__()
    twin: Any = SURROGATES.get(kind.__name__)
    if twin is None or not kind.__module__.endswith("braincog.base.strategy.surrogate"):
        raise TypeError(
            f"{owner}: act_fun={act_fun!r} cannot be described; expected a surrogate module of BrainCog"
        )
    return twin.__describe__(act_fun)


def _refuse_own_code(node: Any, symbol: str) -> None:
    for name in (
        "forward",
        "rearrange2node",
        "rearrange2op",
        "integral",
        "calc_spike",
        "get_thres",
        "n_reset",
    ):
        owner = next((kind for kind in type(node).__mro__ if name in vars(kind)), type(node))
        of_library = owner.__module__.partition(".")[0] in ("braincog", "unisnn")
        if name in vars(node) or not of_library or owner.__name__ not in (symbol, "BaseNode"):
            raise TypeError(
                f"{symbol}: {type(node).__qualname__} defines {name} itself, so no neutral description says "
                "what it computes; expected a node that keeps the library's own methods"
            )


def describe(
    node: Any,
    symbol: str,
    charge: str,
    parameters: dict[str, Any],
    *,
    learnable: tuple[str, ...] = (),
    sigmoid_threshold: bool,
) -> _spec.NeuronSpec:
    """Describe a node, ours or upstream's, by the attributes that both have.

    Raises ``TypeError`` where the node runs code of its own, which no description covers.
    """
    _refuse_own_code(node, symbol)
    named = {name: _number(value) for name, value in parameters.items()}
    if node.mem_detach:
        named["mem_detach"] = True
    layout = "grouped" if node.groups != 1 else _layout.FOLDED if node.layer_by_layer else _layout.STEP
    return _spec.NeuronSpec(
        charge=charge,
        surrogate=_surrogate_spec(symbol, node.act_fun),
        reset=_spec.ResetSpec("hard", 0.0, detached=True, order="reset_to_zero"),
        parameters=_spec.values(**named),
        learnable=tuple(
            name
            for name in (*learnable, "threshold")
            if isinstance(getattr(node, name), nn.Parameter) and getattr(node, name).requires_grad
        ),
        threshold=_number(node.threshold),
        threshold_rule="sigmoid" if sigmoid_threshold and node.sigmoid_thres else "plain",
        initial=_spec.values(v=0.0),
        restored=_spec.values(v=_number(node.v_reset)),
        layout=layout,
        library="braincog",
        symbol=f"base.node.node.{symbol}",
    )
