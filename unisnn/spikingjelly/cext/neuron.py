"""Neurons of the old CUDA extension: those of ``clock_driven.neuron``, with the extension's arguments.

The extension had kernels for two neurons and two surrogates, chosen by name::

    cext.neuron.MultiStepIFNode(detach_reset=True)
    clock_driven.neuron.MultiStepIFNode(surrogate_function=ATan(alpha=2.0), detach_reset=True)      the same

SpikingJelly 0.0.0.0.12 is the last edition that ships them; ``ParametricLIFNode`` and its multi-step class,
which code for earlier editions imports, are the very classes of ``clock_driven``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from unisnn.core import absent as _absent
from unisnn.spikingjelly.clock_driven import surrogate as _surrogate
from unisnn.spikingjelly.clock_driven.neuron import MultiStepParametricLIFNode as MultiStepParametricLIFNode
from unisnn.spikingjelly.clock_driven.neuron import ParametricLIFNode as ParametricLIFNode
from unisnn.spikingjelly.clock_driven.neuron import _base_node, _leaky, _multi_step

__all__ = [
    "BaseNode",
    "IFNode",
    "LIFNode",
    "MultiStepIFNode",
    "MultiStepLIFNode",
    "MultiStepParametricLIFNode",
    "ParametricLIFNode",
    "surrogate_function_dict",
]

surrogate_function_dict: dict[str, int] = {"ATan": 0, "Sigmoid": 1}
"""The surrogates that can be named, and their numbers in the extension."""


def _function(surrogate_function: Any, alpha: float) -> Callable[[Tensor], Tensor]:
    """Return the surrogate that a name stands for; a surrogate module is taken as it is."""
    if isinstance(surrogate_function, nn.Module):
        return surrogate_function
    if surrogate_function not in surrogate_function_dict:
        raise KeyError(
            f"surrogate_function={surrogate_function!r} is not accepted; expected one of "
            f"{', '.join(map(repr, surrogate_function_dict))}"
        )
    return getattr(_surrogate, surrogate_function)(alpha=alpha)


class BaseNode(_base_node.BaseNode):
    """A spiking neuron whose surrogate is chosen by name.

    Equation::

        h[t] = neuronal_charge(x[t])                     the subclass's, on self.v
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset            v_reset a float
        v[t] = h[t] - s[t]*v_threshold                   v_reset None

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset, which the extension lacks.
        surrogate_function: ``'ATan'`` (default) or ``'Sigmoid'``; a surrogate module is accepted too.
        alpha: steepness of the surrogate (default 2.0).
        detach_reset: default False.

    Shape: ``[N, *] -> [N, *]``.

    Raises:
        KeyError: no surrogate has that name.
        AssertionError: as :class:`unisnn.spikingjelly.clock_driven.neuron.BaseNode`.

    Source: ``cext.neuron.BaseNode``, SpikingJelly 0.0.0.0.12.
    """

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: str | nn.Module = "ATan",
        alpha: float = 2.0,
        detach_reset: bool = False,
    ) -> None:
        function = _function(surrogate_function, alpha)
        _base_node.BaseNode.__init__(self, v_threshold, v_reset, function, detach_reset)
        self._named(alpha)

    def _named(self, alpha: float) -> None:
        self.alpha = alpha
        name = type(self.surrogate_function).__name__
        self.grad_surrogate_function_index = surrogate_function_dict.get(name)

    def reset(self) -> None:
        """Set ``v`` to its value before the first step."""
        super().reset()

    def extra_repr(self) -> str:
        """Return the arguments in the extension's wording."""
        name = type(self.surrogate_function).__name__
        return (
            f"v_threshold={self.v_threshold}, v_reset={self.v_reset}, detach_reset={self.detach_reset}, "
            f"surrogate_function={name}, alpha={self.alpha}"
        )


class IFNode(BaseNode, _leaky.IFNode):
    """The integrate-and-fire neuron, one time step a call.

    Equation::

        h[t] = v[t-1] + dv[t]
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: ``'ATan'`` (default) or ``'Sigmoid'``.
        alpha: steepness of the surrogate (default 2.0).
        detach_reset: default False.

    Shape: ``[N, *] -> [N, *]``.

    Raises: as :class:`BaseNode`.

    Source: ``cext.neuron.IFNode``, SpikingJelly 0.0.0.0.12 (there the compiled extension is needed).
    """

    cupy_fp32_inference = False

    def forward(self, dv: Tensor) -> Tensor:
        """Take one time step."""
        return super().forward(dv)


class LIFNode(BaseNode, _leaky.LIFNode):
    """The leaky integrate-and-fire neuron whose input decays too, one time step a call.

    Equation::

        h[t] = v[t-1] + (dv[t] - (v[t-1] - v_reset))/tau
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset

    Args:
        tau: membrane time constant (default 100.0).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft reset.
        surrogate_function: ``'ATan'`` (default) or ``'Sigmoid'``.
        alpha: steepness of the surrogate (default 2.0).
        detach_reset: default False.

    Shape: ``[N, *] -> [N, *]``.

    Raises: as :class:`BaseNode`.

    Source: ``cext.neuron.LIFNode``, SpikingJelly 0.0.0.0.12 (there the compiled extension is needed, and it
        multiplies by ``reciprocal_tau``).
    """

    cupy_fp32_inference = False
    decay_input = True

    def __init__(
        self,
        tau: float = 100.0,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: str | nn.Module = "ATan",
        alpha: float = 2.0,
        detach_reset: bool = False,
    ) -> None:
        super().__init__(v_threshold, v_reset, surrogate_function, alpha, detach_reset)
        self.tau = tau
        self.reciprocal_tau = 1.0 / tau

    def forward(self, dv: Tensor) -> Tensor:
        """Take one time step."""
        return super().forward(dv)

    def extra_repr(self) -> str:
        """Return the arguments in the extension's wording."""
        return super().extra_repr() + f" tau={self.tau}"


class _OverTime(_multi_step._MultiStep):
    """The loop over time of ``clock_driven``."""

    backend = "torch"

    def _named(self, alpha: float) -> None:
        super()._named(alpha)  # type: ignore[misc]
        self.register_memory("v_seq", None)


class MultiStepIFNode(_OverTime, IFNode, _multi_step.MultiStepIFNode):
    """The integrate-and-fire neuron over all time steps.

    Equation::

        h[t] = v[t-1] + dv[t]                            t = 0...T-1
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset

    Args:
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike (default 0.0), or ``None`` for a soft reset.
        surrogate_function: ``'ATan'`` (default) or ``'Sigmoid'``.
        alpha: steepness of the surrogate (default 2.0).
        detach_reset: default False.

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1``.

    Raises: as :class:`BaseNode`; ``ValueError`` for an input without time steps.

    Source: ``cext.neuron.MultiStepIFNode``, SpikingJelly 0.0.0.0.12 (there the compiled extension is needed).
    """

    def forward(self, dv_seq: Tensor) -> Tensor:
        """Take every time step of ``dv_seq``, shape ``[T, N, *]``."""
        return super().forward(dv_seq)


class MultiStepLIFNode(_OverTime, LIFNode, _multi_step.MultiStepLIFNode):
    """The leaky integrate-and-fire neuron whose input decays too, over all time steps.

    Equation::

        h[t] = v[t-1] + (dv[t] - (v[t-1] - v_reset))/tau         t = 0...T-1
        s[t] = surrogate_function(h[t] - v_threshold)
        v[t] = (1 - s[t])*h[t] + s[t]*v_reset

    Args:
        tau: membrane time constant (default 100.0).
        v_threshold: firing threshold (default 1.0).
        v_reset: value after a spike and resting potential (default 0.0), or ``None`` for a soft reset.
        surrogate_function: ``'ATan'`` (default) or ``'Sigmoid'``.
        alpha: steepness of the surrogate (default 2.0).
        detach_reset: default False.

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1``.

    Raises: as :class:`BaseNode`; ``ValueError`` for an input without time steps.

    Source: ``cext.neuron.MultiStepLIFNode``, SpikingJelly 0.0.0.0.12 (there the compiled extension is
        needed).
    """

    def forward(self, dv_seq: Tensor) -> Tensor:
        """Take every time step of ``dv_seq``, shape ``[T, N, *]``."""
        return super().forward(dv_seq)


_KERNELS = "is a kernel of the compiled CUDA extension; the neurons of this module compute the same"

_KERNEL_NAMES = (
    "IFMultiStep",
    "IFStep",
    "LIFMultiStep",
    "LIFStep",
    "LIF_backward",
    "LIF_bptt",
    "LIF_hard_reset_forward",
    "LIF_hard_reset_forward_with_grad",
    "LIF_hard_reset_fptt",
    "LIF_hard_reset_fptt_with_grad",
    "backward_template",
    "bptt_template",
    "hard_reset_forward_template",
    "hard_reset_forward_with_grad_template",
    "hard_reset_fptt_template",
    "hard_reset_fptt_with_grad_template",
    "soft_reset_forward_template",
    "soft_reset_forward_with_grad_template",
    "soft_reset_fptt_template",
    "soft_reset_fptt_with_grad_template",
)

__getattr__ = _absent.serve(__name__, dict.fromkeys(_KERNEL_NAMES, _KERNELS))
