"""Surrogate cases of SpikingJelly 0.0.0.0.14 and 2.0.0: classes, functions, primitives, layouts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases._surrogate_kit import Subject, grid, label

__all__ = ["cases"]

_MODULE = "activation_based.surrogate"
_EDITIONS = (("spikingjelly==0.0.0.0.14", "sj14"), ("spikingjelly==2.0.0", "sj2"))


def _alphas(default: float, *others: float) -> tuple[dict[str, Any], ...]:
    return ({}, *({"alpha": value} for value in others))


def _one_over(kwargs: Mapping[str, Any]) -> tuple[float, ...]:
    return (1.0 / kwargs["alpha"],)


_TABLE: dict[str, dict[str, Any]] = {
    "PiecewiseQuadratic": {
        "default": 1.0,
        "others": (0.7, 3.0),
        "low": "piecewise_quadratic",
        "edges": _one_over,
    },
    "PiecewiseExp": {"default": 1.0, "others": (0.7, 3.0), "low": "piecewise_exp"},
    "Sigmoid": {"default": 4.0, "others": (1.0, 0.7, 3.0), "low": "sigmoid"},
    "SoftSign": {"default": 2.0, "others": (0.7, 3.0), "low": "soft_sign"},
    "ATan": {"default": 2.0, "others": (1.0, 0.7, 3.0), "low": "atan"},
    "NonzeroSignLogAbs": {"default": 1.0, "others": (0.7, 3.0), "low": "nonzero_sign_log_abs"},
    "Erf": {"default": 2.0, "others": (0.7, 3.0), "low": "erf"},
    "QPseudoSpike": {"default": 2.0, "others": (1.5, 3.0), "low": "q_pseudo_spike", "backward": False},
    "FakeNumericalGradient": {
        "default": 0.3,
        "others": (2.0,),
        "low": "fake_numerical_gradient",
        "primitive": False,
    },
    "LogTailedReLU": {
        "default": 0.0,
        "others": (0.1,),
        "low": "log_tailed_relu",
        "edges": lambda kwargs: (1.0,),
    },
    "PiecewiseLeakyReLU": {
        "variants": ({}, {"w": 0.3, "c": 0.0}, {"w": 0.5, "c": 0.0}, {"w": 2.0, "c": 0.1}),
        "defaults": {"w": 1.0, "c": 0.01},
        "low": "piecewise_leaky_relu",
        "edges": lambda kwargs: (kwargs["w"],),
    },
    "SquarewaveFourierSeries": {
        "variants": ({}, {"n": 1}, {"n": 4, "T_period": 8}, {"n": 8, "T_period": 3.0}),
        "defaults": {"n": 2, "T_period": 8},
        "low": "squarewave_fourier_series",
        "backward": False,
    },
    "S2NN": {
        "variants": ({}, {"alpha": 2.0, "beta": 0.5}),
        "defaults": {"alpha": 4.0, "beta": 1.0},
        "low": "s2nn",
        "backward": False,
    },
    "LeakyKReLU": {
        "variants": ({}, {"leak": 0.1, "k": 0.7}),
        "defaults": {"leak": 0.0, "k": 1.0},
        "low": "leaky_k_relu",
    },
    "SuperSpike": {
        "default": 1.0,
        "others": (3.0, 100.0),
        "low": "super_spike",
        "only": "sj2",
        "primitive": False,
    },
    "Rect": {
        "default": 1.0,
        "others": (0.7, 3.0),
        "low": "rect",
        "only": "sj2",
        "edges": lambda k: (0.5 / k["alpha"],),
    },
    "DeterministicPass": {"variants": ({},), "defaults": {}, "low": None, "only": "sj2"},
}


def _static(row: Mapping[str, Any], has_backward: bool) -> tuple[str, ...]:
    primitive = ("primitive_function",) if row.get("primitive", True) else ()
    return (*(("backward",) if has_backward else ()), "spiking_function", *primitive)


def _subject(edition: str, short: str, name: str, row: Mapping[str, Any]) -> Subject:
    low = row["low"]
    has_backward = low is not None and row.get("backward", True)
    defaults = row.get("defaults", {"alpha": row.get("default")})
    return Subject(
        edition=edition,
        short=short,
        name=name,
        symbol=f"{_MODULE}.{name}",
        variants=row.get("variants") or _alphas(row["default"], *row["others"]),
        order=tuple(defaults),
        defaults=defaults,
        edges=row.get("edges", lambda kwargs: ()),
        backward=f"{_MODULE}.{low}_backward" if has_backward else None,
        function=f"{_MODULE}.{low}" if low is not None else None,
        static=_static(row, has_backward) if low is not None else (),
        primitive=row.get("primitive", True),
        facts=True if tuple(defaults) == ("alpha",) else "no repr",
    )


def _alpha_kinds(subject: Subject) -> Iterator[Case]:
    """alpha as an int, a numpy scalar and a 0-dim tensor; as a Parameter where that trains the primitive."""
    value = subject.defaults["alpha"]
    kinds: dict[str, Any] = {
        "int": 3,
        "numpy": {"$numpy": ["float64", 1.7]},
        "numpy32": {"$numpy": ["float32", 1.7]},
        "tiny": 1e-6,
        "large": 1e6,
        "default": value,
    }
    for kind, alpha in kinds.items():
        for family, spiking in (("surrogate", {}), ("primitive", {"spiking": False})):
            if spiking and not subject.primitive:
                continue
            yield Case(
                id=f"{subject.short}/{family}/{subject.name}/alpha-{kind}/grid/float32",
                edition=subject.edition,
                family=family,
                symbol=subject.symbol,
                protocol="surrogate",
                kwargs={"alpha": alpha, **spiking},
                inputs={"x": grid((), "float32")},
            )


def _refusals(edition: str, short: str) -> Iterator[Case]:
    bad: tuple[tuple[str, dict[str, Any]], ...] = (
        ("SoftSign", {"alpha": 0.0}),
        ("SoftSign", {"alpha": -1.0}),
        ("PiecewiseLeakyReLU", {"w": 0.0}),
        ("PiecewiseLeakyReLU", {"w": -0.5, "c": 0.1}),
        ("SquarewaveFourierSeries", {"n": 2.0}),
        ("SquarewaveFourierSeries", {"n": 2, "T_period": 0.0}),
        ("SquarewaveFourierSeries", {"n": 2, "T_period": -1.0}),
        ("QPseudoSpike", {"alpha": 1.0}),
        ("PiecewiseQuadratic", {"alpha": 0.0}),
    )
    for name, kwargs in bad:
        yield Case(
            id=f"{short}/refusal/{name}/{label(kwargs)}",
            edition=edition,
            family="refusal",
            symbol=f"{_MODULE}.{name}",
            protocol="surrogate",
            kwargs=kwargs,
            inputs={"x": grid((), "float32")},
        )


def _heaviside(edition: str, short: str) -> Iterator[Case]:
    for dtype in ("float32", "float64", "float16", "bfloat16", "int64", "bool"):
        floating = "float" in dtype
        x = grid((), dtype) if floating else {"kind": "steps", "low": -1, "high": 1, "step": 1, "shape": [9]}
        yield Case(
            id=f"{short}/heaviside/heaviside/{dtype}",
            edition=edition,
            family="heaviside",
            symbol=f"{_MODULE}.heaviside",
            protocol="call",
            inputs={"x": {**x, "dtype": dtype}},
        )


def cases() -> Iterator[Case]:
    """Yield every SpikingJelly surrogate case."""
    for edition, short in _EDITIONS:
        for name, row in _TABLE.items():
            if row.get("only", short) != short:
                continue
            subject = _subject(edition, short, name, row)
            yield from subject.all()
            if subject.order == ("alpha",):
                yield from _alpha_kinds(subject)
        yield from _refusals(edition, short)
        yield from _heaviside(edition, short)
