"""Functions that walk a net: reset, detach, step mode, backend, initial weights."""

from __future__ import annotations

import logging

import torch
from torch import Tensor, nn

from unisnn.core import memory as _memory
from unisnn.spikingjelly.activation_based import base

__all__ = [
    "detach_net",
    "kaiming_normal_conv_linear_weight",
    "reset_net",
    "set_backend",
    "set_step_mode",
    "set_threshold_margin",
]

_log = logging.getLogger("unisnn")


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
