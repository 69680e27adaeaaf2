"""The kernel library: found, loaded and checked once, on first use.

The package's build compiles ``csrc/`` into it where there is a C compiler. It is plain C behind ``ctypes``:
nothing in it depends on the versions of Python and torch.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch

__all__ = [
    "INTERFACE",
    "PATH",
    "Kernels",
    "kernels",
    "large_pages",
    "reason",
    "sigmoid_tail",
    "sum_levels",
    "sum_width",
    "sums",
]

INTERFACE = 4
"""``UNISNN_INTERFACE`` of ``csrc/kernels.h``: both change together."""

PATH = Path(__file__).with_name("csrc") / "libunisnn.so"
"""Where the build puts the library."""

_Kernel = Callable[..., None]
_LEVELS = 3
_LENGTHS = (
    (16, 32, 33, 63, 64, 100, 511, 512, 513, 1000, 4096, 8191, 8192, 20011, 32767),
    (32768, 131072, 140001, 300007),
)
"""Lengths of rows, so that each level of a sum gets something; torch's threads share the second ones."""
_SUFFIXES = {torch.float32: "f32", torch.float64: "f64"}


class Kernels(NamedTuple):
    """The functions for one dtype; ``csrc/kernel.inc`` says what they take."""

    forward: _Kernel
    backward: _Kernel
    argument: _Kernel
    sum: _Kernel


def _declared(function: Any, pattern: str) -> Any:
    """Give ``function`` its argument types: ``b`` bytes, ``p`` an address or ``None``, ``i`` a count."""
    kinds: dict[str, Any] = {"b": ctypes.c_char_p, "p": ctypes.c_void_p, "i": ctypes.c_int64}
    function.argtypes = [kinds[letter] for letter in pattern]
    function.restype = None
    return function


@functools.cache
def _loaded() -> tuple[dict[torch.dtype, Kernels], _Kernel | None, str | None]:
    if not PATH.is_file():
        again = "install unisnn again where one is, for a checkout with `make install`"
        return {}, None, f"{PATH.name} is not there: it was built without a C compiler; {again}"
    try:
        library = ctypes.CDLL(str(PATH))
        found = int(library.unisnn_interface())
        if found != INTERFACE:
            return {}, None, f"{PATH} has interface {found}, not {INTERFACE}: install unisnn again"
        table = {
            dtype: Kernels(
                _declared(getattr(library, f"unisnn_forward_{suffix}"), "bppppppiiii"),
                _declared(getattr(library, f"unisnn_backward_{suffix}"), "bpippppppppppiiiiii"),
                _declared(getattr(library, f"unisnn_argument_{suffix}"), "bppii"),
                _declared(getattr(library, f"unisnn_sum_{suffix}"), "pipp"),
            )
            for dtype, suffix in _SUFFIXES.items()
        }
        return table, _declared(library.unisnn_large_pages, "pi"), None
    except (OSError, AttributeError) as error:
        return {}, None, f"{PATH} cannot be loaded here ({sys.platform}): {error}"


def kernels(dtype: torch.dtype) -> Kernels | None:
    """Return the functions for ``dtype``, or ``None`` where there are none."""
    return _loaded()[0].get(dtype)


def large_pages(address: int, size: int) -> None:
    """Ask for large pages behind ``size`` bytes of fresh memory."""
    hint = _loaded()[1]
    if hint is not None:
        hint(address, size)


def sum_width(dtype: torch.dtype) -> int:
    """Return how many numbers of a row torch adds side by side."""
    return 128 // dtype.itemsize


def sum_levels(dtype: torch.dtype) -> int:
    """Return how many numbers the library's sum keeps from block to block."""
    return _LEVELS * sum_width(dtype)


def sums(dtype: torch.dtype, longest: int) -> bool:
    """Say whether the library's sum of up to ``longest`` numbers has the bits of torch's with one thread.

    Both are compared once, and once more before the first sum of more numbers than torch's threads share.
    """
    return all(_adds_up(dtype, lengths) for lengths in _LENGTHS if lengths[0] <= longest)


@functools.cache
def _adds_up(dtype: torch.dtype, lengths: tuple[int, ...]) -> bool:
    found = kernels(dtype)
    if found is None:
        return False
    generator = torch.Generator().manual_seed(0)
    for n in lengths:
        row = torch.randn(n, dtype=dtype, generator=generator, device="cpu")
        row *= torch.randn(n, dtype=dtype, generator=generator, device="cpu").mul_(3).exp_()
        levels, total = torch.zeros(sum_levels(dtype), dtype=dtype), torch.empty(1, dtype=dtype)
        found.sum(row.data_ptr(), n, levels.data_ptr(), total.data_ptr())
        if not torch.equal(total, row.sum().unsqueeze(0)):
            return False
    return True


@functools.cache
def sigmoid_tail() -> int:
    """Return how many elements torch's sigmoid takes at once, for the library's to do the same in float32.

    What does not fill that number is computed by other means, which differ in the last bit. The library's is
    compared with torch's once, on numbers from all over the range; 0 where it may not stand in for torch's:
    other bits, another kind of processor, or a compiler that made it slow.
    """
    tail = {"AVX2": 16, "AVX512": 32}.get(torch.backends.cpu.get_cpu_capability(), 0)
    if not tail or reason() is not None:
        return 0
    sigmoid = ctypes.CDLL(str(PATH)).unisnn_logistic
    sigmoid.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64]
    numbers = torch.arange(-(1 << 31), 1 << 31, 9973, device="cpu").to(torch.int32).view(torch.float32)
    for x in numbers.split(8207):
        y = torch.empty_like(x)
        fast = sigmoid(x.data_ptr(), y.data_ptr(), x.numel(), tail)
        if not fast or not torch.equal(y.nan_to_num_(2.0), torch.sigmoid(x).nan_to_num_(2.0)):
            return 0
    return tail


def reason() -> str | None:
    """Say why the library is not there or cannot be used, or ``None`` where it can."""
    return _loaded()[2]
