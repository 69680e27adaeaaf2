"""Online training by forward propagation through time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core import memory as _memory
from unisnn.spikingjelly.activation_based.functional import _nets

__all__ = ["fptt_online_training", "fptt_online_training_init_w_ra"]


def fptt_online_training_init_w_ra(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """Return the running averages that :func:`fptt_online_training` begins with.

    Equation::

        w_ra[i] = w[i]                   for each parameter of the optimizer

    Args:
        optimizer: its parameter groups give the order.

    Returns:
        One detached tensor for each parameter, which shares the parameter's memory until the first update.

    Source: ``functional.fptt_online_training_init_w_ra``, SpikingJelly 0.0.0.0.14.
    """
    return [parameter.data for parameter in _parameters(optimizer)]


def fptt_online_training(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    x_seq: Tensor,
    target_seq: Tensor,
    f_loss_t: Callable[[Tensor, Tensor], Tensor],
    alpha: float,
    w_ra: list[Tensor],
) -> None:
    """Train a net in each time step, with no more memory than one time step takes.

    Equation, for ``t = 0...T-1`` (``g`` is 0 at ``t = 0``)::

        L    = f_loss_t(model(x[t]), target[t]) + alpha/2 * mean of (w - (w_ra + g/(2 alpha)))^2
        w    = optimizer step on L
        g    = d f_loss_t(model(x[t]), target[t]) / d w          with the new w, t < T-1
        w_ra = (w_ra + w)/2 - g/(2 alpha)                        t < T-1

    The second run of a time step begins in the state that the first one left, and its own state is
    thrown away; between time steps every memory is detached.

    Args:
        model: takes one time step; its memories are those of its ``MemoryModule`` parts.
        optimizer: its parameters are trained, after each time step.
        x_seq: inputs, shape ``[T, N, *]``.
        target_seq: targets, shape ``[T, N, *]``.
        f_loss_t: the loss of one time step, of output and target.
        alpha: weight of the pull to the running average; not 0 where ``T > 1``.
        w_ra: the running averages, changed in place; see :func:`fptt_online_training_init_w_ra`.

    Raises:
        ValueError: ``w_ra`` has not one tensor for each parameter of the optimizer.

    Source: ``functional.fptt_online_training``, SpikingJelly 0.0.0.0.14; Kag and Saligrama, "Training
        Recurrent Neural Networks via Forward Propagation Through Time", ICML 2021; Yin et al., "Accurate
        online training of dynamical spiking neural networks through Forward Propagation Through Time", 2021.
    """
    parameters = _parameters(optimizer)
    if len(w_ra) != len(parameters):
        raise ValueError(
            f"fptt_online_training: w_ra has {len(w_ra)} tensors, which is not accepted; "
            f"expected one for each of the optimizer's {len(parameters)} parameters"
        )
    pulls: list[Tensor | None] = [None] * len(parameters)
    last = x_seq.shape[0] - 1
    for t in range(last + 1):
        optimizer.zero_grad()
        loss = f_loss_t(model(x_seq[t]), target_seq[t])
        distance: Any = 0.0
        for parameter, average, pull in zip(parameters, w_ra, pulls, strict=True):
            goal = average if pull is None else average + pull
            distance = distance + _nn_functional.mse_loss(parameter, goal)
        (loss + alpha / 2 * distance).backward()
        optimizer.step()
        _nets.detach_net(model)
        if t == last:
            break
        kept = _memories(model)
        optimizer.zero_grad()
        f_loss_t(model(x_seq[t]), target_seq[t]).backward()
        with torch.no_grad():
            for index, parameter in enumerate(parameters):
                if parameter.grad is not None:
                    pull = parameter.grad / (2 * alpha)
                    w_ra[index] = (w_ra[index] + parameter) / 2 - pull
                    pulls[index] = pull
        for part, memories in kept:
            part._memories.update(memories)
    optimizer.zero_grad()


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _memories(model: nn.Module) -> list[tuple[_memory.MemoryModule, dict[str, Any]]]:
    """Return the memories of every part: the tensors themselves, shallow copies of anything else."""
    return [
        (
            part,
            {
                name: value if isinstance(value, Tensor) else copy.copy(value)
                for name, value in part._memories.items()
            },
        )
        for part in model.modules()
        if isinstance(part, _memory.MemoryModule)
    ]
