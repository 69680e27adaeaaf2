"""Encoders with memory: a code is made once, then every call gives one step of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from unisnn.core import check as _check
from unisnn.core import encoding as _codes
from unisnn.core import memory as _memory

__all__ = ["CodePlayer", "LatencyCode", "PhaseCode"]


class CodePlayer(_memory.MemoryModule):
    """Give one step of a code a call, from the start again after the last.

    Equation::

        y = spike[t],  t = (t + 1) mod T

    Both are memories: ``spike``, the code (``None`` until the first call), and ``t``, the next step.

    Source: ``StatefulEncoder``, SpikingJelly.
    """

    spike: Any
    t: Any

    def _make(self, T: int) -> None:
        _check.require(isinstance(T, int) and T >= 1, self._get_name(), "T", T, "an int from 1 on")
        self.T = T
        self.register_memory("spike", None)
        self.register_memory("t", 0)

    def _play(self, x: Tensor | None, encode: Callable[[Tensor], None]) -> Tensor:
        """Give one step of the code; in the first call ``encode`` makes it of ``x``."""
        if self.spike is None:
            encode(self._first(x))
        step = self.t
        self.t = 0 if step + 1 >= self.T else step + 1
        return self.spike[step]

    def _first(self, x: Tensor | None) -> Tensor:
        if x is None:
            raise TypeError(
                f"{self._get_name()}: x=None is not accepted in the first call; expected a tensor"
            )
        return x

    def extra_repr(self) -> str:
        """Return ``T``."""
        return f"T={self.T}"


class LatencyCode(CodePlayer):
    """One spike a value, the earlier the larger the value is: :func:`unisnn.core.encoding.latency_code`.

    Source: ``LatencyEncoder``, SpikingJelly.
    """

    def _choose(self, enc_function: str) -> None:
        if enc_function == "log":
            self.alpha = math.exp(self.T - 1.0) - 1.0
        elif enc_function != "linear":
            raise NotImplementedError(
                f"{self._get_name()}: enc_function={enc_function!r} is not accepted; "
                "expected 'linear' or 'log'"
            )
        self.enc_function = enc_function

    def _set_code(self, x: Tensor) -> None:
        self.spike = _codes.latency_code(x, self.T, self.alpha if self.enc_function == "log" else None)


class PhaseCode(CodePlayer):
    """The binary digits of a value: :func:`unisnn.core.encoding.phase_code`.

    Source: ``WeightedPhaseEncoder``, SpikingJelly.
    """

    def _set_code(self, x: Tensor) -> None:
        largest = 1 - 2 ** (-self.T)
        inside = bool((x >= 0).all() & (x <= largest).all())
        _check.require(inside, self._get_name(), "x", x, f"values from 0 to {largest}")
        self.spike = _codes.phase_code(x, self.T)
