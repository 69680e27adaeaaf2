"""How a network of ``clock_driven`` takes time: one step a call, or a class of its own for all of them.

Equation (``net`` what has no state)::

    y    = net(x)                    one step, x of shape [N, *]
    y[t, n] = net(x.flatten(0, 1))[t*N + n]       all steps, x of shape [T, N, *]

An image without time, ``[N, C, H, W]``, is shown in each of ``T`` steps; what comes before the first neuron
is computed once.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from unisnn.spikingjelly._networks import build
from unisnn.spikingjelly.activation_based import functional

__all__ = ["ALL_STEPS", "ONE_STEP", "first_layers", "folded", "repeated"]

ONE_STEP = build.Kit(nn, "single_step_neuron", copied=False)
"""Layers of torch; the neurons share the objects among their arguments."""

ALL_STEPS = build.Kit(nn, "multi_step_neuron", copied=False)
"""The same for the classes that take all steps at once."""


def folded(x_seq: Tensor, *parts: Callable[[Tensor], Tensor]) -> Tensor:
    """Return ``x_seq`` after all ``parts``, which see time folded into the batch."""
    return functional.seq_to_ann_forward(x_seq, parts)


def repeated(x: Tensor, steps: int) -> Tensor:
    """Return a sequence of ``steps`` times ``x``."""
    return x.unsqueeze(0).repeat(steps, *(1 for _ in x.shape))


def first_layers(owner: str, x: Tensor, steps: int | None, *parts: Callable[[Tensor], Tensor]) -> Tensor:
    """Return a sequence of what ``parts`` make of a sequence, or of one image shown ``steps`` times.

    Raises ``AssertionError`` where an image comes without the number of steps.
    """
    if x.dim() == 5:
        return folded(x, *parts)
    if steps is None:
        raise AssertionError(
            f"{owner}: T=None is not accepted for an input of shape {list(x.shape)}; expected T in the "
            "constructor, or an input of shape [T, N, C, H, W]"
        )
    return repeated(build.one_after_the_other(x, *parts), steps)
