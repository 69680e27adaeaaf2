"""Wrong quantisers: a range without its ends, one level too many."""

from __future__ import annotations

from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []

_EDITION = "spikingjelly==0.0.0.0.14"
_QUANTIZE = "activation_based.quantize"


def _open_range(grad_output: Any, x: Any, min_value: Any, max_value: Any) -> Any:
    return grad_output * ((x > min_value) & (x < max_value)).to(x)


def _levels(x: Any, k: Any) -> Any:
    return (x * 2**k).round() / 2**k


@patch("operations/open-range")
def _open() -> Any:
    from unisnn.spikingjelly.activation_based import quantize

    return swapped_code(quantize.clamp_backward, _open_range)


@patch("operations/levels")
def _more_levels() -> Any:
    from unisnn.spikingjelly.activation_based import quantize

    return swapped_code(quantize.k_bit_quantize_forward, _levels)


add(
    Mutant(
        "operations/open-range",
        "operations",
        _EDITION,
        "min < x < max for min <= x <= max",
        f"{_QUANTIZE}.clamp",
        "*/wild/*",
        "operations/open-range",
    )
)
add(
    Mutant(
        "operations/levels",
        "operations",
        _EDITION,
        "2^k levels for 2^k - 1",
        f"{_QUANTIZE}.k_bit_quantize",
        patch="operations/levels",
    )
)
