"""Mutants of encoders: another comparison, another rounding, another order of digits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []


def _bernoulli(x: Any) -> Any:
    return torch.rand_like(x).ge(1 - x).to(x)  # type: ignore[name-defined]  # noqa: F821


def _latency(x: Any, steps: Any, alpha: Any = None) -> Any:
    time = (steps - 1.0) * (1.0 - x) if alpha is None else (steps - 1.0) - (alpha * x + 1.0).log()
    code = _nn_functional.one_hot(time.long(), num_classes=steps).to(x)  # type: ignore[name-defined]  # noqa: F821
    return code.permute(code.dim() - 1, *range(code.dim() - 1))


def _phase(x: Any, digits: Any) -> Any:
    return torch.stack(  # type: ignore[name-defined]  # noqa: F821
        [((x * 2**digits).long() >> place & 1).float() for place in range(digits)]
    )


def _register(name: str, wrong: Any, symbol: str, text: str) -> None:
    @patch(f"encoding-{name}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        from unisnn.core import encoding

        with swapped_code(getattr(encoding, name), wrong):
            yield

    symbol = f"activation_based.encoding.{symbol}"
    add(Mutant(f"encoding-{name}", "encoding", "spikingjelly==0*", text, symbol, patch=f"encoding-{name}"))


_register("bernoulli_spikes", _bernoulli, "PoissonEncoder", "the draws are turned round")
_register("latency_code", _latency, "LatencyEncoder", "the time is cut, not rounded")
_register("phase_code", _phase, "WeightedPhaseEncoder", "the least significant digit first")
