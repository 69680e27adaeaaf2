"""Functions over nets and sequences: reset, detach, step mode, and time folded into the batch.

Shapes: a sequence is ``[T, N, *]``, one time step of it ``[N, *]``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core import absent as _absent
from unisnn.core import layout as _layout
from unisnn.core import memory as _memory
from unisnn.core import scan as _scan
from unisnn.spikingjelly.activation_based import base

__all__ = [
    "chunk_multi_step_forward",
    "delay",
    "detach_net",
    "first_spike_index",
    "kaiming_normal_conv_linear_weight",
    "multi_step_forward",
    "redundant_one_hot",
    "reset_net",
    "seq_to_ann_forward",
    "set_backend",
    "set_step_mode",
    "set_threshold_margin",
    "temporal_efficient_training_cross_entropy",
]

_log = logging.getLogger("unisnn")
_SHARED = "a callable, or a list, tuple or nn.Sequential of callables"


def reset_net(net: nn.Module) -> None:
    """Reset every module of ``net`` that has a ``reset``.

    Equation::

        memory = reset value             for each memory of each module

    Args:
        net: any module; a part with a ``reset`` that is no ``MemoryModule`` is reset too, and the
            logger ``unisnn`` warns.

    Source: ``functional.reset_net``, SpikingJelly 0.0.0.0.14.
    """
    for part in net.modules():
        if hasattr(part, "reset"):
            if not isinstance(part, _memory.MemoryModule):
                _log.warning("reset_net: resets %s, which is no MemoryModule", part)
            part.reset()  # type: ignore[operator]


def detach_net(net: nn.Module) -> None:
    """Cut the memories of every module of ``net`` off their graph.

    Equation::

        d(memory)/d(anything before) = 0

    Args:
        net: any module; a part with a ``detach`` that is no ``MemoryModule`` is detached too, and
            the logger ``unisnn`` warns.

    Source: ``functional.detach_net``, SpikingJelly 0.0.0.0.14.
    """
    for part in net.modules():
        if hasattr(part, "detach"):
            if not isinstance(part, _memory.MemoryModule):
                _log.warning("detach_net: detaches %s, which is no MemoryModule", part)
            part.detach()  # type: ignore[operator]


def set_step_mode(net: nn.Module, step_mode: str) -> None:
    """Set the step mode of every module of ``net`` that has one.

    Equation::

        forward(x) = one time step                             step_mode 's'
        forward(x)[t] = one time step of x[t], t = 0...T-1     step_mode 'm'

    Modules inside a container that hands them single steps (``MultiStepContainer``,
    ``SeqToANNContainer``, ``StepModeContainer``) keep theirs. SpikingJelly 0.0.0.0.14 does so for
    the last only; a neuron inside one of the others then takes the batch for the time.

    Args:
        net: any module; a part with a ``step_mode`` that is no ``StepModule`` is set too, and the
            logger ``unisnn`` warns.
        step_mode: ``'s'`` or ``'m'``.

    Raises:
        ValueError: a module does not support ``step_mode``.

    Source: ``functional.set_step_mode``, SpikingJelly 0.0.0.0.14.
    """
    inside = {
        id(part)
        for container in net.modules()
        if getattr(container, "_hands_single_steps", False)
        for part in container.modules()
        if part is not container
    }
    for part in net.modules():
        if hasattr(part, "step_mode") and id(part) not in inside:
            if not isinstance(part, base.StepModule):
                _log.warning("set_step_mode: sets the step mode of %s, which is no StepModule", part)
            part.step_mode = step_mode  # type: ignore[assignment]


def set_backend(net: nn.Module, backend: str, instance: type | tuple[type, ...] = (nn.Module,)) -> None:
    """Ask every module of ``net`` for a backend; one that does not support it keeps its own.

    Equation::

        module.backend = backend         where module.supported_backends has it

    Args:
        net: any module.
        backend: ``'torch'``, or a request for a faster one (see ``base.check_backend_library``).
        instance: classes of the modules to ask (default: all).

    The logger ``unisnn`` warns of each module that does not support ``backend``.

    Source: ``functional.set_backend``, SpikingJelly 0.0.0.0.14.
    """
    for part in net.modules():
        if isinstance(part, instance) and hasattr(part, "backend"):
            if not isinstance(part, base.MemoryModule):
                _log.warning("set_backend: asks %s, which is no MemoryModule", part)
            if backend in getattr(part, "supported_backends", (backend,)):
                part.backend = backend  # type: ignore[assignment]
            else:
                _log.warning("set_backend: %s does not support %r and keeps %r", part, backend, part.backend)


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


def kaiming_normal_conv_linear_weight(net: nn.Module) -> None:
    """Draw the weight of every convolution and linear layer from Kaiming's normal distribution.

    Equation::

        weight ~ N(0, 2/((1 + a^2) * fan_in)),  a = sqrt(5)

    Args:
        net: any module; its convolutions (not the transposed ones) and linear layers are changed in place.

    Source: ``functional.kaiming_normal_conv_linear_weight``, SpikingJelly 0.0.0.0.14; He et al.,
        "Delving Deep into Rectifiers", ICCV 2015.
    """
    for part in net.modules():
        if isinstance(part, nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear):
            nn.init.kaiming_normal_(part.weight, a=5**0.5)


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


def set_threshold_margin(
    output_layer: base.MemoryModule,
    label_one_hot: Tensor,
    eval_threshold: float = 1.0,
    threshold0: float = 0.9,
    threshold1: float = 1.1,
) -> None:
    """Give an output layer in training a higher threshold for the neurons of the label.

    Equation::

        v_threshold = threshold1 where label_one_hot == 1, else threshold0         train
        v_threshold = eval_threshold                                               eval

    Args:
        output_layer: the last layer of neurons.
        label_one_hot: shape ``[N, C]``.
        eval_threshold: default 1.0.
        threshold0: default 0.9.
        threshold1: default 1.1.

    Source: ``functional.set_threshold_margin``, SpikingJelly 0.0.0.0.14.
    """
    if output_layer.training:
        threshold = torch.full_like(label_one_hot, threshold0, dtype=torch.get_default_dtype())
        threshold[label_one_hot == 1] = threshold1
        output_layer.v_threshold = threshold
    else:
        output_layer.v_threshold = eval_threshold


def _chain(modules: Any, owner: str) -> Callable[[Tensor], Any]:
    if not isinstance(modules, list | tuple | nn.Sequential):
        if not callable(modules):
            raise TypeError(f"{owner}: module={modules!r} is not accepted; expected {_SHARED}")
        return modules

    def run(x: Tensor) -> Any:
        for module in modules:
            x = module(x)
        return x

    return run


_LATER = "not reproduced yet"

__getattr__ = _absent.serve(
    __name__,
    {
        "fptt_online_training": _LATER,
        "fptt_online_training_init_w_ra": _LATER,
        "fuse_convbn2d": _LATER,
        "fused_conv2d_bias_of_convbn2d": _LATER,
        "fused_conv2d_weight_of_convbn2d": _LATER,
        "kernel_dot_product": _LATER,
        "scale_fused_conv2d_bias_of_convbn2d": _LATER,
        "scale_fused_conv2d_weight_of_convbn2d": _LATER,
        "spike_similar_loss": _LATER,
    },
)
