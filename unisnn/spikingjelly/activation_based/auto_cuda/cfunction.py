"""CUDA text of elementwise functions: the names import, and raise on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = (
    "it writes the text of CUDA kernels for cupy; "
    "the neurons and surrogates of unisnn run on any device without it"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "abs": _REASON,
        "add": _REASON,
        "atan_backward": _REASON,
        "constant": _REASON,
        "div": _REASON,
        "exp": _REASON,
        "fake_numerical_gradient_backward": _REASON,
        "float2half2": _REASON,
        "greater_equal": _REASON,
        "greater_than": _REASON,
        "heaviside": _REASON,
        "if_else": _REASON,
        "if_else_else": _REASON,
        "leaky_k_relu_backward": _REASON,
        "log_tailed_relu_backward": _REASON,
        "maximum": _REASON,
        "minimal": _REASON,
        "mul": _REASON,
        "neg": _REASON,
        "piecewise_leaky_relu_backward": _REASON,
        "power": _REASON,
        "q_pseudo_spike_backward": _REASON,
        "s2nn_backward": _REASON,
        "sigmoid": _REASON,
        "sigmoid_backward": _REASON,
        "sub": _REASON,
        "wrap_return_codes": _REASON,
    },
)
