"""Wrong text: a maximum for a minimum, and blocks that stay where they are."""

from __future__ import annotations

from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []

_EDITION = "spikingjelly==0.0.0.0.14"
_PACKAGE = "unisnn.spikingjelly.activation_based.auto_cuda"


def _other(z: Any, x: str, y: str, dtype: str) -> str:
    return text("minimal", z, dtype, f"max({x}, {y})", f"__hmax2({x}, {y})")  # type: ignore[name-defined]  # noqa: F821


@patch("cuda_text/minimum")
def _minimum() -> Any:
    from unisnn.spikingjelly.activation_based.auto_cuda import cfunction

    return swapped_code(cfunction.minimal, _other)


@patch("cuda_text/indent")
def _indent() -> Any:
    def make(before: Any) -> Any:
        def enter(self: Any) -> None:
            self.env.append("{")

        return enter

    return replaced(f"{_PACKAGE}.base", "CodeBlock.__enter__", make)


for _name, _text, _case in (
    ("minimum", "the maximum for the minimum", "*/minimal/*"),
    ("indent", "a block is not further in", "*/CodeTyper/*"),
):
    _id = f"cuda_text/{_name}"
    add(Mutant(_id, "cuda_text", _EDITION, _text, case=_case, patch=_id))
