"""LateralInhibition of BrainCog in its three modes, with all nodes and several surrogates."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITION = "braincog==0.2.7.19"
_SYMBOL = "base.strategy.LateralInhibition.LateralInhibition"
_MODES = ("constant", "max", "threshold")


def _case(
    what: str, node: dict[str, Any], inh: Any, mode: str | None, source: str = "uni", **more: Any
) -> Case:
    kwargs = {"node": node, "inh": inh, **({} if mode is None else {"mode": mode})}
    recipe = _grid.recipe(source, more.get("dtype"), more.pop("layout", None))
    more.setdefault("xori", mode == "max" or None)
    more.setdefault("protocol", "lateral")
    return _grid.made(_EDITION, "lateral", _SYMBOL, what, kwargs=kwargs, inputs={"x": recipe}, **more)


def _node(name: str, **kwargs: Any) -> dict[str, Any]:
    return _grid.new(f"base.node.node.{name}", **kwargs)


def cases() -> Iterator[Case]:
    """Yield the cases of lateral inhibition."""
    nodes = ("IFNode", "LIFNode", "PLIFNode")
    for mode, name, inh, source in itertools.product(_MODES, nodes, (1, 0.5, 2.0, 0.0), ("uni", "grid")):
        yield _case(f"{mode}/{name}-inh={inh}-{source}", _node(name), inh, mode, source)
    for mode, name, act in itertools.product(_MODES, nodes, ("SigmoidGrad", "AtanGrad", "ReLUGrad")):
        node = _node(name, act_fun={"$symbol": f"base.strategy.surrogate.{act}"}, requires_thres_grad=True)
        yield _case(f"{mode}/{name}-{act}-learning", node, 1.6, mode)
    for mode, source in itertools.product(
        _MODES, ("image", "silent", "loud", "negative", "one", "odd", "wild", "empty")
    ):
        yield _case(f"{mode}/{source}", _node("LIFNode", threshold=0.7), 1.6, mode, source)
    for mode, dtype in itertools.product(_MODES, ("float16", "bfloat16", "float64", "int64")):
        source = "count" if dtype == "int64" else "uni"
        yield _case(f"{mode}/dtype", _node("LIFNode"), 1.6, mode, source, dtype=dtype)
    for mode, layout in itertools.product(_MODES, ("strided", "transposed", "expanded")):
        yield _case(f"{mode}/layout={layout}", _node("IFNode"), 1.6, mode, layout=layout)
    for mode in _MODES:
        learned = {"$parameter": {"kind": "values", "values": [0.75]}}
        yield _case(f"{mode}/inh-parameter", _node("LIFNode"), learned, mode)
        per_channel = {"$tensor": {"kind": "values", "values": [0.5, 1.0, 2.0]}}
        yield _case(f"{mode}/inh-tensor", _node("LIFNode"), per_channel, mode)
        yield _case(f"{mode}/detached", _node("PLIFNode", mem_detach=True), 1.6, mode)
        yield _case(f"{mode}/xori-given", _node("LIFNode"), 1.6, mode, xori=True)
        yield _case(f"{mode}/vector", _node("LIFNode"), 1.6, mode, "vector")
        yield _case(f"{mode}/layer_by_layer", _node("LIFNode", layer_by_layer=True, step=2), 1.6, mode)
    yield _case("default-mode", _node("LIFNode"), 1.6, None)
    yield _case("max/without-xori", _node("LIFNode"), 1.6, "max", xori=False)
    yield _case("unknown-mode", _node("LIFNode"), 1.6, "other")
