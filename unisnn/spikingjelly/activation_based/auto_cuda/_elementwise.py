"""CUDA text of elementwise operations, in ``float`` and ``half2``.

Equation::

    operation("y", "x", dtype)     ->  "y = ...;"         a statement
    operation(None, "x", dtype)    ->  "(...)"            an expression

Nothing is compiled here.
"""

from __future__ import annotations

__all__ = [
    "abs",
    "add",
    "constant",
    "div",
    "exp",
    "float2half2",
    "mul",
    "neg",
    "power",
    "sigmoid",
    "sub",
    "text",
    "wrap_return_codes",
]


def text(owner: str, y: str | None, dtype: str, single: str, half: str) -> str:
    """Return the statement that gives ``y`` its value, or the expression for ``None``.

    Raises:
        NotImplementedError: ``dtype`` is neither ``'float'`` nor ``'half2'``.
    """
    if dtype not in ("float", "half2"):
        raise NotImplementedError(f"{owner}: dtype={dtype!r} is not accepted; expected 'float' or 'half2'")
    return wrap_return_codes(y, single if dtype == "float" else half)


def wrap_return_codes(y: str | None, codes: str) -> str:
    """Return a statement or an expression.

    Equation::

        y = codes;         (codes) where y is None

    Args:
        y: name of the variable, or ``None``.
        codes: an expression.

    Source: ``auto_cuda.cfunction.wrap_return_codes``, SpikingJelly 0.0.0.0.14.
    """
    return f"({codes})" if y is None else f"{y} = {codes};"


def constant(y: str | None, x: float, dtype: str) -> str:
    """Return the text of a number.

    Equation::

        y = x

    Args:
        y: name of the result, or ``None`` for an expression.
        x: the number.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.constant``, SpikingJelly 0.0.0.0.14 (an ``int`` gives no valid text there).
    """
    number = f"{float(x)}f"
    return text("constant", y, dtype, number, f"__float2half2_rn({number})")


def float2half2(y: str | None, x: str) -> str:
    """Return the text of the conversion of a ``float`` into both halves.

    Equation::

        y = (x, x)

    Args:
        y: name of the result, or ``None`` for an expression.
        x: name of the ``float``.

    Source: ``auto_cuda.cfunction.float2half2``, SpikingJelly 0.0.0.0.14.
    """
    return wrap_return_codes(y, f"__float2half2_rn({x})")


def sigmoid(y: str | None, x: str, alpha: float, dtype: str) -> str:
    """Return the text of the logistic function.

    Equation::

        y = 1/(1 + exp(-alpha*x))

    Args:
        y: name of the result, or ``None`` for an expression.
        x: name of the operand.
        alpha: steepness.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.sigmoid``, SpikingJelly 0.0.0.0.14.
    """
    text("sigmoid", y, dtype, "", "")
    number, one = constant(None, alpha, dtype), constant(None, 1.0, dtype)[1:-1]
    single = f"{one} / ({one} + expf(- {number} * {x}))"
    half = f"__h2div({one}, __hadd2({one}, h2exp(__hneg2(__hmul2({number}, {x})))))"
    return text("sigmoid", y, dtype, single, half)


def abs(y: str | None, x: str, dtype: str) -> str:
    """Return the text of this operation: absolute value.

    Equation::

        y = |x|

    Args:
        y: name of the result, or ``None`` for an expression.
        x: name of the operand.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.abs``, SpikingJelly 0.0.0.0.14.
    """
    return text("abs", y, dtype, f"fabsf({x})", f"__habs2({x})")


def add(z: str | None, x: str, y: str, dtype: str) -> str:
    """Return the text of this operation: sum.

    Equation::

        z = x + y

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of the operands.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.add``, SpikingJelly 0.0.0.0.14.
    """
    return text("add", z, dtype, f"{x} + {y}", f"__hadd2({x}, {y})")


def div(z: str | None, x: str, y: str, dtype: str) -> str:
    """Return the text of this operation: quotient.

    Equation::

        z = x / y

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of the operands.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.div``, SpikingJelly 0.0.0.0.14.
    """
    return text("div", z, dtype, f"{x} / {y}", f"__h2div({x}, {y})")


def exp(y: str | None, x: str, dtype: str) -> str:
    """Return the text of this operation: exponential.

    Equation::

        y = exp(x)

    Args:
        y: name of the result, or ``None`` for an expression.
        x: name of the operand.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.exp``, SpikingJelly 0.0.0.0.14.
    """
    return text("exp", y, dtype, f"expf({x})", f"h2exp({x})")


def mul(z: str | None, x: str, y: str, dtype: str) -> str:
    """Return the text of this operation: product.

    Equation::

        z = x*y

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of the operands.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.mul``, SpikingJelly 0.0.0.0.14.
    """
    return text("mul", z, dtype, f"{x} * {y}", f"__hmul2({x}, {y})")


def neg(y: str | None, x: str, dtype: str) -> str:
    """Return the text of this operation: negative.

    Equation::

        y = -x

    Args:
        y: name of the result, or ``None`` for an expression.
        x: name of the operand.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.neg``, SpikingJelly 0.0.0.0.14.
    """
    return text("neg", y, dtype, f"- {x}", f"__hneg2({x})")


def power(z: str | None, x: str, y: str, dtype: str) -> str:
    """Return the text of this operation: power.

    Equation::

        z = x^y

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of the operands.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.power``, SpikingJelly 0.0.0.0.14 (its ``float`` text is not CUDA).
    """
    return text("power", z, dtype, f"__powf({x}, {y})", f"h2exp(__hmul2(h2log2({x}), {y}))")


def sub(z: str | None, x: str, y: str, dtype: str) -> str:
    """Return the text of this operation: difference.

    Equation::

        z = x - y

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of the operands.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.sub``, SpikingJelly 0.0.0.0.14.
    """
    return text("sub", z, dtype, f"{x} - {y}", f"__hsub2({x}, {y})")
