"""The CUBA neuron with the integers of Loihi: decays of 12 bits, states that count steps, no rounding up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.core import memory as _memory
from unisnn.core import scan as _scan
from unisnn.spikingjelly.activation_based import _lava_blocks, quantize, surrogate
from unisnn.spikingjelly.activation_based.neuron import BaseNode as _BaseNode

__all__ = ["BatchNorm2d", "CubaLIFNode", "LeakyIntegratorStep", "right_shift_to_zero"]

_BITS = 12


def right_shift_to_zero(x: Tensor, bits: int) -> Tensor:
    """Divide integers by a power of two and drop what is left, so that negative ones approach 0 too.

    Equation::

        y = sign(x)*(|x| >> bits)

    Args:
        x: int32 or int64.
        bits: the power of two.

    Shape: that of ``x``, and its dtype.

    Raises:
        AssertionError: ``x`` has another dtype.

    Source: ``lava_exchange.right_shift_to_zero``, SpikingJelly 0.0.0.0.14.
    """
    integer = x.dtype in (torch.int32, torch.int64)
    _check.require(integer, "right_shift_to_zero", "x.dtype", x.dtype, "torch.int32 or torch.int64")
    return torch.sign(x) * (torch.abs(x) >> bits)


class LeakyIntegratorStep(torch.autograd.Function):
    """One time step of a leaky integrator, in integers.

    Equation::

        y = ((state*w_scale)*(4096 - decay) >> 12  +  x*w_scale)/w_scale      products as int64, towards 0

        dL/dx     = dL/dy
        dL/dstate = (1 - decay/4096)*dL/dy
        dL/ddecay = -sum(state/4096*dL/dy)

    Args:
        x: the input, any floating tensor.
        decay: a tensor, 4096 times the decay; its fraction is dropped.
        state: the integrator's value before, as ``x``.
        w_scale: how many steps make 1, an int.

    Shape: that of ``x``; the default floating dtype.

    Source: ``lava_exchange.LeakyIntegratorStep``, SpikingJelly 0.0.0.0.14 (there the gradient of a ``decay``
        that is not of dimension 0 raises).
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, decay: Tensor, state: Tensor, w_scale: int) -> Tensor:
        """Return the integrator's value after the step."""
        ctx.save_for_backward(decay, state)
        kept = (w_scale * state).to(torch.int64) * ((1 << _BITS) - decay.to(torch.int64))
        return (right_shift_to_zero(kept, _BITS) + (w_scale * x).to(torch.int64)) / w_scale

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        """Return the gradients of ``x``, ``decay`` and ``state``."""
        decay, state = ctx.saved_tensors
        whole = 1 << _BITS
        grad_decay = (-(state / whole) * grad_output).sum_to_size(decay.shape)
        return grad_output, grad_decay, (1 - decay / whole) * grad_output, None


def _unchanged(x: Tensor) -> Tensor:
    return x


class BatchNorm2d(nn.Module):
    """Batch normalisation that only shifts bits: the mean is taken off, the scale is a power of two.

    Equation::

        y = (x - pre_hook_fx(mean))/2^e
        e = clamp(ceil(log2(sqrt(var + eps))), -weight_exp_bits, weight_exp_bits)

    In training, ``mean`` is that of each channel and ``var`` one number, the variance of the whole batch;
    with ``n`` elements a channel the statistics become::

        running_mean <- (1 - momentum)*running_mean + momentum*mean
        running_var  <- (1 - momentum)*running_var  + momentum*var*n/(n + 1)

    In evaluation, and always with ``track_running_stats=False``, ``y`` is computed from the statistics.

    Args:
        num_features: channels.
        eps: added to the variance (default 1e-5).
        momentum: weight of the newest statistics (default 0.1).
        track_running_stats: whether training uses and records the batch's own (default True).
        weight_exp_bits: largest absolute exponent (default 3).
        pre_hook_fx: applied to the mean, such as a quantiser (default: nothing).

    Shape: ``[N, C, H, W] -> [N, C, H, W]``. Buffers: ``running_mean`` ``[C]`` and
    ``running_var`` ``[1]``, 0 at the start.

    Source: ``lava_exchange.BatchNorm2d``, SpikingJelly 0.0.0.0.14; Lava-DL's ``WgtScaleBatchNorm``.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        track_running_stats: bool = True,
        weight_exp_bits: int = 3,
        pre_hook_fx: Callable[[Tensor], Tensor] = _unchanged,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.track_running_stats = track_running_stats
        self.weight_exp_bits = weight_exp_bits
        self.pre_hook_fx = pre_hook_fx
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.zeros(1))

    def to_lava(self) -> Any:
        """Return ``slayer.neuron.norm.WgtScaleBatchNorm`` with these statistics; needs Lava-DL."""
        norm = _lava_blocks.slayer("BatchNorm2d.to_lava").neuron.norm.WgtScaleBatchNorm(
            num_features=self.num_features,
            momentum=self.momentum,
            weight_exp_bits=self.weight_exp_bits,
            eps=self.eps,
            pre_hook_fx=self.pre_hook_fx,
        )
        norm.load_state_dict(self.state_dict())
        return norm

    def forward(self, x: Tensor) -> Tensor:
        """Normalise, and in training record the statistics."""
        mean, var = self.running_mean, self.running_var
        if self.training and self.track_running_stats:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(unbiased=False)
            count = x.numel() / self.num_features
            with torch.no_grad():
                keep = 1 - self.momentum
                self.running_mean = keep * self.running_mean + self.momentum * mean
                self.running_var = keep * self.running_var + self.momentum * var * count / (count + 1)
        exponent = torch.ceil(torch.log2(torch.sqrt(var + self.eps)))
        scale = torch.pow(2.0, exponent.clamp(-self.weight_exp_bits, self.weight_exp_bits))
        return (x - self.pre_hook_fx(mean).view(1, -1, 1, 1)) / scale


class CubaLIFNode(_BaseNode):
    """The current-based leaky integrate-and-fire neuron, with the numbers of Loihi.

    Equation, ``I`` of :class:`LeakyIntegratorStep`::

        i[t] = I(x[t], round(current_decay), i[t-1], s_scale)                 then norm, where there is one
        h[t] = I(i[t], round(voltage_decay), v[t-1], s_scale)
        s[t] = surrogate_function(h[t] - (v_threshold + 0.01/s_scale))
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset

    Args:
        current_decay, voltage_decay: decays from 0 to 1, floats or tensors; kept as 4096 times these, as
            buffers or parameters, with the gradient of the identity through the rounding.
        v_threshold: firing threshold (default 1.0).
        v_reset: must be 0.0 (default).
        scale: steps that make 1 for a weight (default 64); ``s_scale = int(scale*64)`` for a state.
        requires_grad: whether the decays are learned (default False); they then stay from 0 to 4096.
        surrogate_function: default ``Sigmoid(alpha=4.0)``.
        norm: a :class:`BatchNorm2d` for the current (default None).
        detach_reset: whether the reset lets no gradient through the spike (default False).
        step_mode: ``'s'`` (default) or ``'m'``.
        backend: ``'torch'``.
        store_v_seq, store_i_seq: whether step mode ``'m'`` keeps ``voltage_state`` in ``v_seq`` and
            ``current_state`` in ``i_seq`` (default False).

    Shape: ``[N, *] -> [N, *]``, or ``[T, N, *] -> [T, N, *]`` in step mode ``'m'``. The memories
    ``current_state`` and ``voltage_state`` are floats until the first step; ``v`` is not used.

    Raises:
        AssertionError: ``v_reset`` is not 0.0, or ``v_threshold`` is no float.
        NotImplementedError: ``norm`` is something else, or ``backend`` is not supported.

    Source: ``lava_exchange.CubaLIFNode``, SpikingJelly 0.0.0.0.14; Lava-DL's ``slayer.neuron.cuba.Neuron``.
    """

    _decides = ()

    current_state: Any
    voltage_state: Any
    current_decay: Tensor
    voltage_decay: Tensor

    def __init__(
        self,
        current_decay: float | Tensor,
        voltage_decay: float | Tensor,
        v_threshold: float = 1.0,
        v_reset: float = 0.0,
        scale: float = 1 << 6,
        requires_grad: bool = False,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.Sigmoid(),  # noqa: B008
        norm: BatchNorm2d | None = None,
        detach_reset: bool = False,
        step_mode: str = "s",
        backend: str = "torch",
        store_v_seq: bool = False,
        store_i_seq: bool = False,
    ) -> None:
        owner = self._get_name()
        _check.require(v_reset == 0.0, owner, "v_reset", v_reset, "0.0: Loihi resets to zero")
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, backend, store_v_seq
        )
        self.lava_cuba_neuron_params = {
            "threshold": v_threshold,
            "current_decay": current_decay,
            "voltage_decay": voltage_decay,
            "scale": scale,
        }
        self.requires_grad = requires_grad
        self._scale = int(scale)
        self._s_scale = int(scale * (1 << 6))
        self._p_scale = 1 << _BITS
        self.v_threshold_eps = 0.01 / self._s_scale
        for name, decay in (("current_decay", current_decay), ("voltage_decay", voltage_decay)):
            value = self._p_scale * torch.as_tensor(decay, dtype=torch.float32).detach()
            if requires_grad:
                self.register_parameter(name, nn.Parameter(value))
            else:
                self.register_buffer(name, value)
        if norm is not None and not isinstance(norm, BatchNorm2d):
            raise NotImplementedError(
                f"{owner}: norm={norm!r} is not accepted; expected a BatchNorm2d or None"
            )
        self.norm = norm
        if norm is not None:
            norm.pre_hook_fx = self.quantize_8bit
        self.clamp_decay_parameters()
        self.register_memory("current_state", 0.0)
        self.register_memory("voltage_state", 0.0)
        self.store_i_seq = store_i_seq

    @property
    def scale(self) -> int:
        """How many steps make 1 for a weight."""
        return self._scale

    @property
    def s_scale(self) -> int:
        """How many steps make 1 for a state."""
        return self._s_scale

    @property
    def p_scale(self) -> int:
        """How many steps make 1 for a decay: 4096."""
        return self._p_scale

    @property
    def store_i_seq(self) -> bool:
        """Whether step mode ``'m'`` keeps the current of every step in ``i_seq``."""
        return self._store_i_seq

    @store_i_seq.setter
    def store_i_seq(self, value: bool) -> None:
        self._store_i_seq = value
        if value and not hasattr(self, "i_seq"):
            self.register_memory("i_seq", None)

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """``('torch',)``."""
        return ("torch",)

    def quantize_8bit(self, x: Tensor, descale: bool = False) -> Tensor:
        """Return ``x`` as the weights of this neuron's synapses are: 256 even multiples of ``1/scale``."""
        return _lava_blocks.quantize_8bit(x, self.scale, descale)

    def clamp_decay_parameters(self) -> None:
        """Move both decays into the range from 0 to 4096."""
        with torch.no_grad():
            self.current_decay.clamp_(0.0, self.p_scale)
            self.voltage_decay.clamp_(0.0, self.p_scale)

    def state_initialization(self, x: Tensor) -> None:
        """Make float states tensors of the shape of ``x``."""
        self.current_state = _memory.fill_like(self.current_state, x)
        self.voltage_state = _memory.fill_like(self.voltage_state, x)

    def _step(self, x: Tensor, decay: Tensor, state: Tensor) -> Tensor:
        rounded: Tensor = quantize.step_quantize(decay, 1.0)
        stepped: Tensor = LeakyIntegratorStep.apply(x, rounded, state, self.s_scale)
        return stepped

    def neuronal_charge(self, x: Tensor) -> None:
        """Set ``current_state`` and ``voltage_state`` to their values after charge."""
        if self.requires_grad:
            self.clamp_decay_parameters()
        current = self._step(x, self.current_decay, self.current_state)
        self.current_state = current if self.norm is None else self.norm(current)
        self.voltage_state = self._step(self.current_state, self.voltage_decay, self.voltage_state)

    def neuronal_fire(self) -> Tensor:
        """Return the spike."""
        return self.surrogate_function(self.voltage_state - (self.v_threshold + self.v_threshold_eps))

    def neuronal_reset(self, spike: Tensor) -> None:
        """Set ``voltage_state`` to its value after reset."""
        spike = spike.detach() if self.detach_reset else spike
        self.voltage_state = self.jit_hard_reset(self.voltage_state, spike, self.v_reset)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step: charge, fire, reset."""
        self.state_initialization(x)
        self.neuronal_charge(x)
        spike = self.neuronal_fire()
        self.neuronal_reset(spike)
        return spike

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        """Take every time step of ``x_seq``, shape ``[T, N, *]``."""
        voltages, currents = [], []

        def step(x: Tensor) -> Tensor:
            spike = self.single_step_forward(x)
            if self.store_v_seq:
                voltages.append(self.voltage_state)
            if self.store_i_seq:
                currents.append(self.current_state)
            return spike

        spike_seq = _scan.scan(step, x_seq, self._get_name())
        if voltages:
            self.v_seq = torch.stack(voltages)
        if currents:
            self.i_seq = torch.stack(currents)
        return spike_seq
