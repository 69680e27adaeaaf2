"""Wrong networks of ``clock_driven``: another seed, joined the other way round, time folded too far."""

from __future__ import annotations

import contextlib
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []

_EDITION = "spikingjelly==0.0.0.0.1[24]"


def _joined(self: Any, identity: Any, spikes: Any) -> Any:
    return sew_function(spikes, identity, self.cnf)  # type: ignore[name-defined]  # noqa: F821


def _interleaved(x: Any, steps: int) -> Any:
    return x.repeat_interleave(steps, 0).unflatten(0, (steps, -1))


@patch("clock_model/joined")
def _wrong_join() -> contextlib.AbstractContextManager[None]:
    from unisnn.spikingjelly.clock_driven.model import _sew_blocks

    return swapped_code(_sew_blocks.MultiStepBottleneck._joined, _joined)


@patch("clock_model/repeated")
def _wrong_time() -> contextlib.AbstractContextManager[None]:
    from unisnn.spikingjelly.clock_driven.model import _steps

    return swapped_code(_steps.repeated, _interleaved)


def _model(name: str, text: str, **more: Any) -> None:
    add(Mutant(f"clock_model/{name}", "clock_model", _EDITION, text, limit=3, **more))


def _seeded(case: Case) -> Case:
    return case.with_(calls={**case.calls, "seed": 1})


def _longer(case: Case) -> Case | None:
    return case.with_(calls={**case.calls, "steps": 4}) if "steps" in case.calls else None


_model(
    "seed", "weights from another seed", case="*/MNISTNet/tree/*|*/SEWResNet/BasicBlock/one/*", change=_seeded
)
_model(
    "joined",
    "the arguments of sew_function as in the block of one step",
    case="*/MultiStepBottleneck/IAND/*",
    patch="clock_model/joined",
)
_model(
    "repeated",
    "time and batch of a repeated image exchanged",
    case="*/MultiStepMNISTNet/train/*|*/MultiStepSEWResNet/Bottleneck/image/*",
    patch="clock_model/repeated",
)
_model("steps", "an image that is shown once more", case="*/MultiStepCIFAR10Net/train/*", change=_longer)
