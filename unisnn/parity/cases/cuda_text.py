"""``activation_based.auto_cuda``: the text that its functions write."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITION = "spikingjelly==0.0.0.0.14"
_PATH = "activation_based.auto_cuda"
_OPERATIONS: dict[str, tuple[Any, ...]] = {
    "abs": ("x",),
    "add": ("x", "y"),
    "constant": (0.25,),
    "div": ("x", "y"),
    "exp": ("x",),
    "greater_equal": ("x", "y"),
    "greater_than": ("x", "y"),
    "heaviside": ("x",),
    "if_else": ("x", "y", "mask"),
    "if_else_else": ("x", "y", "z", "mask_x", "mask_y"),
    "maximum": ("x", "y"),
    "minimal": ("x", "y"),
    "mul": ("x", "y"),
    "neg": ("x",),
    "power": ("x", "y"),
    "sigmoid": ("x", 4.0),
    "sub": ("x", "y"),
}
_STEPS = {
    "neuronal_fire": ("s", "h", "v_th"),
    "neuronal_hard_reset": ("v", "h", "s", "v_reset"),
    "neuronal_soft_reset": ("v", "h", "s", "v_th"),
}
_LINES = ("a = 1;", "b = 2;c = 3", "", "{", "}", "x\ny;", "  z ;;w;", "; ", "for (;;) {")


def _case(module: str, name: str, what: str, *args: Any, protocol: str = "function", **more: Any) -> Case:
    symbol = f"{_PATH}.{module}.{name}"
    return _grid.made(_EDITION, "cuda_text", symbol, what, protocol=protocol, args=args, **more)


def cases() -> Iterator[Case]:
    """Yield the cases of ``auto_cuda.cfunction`` and of the text in ``auto_cuda.base``."""
    for name, operands in _OPERATIONS.items():
        for result, dtype in itertools.product(("r", None), ("float", "half2", "double")):
            yield _case("cfunction", name, f"{result}/{dtype}", result, *operands, dtype)
    for name, result in itertools.product(("float2half2", "wrap_return_codes"), ("r", None)):
        yield _case("cfunction", name, f"{result}", result, "x")
    yield _case("cfunction", "constant", "int", "r", 3, "float")
    for text, prefixes in itertools.product(("abc", ""), (["a", "b"], ["b"], [], [""])):
        yield _case("base", "startswiths", f"{text}/{prefixes}", text, {"$tuple": prefixes})
    for text in ("code;", "a\nb", ""):
        yield _case("base", "wrap_with_comment", repr(text), text, "note")
    for name, operands in _STEPS.items():
        for dtype in ("float", "half2", "double"):
            yield _case("neuron_kernel", name, dtype, *operands, dtype)
        yield _case("neuron_kernel", name, "default", *operands)
    needing = {"$parameter": {"kind": "full", "shape": [2], "value": 1}}
    plain = {"$tensor": {"kind": "full", "shape": [2], "value": 1}}
    for what, items in (("none", []), ("plain", [plain, None, 1]), ("one", [plain, needing])):
        yield _case("neuron_kernel", "if_requires_grad", what, items)
    for dtype in ("float32", "float16"):
        x = {"x": {"kind": "normal", "seed": 91, "shape": [3, 2], "dtype": dtype}}
        more = _grid.options(protocol="cuda_new", inputs=x, names=["a", "b"], dtype=dtype)
        yield _case("neuron_kernel", "new_tensors", "two", **more)
    for indent in (0, 1, 4):
        more = _grid.options(protocol="cuda_typer", indent=indent, lines=list(_LINES))
        yield _case("base", "CodeTyper", f"{indent}", evidence=(f"{_PATH}.base.CodeBlock",), **more)
