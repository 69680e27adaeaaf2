"""Comparison of one case's outputs, bit by bit, and the verdict.

Verdicts::

    exact        every output is bitwise equal (dtype, shape, sign of zero; any NaN equals any NaN),
                 every fact is equal, and where upstream raises unisnn raises a compatible exception
    close        forward values are bitwise equal; gradients differ within the rule below, or an
                 edition's stated bound covers the difference
    deviates     the differences that remain are deliberate: each matches an entry of the deviations
    unexplained  anything else

The gradient rule (``eps`` of the dtype in which the gradient is kept)::

    |a - b| <= 2*eps*scale

with ``scale`` = the largest term (for elementwise gradients: the larger of |a|, |b|, unless the protocol
states the largest term) or, for gradients of shared parameters, the sum of the absolute terms that the
protocol measured. Nothing else is ever allowed to differ here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from unisnn.parity.outputs import Failure, Outputs

__all__ = [
    "Difference",
    "Verdict",
    "compare_tensors",
    "compatible_failures",
    "differences",
    "ulp_distance",
    "within_rule",
]

_INTEGER = {
    torch.float16: torch.int16,
    torch.bfloat16: torch.int16,
    torch.float32: torch.int32,
    torch.float64: torch.int64,
}


class Verdict:
    """The four verdicts, from best to worst."""

    EXACT = "exact"
    CLOSE = "close"
    DEVIATES = "deviates"
    UNEXPLAINED = "unexplained"
    ALL = (EXACT, CLOSE, DEVIATES, UNEXPLAINED)


@dataclass
class Difference:
    """One output that is not equal on both sides.

    ``kind`` is ``value``, ``dtype``, ``shape``, ``fact``, ``missing``, ``raises`` (upstream raises,
    unisnn does not), ``refuses`` (unisnn raises, upstream does not) or ``exception`` (both raise,
    incompatible types). ``first`` names the first differing position with both values. ``explained`` is
    how the difference is accounted for: ``""``, ``"rule"``, ``"bound:ID"``, ``"deviation:ID"``, or
    several joined by ``+``.
    """

    output: str
    kind: str
    count: int = 1
    elements: int = 1
    max_abs: float = 0.0
    max_ulp: int = 0
    first: dict[str, Any] = field(default_factory=dict)
    explained: str = ""
    mask: Tensor | None = field(default=None, repr=False, compare=False)
    upstream: Any = field(default=None, repr=False, compare=False)
    unisnn: Any = field(default=None, repr=False, compare=False)
    scale: Tensor | None = field(default=None, repr=False, compare=False)

    @property
    def gradient(self) -> bool:
        """Whether the output is a gradient."""
        return self.output.startswith("grad")

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as JSON-ready data."""
        return {
            "output": self.output,
            "kind": self.kind,
            "count": self.count,
            "elements": self.elements,
            "max_abs": _json_float(self.max_abs),
            "max_ulp": self.max_ulp,
            "first": self.first,
            "explained": self.explained,
        }


def _json_float(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def _ordered(x: Tensor) -> Tensor:
    """Map floats to integers in the order of their values: neighbours, and -0.0 and 0.0, are one apart."""
    bits = x.contiguous().view(_INTEGER[x.dtype])
    wide = bits.to(torch.int64)
    if x.dtype == torch.float64:
        return torch.where(wide < 0, torch.bitwise_xor(wide, torch.tensor(0x7FFFFFFFFFFFFFFF)), wide)
    size = 8 * bits.element_size()
    return torch.where(wide < 0, -(wide + 2 ** (size - 1)) - 1, wide)


def ulp_distance(a: Tensor, b: Tensor) -> Tensor:
    """Return how many representable numbers lie between ``a`` and ``b``, elementwise (float64 of it).

    ``-0.0`` and ``0.0`` are one apart; where either is NaN the distance is 0 if both are and infinite
    otherwise.
    """
    if not a.dtype.is_floating_point:
        return (a.to(torch.float64) - b.to(torch.float64)).abs()
    i, j = _ordered(a), _ordered(b)
    apart = (i.to(torch.float64) - j.to(torch.float64)).abs()  # cannot overflow, rounds large integers
    distance = torch.where((i < 0) == (j < 0), (i - j).abs().to(torch.float64), apart)
    nan_a, nan_b = torch.isnan(a), torch.isnan(b)
    distance = torch.where(nan_a ^ nan_b, torch.full_like(distance, math.inf), distance)
    return torch.where(nan_a & nan_b, torch.zeros_like(distance), distance)


def _unequal(a: Tensor, b: Tensor) -> Tensor:
    if not a.dtype.is_floating_point:
        return a != b
    same_bits = a.contiguous().view(_INTEGER[a.dtype]) == b.contiguous().view(_INTEGER[b.dtype])
    return ~(same_bits | (torch.isnan(a) & torch.isnan(b)))


def compare_tensors(name: str, upstream: Tensor, unisnn: Tensor) -> Difference | None:
    """Return the difference between two tensors, ``None`` where they agree bit for bit."""
    if upstream.dtype != unisnn.dtype:
        first = {"upstream": str(upstream.dtype), "unisnn": str(unisnn.dtype)}
        return Difference(name, "dtype", first=first, upstream=upstream, unisnn=unisnn)
    if upstream.shape != unisnn.shape:
        shapes = {"upstream": list(upstream.shape), "unisnn": list(unisnn.shape)}
        return Difference(name, "shape", first=shapes, upstream=upstream, unisnn=unisnn)
    mask = _unequal(upstream, unisnn)
    if not bool(mask.any()):
        return None
    where = [int(i) for i in mask.nonzero()[0]]
    a, b = upstream[tuple(where)].item(), unisnn[tuple(where)].item()
    ulps = ulp_distance(upstream, unisnn)[mask]
    gap = (upstream.to(torch.float64) - unisnn.to(torch.float64)).abs()[mask]
    largest_ulp = float(ulps.max())
    return Difference(
        name,
        "value",
        count=int(mask.sum()),
        elements=mask.numel(),
        max_abs=math.inf if bool(torch.isnan(gap).any()) else float(gap.max()),
        max_ulp=2**63 if not math.isfinite(largest_ulp) else int(largest_ulp),
        first={"index": where, "upstream": repr(a), "unisnn": repr(b)},
        mask=mask,
        upstream=upstream,
        unisnn=unisnn,
    )


def compatible_failures(upstream: Failure, unisnn: Failure) -> bool:
    """Tell whether code that catches upstream's exception catches unisnn's as well."""
    return upstream.types[0] in unisnn.types


def within_rule(difference: Difference) -> Tensor:
    """Return, for each differing element, whether it is a gradient with ``|a - b| <= 2*eps*scale``."""
    if difference.mask is None:
        return torch.zeros((), dtype=torch.bool)
    a, b = difference.upstream[difference.mask], difference.unisnn[difference.mask]
    if not difference.gradient or not a.dtype.is_floating_point:
        return torch.zeros_like(a, dtype=torch.bool)
    eps = torch.finfo(a.dtype).eps
    a, b = a.to(torch.float64), b.to(torch.float64)
    size = torch.maximum(a.abs(), b.abs())
    if difference.scale is not None:
        wide = difference.scale.to(torch.float64)
        size = torch.maximum(size, wide.expand(difference.mask.shape)[difference.mask])
    return torch.isfinite(a) & torch.isfinite(b) & ((a - b).abs() <= 2 * eps * size)


def differences(upstream: Outputs, unisnn: Outputs, only: frozenset[str] | None = None) -> list[Difference]:
    """Return every difference between two sets of outputs; those within the gradient rule say so.

    ``only`` restricts the comparison to the named outputs (recorded goldens do not hold every output).
    """
    found: list[Difference] = []
    names = [*upstream.tensors, *upstream.facts, *upstream.failures]
    names += [name for side in (unisnn.tensors, unisnn.facts, unisnn.failures) for name in side]
    for name in dict.fromkeys(names):
        if name.startswith("scale/") or (only is not None and name not in only):
            continue
        difference = _one(name, upstream, unisnn)
        if difference is not None:
            difference.scale = upstream.tensors.get(f"scale/{name}")
            if difference.kind == "value" and bool(within_rule(difference).all()):
                difference.explained = "rule"
            found.append(difference)
    failed = [
        difference.output for difference in found if difference.kind in ("raises", "refuses", "exception")
    ]
    return [difference for difference in found if not _consequence(difference, failed)]


def _consequence(difference: Difference, failed: list[str]) -> bool:
    """Whether an output is missing only because the step that would have made it raised on one side."""
    if difference.kind != "missing":
        return False
    return "error" in failed or any(
        difference.output.startswith(f"{name}.") or difference.output.endswith(f"/{name}") for name in failed
    )


def _one(name: str, upstream: Outputs, unisnn: Outputs) -> Difference | None:
    theirs, ours = upstream.failures.get(name), unisnn.failures.get(name)
    if theirs is not None and ours is not None:
        if compatible_failures(theirs, ours):
            return None
        return Difference(name, "exception", first={"upstream": _say(theirs), "unisnn": _say(ours)})
    if theirs is not None:
        return Difference(name, "raises", first={"upstream": _say(theirs), "unisnn": "does not raise"})
    if ours is not None:
        return Difference(name, "refuses", first={"upstream": "does not raise", "unisnn": _say(ours)})
    if name in upstream.tensors and name in unisnn.tensors:
        return compare_tensors(name, upstream.tensors[name], unisnn.tensors[name])
    if name in upstream.facts and name in unisnn.facts:
        a, b = upstream.facts[name], unisnn.facts[name]
        return (
            None
            if a == b and type(a) is type(b)
            else Difference(name, "fact", first={"upstream": a, "unisnn": b})
        )
    return Difference(
        name, "missing", first={"upstream": _present(name, upstream), "unisnn": _present(name, unisnn)}
    )


def _say(failure: Failure) -> str:
    return f"{failure.types[0]}: {failure.message}"


def _present(name: str, side: Outputs) -> Any:
    if name in side.tensors:
        return f"tensor {list(side.tensors[name].shape)} {side.tensors[name].dtype}"
    return side.facts.get(name, "absent")
