"""The equations of a neuron with an adaptation current, without autograd.

Equation::

    h  = v + (x + a0*(v - v_rest)*(v - v_c) - c)/tau            charge_izhikevich
    c' = c + (1/tau_w)*(a*(h - rest) - c) + b*s                 the adaptation, by (rest, tau_w, a, b)

``c`` is the current before the step, ``c'`` that after it. Both halves round exactly where the equations of
:mod:`unisnn.core.neuron_nonlinear` and their autograd do; the terms of a gradient are added in the order in
which autograd meets them::

    dL/ds = given + b*g + ...           g = dL/dc'; then the terms of the reset
    dL/dh = ... + a*k                   k = (1/tau_w)*g; after the terms of reset and spike
    dL/dc = g - k - dL/dx
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from unisnn.core.engines import _charge_nonlinear as _nonlinear
from unisnn.core.engines import _charge_parts as _parts

__all__ = ["CHARGES", "Adaptation", "Charge"]


class Charge:
    """The two halves of :func:`unisnn.core.neuron_nonlinear.charge_izhikevich`."""

    def __init__(self, constants: tuple[float, ...], like: Tensor) -> None:
        tau, self._v_c, self._a0, self._v_rest = constants
        self._divided = _parts.divided(tau, like)
        self._leak = _nonlinear.CHARGES["charge_qif"](constants, None, like, False).backward

    def forward(self, v: Tensor, x: Tensor, c: Tensor, h: Tensor, a: Tensor) -> None:
        """Put the charged membrane potential into ``h``; ``a`` is scratch."""
        torch.sub(v, self._v_rest, out=a)
        torch.sub(v, self._v_c, out=h)
        a.mul_(self._a0).mul_(h)
        torch.add(x, a, out=a).sub_(c)
        self._divided(v, a, h)

    def backward(
        self, gh: Tensor, gx: Tensor, gc: Tensor, adds: bool, base: Tensor | None, v: Tensor, a: Tensor
    ) -> None:
        """Put the gradient of ``x`` into ``gx``, that of ``v`` into ``gh`` and that of ``c`` into ``gc``.

        ``gc`` is added to where ``adds``; ``base`` is the gradient that ``v`` has before.
        """
        self._leak(gh, gx, base, None, v, a, None)
        if adds:
            gc.sub_(gx)
        else:
            torch.neg(gx, out=gc)


class Adaptation:
    """The two halves of :func:`unisnn.core.neuron_nonlinear.adapt_to_charge`, and of the jump ``b*s``."""

    def __init__(self, constants: tuple[float, ...], like: Tensor) -> None:
        self._rest, tau_w, self._a, self._b = constants
        self._rate = 1.0 / tau_w
        wide = like.dtype in (torch.float32, torch.float64)
        self._at_once = wide and math.isfinite(self._b)

    def forward(self, c: Tensor, h: Tensor, s: Tensor, after: Tensor, a: Tensor) -> None:
        """Put the current after the step into ``after``, which may be ``c``; ``a`` is scratch."""
        torch.sub(h, self._rest, out=a)
        a.mul_(self._a).sub_(c).mul_(self._rate)
        torch.add(c, a, out=after)
        if self._at_once:
            after.add_(s, alpha=self._b)  # b*s is exact: s is 0 or 1
        else:
            after.add_(torch.mul(s, self._b, out=a))

    def jumped(self, gc: Tensor, gs: Tensor | None, out: Tensor) -> Tensor:
        """Return the gradient of the spike with the term of the jump, in ``out``."""
        torch.mul(gc, self._b, out=out)
        return out if gs is None else torch.add(gs, out, out=out)

    def backward(self, gc: Tensor, gh: Tensor, alone: bool, a: Tensor) -> None:
        """Add to ``gh``, unless the term is ``alone`` in it; leave in ``gc`` what the former current gets."""
        torch.mul(gc, self._rate, out=a)
        gc.sub_(a)
        if alone:
            torch.mul(a, self._a, out=gh)
        else:
            gh.add_(a.mul_(self._a))


CHARGES: dict[str, Callable[[tuple[float, ...], Tensor], Charge]] = {"charge_izhikevich": Charge}
"""The charge equations that read an adaptation current: ``CHARGES[name](constants, like)``."""
