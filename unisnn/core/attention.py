"""Attention over time, channels and places as pure functions of the layers that make the scores.

Shapes: a sequence is ``[T, N, *]``; ``batch first`` means ``[N, T, *]``.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["attend_to_places", "attend_to_steps", "axis_scale"]

_Layer = Callable[[Tensor], Tensor]


def axis_scale(x: Tensor, average: _Layer, maximum: _Layer, score: _Layer) -> Tensor:
    """Return the scale of each index of dimension 1.

    Equation::

        d = sigmoid(score(average(x)) + score(maximum(x)))

    Args:
        x: shape ``[N, A, *]``.
        average: pools everything behind ``A`` to its mean.
        maximum: pools everything behind ``A`` to its maximum.
        score: maps ``A`` numbers to ``A`` numbers.

    Shape: what ``score`` gives, ``[N, A, 1, ...]``.

    Source: ``MultiDimensionalAttention``, SpikingJelly; Yao et al., "Attention Spiking Neural Networks",
        IEEE TPAMI 2023.
    """
    return torch.sigmoid(score(average(x)) + score(maximum(x)))


def attend_to_steps(x_seq: Tensor, average: _Layer, maximum: _Layer, score: _Layer) -> Tensor:
    """Scale each time step by an attention over time.

    Equation::

        d    = sigmoid(score(mean of x) + score(maximum of x))           over all but time and batch
        y[t] = x[t]*d[t]

    Args:
        x_seq: shape ``[T, N, *]``.
        average: pools ``[N, T, *]`` to its mean over ``*``.
        maximum: pools ``[N, T, *]`` to its maximum over ``*``.
        score: maps ``[N, T] -> [N, T]``.

    Shape: ``[T, N, *]``.

    Source: ``TemporalWiseAttention``, SpikingJelly; Yao et al., "Temporal-wise Attention Spiking Neural
        Networks for Event Streams Classification", ICCV 2021.
    """
    x = x_seq.transpose(0, 1)
    shape = x.shape[:2]
    scale = torch.sigmoid(score(average(x).view(shape)) + score(maximum(x).view(shape)))
    return torch.mul(x, scale.reshape(*shape, *(1,) * (x.dim() - 2))).transpose(0, 1)


def attend_to_places(x: Tensor, convolution: _Layer) -> Tensor:
    """Scale each place of an image by an attention over places.

    Equation::

        d = sigmoid(convolution([mean of x, maximum of x]))              over steps and channels

    Args:
        x: shape ``[N, T, C, H, W]``.
        convolution: maps ``[N, 2, H, W] -> [N, 1, H, W]``.

    Shape: that of ``x``.

    Source: ``MultiDimensionalAttention``, SpikingJelly; Yao et al., 2023.
    """
    flat = x.flatten(1, 2)
    pooled = torch.cat((flat.mean(dim=1, keepdim=True), flat.max(dim=1, keepdim=True).values), dim=1)
    return x * torch.sigmoid(convolution(pooled)).unsqueeze(1)
