"""Surrogate gradients for spiking neurons.

A surrogate fires with the Heaviside step and is trained with another function's derivative::

    forward:   y = H(x) = 1 if x >= 0 else 0        x = membrane potential - threshold
    backward:  dL/dx = dL/dy * g'(x)

Each comes as a function ``*_backward`` (the gradient), an autograd function (lower case, ``apply``) and
a module class. A module with ``spiking=False`` gives the primitive function ``g`` instead of spikes.
The names, arguments and defaults are those of spikingjelly's documented edition, 3756e2f8.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.surrogate._base import (
    MultiArgsSurrogateFunctionBase,
    SurrogateFunctionBase,
    curly_bracket_l,
    curly_bracket_r,
    heaviside,
    tab4_str,
)
from unisnn.spikingjelly.activation_based.surrogate._checks import check_cuda_grad, check_manual_grad
from unisnn.spikingjelly.activation_based.surrogate._exponential import (
    Erf,
    PiecewiseExp,
    Sigmoid,
    erf,
    erf_backward,
    piecewise_exp,
    piecewise_exp_backward,
    sigmoid,
    sigmoid_backward,
)
from unisnn.spikingjelly.activation_based.surrogate._leaky import (
    LeakyKReLU,
    PiecewiseLeakyReLU,
    leaky_k_relu,
    leaky_k_relu_backward,
    piecewise_leaky_relu,
    piecewise_leaky_relu_backward,
)
from unisnn.spikingjelly.activation_based.surrogate._mixed import (
    S2NN,
    SquarewaveFourierSeries,
    s2nn,
    squarewave_fourier_series,
)
from unisnn.spikingjelly.activation_based.surrogate._pass import (
    DeterministicPass,
    deterministic_pass,
    deterministic_pass_backward,
    poisson_pass,
)
from unisnn.spikingjelly.activation_based.surrogate._rational import (
    ATan,
    NonzeroSignLogAbs,
    SoftSign,
    atan,
    atan_backward,
    nonzero_sign_log_abs,
    nonzero_sign_log_abs_backward,
    soft_sign,
    soft_sign_backward,
)
from unisnn.spikingjelly.activation_based.surrogate._tailed import (
    FakeNumericalGradient,
    LogTailedReLU,
    QPseudoSpike,
    SuperSpike,
    fake_numerical_gradient,
    fake_numerical_gradient_backward,
    log_tailed_relu,
    log_tailed_relu_backward,
    q_pseudo_spike,
    super_spike,
    super_spike_backward,
)
from unisnn.spikingjelly.activation_based.surrogate._window import (
    PiecewiseQuadratic,
    Rect,
    piecewise_quadratic,
    piecewise_quadratic_backward,
    rect,
    rect_backward,
)

__all__ = [
    "S2NN",
    "ATan",
    "DeterministicPass",
    "Erf",
    "FakeNumericalGradient",
    "LeakyKReLU",
    "LogTailedReLU",
    "MultiArgsSurrogateFunctionBase",
    "NonzeroSignLogAbs",
    "PiecewiseExp",
    "PiecewiseLeakyReLU",
    "PiecewiseQuadratic",
    "QPseudoSpike",
    "Rect",
    "Sigmoid",
    "SoftSign",
    "SquarewaveFourierSeries",
    "SuperSpike",
    "SurrogateFunctionBase",
    "atan",
    "atan_backward",
    "check_cuda_grad",
    "check_manual_grad",
    "curly_bracket_l",
    "curly_bracket_r",
    "deterministic_pass",
    "deterministic_pass_backward",
    "erf",
    "erf_backward",
    "fake_numerical_gradient",
    "fake_numerical_gradient_backward",
    "heaviside",
    "leaky_k_relu",
    "leaky_k_relu_backward",
    "log_tailed_relu",
    "log_tailed_relu_backward",
    "nonzero_sign_log_abs",
    "nonzero_sign_log_abs_backward",
    "piecewise_exp",
    "piecewise_exp_backward",
    "piecewise_leaky_relu",
    "piecewise_leaky_relu_backward",
    "piecewise_quadratic",
    "piecewise_quadratic_backward",
    "poisson_pass",
    "q_pseudo_spike",
    "rect",
    "rect_backward",
    "s2nn",
    "sigmoid",
    "sigmoid_backward",
    "soft_sign",
    "soft_sign_backward",
    "squarewave_fourier_series",
    "super_spike",
    "super_spike_backward",
    "tab4_str",
]

_has_cuda_ = [
    ATan,
    Sigmoid,
    PiecewiseLeakyReLU,
    S2NN,
    QPseudoSpike,
    LeakyKReLU,
    FakeNumericalGradient,
]

# One home for every name, whatever file it is written in: repr and pickle name this module.
for _name in __all__:
    if hasattr(globals()[_name], "__module__"):
        globals()[_name].__module__ = __name__
del _name
