"""Mutants of recurrent cells and networks: gates mixed up, directions not turned, no minimum."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []


def _lstm(gates: Any, c: Any, fire: Any, fire_input: Any = None, *, limit: Any = None) -> Any:
    i, f, g, o = gates.chunk(4, dim=-1)
    c = fire(f) * c + fire(i) * (fire if fire_input is None else fire_input)(g)
    return fire(o) * c, c


def _gru(x_gates: Any, h_gates: Any, h: Any, fire: Any, fire_input: Any) -> Any:
    r, z, n = (x_gates + h_gates).chunk(3, dim=1)
    return (1.0 - fire(z)) * (fire(r) * fire_input(n)) + fire(z) * h


def _vanilla(self: Any, x: Any, h: Any = None) -> Any:
    z = self.linear_ih(x)
    return self.surrogate_function(z if h is None else z + self.linear_hh(h))


def _both(cell: Any, cell_reverse: Any, x: Any, states: Any, states_reverse: Any) -> Any:
    steps = x.unbind(0)
    forth, states = _run(cell, steps, states)  # type: ignore[name-defined]  # noqa: F821
    back, states_reverse = _run(cell_reverse, steps, states_reverse)  # type: ignore[name-defined]  # noqa: F821
    y = torch.cat((torch.stack(forth), torch.stack(back)), dim=-1)  # type: ignore[name-defined]  # noqa: F821
    return y, states, states_reverse


_TABLE: tuple[tuple[str, str, str, Any, str, str], ...] = (
    ("lstm", "core.recurrent", "lstm_step", _lstm, "SpikingLSTMCell", "no minimum"),
    ("gru", "core.recurrent", "gru_step", _gru, "SpikingGRUCell", "the reset gate meets the whole sum"),
    ("vanilla", "", "SpikingVanillaRNNCell.forward", _vanilla, "SpikingVanillaRNNCell", "no bias at first"),
    (
        "both",
        "",
        "bidirectional_rnn_cell_forward",
        _both,
        "bidirectional_rnn_cell_forward",
        "both directions run forth",
    ),
)


def _register(name: str, module: str, path: str, wrong: Any, symbol: str, text: str) -> None:
    home = f"unisnn.{module}" if module else "unisnn.spikingjelly.activation_based.rnn"

    @patch(f"rnn-{name}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        import importlib

        found: Any = importlib.import_module(home)
        for part in path.split("."):
            found = getattr(found, part)
        with swapped_code(found, wrong):
            yield

    symbol = f"activation_based.rnn.{symbol}"
    add(Mutant(f"rnn-{name}", "rnn", "spikingjelly==0*", text, symbol, patch=f"rnn-{name}"))


for _row in _TABLE:
    _register(*_row)
