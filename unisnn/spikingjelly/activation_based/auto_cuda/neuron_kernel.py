"""CUDA text of a neuron's steps; the kernels that are made of it raise on use.

Equation::

    fire           s = H(h - v_threshold)
    hard reset     v = h*(1 - s) + v_reset*s
    soft reset     v = h - v_threshold*s
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any

import torch
from torch import Tensor

from unisnn.core import absent as _absent
from unisnn.spikingjelly.activation_based.auto_cuda import _elementwise
from unisnn.spikingjelly.activation_based.auto_cuda import cfunction as _cfunction

__all__ = [
    "if_requires_grad",
    "neuronal_fire",
    "neuronal_hard_reset",
    "neuronal_soft_reset",
    "new_tensors",
]


def neuronal_fire(spike: str | None, v: str, v_th: str, dtype: str = "float") -> str:
    """Return the text of a neuron's firing.

    Equation::

        spike = 1 if v - v_th >= 0 else 0

    Args:
        spike: name of the result, or ``None`` for an expression.
        v: name of the membrane potential before the reset.
        v_th: name of the threshold.
        dtype: ``'float'`` (default) or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.neuron_kernel.neuronal_fire``, SpikingJelly 0.0.0.0.14.
    """
    difference = _cfunction.sub(None, v, v_th, dtype)
    return _cfunction.heaviside(spike, difference if dtype == "float" else difference[1:-1], dtype)


def neuronal_hard_reset(v_next: str, h: str, spike: str, v_reset: str, dtype: str = "float") -> str:
    """Return the text of a reset to a potential.

    Equation::

        v_next = h*(1 - spike) + v_reset*spike

    Args:
        v_next: name of the result.
        h: name of the membrane potential before the reset.
        spike: name of the spike.
        v_reset: name of the reset potential.
        dtype: ``'float'`` (default) or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.neuron_kernel.neuronal_hard_reset``, SpikingJelly 0.0.0.0.14 (its ``half2`` text names
        ``v_reset`` whatever is given).
    """
    single = f"{h} * (1.0f - {spike}) + {v_reset} * {spike}"
    half = f"__hfma2({h}, __hsub2(__float2half2_rn(1.0f), {spike}), __hmul2({v_reset}, {spike}))"
    return _elementwise.text("neuronal_hard_reset", v_next, dtype, single, half)


def neuronal_soft_reset(v_next: str, h: str, spike: str, v_th: str, dtype: str = "float") -> str:
    """Return the text of a reset by subtraction.

    Equation::

        v_next = h - v_th*spike

    Args:
        v_next: name of the result.
        h: name of the membrane potential before the reset.
        spike: name of the spike.
        v_th: name of the threshold.
        dtype: ``'float'`` (default) or ``'half2'``.

    Raises:
        NotImplementedError: another dtype.

    Source: ``auto_cuda.neuron_kernel.neuronal_soft_reset``, SpikingJelly 0.0.0.0.14.
    """
    single, half = f"{h} - {v_th} * {spike}", f"__hsub2({h}, __hmul2({v_th}, {spike}))"
    return _elementwise.text("neuronal_soft_reset", v_next, dtype, single, half)


def if_requires_grad(items: Iterable[Any]) -> bool:
    """Say whether a tensor among several things needs a gradient.

    Equation::

        any(x.requires_grad for x in items if x is a tensor)

    Args:
        items: anything.

    Source: ``auto_cuda.neuron_kernel.if_requires_grad``, SpikingJelly 0.0.0.0.14.
    """
    return any(isinstance(item, Tensor) and item.requires_grad for item in items)


def new_tensors(news: tuple[str, ...], py_dict: MutableMapping[str, Any], ref: str = "x_seq") -> None:
    """Put tensors of zeros into a dictionary.

    Equation::

        py_dict[name] = zeros of the shape, dtype and device of py_dict[ref]          for name in news

    Args:
        news: the names.
        py_dict: the dictionary.
        ref: the name of the tensor that they follow. Default ``'x_seq'``.

    Raises:
        KeyError: there is no tensor called ``ref``.

    Source: ``auto_cuda.neuron_kernel.new_tensors``, SpikingJelly 0.0.0.0.14.
    """
    like = py_dict[ref].detach()
    for name in news:
        py_dict[name] = torch.zeros_like(like)


_REASON = (
    "it compiles a CUDA kernel with cupy; "
    "the neurons of unisnn run their multi-step forward and backward on any device without it"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "IFNodeATGF": _REASON,
        "IFNodeBPTTKernel": _REASON,
        "IFNodeFPTTKernel": _REASON,
        "LIFNodeATGF": _REASON,
        "LIFNodeBPTTKernel": _REASON,
        "LIFNodeFPTTKernel": _REASON,
        "NeuronATGFBase": _REASON,
        "NeuronBPTTKernel": _REASON,
        "NeuronFPTTKernel": _REASON,
        "ParametricLIFNodeATGF": _REASON,
        "ParametricLIFNodeBPTTKernel": _REASON,
        "ParametricLIFNodeFPTTKernel": _REASON,
        "scalar_to_cupy": _REASON,
    },
)
