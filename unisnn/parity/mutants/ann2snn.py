"""Wrong conversions: a hard reset, a momentum on the wrong side, a maximum for a percentile, no fusing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.mutants import Mutant, add, patch
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []

_EDITION = "spikingjelly==0.0.0.0.14"
_PACKAGE = "unisnn.spikingjelly.activation_based"
_NETS = "*/cnn/default/*|*/mlp/default/*|*/residual/default/*"


@patch("ann2snn/hard-reset")
def _hard_reset() -> Any:
    def make(before: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            before(self, *args, **{**kwargs, "v_reset": 0.0})

        return init

    return replaced(f"{_PACKAGE}.neuron", "IFNode.__init__", make)


@patch("ann2snn/momentum")
def _momentum() -> Any:
    def make(before: Any) -> Any:
        def init(self: Any, scale: Any = 1.0, momentum: float = 0.1, mode: Any = "Max") -> None:
            before(self, scale, 1 - momentum, mode)

        return init

    return replaced(f"{_PACKAGE}.ann2snn.modules", "VoltageHook.__init__", make)


@patch("ann2snn/nearest-percentile")
def _nearest_percentile() -> Any:
    import torch

    def make(before: Any) -> Any:
        def percentile(x: Any, mode: str) -> Any:
            return torch.quantile(x.detach().double(), float(mode[:-1]) / 100, interpolation="nearest").to(
                x.dtype
            )

        return percentile

    return replaced(f"{_PACKAGE}.ann2snn.modules", "_percentile", make)


@patch("ann2snn/fuse-shared")
def _fuse_everything() -> Any:
    def make(before: Any) -> Any:
        return lambda fx_model, fuse_flag=True: fx_model

    return replaced(f"{_PACKAGE}.ann2snn.converter", "Converter.fuse", make)


def _with(**kwargs: Any) -> Callable[[Case], Case]:
    return lambda case: case.with_(kwargs={**case.kwargs, **kwargs})


for _name, _text in (
    ("hard-reset", "the neurons reset to zero"),
    ("momentum", "the momentum weighs the old scale"),
    ("fuse-shared", "batch norms stay unfused"),
):
    add(Mutant(f"ann2snn/{_name}", "ann2snn", _EDITION, _text, case=_NETS, patch=f"ann2snn/{_name}"))
add(
    Mutant(
        "ann2snn/nearest-percentile",
        "ann2snn",
        _EDITION,
        "the percentile is an element, not interpolated",
        case="*/mode=99.9%/*|*/mode=80%/*|*VoltageHook/'80%'/*",
        patch="ann2snn/nearest-percentile",
    )
)
add(
    Mutant(
        "ann2snn/mode",
        "ann2snn",
        _EDITION,
        "99% where the maximum belongs",
        case=_NETS,
        change=_with(mode="99%"),
    )
)
