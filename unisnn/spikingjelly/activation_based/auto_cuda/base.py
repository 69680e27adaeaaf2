"""Text of programs, line by line: statements, blocks and comments.

Equation::

    CodeTyper(2): append("a = 1;b = 2;")   ->   "  a = 1;\\n  b = 2;\\n"

The kernels that upstream launches with cupy are absent.
"""

from __future__ import annotations

import logging
from types import TracebackType

from unisnn.core import absent as _absent

__all__ = ["CodeBlock", "CodeTyper", "startswiths", "wrap_with_comment"]


def startswiths(x: str, prefixes: tuple[str, ...]) -> bool:
    """Say whether a text starts with one of several.

    Equation::

        any(x starts with p for p in prefixes)

    Args:
        x: the text.
        prefixes: what it may start with.

    Source: ``auto_cuda.base.startswiths``, SpikingJelly 0.0.0.0.14.
    """
    return any(x.startswith(prefix) for prefix in prefixes)


def wrap_with_comment(code: str, comment: str) -> str:
    """Return a text between two comments where the root logger is at ``DEBUG``, and as it is elsewhere.

    Equation::

        //------comment start------
        code
        //------comment end--------

    Args:
        code: the text.
        comment: what the comments say.

    Source: ``auto_cuda.base.wrap_with_comment``, SpikingJelly 0.0.0.0.14.
    """
    if logging.getLogger().getEffectiveLevel() > logging.DEBUG:
        return code
    return f"\n//------{comment} start------\n{code}\n//------{comment} end--------\n\n"


class CodeTyper:
    """A text that grows by statements, each on a line of its own.

    Equation::

        codes += indent + statement + ";\\n"          for every statement between semicolons

    ``{`` and ``}`` alone get no semicolon. ``codes`` is the text so far, ``indent`` the spaces of a line.

    Args:
        indent_num: spaces before every line.

    Source: ``auto_cuda.base.CodeTyper``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, indent_num: int) -> None:
        self.indent = " " * indent_num
        self.codes = "\n"

    def append(self, codes: str) -> None:
        """Add the statements of ``codes``, which semicolons separate."""
        for statement in codes.replace("\n", "").split(";"):
            if statement:
                end = "" if statement in ("{", "}") else ";"
                self.codes += f"{self.indent}{statement}{end}\n"


class CodeBlock:
    """A block of a :class:`CodeTyper`, whose lines are one space further in.

    Equation::

        with CodeBlock(env): env.append("a = 1")   ->   "{\\n a = 1;\\n}\\n"

    Args:
        env: the text that the block belongs to.

    Source: ``auto_cuda.base.CodeBlock``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, env: CodeTyper) -> None:
        self.env = env

    def __enter__(self) -> None:
        self.env.append("{")
        self.env.indent += " "

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.env.indent = self.env.indent[:-1]
        self.env.append("}")


_REASON = "it compiles and launches a CUDA kernel with cupy; the neurons and surrogates run without it"

__getattr__ = _absent.serve(__name__, {"CKernel": _REASON, "CKernel1D": _REASON, "CKernel2D": _REASON})
