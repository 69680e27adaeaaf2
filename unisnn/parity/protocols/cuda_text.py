"""How writers of text are driven: statements and blocks, one after the other.

::

    cuda_typer     a CodeTyper with indent ``calls["indent"]`` and the lines ``calls["lines"]``
    cuda_new       a dictionary with ``x`` alone, and what is put beside it
"""

from __future__ import annotations

from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol

__all__ = ["new", "typer"]


@protocol("cuda_typer")
def typer(case: Case, library: Library, out: Outputs) -> None:
    """The lines of ``calls["lines"]`` outside, in a block and in a block inside it."""
    module = case.symbol.rpartition(".")[0]
    writer = library.resolve(f"{module}.CodeTyper")(case.calls["indent"])
    block: Any = library.resolve(f"{module}.CodeBlock")

    def write() -> None:
        for line in case.calls["lines"]:
            writer.append(line)

    write()
    with block(writer):
        write()
        with block(writer):
            write()
            out.put("indent", writer.indent)
    out.put("after", writer.indent)
    out.put("codes", writer.codes)


@protocol("cuda_new")
def new(case: Case, library: Library, out: Outputs) -> None:
    """Tensors that follow ``x``; its own gradient is asked for."""
    tensors: dict[str, Any] = {"x": library.input(case, "x").requires_grad_()}
    library.resolve(case.symbol)(tuple(case.calls["names"]), tensors, "x")
    for name, tensor in tensors.items():
        out.put(name, tensor)
        out.put(f"{name}.requires_grad", tensor.requires_grad)
