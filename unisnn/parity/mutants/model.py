"""Wrong networks: another joining function, another seed, a bottleneck joined the other way round."""

from __future__ import annotations

import contextlib
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []

_EDITION = "spikingjelly==0.0.0.0.14"


def _seeded(case: Case) -> Case:
    return case.with_(calls={**case.calls, "seed": 1})


def _without_detach(case: Case) -> Case | None:
    return (
        case.with_(kwargs={**case.kwargs, "detach_reset": False}) if "detach_reset" in case.kwargs else None
    )


def _joined(self: Any, identity: Any, spikes: Any) -> Any:
    return sew_function(identity, spikes, self.cnf)  # type: ignore[name-defined]  # noqa: F821


@patch("model/joined")
def _swapped() -> contextlib.AbstractContextManager[None]:
    from unisnn.spikingjelly.activation_based.model import _sew_blocks

    return swapped_code(_sew_blocks.Bottleneck._joined, _joined)


add(
    Mutant(
        "model/seed",
        "model",
        _EDITION,
        "weights from another seed",
        case="*/MNISTNet/*|*/SEWResNet/*/s/*",
        change=_seeded,
        limit=2,
    )
)
add(
    Mutant(
        "model/detach",
        "model",
        _EDITION,
        "neurons that keep the reset in the graph",
        case="*/CIFAR10Net/*/m/train/*",
        change=_without_detach,
        limit=2,
    )
)
add(
    Mutant(
        "model/joined",
        "model",
        _EDITION,
        "the arguments of sew_function the other way round",
        case="*/Bottleneck/IAND/*",
        patch="model/joined",
        limit=2,
    )
)
