"""Integrate-and-fire neurons that learn their threshold.

One time step, with the trained threshold ``c`` of shape ``[1]``::

    h = v + x                                membrane potential after charge
    z = 1 if h - c >= 0 else 0               spike, float32
    v = (1 - z)*h + z*(h - c)                soft reset, differentiated through z and c

and the derivative of a sigmoid as surrogate gradient::

    dz/dq = (1 - s) * s * alpha              s = sigmoid(q * alpha), q = h - c, alpha of shape [1]

Training and evaluation give the same numbers.

Shapes: ``[N, *] -> [N, *]`` a step. dtypes: the spike is float32; ``v`` promotes with the float32
threshold, so half precision potentials are float32. Everything here was measured on running upstream
code (qualia-plugin-snn 2.6.0); none of its text was used.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.core import layout as _layout
from unisnn.core import neuron as _equations
from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core import surrogate as _families
from unisnn.spikingjelly.activation_based import neuron as _neuron

__all__ = ["ATIF", "IFSRL", "SpikeFunctionSigmoid", "heaviside"]


def heaviside(x: Tensor) -> Tensor:
    """Fire at or above zero.

    Equation::

        H(x) = 1 if x >= 0 else 0

    NaN does not fire, -0.0 does. Not differentiable.

    Args:
        x: membrane potential minus threshold, any shape; the result has its shape and dtype.

    Source: ``CustomNode.heaviside``, qualia-plugin-snn 2.6.0.
    """
    return _spike.at_or_above(x)


class SpikeFunctionSigmoid(torch.autograd.Function):
    """Fire at or above zero, with the derivative of a sigmoid as surrogate gradient.

    Equation::

        z     = 1 if x >= 0 else 0
        dL/dx = g * (1 - s) * s * alpha        s = sigmoid(x * alpha)

    ``apply(x, alpha)``: two positional arguments; the spike has the shape and dtype of ``x``, ``alpha``
    broadcasts with ``x`` and gets no gradient. A float32 alpha with an axis has the gradient of half
    precision ``x`` computed in float32.

    Raises:
        ValueError: other than two positional arguments.
        TypeError: a keyword argument; or ``alpha`` is None and a gradient is needed.

    Source: ``CustomNode.SpikeFunctionSigmoid``, qualia-plugin-snn 2.6.0.
    """

    @staticmethod
    def forward(ctx: Any, *args: Any, **_: Any) -> Tensor:
        """Return the spikes of ``x``, the first of the two arguments."""
        if len(args) != 2:
            raise ValueError(
                f"SpikeFunctionSigmoid: {len(args)} arguments are not accepted; expected two, x and alpha"
            )
        x, alpha = args
        _spike.keep_with_alpha(ctx, "SpikeFunctionSigmoid", x, alpha)
        return heaviside(x)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, None]:
        """Return the gradient for ``x``, and None for alpha."""
        if not ctx.needs_input_grad[0]:
            return None, None
        return _families.SIGMOID_VECTOR_ALPHA.gradient(grad_outputs[0], *_spike.kept_with_alpha(ctx)), None


class IFSRL(nn.Module):
    """Integrate-and-fire neuron with soft reset and a trained threshold.

    Equation::

        h  = v + x
        z  = 1 if h - vp_th >= 0 else 0
        v  = (1 - z)*h + z*(h - vp_th)
        output z

    Args:
        v_threshold: scale of the threshold that training starts from (default 1.0).
        vth_init_l: lower end of its range, as a factor of ``v_threshold`` (default 0.8).
        vth_init_h: upper end (default 1.0); ``vp_th`` is drawn uniformly between both, one draw.
        alpha: steepness of the surrogate gradient, not trained (default 1.0).
        device: where ``vp_th`` and ``v`` are made (default ``'cpu'``).

    Shape:
        ``[N, *] -> [N, *]``; the spike is float32. ``vp_th`` is a Parameter of shape ``[1]``, ``v`` a
        tensor that starts as ``[0.]`` and follows the input's shape.

    Raises:
        TypeError: ``v_threshold``, ``vth_init_l``, ``vth_init_h`` or ``alpha`` is no number.
        ValueError: the range of the threshold is empty (``vth_init_l*v_threshold`` above
            ``vth_init_h*v_threshold``).

    Source: ``CustomNode.IFSRL``, qualia-plugin-snn 2.6.0.
    """

    def __init__(
        self,
        v_threshold: float = 1.0,
        vth_init_l: float = 0.8,
        vth_init_h: float = 1.0,
        alpha: float = 1.0,
        device: str = "cpu",
    ) -> None:
        super().__init__()
        self.v_threshold = v_threshold
        self.alpha = _require_number("IFSRL", "alpha", alpha)
        self.device = device
        self.vp_th = _drawn_threshold("IFSRL", v_threshold, vth_init_l, vth_init_h, device)
        self.v: Tensor = torch.zeros(1, device=device)

    def ifsrl_fn(self, x: Tensor) -> Tensor:
        """Take one time step: charge, fire, reset; return the spikes."""
        h = _equations.charge_if(self.v, x)
        z = _fire(h - self.vp_th, self.alpha)
        self.v = _equations.reset_by_threshold_mix(h, z, self.vp_th)
        return z

    def forward(self, input: Tensor) -> Tensor:
        """Take one time step and return the spikes."""
        return self.ifsrl_fn(input)

    def reset(self) -> None:
        """Set ``v`` to zeros of its shape, cut from the graph (upstream keeps the graph)."""
        self.v = torch.zeros_like(self.v.detach())

    def get_coeffs(self) -> Tensor:
        """Return the threshold Parameter."""
        return self.vp_th

    def set_coeffs(self, vp_th: Tensor) -> None:
        """Copy a threshold of one value into the Parameter, inside or outside ``torch.no_grad()``.

        Raises:
            TypeError: neither a tensor nor a number.
            RuntimeError: a tensor of other than shape ``[1]`` or ``[]``.
        """
        _copy_threshold("IFSRL", "vp_th", self.vp_th, vp_th)

    def _apply(self, fn: Any, *args: Any, **kwargs: Any) -> IFSRL:
        super()._apply(fn, *args, **kwargs)
        self.v = self.v.to(self.vp_th.device)  # the state follows the parameters' device, not their dtype
        return self

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description."""
        return _describe(self, "IFSRL", "vp_th", _layout.STEP, "dense")


class ATIF(_neuron.BaseNode):
    """Integrate-and-fire neuron with a trained threshold that also scales its output.

    Equation::

        h  = v + x
        z  = 1 if h - v_threshold >= 0 else 0
        v  = (1 - z)*h + z*(h - v_threshold)
        output z * v_threshold

    Args:
        v_threshold: scale of the threshold that training starts from (default 1.0).
        vth_init_l: lower end of its range, as a factor of ``v_threshold`` (default 0.8).
        vth_init_h: upper end (default 1.0); ``v_threshold`` is drawn uniformly between both, one draw.
        alpha: steepness of the surrogate gradient, not trained (default 1.0).
        device: where ``v_threshold`` and ``v`` are made (default ``'cpu'``).

    Shape:
        step mode ``'s'`` (at the start): ``[N, *] -> [N, *]``; ``'m'``: ``[T, N, *] -> [T, N, *]``. The
        output is float32. ``v_threshold`` is a Parameter of shape ``[1]``; the memory ``v`` starts as the
        tensor ``[0.]`` and is the float 0.0 after ``reset()``.

    Raises:
        AssertionError: ``v_threshold`` is no float.
        TypeError: ``vth_init_l``, ``vth_init_h`` or ``alpha`` is no number.
        ValueError: the range of the threshold is empty.

    Source: ``CustomNode.ATIF``, qualia-plugin-snn 2.6.0.
    """

    def __init__(
        self,
        v_threshold: float = 1.0,
        vth_init_l: float = 0.8,
        vth_init_h: float = 1.0,
        alpha: float = 1.0,
        device: str = "cpu",
    ) -> None:
        super().__init__(
            v_threshold=v_threshold,
            v_reset=None,
            surrogate_function=SpikeFunctionSigmoid.apply,
            detach_reset=False,
        )
        self.device = device
        self.alpha = _require_number("ATIF", "alpha", alpha)
        self.v_threshold = _drawn_threshold("ATIF", v_threshold, vth_init_l, vth_init_h, device)
        self.v = torch.zeros(1, device=device)

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """The backends that can be chosen in either step mode: ``('torch',)``."""
        return ("torch",)

    def neuronal_charge(self, x: Tensor) -> None:
        """Charge: ``v = v + x``."""
        self.v = _equations.charge_if(self.v, x)

    def neuronal_fire(self) -> Tensor:
        """Return the spikes of ``v - v_threshold``, float32."""
        return _fire(self.v - self.v_threshold, self.alpha)

    def neuronal_reset(self, spike: Tensor) -> None:
        """Reset: subtract ``v_threshold`` where ``spike`` is set."""
        self.v = _equations.reset_by_threshold_mix(self.v, spike, self.v_threshold)

    def ifsrl_fn(self, x: Tensor) -> Tensor:
        """Take one time step: charge, fire, reset; return the spikes times ``v_threshold``."""
        self.neuronal_charge(x)
        z = self.neuronal_fire()
        self.neuronal_reset(z)
        return z * self.v_threshold

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step and return the scaled spikes."""
        self.v_float_to_tensor(x)
        return self.ifsrl_fn(x)

    def get_coeffs(self) -> Tensor:
        """Return the threshold Parameter."""
        return self.v_threshold

    def set_coeffs(self, v_threshold: Tensor) -> None:
        """Copy a threshold of one value into the Parameter, inside or outside ``torch.no_grad()``.

        Raises:
            TypeError: neither a tensor nor a number.
            RuntimeError: a tensor of other than shape ``[1]`` or ``[]``.
        """
        _copy_threshold("ATIF", "v_threshold", self.v_threshold, v_threshold)

    def __describe__(self) -> _spec.NeuronSpec:
        """Return the neutral description."""
        layout = _layout.STEP if self.step_mode == "s" else _layout.TIME_FIRST
        return _describe(self, "ATIF", "v_threshold", layout, "threshold_scaled")


def _fire(q: Tensor, alpha: Any) -> Tensor:
    return SpikeFunctionSigmoid.apply(q, alpha * torch.ones(1, device=q.device)).float()


def _require_number(owner: str, argument: str, value: Any) -> Any:
    if value is None or isinstance(value, (str, bytes)):
        raise TypeError(f"{owner}: {argument}={value!r} is not accepted; expected a number")
    return value


def _drawn_threshold(owner: str, scale: Any, low: Any, high: Any, device: Any) -> nn.Parameter:
    for argument, value in (("v_threshold", scale), ("vth_init_l", low), ("vth_init_h", high)):
        _require_number(owner, argument, value)
    if not low * scale <= high * scale:
        raise ValueError(
            f"{owner}: vth_init_l={low!r} and vth_init_h={high!r} are not accepted with "
            f"v_threshold={scale!r}; expected vth_init_l*v_threshold <= vth_init_h*v_threshold"
        )
    threshold = nn.Parameter(torch.ones(1, device=device))
    nn.init.uniform_(threshold, low * scale, high * scale)
    return threshold


def _copy_threshold(owner: str, argument: str, target: Tensor, value: Any) -> None:
    if not isinstance(value, (Tensor, int, float)):
        raise TypeError(
            f"{owner}.set_coeffs: {argument}={value!r} is not accepted; expected a tensor of shape [1]"
        )
    if isinstance(value, Tensor) and value.shape not in (target.shape, torch.Size([])):
        raise RuntimeError(
            f"{owner}.set_coeffs: {argument} of shape {list(value.shape)} is not accepted; "
            f"expected {list(target.shape)}"
        )
    with torch.no_grad():
        target.copy_(torch.as_tensor(value))


def _describe(node: Any, symbol: str, threshold: str, layout: str, output: str) -> _spec.NeuronSpec:
    """Describe a neuron, ours or upstream's, by the attributes that both have."""
    parameter = getattr(node, threshold)
    _check.require(parameter.numel() == 1, symbol, threshold, parameter, "one value")
    return _spec.NeuronSpec(
        charge="charge_if",
        surrogate=_spec.SurrogateSpec(
            family="sigmoid_vector_alpha",
            parameters=_spec.values(alpha=float(node.alpha)),
            fire=">=",
            output="float32",
        ),
        reset=_spec.ResetSpec("soft", None, detached=False, order="reset_by_threshold_mix"),
        learnable=(threshold,) if parameter.requires_grad else (),
        threshold=float(parameter.detach()),
        layout=layout,
        output=output,
        library="qualia_plugin_snn",
        symbol=f"learningmodel.pytorch.layers.CustomNode.{symbol}",
    )
