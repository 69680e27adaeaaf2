"""Containers that hand modules single time steps, or a sequence folded into a batch."""

from __future__ import annotations

import logging
from typing import Any

from torch import Tensor, nn

from unisnn.core import check as _check
from unisnn.spikingjelly.activation_based import base, functional

__all__ = ["MultiStepContainer", "SeqToANNContainer", "StepModeContainer"]

_log = logging.getLogger("unisnn")


def _check_single_steps(container: nn.Sequential) -> None:
    owner = type(container).__name__
    for part in container:
        mode = getattr(part, "step_mode", "s")
        _check.require(mode == "s", owner, "step_mode of a module inside", mode, "'s'")
        if isinstance(part, base.StepModule) and "m" in part.supported_step_mode():
            _log.warning("%s: %s has a step mode 'm' of its own and needs no container", owner, part)


class SeqToANNContainer(nn.Sequential, base.MultiStepModule):
    """Run stateless modules over a sequence with the time folded into the batch.

    Equation::

        y[t, n] = modules(x.flatten(0, 1))[t*N + n]

    Args:
        args: stateless modules, run one after the other; as for ``torch.nn.Sequential``.

    Shape: ``[T, N, *] -> [T, N, *]``.

    Raises:
        AssertionError: a module is in step mode ``'m'``.
        ValueError: the input has fewer than two dimensions.

    Source: ``layer.SeqToANNContainer``, SpikingJelly 0.0.0.0.14.
    """

    _hands_single_steps = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        _check_single_steps(self)

    def forward(self, x_seq: Tensor) -> Tensor:
        """Return the modules' output for every time step."""
        return functional.seq_to_ann_forward(x_seq, super().forward)


class MultiStepContainer(nn.Sequential, base.MultiStepModule):
    """Run modules that take one time step over a sequence.

    Equation::

        y[t] = modules(x[t])             t = 0...T-1

    Args:
        args: modules in step mode ``'s'``, run one after the other in each step; as for
            ``torch.nn.Sequential``.

    Shape: ``[T, N, *] -> [T, N, *]``, ``T >= 1``.

    Raises:
        AssertionError: a module is in step mode ``'m'``.
        ValueError: the input has no time step.

    Source: ``layer.MultiStepContainer``, SpikingJelly 0.0.0.0.14.
    """

    _hands_single_steps = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        _check_single_steps(self)

    def forward(self, x_seq: Tensor) -> Tensor:
        """Return the modules' output for every time step."""
        return functional.multi_step_forward(x_seq, super().forward)


class StepModeContainer(nn.Sequential, base.StepModule):
    """Give modules that take one time step a step mode.

    Equation::

        y = modules(x)                                   step_mode 's'
        y[t] = modules(x[t]), t = 0...T-1                step_mode 'm', stateful
        y[t, n] = modules(x.flatten(0, 1))[t*N + n]      step_mode 'm', not stateful

    Args:
        stateful: whether a module inside has state.
        args: modules in step mode ``'s'``, run one after the other.

    Shape: ``'s'``: ``[N, *]``; ``'m'``: ``[T, N, *]``. It starts in ``'s'``.

    Raises:
        AssertionError: a module is in step mode ``'m'``.
        ValueError: a step mode that is not supported; no time step in ``'m'``.

    Source: ``layer.StepModeContainer``, SpikingJelly 0.0.0.0.14.
    """

    _hands_single_steps = True

    def __init__(self, stateful: bool, *args: Any) -> None:
        super().__init__(*args)
        self.stateful = stateful
        _check_single_steps(self)
        self.step_mode = "s"

    def forward(self, x: Tensor) -> Tensor:
        """Return the modules' output for one time step (``'s'``) or for all of them (``'m'``)."""
        modules = super().forward
        if self.step_mode == "s":
            return modules(x)
        run = functional.multi_step_forward if self.stateful else functional.seq_to_ann_forward
        return run(x, modules)
