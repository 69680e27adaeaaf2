"""Spike tensors: boolean payload ``elem``, public floating dtype.

The class and its two conversions are :mod:`unisnn.core.spike_tensor`'s. What differs from upstream,
which crashes or thresholds again in most operations, is written there and in the matrix.
"""

from unisnn.core.spike_tensor import SpikeTensor, from_dense, to_dense

__all__ = ["SpikeTensor", "from_dense", "to_dense"]
