"""Attention between spikes: products and sums of queries, keys and values without a softmax.

Shapes: ``[T, N, heads, d, L]``, with d channels a head and L tokens; the spiking neurons between the steps
belong to the modules.
"""

from __future__ import annotations

from torch import Tensor

__all__ = ["attend", "mixed", "split_heads", "to_heads"]


def split_heads(x: Tensor, count: int, heads: int) -> tuple[Tensor, ...]:
    """Split channels into ``count`` tensors with heads.

    Equation::

        [T, N, count*C, L] -> count times [T, N, heads, C/heads, L]

    Args:
        x: queries, keys, values one after the other.
        count: how many there are.
        heads: number of heads.

    Source: ``layer.SpikingSelfAttention`` and ``layer.QKAttention``, SpikingJelly 2.0.0.
    """
    lifted = x.unflatten(2, (count * heads, -1))
    return lifted.split(heads, dim=2)


def attend(q: Tensor, k: Tensor, v: Tensor, scale: float) -> Tensor:
    """Attend by matrix products.

    Equation::

        y = (v k^T) q * scale            the cheaper order where there are more tokens than channels a head

    Args:
        q: queries, ``[T, N, heads, d, L]``.
        k: keys.
        v: values.
        scale: factor of the result.

    Source: ``layer.SpikingSelfAttention``, SpikingJelly 2.0.0; Zhou et al., "Spikformer: When Spiking Neural
        Network Meets Transformer", ICLR 2023.
    """
    return (v @ k.transpose(-2, -1)) @ q * scale


def to_heads(x: Tensor, heads: int) -> Tensor:
    """Turn a picture into tokens with heads.

    Equation::

        [T, N, C, H, W] -> [T, N, heads, H*W, C/heads]

    Args:
        x: one of queries, keys, values.
        heads: number of heads.

    Source: ``layer.SpikeDrivenSelfAttention``, SpikingJelly 2.0.0.
    """
    return x.flatten(3).transpose(-1, -2).unflatten(-1, (heads, -1)).permute(0, 1, 3, 2, 4)


def mixed(k: Tensor, v: Tensor) -> Tensor:
    """Add up, over the tokens, where key and value both fired.

    Equation::

        m = sum over L of k*v            [T, N, heads, L, d] -> [T, N, heads, 1, d]

    Args:
        k: keys.
        v: values.

    Source: ``layer.SpikeDrivenSelfAttention``, SpikingJelly 2.0.0; Yao et al., "Spike-driven Transformer",
        NeurIPS 2023.
    """
    return (k * v).sum(dim=-2, keepdim=True)
