"""Families whose shape constant is a float32 tensor: BrainCog's and Qualia's numbers.

``alpha`` (``A`` below) is a tensor, so that every constant derived from it (``1/A``, ``A*pi/2``,
``A*A``) is formed in alpha's own precision before it meets ``x``. A 0-dim alpha takes part in
type promotion as a number does: it leaves the dtype of ``x`` alone. An alpha with an axis is
promoted like any tensor: half precision ``x`` is computed in float32. The Python-number families
of :mod:`unisnn.core.surrogate` form the same constants in double precision and differ in the last
bits; both are right about their own library.

Order of operations of the gradients, left to right as written::

    sigmoid_tensor_alpha   ((g * s) * (1 - s)) * A             s = sigmoid(A * x)
    sigmoid_vector_alpha   ((g * (1 - s)) * s) * A             s = sigmoid(x * A)
    atan_tensor_alpha      (A / 2) * (g / (1 + (((A * pi) / 2) * x)^2))
    gate                   g * (|x| < 1 / A)
    quadratic_gate         g * (0 if |x| > 1 / A else (-A * A) * |x| + A)
    relu_like              (g * (x > 0)) * A               (x > 0) in float32
    stdp                   (x > 0) * g
    back_ei_gate           g * (|x| < 0.5)
    straight_through       g
    round_window           g * (-0.5 < x < 4.5)

Two of them are differentiated in alpha as well::

    atan_gradients             sum of (x / 2) * (g / (1 + (((A * pi) / 2) * x)^2))
    relu_like_alpha_gradient   sum of g * max(x, 0)
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from unisnn.core.surrogate._family import Family, register

__all__ = [
    "ATAN_TENSOR_ALPHA",
    "BACK_EI_GATE",
    "GATE",
    "QUADRATIC_GATE",
    "RELU_LIKE",
    "ROUND_WINDOW",
    "SIGMOID_TENSOR_ALPHA",
    "SIGMOID_VECTOR_ALPHA",
    "STDP",
    "STRAIGHT_THROUGH",
    "TENSOR_FAMILIES",
    "atan_gradients",
    "back_ei_slope",
    "gate_slope",
    "quadratic_gate_slope",
    "relu_like_alpha_gradient",
    "sum_to_alpha",
]

_ROUND_LOW, _ROUND_HIGH = -0.5, 4.5


def sum_to_alpha(terms: Tensor, alpha: Tensor) -> Tensor:
    """Sum ``terms`` over every axis along which ``alpha`` was broadcast.

    A 0-dim or one-element alpha collects all terms; alpha of shape ``[C]`` collects per channel.
    """
    if alpha.numel() == 1:
        return terms.sum().reshape(alpha.shape)
    return terms.sum_to_size(alpha.shape)


def _sigmoid_scalar_gradient(grad_output: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
    s = torch.sigmoid(alpha * x)
    return grad_output * s * (1 - s) * alpha


def _sigmoid_vector_gradient(grad_output: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
    s = torch.sigmoid(x * alpha)
    return grad_output * (1 - s) * s * alpha


def _sigmoid_primitive(x: Tensor, alpha: Tensor) -> Tensor:
    return torch.sigmoid(x * alpha)


def _atan_quotient(grad_output: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
    return grad_output / (1 + torch.square(alpha * math.pi / 2 * x))


def _atan_gradient(grad_output: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
    return alpha / 2 * _atan_quotient(grad_output, x, alpha)


def atan_gradients(grad_output: Tensor, x: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of ``atan(pi/2 * A * x) / pi + 1/2`` for ``x`` and, in its shape, for alpha."""
    quotient = _atan_quotient(grad_output, x, alpha)
    return alpha / 2 * quotient, sum_to_alpha(x / 2 * quotient, alpha)


def _atan_primitive(x: Tensor, alpha: Tensor) -> Tensor:
    return torch.atan(alpha * math.pi / 2 * x) / math.pi + 0.5


def gate_slope(x: Tensor, alpha: Tensor) -> Tensor:
    """Return ``|x| < 1/A`` as booleans: the surrogate derivative of ``gate``."""
    return x.abs() < 1 / alpha


def _gate_gradient(grad_output: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
    return grad_output * gate_slope(x, alpha)


def _gate_primitive(x: Tensor, alpha: Tensor) -> Tensor:
    edge = 1 / alpha
    return torch.minimum(torch.maximum(x, -edge), edge) + edge


def quadratic_gate_slope(x: Tensor, alpha: Tensor) -> Tensor:
    """Return ``0 if |x| > 1/A else (-A*A)*|x| + A``: the surrogate derivative of ``quadratic_gate``."""
    size = x.abs()
    inside = -alpha * alpha * size + alpha
    return torch.where(size > 1 / alpha, torch.zeros_like(inside), inside)


def _quadratic_gate_gradient(grad_output: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
    return grad_output * quadratic_gate_slope(x, alpha)


def _quadratic_gate_primitive(x: Tensor, alpha: Tensor) -> Tensor:
    edge = 1 / alpha
    c = torch.minimum(torch.maximum(x, -edge), edge)
    return -(alpha * alpha) / 2 * c.abs() * c + alpha * c + 0.5


def _relu_like_gradient(grad_output: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
    return grad_output * (x > 0).float() * alpha


def relu_like_alpha_gradient(grad_output: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
    """Return the gradient of ``A * max(x, 0)`` for alpha, in alpha's shape."""
    return sum_to_alpha(grad_output * torch.relu(x), alpha)


def _relu_like_primitive(x: Tensor, alpha: Tensor) -> Tensor:
    return torch.relu(x) * alpha


def _stdp_gradient(grad_output: Tensor, x: Tensor) -> Tensor:
    return (x > 0) * grad_output


def back_ei_slope(x: Tensor) -> Tensor:
    """Return ``|x| < 0.5`` as booleans: the surrogate derivative of ``back_ei_gate``."""
    return x.abs() < 0.5


def _back_ei_gradient(grad_output: Tensor, x: Tensor) -> Tensor:
    return grad_output * back_ei_slope(x)


def _back_ei_primitive(x: Tensor) -> Tensor:
    return torch.clamp(x, -0.5, 0.5) + 0.5


def _straight_through_gradient(grad_output: Tensor, x: Tensor) -> Tensor:
    return grad_output


def _identity(x: Tensor) -> Tensor:
    return x


def _round_window_gradient(grad_output: Tensor, x: Tensor) -> Tensor:
    outside = (x <= _ROUND_LOW) | (x >= _ROUND_HIGH)
    return torch.where(outside, torch.zeros_like(grad_output), grad_output)


def _round_window_primitive(x: Tensor) -> Tensor:
    return functional.hardtanh(x, _ROUND_LOW, _ROUND_HIGH)


SIGMOID_TENSOR_ALPHA = register(
    Family(
        name="sigmoid_tensor_alpha",
        parameters=("alpha",),
        gradient=_sigmoid_scalar_gradient,
        primitive=_sigmoid_primitive,
        equation="A * s * (1 - s), s = sigmoid(A*x)",
        source="braincog.base.strategy.surrogate.sigmoid, braincog 0.2.7.19",
    )
)
"""Derivative of a sigmoid, alpha a 0-dim float32 tensor (BrainCog ``SigmoidGrad``)."""

SIGMOID_VECTOR_ALPHA = register(
    Family(
        name="sigmoid_vector_alpha",
        parameters=("alpha",),
        gradient=_sigmoid_vector_gradient,
        primitive=_sigmoid_primitive,
        equation="(1 - s) * s * A, s = sigmoid(x*A)",
        source="qualia_plugin_snn CustomNode.SpikeFunctionSigmoid, qualia-plugin-snn 2.6.0",
    )
)
"""Derivative of a sigmoid, alpha a float32 tensor of shape [1] (Qualia ``SpikeFunctionSigmoid``)."""

ATAN_TENSOR_ALPHA = register(
    Family(
        name="atan_tensor_alpha",
        parameters=("alpha",),
        gradient=_atan_gradient,
        primitive=_atan_primitive,
        equation="A / (2 * (1 + (pi/2 * A * x)^2))",
        source="braincog.base.strategy.surrogate.atan, braincog 0.2.7.19",
    )
)
"""Derivative of an arc tangent; alpha can learn through :func:`atan_gradients`."""

GATE = register(
    Family(
        name="gate",
        parameters=("alpha",),
        gradient=_gate_gradient,
        primitive=_gate_primitive,
        equation="1 if |x| < 1/A else 0",
        source="braincog.base.strategy.surrogate.gate, braincog 0.2.7.19",
    )
)
"""Rectangular window of height 1 and half width 1/A, open at its edges."""

QUADRATIC_GATE = register(
    Family(
        name="quadratic_gate",
        parameters=("alpha",),
        gradient=_quadratic_gate_gradient,
        primitive=_quadratic_gate_primitive,
        equation="A - A^2 * |x| if |x| <= 1/A else 0",
        source="braincog.base.strategy.surrogate.quadratic_gate, braincog 0.2.7.19",
    )
)
"""Triangular window of height A and half width 1/A."""

RELU_LIKE = register(
    Family(
        name="relu_like",
        parameters=("alpha",),
        gradient=_relu_like_gradient,
        primitive=_relu_like_primitive,
        equation="A if x > 0 else 0",
        source="braincog.base.strategy.surrogate.relu_like, braincog 0.2.7.19",
    )
)
"""Derivative of a scaled ReLU; alpha can learn through :func:`relu_like_alpha_gradient`."""

STDP = register(
    Family(
        name="stdp",
        parameters=(),
        gradient=_stdp_gradient,
        primitive=torch.relu,
        equation="1 if x > 0 else 0",
        source="braincog.base.strategy.surrogate.stdp, braincog 0.2.7.19",
    )
)
"""The spike itself as derivative: only neurons that fired pass the gradient."""

BACK_EI_GATE = register(
    Family(
        name="back_ei_gate",
        parameters=(),
        gradient=_back_ei_gradient,
        primitive=_back_ei_primitive,
        equation="1 if |x| < 0.5 else 0",
        source="braincog.base.strategy.surrogate.{backeigate, ei}, braincog 0.2.7.19",
    )
)
"""Rectangular window of height 1 and half width 1/2, open at its edges."""

STRAIGHT_THROUGH = register(
    Family(
        name="straight_through",
        parameters=(),
        gradient=_straight_through_gradient,
        primitive=_identity,
        equation="1",
        source="Bengio, Leonard, Courville 2013, arXiv:1308.3432; "
        "braincog.base.strategy.surrogate.straight_through_estimator, braincog 0.2.7.19",
    )
)
"""The straight-through estimator: the gradient passes unchanged."""

ROUND_WINDOW = register(
    Family(
        name="round_window",
        parameters=(),
        gradient=_round_window_gradient,
        primitive=_round_window_primitive,
        equation="1 if -0.5 < x < 4.5 else 0",
        source="braincog.base.strategy.surrogate.RoundGrad, braincog 0.2.7.19",
    )
)
"""The window inside which a ceiling with up to five spikes passes the gradient."""

TENSOR_FAMILIES = (
    SIGMOID_TENSOR_ALPHA,
    SIGMOID_VECTOR_ALPHA,
    ATAN_TENSOR_ALPHA,
    GATE,
    QUADRATIC_GATE,
    RELU_LIKE,
)
"""The families whose only parameter is a tensor."""
