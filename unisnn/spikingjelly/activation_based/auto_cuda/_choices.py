"""CUDA text of comparisons and choices, in ``float`` and ``half2``.

Equation::

    greater_than("z", "x", "y", "float")     ->  "z = (float) (x > y);"
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.auto_cuda._elementwise import text

__all__ = [
    "greater_equal",
    "greater_than",
    "heaviside",
    "if_else",
    "if_else_else",
    "maximum",
    "minimal",
]


def if_else_else(w: str | None, x: str, y: str, z: str, mask_x: str, mask_y: str, dtype: str) -> str:
    """Return the text of a choice among three by two masks of 0 and 1 that are not both 1.

    Equation::

        w = mask_x*x + mask_y*y + (1 - mask_x)*(1 - mask_y)*z

    Args:
        w: name of the result, or ``None`` for an expression.
        x, y, z: names of what is chosen from.
        mask_x, mask_y: names of the masks of ``x`` and ``y``.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.if_else_else``, SpikingJelly 0.0.0.0.14 (its third weight is
        ``1 - mask_x*mask_y``, which adds ``z`` to every choice).
    """
    one = "__float2half2_rn(1.0f)"
    rest = f"__hmul2(__hsub2({one}, {mask_x}), __hsub2({one}, {mask_y}))"
    single = f"{mask_x} * {x} + {mask_y} * {y} + (1.0f - {mask_x}) * (1.0f - {mask_y}) * {z}"
    half = f"__hfma2({mask_x}, {x}, __hfma2({mask_y}, {y}, __hmul2({rest}, {z})))"
    return text("if_else_else", w, dtype, single, half)


def greater_equal(z: str | None, x: str, y: str, dtype: str) -> str:
    """Return the text of this operation: comparison with equality.

    Equation::

        z = 1 if x >= y else 0

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of the operands.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.greater_equal``, SpikingJelly 0.0.0.0.14.
    """
    return text("greater_equal", z, dtype, f"(float) ({x} >= {y})", f"__hgeu2({x}, {y})")


def greater_than(z: str | None, x: str, y: str, dtype: str) -> str:
    """Return the text of this operation: comparison without equality.

    Equation::

        z = 1 if x > y else 0

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of the operands.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.greater_than``, SpikingJelly 0.0.0.0.14.
    """
    return text("greater_than", z, dtype, f"(float) ({x} > {y})", f"__hgtu2({x}, {y})")


def heaviside(y: str | None, x: str, dtype: str) -> str:
    """Return the text of this operation: heaviside step.

    Equation::

        y = 1 if x >= 0 else 0

    Args:
        y: name of the result, or ``None`` for an expression.
        x: name of the operand.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.heaviside``, SpikingJelly 0.0.0.0.14.
    """
    return text("heaviside", y, dtype, f"{x} >= 0.0f ? 1.0f: 0.0f", f"__hgeu2({x}, __float2half2_rn(0.0f))")


def if_else(z: str | None, x: str, y: str, mask: str, dtype: str) -> str:
    """Return the text of this operation: choice by a mask of 0 and 1.

    Equation::

        z = x*mask + y*(1 - mask)

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of what is chosen from.
        mask: name of the mask, 1 for ``x``.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.if_else``, SpikingJelly 0.0.0.0.14.
    """
    return text(
        "if_else",
        z,
        dtype,
        f"{x} * {mask} + {y} * (1.0f - {mask})",
        f"__hfma2({x}, {mask}, __hmul2({y}, __hsub2(__float2half2_rn(1.0f), {mask})))",
    )


def maximum(z: str | None, x: str, y: str, dtype: str) -> str:
    """Return the text of this operation: maximum.

    Equation::

        z = max(x, y)

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of the operands.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.maximum``, SpikingJelly 0.0.0.0.14.
    """
    return text("maximum", z, dtype, f"max({x}, {y})", f"__hmax2({x}, {y})")


def minimal(z: str | None, x: str, y: str, dtype: str) -> str:
    """Return the text of this operation: minimum.

    Equation::

        z = min(x, y)

    Args:
        z: name of the result, or ``None`` for an expression.
        x, y: names of the operands.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.minimal``, SpikingJelly 0.0.0.0.14.
    """
    return text("minimal", z, dtype, f"min({x}, {y})", f"__hmin2({x}, {y})")
