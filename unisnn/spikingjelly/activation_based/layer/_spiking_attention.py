"""Self-attention between spikes: Spikformer's, QKFormer's and the spike-driven transformer's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from unisnn.core import spiking_attention as _equations
from unisnn.spikingjelly.activation_based import functional, neuron
from unisnn.spikingjelly.activation_based.layer._containers import SeqToANNContainer
from unisnn.spikingjelly.activation_based.layer._convolution import Conv2d
from unisnn.spikingjelly.activation_based.layer._normalization import BatchNorm2d

__all__ = [
    "ChannelQKAttention",
    "QKAttention",
    "SpikeDrivenSelfAttention",
    "SpikingSelfAttention",
    "TokenQKAttention",
]


class _Attention(nn.Module):
    """The arguments of all, and their neurons."""

    def __init__(self, dim: int, num_heads: int) -> None:
        super().__init__()
        if dim % num_heads != 0:
            raise ValueError(
                f"{self._get_name()}: dim={dim} is not accepted; expected a multiple of num_heads={num_heads}"
            )
        self.dim = dim
        self.num_heads = num_heads

    def _check(self, x: Tensor, shape: str) -> None:
        if x.dim() != shape.count(",") + 1:
            raise ValueError(f"{self._get_name()}: expected an input of shape {shape}, not {list(x.shape)}")

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return f"dim={self.dim}, num_heads={self.num_heads}"


def _node(make: Callable[..., nn.Module] | None, given: dict[str, Any], v_threshold: float) -> nn.Module:
    """Return a neuron in step mode 'm'; the default one has a threshold by its place."""
    if make is None:
        return neuron.LIFNode(**{"v_threshold": v_threshold, "detach_reset": True, "step_mode": "m", **given})
    node = make(**given)
    functional.set_step_mode(node, "m")
    return node


def _projection(channels: int, out: int) -> SeqToANNContainer:
    return SeqToANNContainer(nn.Conv1d(channels, out, 1, bias=False), nn.BatchNorm1d(out))


class SpikingSelfAttention(_Attention):
    """The spiking self-attention of Spikformer.

    Equation::

        q, k, v = neuron(norm(conv(x)))                  split into heads, [T, N, heads, d, L]
        a = neuron((v k^T) q * 0.125)
        y = neuron(norm(conv(a)))

    Args:
        dim: number of channels ``C``.
        num_heads: number of heads (default 8).
        spiking_neuron: class of the neurons; ``None`` (default) for ``LIFNode`` with ``detach_reset=True``
            and the threshold 1.0, 0.5 in the middle.
        kwargs: arguments of every neuron.

    Shape: ``[T, N, C, L] -> [T, N, C, L]``.

    Raises:
        ValueError: ``dim`` is no multiple of ``num_heads``; an input of another shape.

    Source: ``layer.SpikingSelfAttention``, SpikingJelly 2.0.0; Zhou et al., "Spikformer: When Spiking Neural
        Network Meets Transformer", ICLR 2023.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int = 8,
        spiking_neuron: Callable[..., nn.Module] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dim, num_heads)
        self.qkv_conv_bn = _projection(dim, 3 * dim)
        self.qkv_lif = _node(spiking_neuron, kwargs, 1.0)
        self.attn_lif = _node(spiking_neuron, kwargs, 0.5)
        self.proj_conv_bn = _projection(dim, dim)
        self.proj_lif = _node(spiking_neuron, kwargs, 1.0)

    def forward(self, x_seq: Tensor) -> Tensor:
        """Attend, with spikes in and out."""
        self._check(x_seq, "[T, N, C, L]")
        q, k, v = _equations.split_heads(self.qkv_lif(self.qkv_conv_bn(x_seq)), 3, self.num_heads)
        attended = self.attn_lif(_equations.attend(q, k, v, 0.125))
        return self.proj_lif(self.proj_conv_bn(attended.flatten(2, 3)))


class QKAttention(_Attention):
    """The Q-K attention of QKFormer: queries choose tokens, or channels, of the keys.

    Equation::

        q, k = neuron(norm(conv(x)))                     split into heads, [T, N, heads, d, L]
        a = neuron(sum of q over d)*k                    qka_type 'token'
        a = neuron(sum of q over L)*k                    qka_type 'channel'
        y = neuron(norm(conv(a)))

    Args:
        dim: number of channels ``C``.
        num_heads: number of heads (default 8).
        qka_type: ``'token'`` (default) or ``'channel'``; read-only afterwards.
        spiking_neuron: class of the neurons; ``None`` (default) for ``LIFNode`` with ``detach_reset=True``
            and the threshold 1.0, 0.5 in the middle.
        kwargs: arguments of every neuron.

    Shape: ``[T, N, C, L] -> [T, N, C, L]``.

    Raises:
        ValueError: ``dim`` is no multiple of ``num_heads``; an unknown ``qka_type``; an input of another
            shape.

    Source: ``layer.QKAttention``, SpikingJelly 2.0.0; Zhou et al., "QKFormer: Hierarchical Spiking
        Transformer using Q-K Attention", NeurIPS 2024.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int = 8,
        qka_type: str = "token",
        spiking_neuron: Callable[..., nn.Module] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dim, num_heads)
        if qka_type not in ("token", "channel"):
            raise ValueError(
                f"{self._get_name()}: qka_type={qka_type!r} is not accepted; expected 'token' or 'channel'"
            )
        self._qka_type = qka_type
        self.qk_conv_bn = _projection(dim, 2 * dim)
        self.qk_lif = _node(spiking_neuron, kwargs, 1.0)
        self.attn_lif = _node(spiking_neuron, kwargs, 0.5)
        self.proj_conv_bn = _projection(dim, dim)
        self.proj_lif = _node(spiking_neuron, kwargs, 1.0)

    @property
    def qka_type(self) -> str:
        """What the queries choose: ``'token'`` or ``'channel'``."""
        return self._qka_type

    def forward(self, x_seq: Tensor) -> Tensor:
        """Attend, with spikes in and out."""
        self._check(x_seq, "[T, N, C, L]")
        q, k = _equations.split_heads(self.qk_lif(self.qk_conv_bn(x_seq)), 2, self.num_heads)
        chosen = self.attn_lif(q.sum(dim=3 if self._qka_type == "token" else 4, keepdim=True))
        return self.proj_lif(self.proj_conv_bn((chosen * k).flatten(2, 3)))

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return f"{super().extra_repr()}, qka_type={self._qka_type}"


class TokenQKAttention(QKAttention):
    """The Q-K attention of QKFormer that chooses tokens.

    Equation::

        a = neuron(sum of q over d)*k                    the rest as QKAttention

    Args:
        dim, num_heads, spiking_neuron, kwargs: as :class:`QKAttention`.

    Shape: ``[T, N, C, L] -> [T, N, C, L]``.

    Raises: as :class:`QKAttention`.

    Source: ``layer.TokenQKAttention``, SpikingJelly 2.0.0.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int = 8,
        spiking_neuron: Callable[..., nn.Module] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dim, num_heads, "token", spiking_neuron, **kwargs)


class ChannelQKAttention(QKAttention):
    """The Q-K attention of QKFormer that chooses channels.

    Equation::

        a = neuron(sum of q over L)*k                    the rest as QKAttention

    Args:
        dim, num_heads, spiking_neuron, kwargs: as :class:`QKAttention`.

    Shape: ``[T, N, C, L] -> [T, N, C, L]``.

    Raises: as :class:`QKAttention`.

    Source: ``layer.ChannelQKAttention``, SpikingJelly 2.0.0.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int = 8,
        spiking_neuron: Callable[..., nn.Module] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dim, num_heads, "channel", spiking_neuron, **kwargs)


class SpikeDrivenSelfAttention(_Attention):
    """The self-attention of the spike-driven transformer, with its residual connection.

    Equation::

        s = neuron(x)
        q, k, v = neuron(norm(conv(s))) each             as tokens with heads, [T, N, heads, L, d]
        a = q*neuron(sum over L of k*v)
        y = norm(conv(a)) + x

    Args:
        dim: number of channels ``C``.
        num_heads: number of heads (default 8).
        spiking_neuron: class of the neurons; ``None`` (default) for ``LIFNode`` with ``detach_reset=True``
            and the threshold 1.0, 0.5 in the middle.
        kwargs: arguments of every neuron.

    Shape: ``[T, N, C, H, W] -> [T, N, C, H, W]``.

    Raises:
        ValueError: ``dim`` is no multiple of ``num_heads``; an input of another shape.

    Source: ``layer.SpikeDrivenSelfAttention``, SpikingJelly 2.0.0; Yao et al., "Spike-driven Transformer",
        NeurIPS 2023.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int = 8,
        spiking_neuron: Callable[..., nn.Module] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dim, num_heads)
        self.shortcut_lif = _node(spiking_neuron, kwargs, 1.0)
        for name in ("q", "k", "v"):
            setattr(self, f"{name}_conv", Conv2d(dim, dim, 1, bias=False, step_mode="m"))
            setattr(self, f"{name}_bn", BatchNorm2d(dim, step_mode="m"))
            setattr(self, f"{name}_lif", _node(spiking_neuron, kwargs, 1.0))
        self.attn_lif = _node(spiking_neuron, kwargs, 0.5)
        self.proj_conv = Conv2d(dim, dim, 1, step_mode="m")
        self.proj_bn = BatchNorm2d(dim, step_mode="m")

    def _tokens(self, name: str, spikes: Tensor) -> Tensor:
        for part in ("conv", "bn", "lif"):
            spikes = getattr(self, f"{name}_{part}")(spikes)
        return _equations.to_heads(spikes, self.num_heads)

    def forward(self, x: Tensor) -> Tensor:
        """Attend and add the input."""
        self._check(x, "[T, N, C, H, W]")
        spikes = self.shortcut_lif(x)
        q, k, v = (self._tokens(name, spikes) for name in ("q", "k", "v"))
        attended = q * self.attn_lif(_equations.mixed(k, v))
        picture = attended.transpose(3, 4).reshape(x.shape)
        return self.proj_bn(self.proj_conv(picture)) + x
