"""The building kit of the surrogate cases: a subject in, its cases out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from unisnn.parity.case import Case, case_seed

__all__ = ["DTYPES", "LAYOUTS", "Subject", "grid", "label", "random_input"]

DTYPES: tuple[str, ...] = ("float32", "float64", "float16", "bfloat16")
"""The floating-point dtypes in which every surrogate is compared."""

LAYOUTS: dict[str, dict[str, Any]] = {
    "scalar": {"kind": "values", "values": [0.3], "shape": []},
    "scalar-zero": {"kind": "values", "values": [0.0], "shape": []},
    "scalar-negative": {"kind": "values", "values": [-2.0], "shape": []},
    "empty": {"kind": "full", "shape": [0]},
    "empty-middle": {"kind": "full", "shape": [2, 0, 3]},
    "strided": {"kind": "normal", "seed": 5, "shape": [3, 7], "layout": "strided"},
    "transposed": {"kind": "normal", "seed": 6, "shape": [4, 5], "layout": "transposed"},
    "channels_last": {"kind": "normal", "seed": 7, "shape": [2, 3, 4, 5], "layout": "channels_last"},
    "expanded": {"kind": "normal", "seed": 8, "shape": [2, 5], "layout": "expanded"},
}
"""Input shapes and memory orders, 0-dim and empty ones included."""


def label(kwargs: Mapping[str, Any]) -> str:
    """Return constructor arguments as they stand in an id: ``alpha=0.7,c=0.1`` or ``default``."""
    return ",".join(f"{key}={_word(value)}" for key, value in kwargs.items()) or "default"


def _word(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    ((key, inner),) = list(value.items())[:1]
    if key in ("$tensor", "$parameter"):
        made = inner.get("values", [inner.get("value")])
        return f"{key[1:]}{inner.get('shape', '')}({made[0]})".replace(" ", "")
    return f"{key[1:]}({inner[-1] if isinstance(inner, list) else inner})"


def grid(edges: Sequence[float], dtype: str) -> dict[str, Any]:
    """Return the recipe of the boundary grid."""
    return {"kind": "grid", "edges": list(edges), "dtype": dtype}


def random_input(seed: str, dtype: str, shape: Sequence[int] = (5, 37)) -> dict[str, Any]:
    """Return the recipe of a random input with an odd number of elements, scaled to cover the window."""
    return {"kind": "normal", "seed": case_seed(seed), "shape": list(shape), "std": 1.5, "dtype": dtype}


def _no_edges(kwargs: Mapping[str, Any]) -> tuple[float, ...]:
    return ()


@dataclass(frozen=True)
class Subject:
    """One surrogate class of one edition, with the names under which its parts can be reached.

    ``variants`` are constructor arguments (the first one is the default); ``order`` is the positional
    order of the parameters in the functional forms, ``defaults`` their default values;
    ``edges`` the places where the gradient's formula changes; ``backward``, ``function`` the functional
    forms, ``static`` the static methods of the class that are compared; ``facts`` is ``"no repr"``
    where upstream's repr says nothing.
    """

    edition: str
    short: str
    name: str
    symbol: str
    variants: tuple[dict[str, Any], ...]
    order: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    edges: Callable[[Mapping[str, Any]], tuple[float, ...]] = _no_edges
    backward: str | None = None
    function: str | None = None
    static: tuple[str, ...] = ()
    primitive: bool = True
    facts: bool | str = True

    def _case(self, family: str, what: str, protocol: str = "surrogate", **fields: Any) -> Case:
        fields.setdefault("symbol", self.symbol)
        if fields["symbol"] != self.symbol:
            fields.setdefault("evidence", (self.symbol,))
        return Case(
            id=f"{self.short}/{family}/{self.name}/{what}",
            edition=self.edition,
            family=family,
            protocol=protocol,
            **fields,
        )

    def positional(self, kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the parameters of the functional form in their order."""
        merged = {**self.defaults, **kwargs}
        return tuple(merged[name] for name in self.order)

    def edges_of(self, kwargs: Mapping[str, Any]) -> tuple[float, ...]:
        """Return the edges for a variant."""
        return self.edges({**self.defaults, **kwargs})

    def grids(self) -> Iterator[Case]:
        """Forward and gradients on the boundary grid: every variant in every dtype."""
        for index, kwargs in enumerate(self.variants):
            for dtype in DTYPES:
                x = grid(self.edges_of(kwargs), dtype)
                calls = {"facts": self.facts} if index == 0 and dtype == "float32" else {}
                yield self._case(
                    "surrogate", f"{label(kwargs)}/grid/{dtype}", kwargs=kwargs, inputs={"x": x}, calls=calls
                )

    def randoms(self) -> Iterator[Case]:
        """Forward and gradients on random input: every variant in every dtype."""
        for kwargs in self.variants:
            for dtype in DTYPES:
                what = f"{label(kwargs)}/random/{dtype}"
                yield self._case(
                    "surrogate", what, kwargs=kwargs, inputs={"x": random_input(f"{self.name}/{what}", dtype)}
                )

    def primitives(self) -> Iterator[Case]:
        """The primitive and its autograd gradient (``spiking=False``), and the switch after construction."""
        if not self.primitive:
            return
        for kwargs in self.variants:
            for dtype in DTYPES:
                yield self._case(
                    "primitive",
                    f"{label(kwargs)}/grid/{dtype}",
                    kwargs={**kwargs, "spiking": False},
                    inputs={"x": grid(self.edges_of(kwargs), dtype)},
                )
        for spiking in (False, True):
            yield self._case(
                "primitive",
                f"set_spiking_mode({spiking})/random/float32",
                kwargs={**self.variants[-1], "spiking": not spiking},
                inputs={"x": random_input(f"{self.name}/switch", "float32")},
                calls={"set_spiking": spiking, "facts": self.facts},
            )

    def functionals(self) -> Iterator[Case]:
        """``X_backward(g, x, ...)`` and the class's static methods, with positional arguments."""
        for kwargs in self.variants:
            for dtype in DTYPES:
                args, x = self.positional(kwargs), {"x": grid(self.edges_of(kwargs), dtype)}
                what = f"{label(kwargs)}/{dtype}"
                if self.backward is not None:
                    yield self._case(
                        "functional", what, "backward_function", symbol=self.backward, args=args, inputs=x
                    )
                for method in self.static:
                    protocol = "backward_function" if method == "backward" else "call"
                    path = f"{self.symbol}.{method}"
                    yield self._case("static", f"{method}/{what}", protocol, symbol=path, args=args, inputs=x)

    def functions(self) -> Iterator[Case]:
        """The autograd function's ``apply(x, ...)``."""
        if self.function is None:
            return
        for kwargs in self.variants:
            for dtype in DTYPES:
                yield self._case(
                    "function",
                    f"{label(kwargs)}/{dtype}",
                    "autograd_function",
                    symbol=self.function,
                    args=self.positional(kwargs),
                    inputs={"x": grid(self.edges_of(kwargs), dtype)},
                )

    def layouts(self, dtypes: Sequence[str] = ("float32",)) -> Iterator[Case]:
        """0-dim, empty, strided, transposed, channels-last and expanded inputs."""
        for name, recipe in LAYOUTS.items():
            for dtype in dtypes:
                yield self._case(
                    "layout",
                    f"{name}/{dtype}",
                    kwargs=self.variants[0],
                    inputs={"x": {**recipe, "dtype": dtype}},
                    calls={"facts": self.facts},
                )

    def doubles(self) -> Iterator[Case]:
        """Second derivatives of the surrogate gradient."""
        for kwargs in self.variants:
            for dtype in ("float32", "float64"):
                yield self._case(
                    "double_backward",
                    f"{label(kwargs)}/{dtype}",
                    "double_backward",
                    kwargs=kwargs,
                    inputs={"x": random_input(f"{self.name}/double", dtype, (3, 7))},
                )

    def forwards(self) -> Iterator[Case]:
        """Forward without a graph, and integer and boolean inputs."""
        yield self._case(
            "inference",
            "float32",
            "forward",
            kwargs=self.variants[0],
            inputs={"x": random_input(f"{self.name}/inference", "float32")},
        )
        for dtype in ("int64", "int32", "uint8", "bool"):
            low = 0 if dtype in ("uint8", "bool") else -3
            x = {
                "kind": "steps",
                "seed": 4,
                "shape": [4, 3],
                "low": low,
                "high": 1,
                "step": 1,
                "dtype": dtype,
            }
            yield self._case("integer", dtype, "forward", kwargs=self.variants[0], inputs={"x": x})

    def curve(self) -> Iterator[Case]:
        """The curve that the report draws."""
        yield self._case(
            "surrogate",
            "curve/float32",
            kwargs=self.variants[0],
            inputs={"x": {"kind": "line", "low": -2.5, "high": 2.5, "count": 201, "dtype": "float32"}},
            calls={"plot": f"{self.name}({_call(self.variants[0])})"},
        )

    def all(self) -> Iterator[Case]:
        """Every case of the subject, except for kinds of alpha."""
        for part in (
            self.grids,
            self.randoms,
            self.primitives,
            self.functionals,
            self.functions,
            self.layouts,
            self.doubles,
            self.forwards,
            self.curve,
        ):
            yield from part()


def _call(kwargs: Mapping[str, Any]) -> str:
    return "" if not kwargs else label(kwargs).replace(",", ", ")
