"""Base classes of surrogates, and names that fit nowhere else: constructed, switched, refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ2 = "spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0"
_SG, _BC = "snngrow==0.1.1a1", "braincog==0.2.7.19"
_SJ12 = "spikingjelly==0.0.0.0.12"
_SURROGATE = "activation_based.surrogate"
_MONITOR = "activation_based.monitor"

_BARE: list[list[Any]] = [
    ["get", "spiking"],
    ["call", "set_spiking_mode", False],
    ["get", "spiking"],
    ["attempt", ["run", "x"]],
    ["call", "set_spiking_mode", True],
    ["attempt", ["run", "x"]],
]


def _case(edition: str, symbol: str, what: str, **more: Any) -> Case:
    more.setdefault("inputs", _grid.drawn("vector"))
    more.setdefault("states", [])
    return _grid.made(edition, "base", symbol, what, **more)


def _manual_grad(edition: str, module: str) -> Iterator[Case]:
    """check_manual_grad prints what it compares and returns nothing."""
    for name in ("Sigmoid", "ATan", "SoftSign"):
        owner = f"{module}.{name}"
        args = ({"$symbol": f"{owner}.primitive_function"}, {"$symbol": f"{owner}.spiking_function"})
        protocol = "function" if edition == _SJ2 else "gradient_report"
        more = _grid.options(protocol=protocol, args=args, kwargs={"alpha": 2.0})
        what = name if module == _SURROGATE else f"{module}.{name}"
        yield _case(edition, f"{module}.check_manual_grad", what, **more)


def _unpacked() -> Iterator[Case]:
    """unpack_len1_tuple opens a tuple of one and nothing else."""
    x = {"$tensor": {"kind": "varied", "shape": [3]}}
    for what, value in (
        ("one", {"$tuple": [x]}),
        ("two", {"$tuple": [x, x]}),
        ("none", {"$tuple": []}),
        ("list", [x]),
        ("nested", {"$tuple": [{"$tuple": [x]}]}),
        ("tensor", x),
        ("number", 2.5),
    ):
        yield _case(_SJ14, f"{_MONITOR}.unpack_len1_tuple", what, protocol="function", args=(value,))


def cases() -> Iterator[Case]:
    """Yield the cases of base classes."""
    for edition in (_SJ14, _SJ2):
        kwargs = {"alpha": 2.0, "spiking": True}
        yield _case(edition, f"{_SURROGATE}.SurrogateFunctionBase", "bare", kwargs=kwargs, script=_BARE)
        yield from _manual_grad(edition, _SURROGATE)
    for edition in (_SJ14, _SJ12):
        yield from _manual_grad(edition, "clock_driven.surrogate")
    yield from _unpacked()
    yield _case(_SJ14, f"{_SURROGATE}.MultiArgsSurrogateFunctionBase", "bare", args=(True,), script=_BARE[:3])
    yield _case(_SG, "base.surrogate.BaseFunction.SurrogateFunctionBase", "bare", args=(2.0,), script=_BARE)
    yield _case(_BC, "base.strategy.surrogate.SurrogateFunctionBase", "bare", args=(2.0,), script=_BARE[3:4])
    for requires_grad in (True, False):
        script = [["parameters", "param"], ["attempt", ["run", "x"]]]
        more = _grid.options(args=(3.0, requires_grad), script=script, facts=True)
        yield _case(_BC, "base.strategy.surrogate.SurrogateFunctionBase", f"{requires_grad}", **more)
    share = {"x": {"kind": "uniform", "seed": 61, "shape": [6, 7], "dtype": "float32"}}
    for dtype in ("float32", "float64"):
        given = {"x": {**share["x"], "dtype": dtype}}
        drawn = _grid.options(protocol="autograd_function", inputs=given, dtype=dtype)
        yield _case(_SJ2, f"{_SURROGATE}.poisson_pass", "draws", **drawn)
        passed = _grid.options(protocol="autograd_function", inputs=given, dtype=dtype)
        yield _case(_SJ2, f"{_SURROGATE}.deterministic_pass", "passes", **passed)
    net: list[Any] = [_grid.new("base.neuron.LIFNode.LIFNode")]
    dynamics = {"script": [["attempt", ["run", "x"]], ["call", "extra_repr"]], "states": ["v"]}
    yield _case(_SG, "base.neuron.BaseNode.BaseNode", "bare", **dynamics)
    more = _grid.options(protocol="network", modules=net, script=[["apply", "base.utils.reset"]])
    yield _case(_SG, "base.utils.reset", "fresh", **more)
