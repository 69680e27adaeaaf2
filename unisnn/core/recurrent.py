"""One time step of spiking recurrent cells as pure functions of the gates' sums.

The nonlinearity of every gate is a surrogate ``fire``, ``s = fire(z)``, 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["gru_step", "lstm_step"]

_Fire = Callable[[Tensor], Tensor]


def lstm_step(
    gates: Tensor,
    c: Tensor,
    fire: _Fire,
    fire_input: _Fire | None = None,
    *,
    limit: float | None = 1.0,
) -> tuple[Tensor, Tensor]:
    """Take one time step of a spiking long short-term memory.

    Equation (``gates`` is ``[i, f, g, o]``, the sums of the four gates)::

        c' = min(fire(f)*c + fire(i)*fire_input(g), limit)
        h' = fire(o)*c'

    The gradient passes the minimum as if it were not there.

    Args:
        gates: shape ``[N, 4*H]``.
        c: cell state, shape ``[N, H]``.
        fire: surrogate of the gates ``i``, ``f`` and ``o``.
        fire_input: surrogate of the input ``g``; ``None`` (default) for ``fire``, applied to all at once.
        limit: largest cell state (default 1.0); ``None`` for none.

    Returns:
        ``h'`` and ``c'``.

    Source: ``SpikingLSTMCell``, SpikingJelly; Lotfi Rezaabad and Vishwanath, "Long Short-Term Memory Spiking
        Networks and Their Applications", ICONS 2020.
    """
    if fire_input is None:
        i, f, g, o = torch.chunk(fire(gates), 4, dim=-1)
    else:
        i, f, g, o = torch.chunk(gates, 4, dim=-1)
        i, f, g, o = fire(i), fire(f), fire_input(g), fire(o)
    c = f * c + i * g
    if limit is not None:
        with torch.no_grad():
            c.clamp_max_(limit)
    return o * c, c


def gru_step(x_gates: Tensor, h_gates: Tensor, h: Tensor, fire: _Fire, fire_input: _Fire) -> Tensor:
    """Take one time step of a spiking gated recurrent unit.

    Equation (``x_gates`` and ``h_gates`` are ``[r, z, n]``)::

        r  = fire(r_x + r_h)
        z  = fire(z_x + z_h)
        n  = fire_input(n_x + r*n_h)
        h' = (1 - z)*n + z*h

    Args:
        x_gates: the input's share of the sums, shape ``[N, 3*H]``.
        h_gates: the hidden state's share of the sums, shape ``[N, 3*H]``.
        h: hidden state, shape ``[N, H]``.
        fire: surrogate of the gates ``r`` and ``z``.
        fire_input: surrogate of the input ``n``.

    Returns:
        ``h'``.

    Source: ``SpikingGRUCell``, SpikingJelly.
    """
    r_x, z_x, n_x = torch.chunk(x_gates, 3, dim=1)
    r_h, z_h, n_h = torch.chunk(h_gates, 3, dim=1)
    r, z = fire(r_x + r_h), fire(z_x + z_h)
    n = fire_input(n_x + r * n_h)
    return (1.0 - z) * n + z * h
