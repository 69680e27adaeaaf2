"""Helpers for whole networks."""

from __future__ import annotations

import logging as _logging

from torch import nn

from unisnn.snngrow.base.neuron.BaseNode import BaseNode as _BaseNode

__all__ = ["reset"]


def reset(net: nn.Module) -> None:
    """Reset every stateful module of a network.

    Equation::

        m.reset()          for each submodule m of net that has a method reset, net included

    Args:
        net: any module. A submodule that has ``reset`` and is no SNNGrow neuron is reset too, and a
            warning is logged about it.

    Raises:
        AttributeError: ``net`` is no module.

    Source: ``snngrow.base.utils.reset``, SNNGrow 0.1.1a1.
    """
    for module in net.modules():
        if not hasattr(module, "reset"):
            continue
        if not isinstance(module, _BaseNode):
            _logging.warning(
                "snngrow reset: %s is not a snngrow.base.neuron.BaseNode; resetting it too", module
            )
        module.reset()  # type: ignore[operator]
