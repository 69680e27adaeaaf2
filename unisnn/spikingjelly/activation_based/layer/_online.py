"""What online training through time (OTTT) needs around its neurons: a trace beside every spike."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.core import online as _online
from unisnn.spikingjelly.activation_based import neuron

__all__ = ["GradwithTrace", "OTTTSequential", "ReplaceforGrad", "SpikeTraceOp"]


class ReplaceforGrad(_online.ReplaceForGrad):
    """The value of one tensor with the graph of two: ``ReplaceforGrad.apply(x, x_r)``.

    Equation::

        y = x_r;  dL/dx = dL/dx_r = dL/dy

    Args:
        x: the tensor that the gradient goes to.
        x_r: the tensor that the value comes from.

    Source: ``layer.ReplaceforGrad``, SpikingJelly 2.0.0.
    """


class GradwithTrace(nn.Module):
    """Apply a module to spikes, and differentiate it as if it had been applied to their trace.

    Equation::

        y = module(spike);  dL/dW = dL/dy * trace^T      for a linear module

    Args:
        module: a module with parameters; it is called twice, first without a graph.

    Shape: takes the pair ``[spike, trace]`` and returns ``module``'s output, one tensor.

    Raises:
        ValueError: the input is no pair, from Python.

    Source: ``layer.GradwithTrace``, SpikingJelly 2.0.0; Xiao et al., "Online Training Through Time for
        Spiking Neural Networks", NeurIPS 2022.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Any) -> Tensor:
        """Return the output for the spikes with the gradient for the trace."""
        spike, trace = x
        return _online.with_trace(self.module, spike, trace)


class SpikeTraceOp(nn.Module):
    """Apply a module without parameters, such as pooling, to spikes and, without a graph, to their trace.

    Equation::

        [spike, trace] -> [module(spike), module(trace)]

    A module that draws random numbers draws anew for the trace.

    Args:
        module: a module without parameters.

    Shape: takes the pair ``[spike, trace]`` and returns a list of two.

    Raises:
        ValueError: the input is no pair, from Python.

    Source: ``layer.SpikeTraceOp``, SpikingJelly 2.0.0.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Any) -> list[Tensor]:
        """Return the outputs for the spikes and for the trace."""
        spike, trace = x
        y = self.module(spike)
        with torch.no_grad():
            return [y, self.module(trace)]


class OTTTSequential(nn.Sequential):
    """A sequence of modules that hands the trace of :class:`neuron.OTTTLIFNode` on beside its spikes.

    Equation::

        x -> module(x)                                   x a tensor
        [s, trace] -> module(s)                          an OTTTLIFNode
        [s, trace] -> GradwithTrace(module)([s, trace])  any other module with parameters
        [s, trace] -> SpikeTraceOp(module)([s, trace])   a module without parameters

    One call is one time step. In eval ``OTTTLIFNode`` returns a tensor, so every module is called plainly.

    Args:
        args: modules, run one after the other; as for ``torch.nn.Sequential``.

    Shape: ``[N, *] -> [N, *]``.

    Source: ``layer.OTTTSequential``, SpikingJelly 2.0.0; Xiao et al., NeurIPS 2022.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)

    def forward(self, input: Any) -> Any:
        """Take one time step."""
        x = input
        for module in self:
            if not isinstance(x, list):
                x = module(x)
            elif isinstance(module, neuron.OTTTLIFNode):
                x = module(x[0])
            elif any(True for _ in module.parameters()):
                x = GradwithTrace(module)(x)
            else:
                x = SpikeTraceOp(module)(x)
        return x
