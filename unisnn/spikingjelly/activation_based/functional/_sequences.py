"""Functions of sequences: step by step, with the time folded into the batch, and losses over time.

Shapes: a sequence is ``[T, N, *]``, one time step of it ``[N, *]``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core import layout as _layout
from unisnn.core import scan as _scan

__all__ = [
    "chunk_multi_step_forward",
    "delay",
    "first_spike_index",
    "multi_step_forward",
    "redundant_one_hot",
    "seq_to_ann_forward",
    "temporal_efficient_training_cross_entropy",
]

_SHARED = "a callable, or a list, tuple or nn.Sequential of callables"


def multi_step_forward(
    x_seq: Tensor, single_step_module: nn.Module | list | tuple | nn.Sequential | Callable[[Tensor], Tensor]
) -> Tensor:
    """Run a module that takes one time step over a sequence.

    Equation::

        y[t] = single_step_module(x[t])  t = 0...T-1

    Args:
        x_seq: shape ``[T, N, *]``, ``T >= 1``.
        single_step_module: a module, or several that are run one after the other in each step.

    Shape: ``[T, N, *] -> [T, N, *]``.

    Raises:
        ValueError: ``x_seq`` has no time step.

    Source: ``functional.multi_step_forward``, SpikingJelly 0.0.0.0.14.
    """
    return _scan.scan(_chain(single_step_module, "multi_step_forward"), x_seq, "multi_step_forward")


def chunk_multi_step_forward(
    split_size: int, x_seq: Tensor, multi_step_module: Callable[[Tensor], Tensor]
) -> Tensor:
    """Run a module in step mode ``'m'`` over a sequence, a few time steps at once.

    Equation::

        y = [module(x[0:k]), module(x[k:2k]), ...]             k = split_size, in this order

    Args:
        split_size: time steps a call, at least 1.
        x_seq: shape ``[T, N, *]``, ``T >= 1``.
        multi_step_module: a module in step mode ``'m'``; its state goes on from chunk to chunk.

    Shape: ``[T, N, *] -> [T, N, *]``.

    Raises:
        ValueError: ``split_size`` is less than 1.

    Source: ``functional.chunk_multi_step_forward``, SpikingJelly 0.0.0.0.14.
    """
    if split_size < 1:
        raise ValueError(
            f"chunk_multi_step_forward: split_size={split_size!r} is not accepted; expected an int >= 1"
        )
    return torch.cat([multi_step_module(x) for x in torch.split(x_seq, split_size)], 0)


def seq_to_ann_forward(
    x_seq: Tensor, stateless_module: nn.Module | list | tuple | nn.Sequential | Callable[[Tensor], Tensor]
) -> Tensor:
    """Run a stateless module over a sequence with the time folded into the batch.

    Equation::

        y[t, n] = module(x.flatten(0, 1))[t*N + n]

    Args:
        x_seq: shape ``[T, N, *]``.
        stateless_module: a module, or several that are run one after the other.

    Shape: ``[T, N, *] -> [T, N, *]``.

    Raises:
        ValueError: ``x_seq`` has fewer than two dimensions.

    Source: ``functional.seq_to_ann_forward``, SpikingJelly 0.0.0.0.14.
    """
    owner = "seq_to_ann_forward"
    folded = _layout.fold(x_seq, owner)
    shape = x_seq.shape[:2]
    y = _chain(stateless_module, owner)(folded)
    if isinstance(y, tuple):
        return tuple(part.unflatten(0, shape) for part in y)  # type: ignore[return-value]
    return y.unflatten(0, shape)


def delay(x_seq: Tensor, delay_steps: int) -> Tensor:
    """Shift a sequence later in time and fill the start with zeros.

    Equation::

        y[t] = x[t - delay_steps]        t >= delay_steps, else 0

    Args:
        x_seq: shape ``[T, *]``.
        delay_steps: from 0 on.

    Shape: ``[T, *] -> [T, *]``; all zeros where ``delay_steps >= T``.

    Raises:
        ValueError: ``delay_steps`` is negative.

    Source: ``functional.delay``, SpikingJelly 0.0.0.0.14 (there the output grows for ``delay_steps`` > T).
    """
    if delay_steps < 0:
        raise ValueError(f"delay: delay_steps={delay_steps!r} is not accepted; expected an int of at least 0")
    steps = min(delay_steps, x_seq.shape[0])
    return torch.cat((torch.zeros_like(x_seq[:steps]), x_seq[: x_seq.shape[0] - steps]), 0)


def first_spike_index(spikes: Tensor) -> Tensor:
    """Mark the first spike of each neuron.

    Equation::

        y[..., t] = (spikes[..., t] == 1) and (spikes[..., :t] != 1 for all earlier t)

    Args:
        spikes: shape ``[*, T]``, time last, values 0 and 1.

    Shape: ``[*, T] -> [*, T]``, bool.

    Source: ``functional.first_spike_index``, SpikingJelly 0.0.0.0.14.
    """
    with torch.no_grad():
        return (spikes.cumsum(dim=-1) == 1) & (spikes == 1)


def redundant_one_hot(labels: Tensor, num_classes: int, n: int) -> Tensor:
    """Encode labels one-hot with ``n`` neurons for each class.

    Equation::

        y[i, j] = 1 if j // n == labels[i] else 0

    Args:
        labels: shape ``[N]``, integers from 0 to ``num_classes - 1``.
        num_classes: number of classes.
        n: neurons a class.

    Shape: ``[N] -> [N, num_classes*n]``, torch's default dtype.

    Source: ``functional.redundant_one_hot``, SpikingJelly 0.0.0.0.14.
    """
    one_hot = _nn_functional.one_hot(labels, num_classes).to(torch.get_default_dtype())
    return one_hot.repeat_interleave(n, dim=1)


def temporal_efficient_training_cross_entropy(x_seq: Tensor, target: Tensor) -> Tensor:
    """Return the cross entropy of each time step, averaged over time (TET loss).

    Equation::

        loss = (CE(x[0], target) + ... + CE(x[T-1], target)) / T

    formed as one cross entropy whose last dimensions are the time and the positions.

    Args:
        x_seq: shape ``[T, N, C, *]``, ``T >= 1``.
        target: shape ``[N, *]``, class indices.

    Shape: a 0-dim tensor.

    Source: ``functional.temporal_efficient_training_cross_entropy``, SpikingJelly 0.0.0.0.14; Deng
        et al., "Temporal Efficient Training of Spiking Neural Network via Gradient Re-weighting",
        ICLR 2022.
    """
    over_time = target.unsqueeze(1).expand(-1, x_seq.shape[0], *target.shape[1:])
    return _nn_functional.cross_entropy(x_seq.movedim(0, 2), over_time)


def _chain(modules: Any, owner: str) -> Callable[[Tensor], Any]:
    if not isinstance(modules, list | tuple | nn.Sequential):
        if not torch.compiler.is_compiling() and not callable(modules):  # a compiler cannot ask that
            raise TypeError(f"{owner}: module={modules!r} is not accepted; expected {_SHARED}")
        return modules

    def run(x: Tensor) -> Any:
        for module in modules:
            x = module(x)
        return x

    return run
