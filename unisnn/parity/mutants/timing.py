"""Wrong tempotrons and tuning curves: another rule at the threshold, another peak, another rounding."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []


def _peak_time(v: Any, threshold: Any) -> Any:
    sign = (v.max(2).values > threshold).to(v) * 2 - 1
    return v.argmax(2) * sign


def _peak_factor(tau: Any, tau_s: Any, height: Any) -> Any:
    return height


def _gaussian_code(x: Any, centres: Any, squared_widths: Any, latest: Any) -> Any:
    distance = x.unsqueeze(-1) - centres.unsqueeze(1)
    fit = torch.exp(-torch.pow(distance, 2) / 2 / squared_widths.unsqueeze(1))  # type: ignore[name-defined]  # noqa: F821
    times = torch.round((1 - fit) * latest)  # type: ignore[name-defined]  # noqa: F821
    return times.masked_fill(times > latest, -1)


def _register(name: str, wrong: Any, symbol: str, text: str, case: str = "*") -> None:
    @patch(f"timing-{name}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        from unisnn.core import timing

        with swapped_code(getattr(timing, name), wrong):
            yield

    add(Mutant(f"timing-{name}", "timing", "spikingjelly==0*", text, symbol, case, f"timing-{name}"))


_register("peak_time", _peak_time, "*.Tempotron", "no gradient of a soft argmax", "*/spikes/*")
_register("peak_factor", _peak_factor, "*.Tempotron", "the kernel is not scaled to its peak")
_register("gaussian_code", _gaussian_code, "*.GaussianTuning", "a spike in the last moment of the window")
