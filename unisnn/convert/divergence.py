"""Where two traces part: the first spike that differs, and how far each voltage was from its threshold."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from unisnn.convert import measure, simulate
from unisnn.convert.report import Divergence
from unisnn.convert.trace import Trace

__all__ = ["first_divergence", "first_on_probe", "within"]


def first_divergence(a: Trace, b: Trace, count: int) -> Divergence | None:
    """Return the earliest spike that differs in the first ``count`` neurons: by time step, then by layer."""
    found = [
        (step, index) for index in range(count) if (step := _first_step(a, b, f"neuron/{index}")) is not None
    ]
    if not found:
        return None
    step, index = min(found)
    return _at(a, b, index, f"neuron/{index}", step)


def first_on_probe(a: Trace, b: Trace, index: int) -> Divergence | None:
    """Return the first spike that differs where neuron ``index`` runs alone on its probe."""
    head = f"neuron/{index}/probe"
    step = _first_step(a, b, head)
    return None if step is None else _at(a, b, index, head, step)


def within(found: Divergence, tolerance: float) -> bool:
    """Say whether a voltage was no further from its threshold than ``tolerance`` allows."""
    margins = [abs(margin) for margin in found.margin if margin is not None]
    return bool(margins) and min(margins) <= tolerance * max(1.0, *(abs(value) for value in found.drive))


def _first_step(a: Trace, b: Trace, head: str) -> int | None:
    x, y = a.get(f"{head}/spikes"), b.get(f"{head}/spikes")
    if x is None or y is None or x.shape != y.shape:
        return None
    steps = (~measure.equal(x, y)).flatten(1).any(1).nonzero()
    return int(steps[0]) if len(steps) else None


def _at(a: Trace, b: Trace, index: int, head: str, step: int) -> Divergence:
    x, y = (side.tensors[f"{head}/spikes"][step] for side in (a, b))
    place: Any = tuple(int(i) for i in (~measure.equal(x, y)).nonzero()[0])
    sides = [_side(side, side.tensors[f"{head}/drive"], index, step, place) for side in (a, b)]
    return Divergence(
        layer=f"{a.neurons[index]['path'] or '(model)'} ({a.neurons[index]['class']})",
        step=step,
        index=place,
        spikes=(float(x[place]), float(y[place])),
        drive=(sides[0][0], sides[1][0]),
        margin=(sides[0][1], sides[1][1]),
    )


def _side(side: Trace, drive: Tensor, index: int, step: int, place: Any) -> tuple[float, float | None]:
    """Return the drive of one neuron in one step, and how far its voltage was from the threshold."""
    until: Any = (slice(0, step + 1), *place)
    here = drive[until]
    spec = side.spec(index)
    if spec.surrogate.fire not in (">=", ">"):
        return float(here[-1]), None
    voltage, _, _ = simulate.simulate(spec, here.float())
    return float(here[-1]), float(voltage[-1] - simulate.threshold_of(spec))
