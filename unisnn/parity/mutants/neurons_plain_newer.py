"""Mutants of ternary, half-threshold, resonating and simple neurons."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []

_FAMILY, _EDITION = "neuron_plain_newer", "spikingjelly==2.0.0"
_NODES = "unisnn.spikingjelly.activation_based.neuron"


def _rotate(u: Any, v: Any, x: Any, decay: Any, cosine: Any, sine: Any) -> Any:
    u = (u * cosine - v * sine) * decay + x
    return u, (u * sine + v * cosine) * decay


@patch("newer-rotate")
@contextlib.contextmanager
def _rotation() -> Iterator[None]:
    from unisnn.core import neuron_second_state

    with swapped_code(neuron_second_state.rotate, _rotate):
        yield


def _positive_only(self: Any, x: Any) -> Any:
    self.v_float_to_tensor(x)
    self.neuronal_charge(x)
    spike = self.surrogate_function(self.v - self.v_threshold)
    self.neuronal_reset(spike)
    return spike


def _starts_at_rest(self: Any) -> None:
    for name, value in self._memories_rv.items():
        self._memories[name] = 0.0 * value


def _kept_graph(self: Any, spike: Any) -> None:
    self.v = self.v - spike * self.v_threshold


_METHODS: dict[str, tuple[Any, str, str]] = {
    "TernaryIFNode.single_step_forward": (_positive_only, "*", "no negative spikes"),
    "HalfThresholdIFNode.reset": (_starts_at_rest, "*/reset/*", "a reset goes to 0"),
    "SimpleBaseNode.neuronal_reset": (_kept_graph, "*", "every reset is soft"),
}


def _register(path: str, wrong: Any, case: str, text: str) -> None:
    owner = path.partition(".")[0]

    @patch(f"newer-{owner}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        with replaced(_NODES, path, lambda original: wrong):
            yield

    symbol = f"activation_based.neuron.{owner}"
    if owner == "SimpleBaseNode":
        symbol = "activation_based.neuron.Simple*"
    add(Mutant(f"newer-{owner}", _FAMILY, _EDITION, text, symbol, case, patch=f"newer-{owner}"))


for _path, _parts in _METHODS.items():
    _register(_path, *_parts)

add(
    Mutant(
        "newer-rotate",
        _FAMILY,
        _EDITION,
        "the new u is rotated into v",
        "activation_based.neuron.RAFNode",
        "*",
        patch="newer-rotate",
    )
)
