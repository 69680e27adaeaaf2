"""Mutants of the layers since 0.0.0.0.14: a trace without a gradient, a lost scale, a biased variance."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []

_FAMILY, _EDITION = "layer_newer", "spikingjelly==2.0.0"
_LAYER = "unisnn.spikingjelly.activation_based.layer"


def _with_trace(module: Any, spike: Any, trace: Any) -> Any:
    return module(spike)


def _standardize(weight: Any, gain: Any, eps: Any) -> Any:
    dims = tuple(range(1, weight.dim()))
    variance = weight.var(dim=dims, keepdim=True, correction=0)
    centred = weight - weight.mean(dim=dims, keepdim=True)
    standard = centred / ((variance * weight[0].numel() + eps) ** 0.5)
    return standard if gain is None else standard * gain


def _expand(count: Any, slots: Any) -> Any:
    order = torch.arange(slots).view(1, slots, *[1] * (count.dim() - 1))  # type: ignore[name-defined]  # noqa: F821
    return (order < count.unsqueeze(1)).to(count.dtype).flatten(0, 1)


def _sum_bins(x: Any, slots: Any) -> Any:
    x = x[: len(x) - len(x) % slots]
    return x.view(-1, slots, *x.shape[1:]).sum(1)


def _attend(q: Any, k: Any, v: Any, scale: Any) -> Any:
    return (q @ k.transpose(-2, -1)) @ v * scale


def _mixed(k: Any, v: Any) -> Any:
    return (k + v).sum(dim=-2, keepdim=True)


def _split_heads(x: Any, count: Any, heads: Any) -> Any:
    lifted = x.unflatten(2, (count * heads, -1))
    return lifted.split(heads, dim=2)[::-1]


_FUNCTIONS: dict[str, tuple[str, Any, str, str]] = {
    "with_trace": ("online", _with_trace, "GradwithTrace", "the gradient is that of the spikes"),
    "standardize": ("weight_norm", _standardize, "WS*", "the variance divides by n"),
    "expand": ("spike_count", _expand, "SpikeCountToBinary", "the expansion has no gradient"),
    "attend": ("spiking_attention", _attend, "SpikingSelfAttention", "queries and values change places"),
    "mixed": ("spiking_attention", _mixed, "SpikeDrivenSelfAttention", "keys and values are added"),
    "split_heads": ("spiking_attention", _split_heads, "*QKAttention", "queries and keys change places"),
    "sum_bins": ("spike_count", _sum_bins, "TemporalBinSum", "an incomplete bin is dropped"),
}


def _register(name: str, module: str, wrong: Any, symbol: str, text: str) -> None:
    @patch(f"newer-{name}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        with swapped_code(getattr(importlib.import_module(f"unisnn.core.{module}"), name), wrong):
            yield

    path = f"activation_based.layer.{symbol}"
    add(Mutant(f"newer-{name}", _FAMILY, _EDITION, text, path, "*", patch=f"newer-{name}", limit=30))


for _name, _parts in _FUNCTIONS.items():
    _register(_name, *_parts)


def _first_norm(self: Any, x: Any) -> Any:
    self.t += 1
    return self.bn_list[0](x)


def _unscaled(self: Any, x_seq: Any) -> Any:
    from unisnn.core.layers import folded_norm

    return folded_norm.FoldedNorm.forward(self, x_seq)


def _trace_as_is(self: Any, x: Any) -> Any:
    spike, trace = x
    return [self.module(spike), trace]


_METHODS: dict[str, tuple[Any, str]] = {
    "BatchNormThroughTime2d.single_step_forward": (_first_norm, "every step has the first norm"),
    "TemporalEffectiveBatchNorm2d.forward": (_unscaled, "the scale of a step is lost"),
    "SpikeTraceOp.forward": (_trace_as_is, "the trace is handed on as it is"),
}


def _replace(path: str, wrong: Any, text: str) -> None:
    owner = path.partition(".")[0]

    @patch(f"newer-{owner}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        with replaced(_LAYER, path, lambda original: wrong):
            yield

    symbol = f"activation_based.layer.{owner}"
    add(Mutant(f"newer-{owner}", _FAMILY, _EDITION, text, symbol, "*", patch=f"newer-{owner}"))


for _path, _wrong in _METHODS.items():
    _replace(_path, *_wrong)
