"""Surrogate cases of BrainCog: alpha as a parameter, with and without gradient, and the functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases._surrogate_kit import DTYPES, Subject, grid, label, random_input

__all__ = ["cases"]

_EDITION, _SHORT, _MODULE = "braincog==0.2.7.19", "bc", "base.strategy.surrogate"


def _one_over(kwargs: Mapping[str, Any]) -> tuple[float, ...]:
    return (1.0 / kwargs["alpha"],)


def _half(kwargs: Mapping[str, Any]) -> tuple[float, ...]:
    return (0.5,)


_TABLE: dict[str, dict[str, Any]] = {
    "SigmoidGrad": {"alphas": (1.0, 0.7, 4.0), "low": "sigmoid"},
    "AtanGrad": {"alphas": (2.0, 0.7, 1.0, 3.0), "low": "atan"},
    "GateGrad": {"alphas": (2.0, 0.7, 3.0), "low": "gate", "edges": _one_over},
    "QGateGrad": {"alphas": (2.0, 0.7, 1.0, 3.0), "low": "quadratic_gate", "edges": _one_over},
    "ReLUGrad": {"alphas": (2.0, 0.7), "low": "relu_like"},
    "STDPGrad": {"alphas": (2.0,), "low": "stdp", "unary": True},
    "BackEIGateGrad": {"alphas": (2.0,), "low": "backeigate", "unary": True, "edges": _half},
    "EIGrad": {"alphas": (2.0,), "low": "ei", "unary": True, "edges": _half},
}


def _subject(name: str, row: Mapping[str, Any]) -> Subject:
    first, *others = row["alphas"]
    return Subject(
        edition=_EDITION,
        short=_SHORT,
        name=name,
        symbol=f"{_MODULE}.{name}",
        variants=({}, *({"alpha": alpha} for alpha in others)),
        order=() if row.get("unary") else ("alpha",),
        defaults={"alpha": first},
        edges=row.get("edges", lambda kwargs: ()),
        primitive=False,
    )


def _tensor(alpha: float, shape: tuple[int, ...] = ()) -> dict[str, Any]:
    return {"kind": "values", "values": [alpha] * (shape[0] if shape else 1), "shape": list(shape)}


def _learning(subject: Subject) -> Iterator[Case]:
    """requires_grad given explicitly, both ways; gradients of alpha on finite random input."""
    for kwargs in subject.variants:
        for requires_grad in (False, True):
            given = {**kwargs, "requires_grad": requires_grad}
            for dtype in DTYPES:
                for what, x in (
                    ("grid", grid(subject.edges_of(kwargs), dtype)),
                    ("random", random_input(f"{subject.name}/{label(given)}", dtype, (4, 9))),
                ):
                    yield Case(
                        id=f"{_SHORT}/alpha_gradient/{subject.name}/{label(given)}/{what}/{dtype}",
                        edition=_EDITION,
                        family="alpha_gradient",
                        symbol=subject.symbol,
                        protocol="surrogate",
                        kwargs=given,
                        inputs={"x": x},
                        calls={"facts": True} if dtype == "float32" else {},
                    )


def _functions(subject: Subject, low: str, unary: bool) -> Iterator[Case]:
    """The autograd functions: alpha as a float32 tensor, a trained parameter, of shape [1], as a float."""
    for kwargs in subject.variants:
        alpha = {**subject.defaults, **kwargs}["alpha"]
        kinds: dict[str, list[Any]] = (
            {"unary": []}
            if unary
            else {
                "tensor": [{"$tensor": _tensor(alpha)}],
                "parameter": [{"$parameter": _tensor(alpha)}],
                "one": [{"$tensor": _tensor(alpha, (1,))}],
                "float": [alpha],
            }
        )
        for kind, args in kinds.items():
            for dtype in DTYPES:
                yield Case(
                    id=f"{_SHORT}/function/{low}/{label(kwargs)}/{kind}/{dtype}",
                    edition=_EDITION,
                    family="function",
                    symbol=f"{_MODULE}.{low}",
                    protocol="autograd_function",
                    args=tuple(args),
                    inputs={"x": grid(subject.edges_of(kwargs), dtype)},
                    evidence=(subject.symbol,),
                )
    alpha = subject.defaults["alpha"]
    yield Case(
        id=f"{_SHORT}/static/{subject.name}/act_fun/float32",
        edition=_EDITION,
        family="static",
        symbol=f"{_MODULE}.{subject.name}.act_fun",
        protocol="call",
        args=(alpha if unary else {"$tensor": _tensor(alpha)},),
        inputs={"x": grid((0.5,), "float32")},
        evidence=(subject.symbol,),
    )


def _alphas(subject: Subject) -> Iterator[Case]:
    """alpha of other kinds: zero, negative, an int; and None, which no node can use."""
    for alpha in (0.0, -2.0, 3, 1e-4, 1e4):
        yield Case(
            id=f"{_SHORT}/surrogate/{subject.name}/alpha={alpha}/kind/float32",
            edition=_EDITION,
            family="surrogate",
            symbol=subject.symbol,
            protocol="surrogate",
            kwargs={"alpha": alpha},
            inputs={"x": grid((0.5,), "float32")},
        )
    yield Case(
        id=f"{_SHORT}/refusal/{subject.name}/alpha=None",
        edition=_EDITION,
        family="refusal",
        symbol=subject.symbol,
        protocol="surrogate",
        kwargs={"alpha": None},
        inputs={"x": grid((), "float32")},
    )


def _others() -> Iterator[Case]:
    """RoundGrad, the straight-through estimator and heaviside."""
    rounding = Subject(
        edition=_EDITION,
        short=_SHORT,
        name="RoundGrad",
        symbol=f"{_MODULE}.RoundGrad",
        variants=({},),
        edges=lambda kwargs: (0.5, 1.5, 4.5),
        primitive=False,
    )
    yield from rounding.all()
    for dtype in DTYPES:
        for name, protocol in (("straight_through_estimator", "autograd_function"), ("heaviside", "call")):
            yield Case(
                id=f"{_SHORT}/function/{name}/{dtype}",
                edition=_EDITION,
                family="function",
                symbol=f"{_MODULE}.{name}",
                protocol=protocol,
                inputs={"x": grid((), dtype)},
            )


def cases() -> Iterator[Case]:
    """Yield every BrainCog surrogate case."""
    for name, row in _TABLE.items():
        subject = _subject(name, row)
        yield from subject.all()
        yield from _learning(subject)
        yield from _functions(subject, row["low"], bool(row.get("unary")))
        yield from _alphas(subject)
    yield from _others()
