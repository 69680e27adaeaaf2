"""One time step of plasticity of one layer, and many."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core import plasticity as _plasticity

__all__ = [
    "mstdp_linear_single_step",
    "mstdpet_linear_single_step",
    "stdp_conv1d_single_step",
    "stdp_conv2d_single_step",
    "stdp_linear_single_step",
    "stdp_multi_step",
]

_Trace = float | Tensor | None
_Factor = Callable[[Tensor], Tensor]
_Step = tuple[Tensor, Tensor, Tensor]


def _same(w: Tensor) -> Tensor:
    return w


def stdp_linear_single_step(
    fc: nn.Linear,
    in_spike: Tensor,
    out_spike: Tensor,
    trace_pre: _Trace,
    trace_post: _Trace,
    tau_pre: float,
    tau_post: float,
    f_pre: _Factor = _same,
    f_post: _Factor = _same,
) -> _Step:
    """Return the traces and the weight's change after one time step of a linear layer.

    Equation (``p``, ``q`` the traces of input and output)::

        p <- p - p/tau_pre + x;  q <- q - q/tau_post + y
        dw = -f_pre(w)*sum_n(q[n, o]*x[n, i]) + f_post(w)*sum_n(p[n, i]*y[n, o])

    Args:
        fc: the layer; its weight is read, not changed.
        in_spike: ``x``, shape ``[N, in_features]``.
        out_spike: ``y``, shape ``[N, out_features]``.
        trace_pre, trace_post: traces before the step; ``None`` is 0.
        tau_pre, tau_post: time constants.
        f_pre, f_post: factors that depend on the weight (default: the weight itself).

    Shape: ``(p, q, dw)``, in the shapes of input, output and weight.

    Source: ``learning.stdp_linear_single_step``, SpikingJelly 0.0.0.0.14.
    """
    p = _plasticity.decay_leaky(_start(trace_pre), in_spike, tau_pre)
    q = _plasticity.decay_leaky(_start(trace_post), out_spike, tau_post)
    return p, q, _plasticity.stdp_dense(fc.weight.detach(), in_spike, out_spike, p, q, f_pre, f_post)


def mstdp_linear_single_step(
    fc: nn.Linear,
    in_spike: Tensor,
    out_spike: Tensor,
    trace_pre: _Trace,
    trace_post: _Trace,
    tau_pre: float,
    tau_post: float,
    f_pre: _Factor = _same,
    f_post: _Factor = _same,
) -> _Step:
    """Return the traces and the eligibility of a linear layer's weight after one time step.

    Equation (``p``, ``q`` the traces of input and output)::

        p <- p*exp(-1/tau_pre) + x;  q <- q*exp(-1/tau_post) + y
        e[n] = -f_pre(w)*q[n, o]*x[n, i] + f_post(w)*p[n, i]*y[n, o]

    Args:
        fc: the layer; its weight is read, not changed.
        in_spike: ``x``, shape ``[N, in_features]``.
        out_spike: ``y``, shape ``[N, out_features]``.
        trace_pre, trace_post: traces before the step; ``None`` is 0.
        tau_pre, tau_post: time constants.
        f_pre, f_post: factors that depend on the weight (default: the weight itself).

    Shape: ``(p, q, e)``, ``e`` is ``[N, out_features, in_features]``.

    Source: ``learning.mstdp_linear_single_step``, SpikingJelly 0.0.0.0.14; Florian, "Reinforcement Learning
        Through Modulation of Spike-Timing-Dependent Synaptic Plasticity", Neural Computation 2007.
    """
    p = _plasticity.decay_exponential(_start(trace_pre), in_spike, tau_pre)
    q = _plasticity.decay_exponential(_start(trace_post), out_spike, tau_post)
    return p, q, _plasticity.eligibility(fc.weight.detach(), in_spike, out_spike, p, q, f_pre, f_post)


def mstdpet_linear_single_step(
    fc: nn.Linear,
    in_spike: Tensor,
    out_spike: Tensor,
    trace_pre: _Trace,
    trace_post: _Trace,
    tau_pre: float,
    tau_post: float,
    tau_trace: float,
    f_pre: _Factor = _same,
    f_post: _Factor = _same,
) -> _Step:
    """Return the traces and the eligibility of a linear layer's weight after one time step of one sample.

    Equation (``p``, ``q`` the traces of input and output)::

        p <- p*exp(-1/tau_pre) + x;  q <- q*exp(-1/tau_post) + y
        e = -f_pre(w)*q[o]*x[i] + f_post(w)*y[o]*p[i]

    Args:
        fc: the layer; its weight is read, not changed.
        in_spike: ``x``, shape ``[in_features]``.
        out_spike: ``y``, shape ``[out_features]``.
        trace_pre, trace_post: traces before the step; ``None`` is 0.
        tau_pre, tau_post: time constants.
        tau_trace: not used here; the learner forms the trace of the eligibility.
        f_pre, f_post: factors that depend on the weight (default: the weight itself).

    Shape: ``(p, q, e)``, ``e`` in the shape of the weight.

    Raises:
        RuntimeError: an input has a batch dimension.

    Source: ``learning.mstdpet_linear_single_step``, SpikingJelly 0.0.0.0.14; Florian 2007, as above.
    """
    p = _plasticity.decay_exponential(_start(trace_pre), in_spike, tau_pre)
    q = _plasticity.decay_exponential(_start(trace_post), out_spike, tau_post)
    return (
        p,
        q,
        _plasticity.eligibility_unbatched(fc.weight.detach(), in_spike, out_spike, p, q, f_pre, f_post),
    )


def stdp_conv2d_single_step(
    conv: nn.Conv2d,
    in_spike: Tensor,
    out_spike: Tensor,
    trace_pre: Tensor | None,
    trace_post: Tensor | None,
    tau_pre: float,
    tau_post: float,
    f_pre: _Factor = _same,
    f_post: _Factor = _same,
) -> _Step:
    """Return the traces and the weight's change after one time step of a 2-d convolution.

    Equation (``x`` the padded input, ``x_k`` what kernel position ``k`` meets of it, ``l`` the places)::

        p <- p - p/tau_pre + x;  q <- q - q/tau_post + y
        dw[:, :, k] = -f_pre(w_k)*sum_{n,l}(q[n, o, l]*x_k[n, i, l])
                      + f_post(w_k)*sum_{n,l}(p_k[n, i, l]*y[n, o, l])

    Args:
        conv: the convolution; its weight is read, not changed.
        in_spike: shape ``[N, in_channels, H, W]``.
        out_spike: shape ``[N, out_channels, H', W']``.
        trace_pre, trace_post: traces before the step; ``None`` is 0.
        tau_pre, tau_post: time constants.
        f_pre, f_post: factors that depend on the weight (default: the weight itself).

    Shape: ``(p, q, dw)``; ``p`` has the shape of the padded input.

    Raises:
        NotImplementedError: ``conv.dilation`` or ``conv.groups`` is not 1.

    Source: ``learning.stdp_conv2d_single_step``, SpikingJelly 0.0.0.0.14.
    """
    return _convolution(conv, in_spike, out_spike, trace_pre, trace_post, tau_pre, tau_post, f_pre, f_post)


def stdp_conv1d_single_step(
    conv: nn.Conv1d,
    in_spike: Tensor,
    out_spike: Tensor,
    trace_pre: Tensor | None,
    trace_post: Tensor | None,
    tau_pre: float,
    tau_post: float,
    f_pre: _Factor = _same,
    f_post: _Factor = _same,
) -> _Step:
    """Return the traces and the weight's change after one time step of a 1-d convolution.

    Equation (``x`` the padded input, ``x_k`` what kernel position ``k`` meets of it, ``l`` the places)::

        p <- p - p/tau_pre + x;  q <- q - q/tau_post + y
        dw[:, :, k] = -f_pre(w_k)*sum_{n,l}(q[n, o, l]*x_k[n, i, l])
                      + f_post(w_k)*sum_{n,l}(p_k[n, i, l]*y[n, o, l])

    Args:
        conv: the convolution; its weight is read, not changed.
        in_spike: shape ``[N, in_channels, L]``.
        out_spike: shape ``[N, out_channels, L']``.
        trace_pre, trace_post: traces before the step; ``None`` is 0.
        tau_pre, tau_post: time constants.
        f_pre, f_post: factors that depend on the weight (default: the weight itself).

    Shape: ``(p, q, dw)``; ``p`` has the shape of the padded input.

    Raises:
        NotImplementedError: ``conv.dilation`` or ``conv.groups`` is not 1.

    Source: ``learning.stdp_conv1d_single_step``, SpikingJelly 0.0.0.0.14.
    """
    return _convolution(conv, in_spike, out_spike, trace_pre, trace_post, tau_pre, tau_post, f_pre, f_post)


def _convolution(
    conv: nn.Conv1d | nn.Conv2d,
    in_spike: Tensor,
    out_spike: Tensor,
    trace_pre: Tensor | None,
    trace_post: Tensor | None,
    tau_pre: float,
    tau_post: float,
    f_pre: _Factor,
    f_post: _Factor,
) -> _Step:
    for name, value in (("dilation", conv.dilation), ("groups", (conv.groups,))):
        if any(each != 1 for each in value):
            raise NotImplementedError(
                f"STDP of {type(conv).__name__}: {name}={getattr(conv, name)!r} is not accepted; expected 1"
            )
    padding = conv._reversed_padding_repeated_twice
    if conv.padding_mode == "zeros":
        x = _nn_functional.pad(in_spike, padding)
    else:
        x = _nn_functional.pad(in_spike, padding, mode=conv.padding_mode)
    p = _plasticity.decay_leaky(_start(trace_pre), x, tau_pre)
    q = _plasticity.decay_leaky(_start(trace_post), out_spike, tau_post)
    weight = conv.weight.detach()
    change = torch.zeros_like(weight)
    for position in itertools.product(*map(range, conv.kernel_size)):
        window: Any = (
            ...,
            *(
                slice(first, first + stride * (count - 1) + 1, stride)
                for first, stride, count in zip(position, conv.stride, out_spike.shape[2:], strict=True)
            ),
        )
        kernel: Any = (slice(None), slice(None), *position)
        change[kernel] = _plasticity.stdp_window(
            weight[kernel], x[window], out_spike, p[window], q, f_pre, f_post
        )
    return p, q, change


def stdp_multi_step(
    layer: nn.Linear | nn.Conv1d | nn.Conv2d,
    in_spike: Tensor,
    out_spike: Tensor,
    trace_pre: _Trace,
    trace_post: _Trace,
    tau_pre: float,
    tau_post: float,
    f_pre: _Factor = _same,
    f_post: _Factor = _same,
) -> _Step:
    """Return the traces after all time steps, and the sum of the weight's changes.

    Equation::

        dw = dw[0] + dw[1] + ... + dw[T-1]           one single step for each, in this order

    Args:
        layer: a linear layer or a convolution; its weight is read, not changed.
        in_spike, out_spike: shape ``[T, N, *]``.
        trace_pre, trace_post: traces before the first step; ``None`` is 0.
        tau_pre, tau_post: time constants.
        f_pre, f_post: factors that depend on the weight (default: the weight itself).

    Shape: ``(p, q, dw)``, as for the single step of the layer.

    Raises:
        NotImplementedError: another kind of layer.

    Source: ``learning.stdp_multi_step``, SpikingJelly 0.0.0.0.14.
    """
    change = torch.zeros_like(layer.weight.detach())
    step = stdp_of(layer)
    for x, y in zip(in_spike.unbind(0), out_spike.unbind(0), strict=True):
        trace_pre, trace_post, dw = step(layer, x, y, trace_pre, trace_post, tau_pre, tau_post, f_pre, f_post)
        change = change + dw
    return trace_pre, trace_post, change  # type: ignore[return-value]


def stdp_of(layer: nn.Module) -> Callable[..., _Step]:
    """Return the single step of ``layer``'s kind; ``NotImplementedError`` for a kind without one."""
    for kind, step in (
        (nn.Linear, stdp_linear_single_step),
        (nn.Conv2d, stdp_conv2d_single_step),
        (nn.Conv1d, stdp_conv1d_single_step),
    ):
        if isinstance(layer, kind):
            return step
    raise NotImplementedError(f"STDP: {layer} is not accepted; expected a Linear, Conv1d or Conv2d layer")


def _start(trace: _Trace) -> float | Tensor:
    return 0.0 if trace is None else trace
