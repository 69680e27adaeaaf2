"""Parallel spiking neurons: all time steps in one matrix product, no reset."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.core import neuron_parallel as _equations
from unisnn.core import spec as _spec
from unisnn.spikingjelly.activation_based import base, surrogate
from unisnn.spikingjelly.activation_based.neuron._no_spec import refuse as _refuse

__all__ = ["PSN", "MaskedPSN", "SlidingPSN"]


class PSN(nn.Module, base.MultiStepModule):
    """The parallel spiking neuron: every step sees every step, and nothing is reset.

    Equation::

        h[t] = W[t, 0]*x[0] + ... + W[t, T-1]*x[T-1] + b[t]
        s[t] = surrogate_function(h[t])

    ``weight`` (``[T, T]``) starts as ``torch.nn.Linear``'s does, ``bias`` (``[T, 1]``, the negative
    threshold) at -1.

    Args:
        T: number of time steps.
        surrogate_function: default ``ATan(alpha=2.0)``.

    Shape: ``[T, N, *] -> [T, N, *]``; the dtype of the parameters. The step mode is ``'m'``.

    Raises:
        ValueError: a step mode other than ``'m'``.
        RuntimeError: an input with another number of time steps, from torch.

    Source: ``neuron.PSN``, SpikingJelly 2.0.0; Fang et al., "Parallel Spiking Neurons with High Efficiency
        and Ability to Learn Long-term Dependencies", NeurIPS 2023.
    """

    def __init__(
        self,
        T: int,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.ATan(),  # noqa: B008
    ) -> None:
        super().__init__()
        self.step_mode = "m"
        self.T = T
        self.surrogate_function = surrogate_function
        self.weight = nn.Parameter(torch.zeros([T, T]))
        self.bias = nn.Parameter(torch.zeros([T, 1]))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        nn.init.constant_(self.bias, -1.0)

    def forward(self, x_seq: Tensor) -> Tensor:
        """Return the spikes of all time steps."""
        return self.surrogate_function(_equations.charge_in_parallel(x_seq, self.weight, self.bias))

    def extra_repr(self) -> str:
        """Return the number of time steps in SpikingJelly's wording."""
        return f"T={self.T}, "

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a neuron without a time step has no neutral description."""
        raise _refuse(self)


class MaskedPSN(base.MemoryModule):
    """The parallel spiking neuron that comes, as lambda grows to 1, to see the last ``k`` steps only.

    Equation::

        W' = (lambda*M + (1 - lambda)*J)*W               M[i, j] = 1 where j <= i <= j + k - 1, J = 1;
                                                         W*M where lambda is 1 or more
        h[t] = W'[t, 0]*x[0] + ... + W'[t, T-1]*x[T-1] + b[t]
        s[t] = surrogate_function(h[t])

    ``lambda_`` is set during training, ``node.lambda_ = 0.5``; it is saved with the masks. With lambda at
    1 the neuron takes single steps too, from a queue of the last ``k`` inputs.

    Args:
        k: order, the number of steps that a step sees.
        T: number of time steps.
        lambda_init: lambda at first (default 0.0).
        surrogate_function: default ``ATan(alpha=2.0)``.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape:
        - ``'s'``: ``[N, *] -> [N, *]``
        - ``'m'``: ``[T, N, *] -> [T, N, *]``; the dtype of the parameters

    Raises:
        ValueError: step mode ``'s'`` with lambda below 1 or ``k`` below 1; an unknown step mode.
        OverflowError: more than ``T`` single steps without a reset.
        AssertionError: a sequence with another number of time steps than ``T``.

    Source: ``neuron.MaskedPSN``, SpikingJelly 2.0.0; Fang et al., NeurIPS 2023.
    """

    time_step: int
    queue: list[Tensor]
    _lambda_: Tensor
    mask0: Tensor
    mask1: Tensor

    def __init__(
        self,
        k: int,
        T: int,
        lambda_init: float = 0.0,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.ATan(),  # noqa: B008
        step_mode: str = "s",
    ) -> None:
        super().__init__()
        self.register_memory("time_step", 0)
        self.register_memory("queue", [])
        self.step_mode = step_mode
        self.k = k
        self.T = T
        self.surrogate_function = surrogate_function
        self.weight = nn.Parameter(torch.zeros([T, T]))
        self.bias = nn.Parameter(torch.zeros([T, 1]))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        nn.init.constant_(self.bias, -1.0)
        self.register_buffer("_lambda_", torch.tensor(float(lambda_init)))
        self.register_buffer("mask0", _equations.band(T, k))
        self.register_buffer("mask1", torch.ones([T, T]))

    @property
    def lambda_(self) -> Tensor:
        """The share of the mask, a 0-dim tensor; a number may be assigned."""
        return self._lambda_

    @lambda_.setter
    def lambda_(self, value: float | Tensor) -> None:
        with torch.no_grad():
            self._lambda_.fill_(value)

    @staticmethod
    def gen_masked_weight(lambda_: Tensor, mask0: Tensor, mask1: Tensor, weight: Tensor) -> Tensor:
        """Return ``(lambda_*mask0 + (1 - lambda_)*mask1)*weight``."""
        return _equations.masked(weight, lambda_, mask0, mask1)

    def masked_weight(self) -> Tensor:
        """Return the weight that is used, ``[T, T]``: ``weight*mask0`` where lambda is 1 or more."""
        if self.lambda_ >= 1.0:
            return self.weight * self.mask0
        return self.gen_masked_weight(self.lambda_, self.mask0, self.mask1, self.weight)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step, from the queue of the last ``k`` inputs."""
        name = self._get_name()
        if self.lambda_ < 1.0 or self.k < 1:
            raise ValueError(
                f"{name}: lambda_={float(self.lambda_)}, k={self.k} are not accepted in step_mode='s'; "
                "expected lambda_ >= 1 and k >= 1, for a single step cannot see later ones"
            )
        if self.time_step >= self.T:
            raise OverflowError(f"{name}: T={self.T} time steps were taken; expected a reset() before more")
        self.queue.append(x.flatten())
        if len(self.queue) > self.k:
            self.queue.pop(0)
        t, n = self.time_step, len(self.queue)
        weight = self.masked_weight()[t, t + 1 - n : t + 1]
        spike = self.surrogate_function(_equations.charge_from_queue(self.queue, weight, self.bias[t]))
        self.time_step += 1
        return spike.view(x.shape)

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Take all time steps at once."""
        _check.require(
            x_seq.shape[0] == self.T,
            self._get_name(),
            "x_seq.shape",
            tuple(x_seq.shape),
            f"T={self.T} time steps",
        )
        return self.surrogate_function(_equations.charge_in_parallel(x_seq, self.masked_weight(), self.bias))

    def extra_repr(self) -> str:
        """Return step mode, lambda and number of time steps in SpikingJelly's wording."""
        return f"step_mode={self.step_mode}, lambda_={self.lambda_}, T={self.T}"

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a neuron that sees several steps has no neutral description."""
        raise _refuse(self)


class SlidingPSN(base.MemoryModule):
    """The parallel spiking neuron with one weight that slides over the time steps.

    Equation::

        h[t] = w[0]*x[t-k+1] + ... + w[k-1]*x[t] + b     x before the first step is 0
        s[t] = surrogate_function(h[t])

    ``bias`` (0-dim, the negative threshold) starts at -1.

    Args:
        k: order, the number of steps that a step sees.
        exp_init: whether ``weight`` starts as ``..., 1/4, 1/2, 1`` (default True), else by the rule of
            ``torch.nn.Linear``.
        surrogate_function: default ``ATan(alpha=2.0)``.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape:
        - ``'s'``: ``[N, *] -> [N, *]``
        - ``'m'``: ``[T, N, *] -> [T, N, *]``, any ``T``; the dtype of the parameters

    The two step modes add in another order, so their membrane potentials may differ in the last bits.

    Raises:
        ValueError: an unknown step mode.

    Source: ``neuron.SlidingPSN``, SpikingJelly 2.0.0; Fang et al., NeurIPS 2023.
    """

    queue: list[Tensor]

    def __init__(
        self,
        k: int,
        exp_init: bool = True,
        surrogate_function: Callable[[Tensor], Tensor] = surrogate.ATan(),  # noqa: B008
        step_mode: str = "s",
    ) -> None:
        super().__init__()
        self.register_memory("queue", [])
        self.step_mode = step_mode
        self.k = k
        self.surrogate_function = surrogate_function
        weight = torch.ones([1, k])
        if exp_init:
            for i in range(k - 2, -1, -1):
                weight[0, i] = weight[0, i + 1] / 2.0
        else:
            nn.init.kaiming_uniform_(weight, a=math.sqrt(5))
        self.weight = nn.Parameter(weight[0])
        self.bias = nn.Parameter(torch.tensor(-1.0))

    def gen_gemm_weight(self, T: int) -> Tensor:
        """Return the matrix that slides ``weight`` over ``T`` time steps."""
        return _equations.sliding(self.weight, T)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Take one time step, from the queue of the last ``k`` inputs."""
        self.queue.append(x.flatten())
        if len(self.queue) > self.k:
            self.queue.pop(0)
        weight = self.weight[self.k - len(self.queue) :]
        spike = self.surrogate_function(_equations.charge_from_queue(self.queue, weight, self.bias))
        return spike.view(x.shape)

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Take all time steps at once."""
        weight = self.gen_gemm_weight(x_seq.shape[0])
        return self.surrogate_function(_equations.charge_in_parallel(x_seq, weight, self.bias))

    def extra_repr(self) -> str:
        """Return step mode and order in SpikingJelly's wording."""
        return f"step_mode={self.step_mode}, order={self.k}"

    def __describe__(self) -> _spec.NeuronSpec:
        """Refuse: a neuron that sees several steps has no neutral description."""
        raise _refuse(self)
