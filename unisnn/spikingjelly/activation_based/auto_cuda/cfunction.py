"""CUDA text of elementwise functions: operations, and the gradients of surrogates.

Equation::

    operation("z", "x", "y", dtype)          ->  "z = x op y;"
    surrogate_backward("y", "x", ..., dtype) ->  "{ ...; y = g'(x); }"

Nothing is compiled here. The gradients are the text of the surrogates' own ``cuda_codes``.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based import surrogate as _surrogate
from unisnn.spikingjelly.activation_based.auto_cuda._choices import (
    greater_equal,
    greater_than,
    heaviside,
    if_else,
    if_else_else,
    maximum,
    minimal,
)
from unisnn.spikingjelly.activation_based.auto_cuda._elementwise import (
    abs,
    add,
    constant,
    div,
    exp,
    float2half2,
    mul,
    neg,
    power,
    sigmoid,
    sub,
    wrap_return_codes,
)

__all__ = [
    "abs",
    "add",
    "atan_backward",
    "constant",
    "div",
    "exp",
    "fake_numerical_gradient_backward",
    "float2half2",
    "greater_equal",
    "greater_than",
    "heaviside",
    "if_else",
    "if_else_else",
    "leaky_k_relu_backward",
    "log_tailed_relu_backward",
    "maximum",
    "minimal",
    "mul",
    "neg",
    "piecewise_leaky_relu_backward",
    "power",
    "q_pseudo_spike_backward",
    "s2nn_backward",
    "sigmoid",
    "sigmoid_backward",
    "sub",
    "wrap_return_codes",
]


def atan_backward(y: str, x: str, alpha: float, dtype: str) -> str:
    """Return the text of the gradient of ``surrogate.ATan``.

    Equation::

        dy/dx = alpha/2 / (1 + (pi/2*alpha*x)^2)

    Args:
        y: name of the result, which is declared before.
        x: name of the operand.
        alpha: slope.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.atan_backward``, SpikingJelly 0.0.0.0.14; the text
        is unisnn's.
    """
    return _surrogate.ATan(alpha).cuda_codes(y, x, dtype)


def fake_numerical_gradient_backward(y: str, x: str, alpha: float, dtype: str) -> str:
    """Return the text of the gradient of ``surrogate.FakeNumericalGradient``.

    Equation::

        dy/dx = min((2*(x >= 0) - 1)/x, alpha)

    Args:
        y: name of the result, which is declared before.
        x: name of the operand.
        alpha: bound.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.fake_numerical_gradient_backward``, SpikingJelly 0.0.0.0.14; the text
        is unisnn's.
    """
    return _surrogate.FakeNumericalGradient(alpha).cuda_codes(y, x, dtype)


def leaky_k_relu_backward(y: str, x: str, leak: float, k: float, dtype: str) -> str:
    """Return the text of the gradient of ``surrogate.LeakyKReLU``.

    Equation::

        dy/dx = k if x >= 0 else leak

    Args:
        y: name of the result, which is declared before.
        x: name of the operand.
        leak: slope below 0.
        k: slope from 0 on.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.leaky_k_relu_backward``, SpikingJelly 0.0.0.0.14; the text
        is unisnn's.
    """
    return _surrogate.LeakyKReLU(leak=leak, k=k).cuda_codes(y, x, dtype)


def log_tailed_relu_backward(y: str, x: str, alpha: float, dtype: str) -> str:
    """Return the text of the gradient of ``surrogate.LogTailedReLU``.

    Equation::

        dy/dx = alpha if x <= 0, 1 if 0 < x <= 1, 1/x if x > 1

    Args:
        y: name of the result, which is declared before.
        x: name of the operand.
        alpha: slope below 0.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.log_tailed_relu_backward``, SpikingJelly 0.0.0.0.14; the text
        is unisnn's.
    """
    return _surrogate.LogTailedReLU(alpha).cuda_codes(y, x, dtype)


def piecewise_leaky_relu_backward(y: str, x: str, w: float, c: float, dtype: str) -> str:
    """Return the text of the gradient of ``surrogate.PiecewiseLeakyReLU``.

    Equation::

        dy/dx = height of the edition if |x| is in the window else c

    Args:
        y: name of the result, which is declared before.
        x: name of the operand.
        w: half width of the window.
        c: slope outside.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.piecewise_leaky_relu_backward``, SpikingJelly 0.0.0.0.14; the text
        is unisnn's.
    """
    return _surrogate.PiecewiseLeakyReLU(w, c).cuda_codes(y, x, dtype)


def q_pseudo_spike_backward(y: str, x: str, alpha: float, dtype: str) -> str:
    """Return the text of the gradient of ``surrogate.QPseudoSpike``.

    Equation::

        dy/dx = (1 + 2*|x|/(alpha - 1))^(-alpha)

    Args:
        y: name of the result, which is declared before.
        x: name of the operand.
        alpha: tail.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.q_pseudo_spike_backward``, SpikingJelly 0.0.0.0.14; the text
        is unisnn's.
    """
    return _surrogate.QPseudoSpike(alpha).cuda_codes(y, x, dtype)


def s2nn_backward(y: str, x: str, alpha: float, beta: float, dtype: str) -> str:
    """Return the text of the gradient of ``surrogate.S2NN``.

    Equation::

        dy/dx = alpha*s*(1 - s) if x < 0 else beta/(x + 1),  s = 1/(1 + exp(-alpha*x))

    Args:
        y: name of the result, which is declared before.
        x: name of the operand.
        alpha: steepness below 0.
        beta: slope from 0 on.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.s2nn_backward``, SpikingJelly 0.0.0.0.14; the text
        is unisnn's.
    """
    return _surrogate.S2NN(alpha, beta).cuda_codes(y, x, dtype)


def sigmoid_backward(y: str, x: str, alpha: float, dtype: str) -> str:
    """Return the text of the gradient of ``surrogate.Sigmoid``.

    Equation::

        dy/dx = alpha*s*(1 - s),  s = 1/(1 + exp(-alpha*x))

    Args:
        y: name of the result, which is declared before.
        x: name of the operand.
        alpha: steepness.
        dtype: ``'float'`` or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.cfunction.sigmoid_backward``, SpikingJelly 0.0.0.0.14; the text
        is unisnn's.
    """
    return _surrogate.Sigmoid(alpha).cuda_codes(y, x, dtype)
