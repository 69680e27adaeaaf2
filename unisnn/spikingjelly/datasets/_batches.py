"""Datasets into train and test sets, sequences of many lengths into batches, fewer time steps at random."""

from __future__ import annotations

import math
from typing import Any

import numpy
import torch
from torch import Tensor, nn
from torch.utils import data as _data

__all__ = [
    "RandomTemporalDelete",
    "pad_sequence_collate",
    "padded_sequence_mask",
    "random_temporal_delete",
    "split_to_train_test_set",
]


def split_to_train_test_set(
    train_ratio: float, origin_dataset: _data.Dataset[Any], num_classes: int, random_split: bool = False
) -> tuple[_data.Subset[Any], _data.Subset[Any]]:
    """Split a dataset in two, each class by the same ratio.

    Equation (``n`` samples of a class, in the dataset's order or shuffled)::

        k = ceil(n*train_ratio);  train: samples 0...k-1;  test: samples k...n-1

    Both sets hold their classes one after the other. Every sample is read once for its label.

    Args:
        train_ratio: from 0 to 1.
        origin_dataset: samples ``(x, label)``; a label is an integer from 0 to ``num_classes - 1``, or an
            array or tensor that holds one.
        num_classes: number of classes.
        random_split: whether each class is shuffled first, with ``numpy.random`` (default False).

    Raises:
        ValueError: ``train_ratio`` is not from 0 to 1.
        IndexError: a label is ``num_classes`` or more.
        TypeError: a label is no integer.

    Source: ``datasets.split_to_train_test_set``, SpikingJelly 0.0.0.0.14.
    """
    owner = "split_to_train_test_set"
    if not 0 <= train_ratio <= 1:
        raise ValueError(
            f"{owner}: train_ratio={train_ratio!r} is not accepted; expected 0 <= train_ratio <= 1"
        )
    classes: list[list[int]] = [[] for _ in range(num_classes)]
    for index, (_, label) in enumerate(origin_dataset):  # type: ignore[arg-type, var-annotated]
        number: Any = label.item() if isinstance(label, numpy.ndarray | Tensor) else label
        try:
            classes[number].append(index)
        except (IndexError, TypeError) as error:
            raise type(error)(
                f"{owner}: label={label!r} of sample {index} is not accepted; expected an integer "
                f"0 <= label < num_classes={num_classes}"
            ) from error
    train: list[int] = []
    test: list[int] = []
    for members in classes:
        if random_split:
            numpy.random.shuffle(members)
        k = math.ceil(len(members) * train_ratio)
        train += members[:k]
        test += members[k:]
    return _data.Subset(origin_dataset, train), _data.Subset(origin_dataset, test)


def pad_sequence_collate(batch: list[tuple[Any, Any]]) -> tuple[Tensor, Tensor, Tensor]:
    """Make a batch of sequences of many lengths; the ``collate_fn`` of a ``DataLoader``.

    Equation::

        x_p[n, t] = x[n][t]    t < x_len[n], else 0
        x_len[n]  = number of time steps of x[n]

    Args:
        batch: samples ``(x, label)``, ``x`` a tensor or an array of shape ``[T_n, *]``.

    Shape: ``x_p`` is ``[N, max(T_n), *]`` in the dtype of ``x``, the labels ``[N]``, ``x_len`` ``[N]``
    int64.

    Raises:
        RuntimeError: the batch is empty.

    Source: ``datasets.pad_sequence_collate``, SpikingJelly 0.0.0.0.14.
    """
    sequences = [torch.as_tensor(x) for x, _ in batch]
    labels = [y for _, y in batch]
    if not batch:
        raise RuntimeError("pad_sequence_collate: batch=[] is not accepted; expected one or more samples")
    stacked: Any = numpy.stack(labels) if isinstance(labels[0], numpy.ndarray) else labels
    if all(isinstance(label, Tensor) for label in labels):
        stacked = torch.stack(labels)
    lengths = torch.as_tensor([x.shape[0] for x in sequences])
    return nn.utils.rnn.pad_sequence(sequences, batch_first=True), torch.as_tensor(stacked), lengths


def padded_sequence_mask(sequence_len: Tensor, T: int | None = None) -> Tensor:
    """Return where a padded batch of sequences holds data.

    Equation::

        mask[t, n] = t < sequence_len[n]       t = 0...T-1

    Args:
        sequence_len: length of each sequence, integers.
        T: number of time steps (default: the greatest length).

    Shape: ``[N] -> [T, N]``, bool, on the device of ``sequence_len``.

    Raises:
        TypeError: ``sequence_len`` is not made of integers.
        RuntimeError: ``sequence_len`` is empty and ``T`` is None.

    Source: ``datasets.padded_sequence_mask``, SpikingJelly 0.0.0.0.14.
    """
    if sequence_len.is_floating_point() or sequence_len.is_complex():
        raise TypeError(
            f"padded_sequence_mask: sequence_len of {sequence_len.dtype} is not accepted; expected integers"
        )
    steps = int(sequence_len.max()) if T is None else T
    return torch.arange(steps, device=sequence_len.device).unsqueeze(1) < sequence_len


def random_temporal_delete(x_seq: Any, T_remain: int, batch_first: bool) -> Any:
    """Leave ``T - T_remain`` time steps of a sequence out, drawn at random, the same for the whole batch.

    Equation::

        y[i] = x[k[i]],  k = sort(numpy.random.choice(T, T_remain, replace=False))

    Args:
        x_seq: tensor or array, shape ``[T, N, *]``, or ``[N, T, *]`` where ``batch_first``.
        T_remain: number of time steps that stay, at most ``T``.
        batch_first: whether the time is the second dimension.

    Shape: as ``x_seq``, with ``T_remain`` for ``T``; the same type and dtype.

    Raises:
        ValueError: ``T_remain`` is greater than ``T``.

    Source: ``datasets.random_temporal_delete``, SpikingJelly 0.0.0.0.14; Fang et al., "Deep Residual
        Learning in Spiking Neural Networks", NeurIPS 2021.
    """
    T = x_seq.shape[1 if batch_first else 0]
    if T_remain > T:
        raise ValueError(
            f"random_temporal_delete: T_remain={T_remain!r} is not accepted; expected at most T={T}"
        )
    kept = numpy.sort(numpy.random.choice(T, T_remain, replace=False))
    return x_seq[:, kept] if batch_first else x_seq[kept]


class RandomTemporalDelete(nn.Module):
    """:func:`random_temporal_delete` as a module; it leaves time steps out in eval too.

    Equation::

        y[i] = x[k[i]],  k = sort(numpy.random.choice(T, T_remain, replace=False))

    Args:
        T_remain: number of time steps that stay.
        batch_first: whether the time is the second dimension.

    Shape: ``[T, N, *] -> [T_remain, N, *]``, or ``[N, T, *] -> [N, T_remain, *]``.

    Raises:
        ValueError: at a call, ``T_remain`` is greater than ``T``.

    Source: ``datasets.RandomTemporalDelete``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, T_remain: int, batch_first: bool) -> None:
        super().__init__()
        self.T_remain = T_remain
        self.batch_first = batch_first

    def forward(self, x_seq: Tensor) -> Tensor:
        """Return the sequence with ``T_remain`` time steps."""
        return random_temporal_delete(x_seq, self.T_remain, self.batch_first)
